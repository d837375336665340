"""One model as one visitor sees it: by which view, with which sliders and directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64, Int64

from zspace.directions import Direction
from zspace.errors import InputError
from zspace.explorer.handles import Handle, axis_handles, component_handles
from zspace.explorer.selections import run_directions
from zspace.explorer.side import Side
from zspace.explorer.state import Kept, State
from zspace.explorer.views import AbstractView
from zspace.generation.paths import Walk

__all__ = ["PLANES", "Seat", "rows_within"]

_MOST_CORNERS = 2_000

PLANES = {"pca": "Principal components", "axes": "Latent axes"}
"""The maps that every model has: two numbers choose which plane."""


@dataclass(eq=False)
class Seat:
    """What one visitor has set up for one model; what he has done is in a `State`.

    Attributes:
        side: the model.
        view: by which the map is shown.
        handles: sliders of components and axes, by title.
        directions: sliders of directions, by name: saved with the run, or made on the page.
        notes: on directions that cannot be used.
        selections: rows of the codes, with a property and without it; None where nothing is chosen.
        walk: from pin A to pin B, once it has been asked for, and the pins that it is of.
    """

    side: Side
    view: AbstractView
    handles: dict[str, Handle]
    directions: dict[str, Direction]
    notes: tuple[str, ...] = ()
    selections: list[Int64[np.ndarray, " rows"] | None] = field(default_factory=lambda: [None] * 2)
    walk: tuple[Walk, tuple[Kept | None, Kept | None]] | None = None

    @classmethod
    def of(cls, side: Side) -> Seat:
        """A new seat, at the map of the first two components."""
        found = (*component_handles(side.pca), *axis_handles(side.moments))
        directions: dict[str, Direction] = {}
        notes: tuple[str, ...] = ()
        if side.folder is not None:
            saved = run_directions(side.folder, size=side.latent_size, model=side.model)
            directions, notes = dict(saved.directions), saved.notes
        handles = {handle.title: handle for handle in found}
        return cls(side, first_view(side), handles, directions, notes)

    def look_by(self, name: str, pair: tuple[int, int]) -> None:
        """Show the map by another view.

        Args:
            name: a key of `PLANES`, or of `Side.maps`; a map that this model lacks is the first
                view's.
            pair: the two components, counted from 1, or axes, counted from 0.

        Raises:
            InputError: if there are no such two.
        """
        if name == "axes" and self.side.latent_size > 1:
            self.view = self.side.axes_view(pair)
        elif name == "pca" and self.side.latent_size > 1:
            self.view = self.side.pca_view(pair)
        else:
            self.view = self.side.maps.get(name) or first_view(self.side)

    def scaled(
        self, place: Float64[np.ndarray, "2"], view: AbstractView
    ) -> Float64[np.ndarray, "2"]:
        """The place on this map that corresponds to one of another model's map.

        Both lie as many standard deviations of the shown codes from their middle.
        """
        middle, deviation = view.spread
        own_middle, own_deviation = self.view.spread
        found: np.ndarray = own_middle + own_deviation * (place - middle) / deviation
        return found

    def walk_point(self, part: float, state: State) -> Float64[np.ndarray, " latent"]:
        """The z-point at a part of the way from pin A to pin B, 0 to 1.

        Raises:
            InputError: if there is no walk yet.
        """
        if self.walk is None or self.walk[1] != state.pins:
            raise InputError("a walk goes from pin A to pin B; set both, and choose its kind")
        points = self.walk[0].points
        row = round(min(1.0, max(0.0, part)) * (len(points) - 1))
        found: np.ndarray = points[row].astype(np.float64)
        return found


def first_view(side: Side) -> AbstractView:
    """What is shown first: the plane in which codes vary most."""
    if side.latent_size < 2:
        raise InputError("a map needs two latent axes; this model has one")
    return side.pca_view()


def rows_within(
    view: AbstractView, outline: Sequence[Sequence[float]] | np.ndarray
) -> Int64[np.ndarray, " rows"]:
    """The rows of the codes that lie inside a lasso.

    Args:
        view: of the map.
        outline: corners in the map's coordinates, (n, 2), closed by itself.

    Raises:
        InputError: if it is no outline, or has more than 2,000 corners.
    """
    from matplotlib.path import Path

    try:
        corners = np.asarray(outline, np.float64)
    except (TypeError, ValueError):
        corners = np.empty(0)
    if len(corners) > _MOST_CORNERS:
        raise InputError(f"a lasso has {_MOST_CORNERS:,} corners at most; draw a simpler one")
    if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 3:
        raise InputError("a lasso of three corners or more was expected; draw around some points")
    if not np.isfinite(corners).all():
        raise InputError("the corners of a lasso must be finite; draw around some points")
    # Most codes of a large set lie outside of the box around the lasso, which is quickly said.
    low, high = corners.min(axis=0), corners.max(axis=0)
    near = np.flatnonzero(((view.coordinates >= low) & (view.coordinates <= high)).all(axis=1))
    inside = Path(corners).contains_points(view.coordinates[near])
    found: np.ndarray = np.sort(view.rows[near[inside]]).astype(np.int64)
    return found
