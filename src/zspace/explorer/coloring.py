"""What the map of an explorer is colored by, computed once and kept."""

from __future__ import annotations

from collections.abc import Callable

from zspace.analysis.coloring import Coloring, coloring_names, coloring_of
from zspace.analysis.places import Density
from zspace.codes import Codes
from zspace.explorer.once import Once

__all__ = ["MapColors"]

_KEPT = 64


class MapColors:
    """Color values of all codes, by name; each is computed when it is first asked for.

    Args:
        codes: of a split.
        density: gives the density of their z-points, when that is first needed.
    """

    def __init__(self, codes: Codes, density: Callable[[], Density]) -> None:
        self._codes, self._density = codes, density
        self._made: Once[Coloring] = Once(most=_KEPT)

    @property
    def names(self) -> tuple[str, ...]:
        """What there is: label first, where there are any, then numbers, then attributes."""
        known = coloring_names(self._codes)
        first = [name for name in ("label", "radius", "kl") if name in known]
        return (*first, "density", *(name for name in known if name not in first))

    def of(self, name: str) -> Coloring:
        """The color values of all codes, in order.

        Density takes half a minute for 170,000 codes of 256 axes, all others less than three
        seconds; ask for it where no callback waits.

        Raises:
            InputError: if there is nothing of this name.
        """
        return self._made.get(name, lambda: self._computed(name))

    def _computed(self, name: str) -> Coloring:
        density = self._density() if name == "density" else None
        return coloring_of(self._codes, name, density=density)
