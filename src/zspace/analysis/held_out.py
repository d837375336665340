"""Points judged by strangers: a normal fit to every other point, and how far the rest are from it.

A fit is always too near to the points that it was made of. With three of them for each axis, new
points of the same normal cloud lie a fifth farther out, and would seem outliers beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from zspace.analysis.blocks import Points, point_blocks, replayable
from zspace.analysis.moments import Moments, NormalFit, moments
from zspace.errors import InputError

__all__ = ["LEVEL", "HeldOut", "held_out"]

LEVEL = 0.99
"""Share of points that the border of a cloud encloses."""

_MOST_AXES = 2048
_POINTS_FOR_AN_AXIS = 3
_FEWEST = 4


@dataclass(frozen=True, eq=False)
class HeldOut:
    """A normal fit to one half of the points, and the other half's distances from its center.

    Attributes:
        whole: moments of all points together.
        fitted: number of points that the fit has seen.
        fit: to every other point, the first of all among them.
        distances: Mahalanobis distances of those that the fit has not seen, in order.
    """

    whole: Moments
    fitted: int
    fit: NormalFit
    distances: Float64[np.ndarray, " judged"]

    @property
    def border(self) -> float:
        """Distance that 99 % of the points stay within."""
        return float(np.quantile(self.distances, LEVEL))

    def inside(self, distances: Float64[np.ndarray, " asked"]) -> float:
        """Share of these distances that are within the border."""
        return float((distances <= self.border).mean())


def held_out(points: Points) -> HeldOut:
    """Fit a normal distribution to every other point, and measure the distances of the others.

    With fewer points than three for each axis the covariances cannot be told, and the fit has
    independent axes.

    Args:
        points: an array (N, latent), memory-mapped or not, or blocks of one that can be read more
            than once.

    Raises:
        InputError: if a value is not finite, there are fewer than four points, or they come from a
            generator.
        ShapeError: if the points are not (N, latent).

    Example:
        >>> found = held_out(np.random.default_rng(1).standard_normal((4000, 8)))
        >>> found.fitted, len(found.distances), found.fit.is_full
        (2000, 2000, True)
    """
    # One pass over all, first, names bad values by the rows that they are in.
    count = sum(len(block) for block in point_blocks(replayable(points)))
    if count < _FEWEST:
        raise InputError(
            f"at least four points are needed for their spread, {count} came; encode more images"
        )
    seen, others = moments(_half(points, 0)), moments(_half(points, 1))
    full = seen.latent_size <= _MOST_AXES and count >= _POINTS_FOR_AN_AXIS * seen.latent_size
    fit = NormalFit.of(seen, full=full)
    distances = fit.distance(_half(points, 1))
    return HeldOut(seen.merged(others), seen.count, fit, distances)


def _half(points: Points, first: int) -> Points:
    """Every other point."""
    if isinstance(points, np.ndarray):
        return points[first::2]
    return _half_blocks(points, first)


def _half_blocks(points: Points, first: int) -> Iterator[Float64[np.ndarray, "rows latent"]]:
    row = 0
    for block in point_blocks(points):
        yield block[(first + row) % 2 :: 2]
        row += len(block)
