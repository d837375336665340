"""What points of a map are colored by: labels, attributes, radius, KL, density."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int, Int64

from zspace.analysis.mixture import NormalMixture
from zspace.analysis.neighbors import rows_of
from zspace.analysis.places import Density
from zspace.analysis.posteriors import Posteriors
from zspace.analysis.rate import image_rates
from zspace.analysis.z_points import ZPoints
from zspace.codes import Codes
from zspace.errors import InputError, did_you_mean

__all__ = [
    "MOST_CLASSES",
    "Coloring",
    "attribute_names",
    "color_limits",
    "coloring_names",
    "coloring_of",
]

MOST_CLASSES = 10
"""Classes that can be told apart by color."""


@dataclass(frozen=True, eq=False)
class Coloring:
    """What points are colored by.

    Attributes:
        title: what it is.
        values: of each point: numbers, or rows of `names`.
        names: of the classes; none for numbers.
        unit: of the numbers.
    """

    title: str
    values: Float[np.ndarray, " count"] | Int[np.ndarray, " count"]
    names: tuple[str, ...] = ()
    unit: str = ""

    @property
    def is_class(self) -> bool:
        """Whether there are few enough classes to tell them apart by color."""
        return 0 < len(self.names) <= MOST_CLASSES


def coloring_names(codes: Codes) -> list[str]:
    """What codes can be colored by: radius, label, kl, attributes by name.

    Example:
        >>> coloring_names(Codes(np.zeros((3, 2), np.float32), index=np.arange(3)))
        ['radius']
    """
    names = ["radius"]
    if codes.labels is not None:
        names.append("label")
    if codes.log_variance is not None and NormalMixture.of_codes(codes).is_normal:
        names.append("kl")
    return names + attribute_names(codes)


def attribute_names(codes: Codes) -> list[str]:
    """Names of the attributes; none where the codes have no attributes."""
    if codes.attributes is None:
        return []
    return [str(name) for name in codes.information.get("attribute_names") or []]


def coloring_of(
    codes: Codes,
    name: str,
    *,
    rows: Int64[np.ndarray, " chosen"] | None = None,
    density: Density | None = None,
) -> Coloring:
    """The color values of codes.

    Args:
        codes: of images.
        name: one of `coloring_names`, or ``"density"`` where `density` is given.
        rows: which of them, in order; None takes all.
        density: of the codes' z-points, for their percentiles: 0 to 100, the higher the lonelier.
            That takes count·sample·latent steps: for 170,000 codes of 256 axes and the usual
            sample of 10,000 about half a minute.

    Raises:
        InputError: if there is nothing of this name.

    Example:
        >>> codes = Codes(np.array([[3.0, 4.0], [0.0, 0.0]], np.float32), index=np.arange(2))
        >>> coloring_of(codes, "radius").values.tolist()
        [5.0, 0.0]
    """
    if name == "density" and density is not None:
        return Coloring("density", _percentiles(codes, rows, density), unit="percentile")
    if name not in coloring_names(codes):
        known = did_you_mean(name, coloring_names(codes))
        raise InputError(f"maps cannot be colored by {name!r}; {known}")
    if name == "radius":
        return Coloring("radius of z", _radii(codes, rows))
    if name == "kl":
        return Coloring("KL of the image", _rates(codes, rows), unit="nats")
    chosen = slice(None) if rows is None else rows
    if name == "label" and codes.labels is not None:
        labels = np.asarray(codes.labels[chosen])
        classes = np.unique(np.asarray(codes.labels))
        given = codes.information.get("label_names") or []
        names = tuple(str(given[each]) if each < len(given) else str(each) for each in classes)
        return Coloring("label", np.searchsorted(classes, labels), names)
    column = attribute_names(codes).index(name)
    assert codes.attributes is not None
    has = (np.asarray(codes.attributes[chosen, column]) > 0).astype(np.int64)
    words = name.replace("_", " ")
    return Coloring(words, has, ("without", f"with {words}"))


def color_limits(
    values: Float[np.ndarray, " count"] | Int[np.ndarray, " count"],
) -> tuple[float, float]:
    """The numbers that the ends of a color bar stand for: those that 1 and 99 % stay below.

    A few codes far away would else leave one color for all others.

    Example:
        >>> color_limits(np.arange(101.0))
        (1.0, 99.0)
    """
    low, high = np.percentile(values, (1, 99))
    return float(low), max(float(high), float(low) + 1e-9)


def _radii(codes: Codes, rows: Int64[np.ndarray, " chosen"] | None) -> np.ndarray:
    if rows is None:
        return np.concatenate([np.linalg.norm(block, axis=1) for block in ZPoints(codes)])
    radii: np.ndarray = np.linalg.norm(rows_of(ZPoints(codes), rows).astype(np.float32), axis=1)
    return radii


def _rates(codes: Codes, rows: Int64[np.ndarray, " chosen"] | None) -> np.ndarray:
    posteriors, prior = Posteriors.of_codes(codes), NormalMixture.of_codes(codes)
    if rows is not None:
        return image_rates(posteriors.rows(rows), prior)
    return np.concatenate([image_rates(block, prior) for block in posteriors.blocks()])


def _percentiles(
    codes: Codes, rows: Int64[np.ndarray, " chosen"] | None, density: Density
) -> Float64[np.ndarray, " count"]:
    """Percentage of codes that are no farther from their k-th nearest than each."""
    points = ZPoints(codes) if rows is None else [rows_of(ZPoints(codes), rows)]
    own = np.sort(density.own.distance)
    parts = [density.places(block).distance for block in points]
    return 100 * np.searchsorted(own, np.concatenate(parts), side="right") / len(own)
