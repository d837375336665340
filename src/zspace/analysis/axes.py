"""The distribution of points on each axis by itself, and how nearly normal it is.

A test of normality refuses every real distribution once there are enough points. Here the question
is how far it is from normal: Kolmogorov's distance D, the largest difference between the share of
points below a value and the share that a normal distribution of the same mean and standard
deviation has there. At D = 0.03 no such share is off by more than 3 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64
from scipy.special import ndtr

from zspace.analysis.blocks import Points, point_blocks, replayable
from zspace.analysis.moments import Moments, moments

__all__ = ["NEARLY_NORMAL", "AxisShapes", "axes", "lilliefors_distance"]

NEARLY_NORMAL = 0.03
"""D up to which an axis counts as nearly normal. A uniform axis has 0.057, an exponential one 0.16;
0.03 is a skew of about 0.45, or an excess kurtosis of about 1.3, with all else normal."""

_REACH = 6.0
_STEP = 0.25
_FINE = 50
_BINS = int(2 * _REACH / _STEP)


@dataclass(frozen=True, eq=False)
class AxisShapes:
    """The distribution of N points on each axis.

    Attributes:
        count: number of points N.
        latent_size: number of axes.
        mean: mean of each axis.
        deviation: standard deviation of each axis, divided by N, not N - 1.
        minimum: smallest value on each axis.
        maximum: largest one.
        skew: third standardized moment; None on an axis that does not vary, as the next two.
        kurtosis: fourth standardized moment less 3, the excess over a normal distribution.
        distance: Kolmogorov's D to the normal distribution of the same mean and deviation, from a
            histogram with steps of 0.005 deviations: at most 0.002 too small, never too large.
        chance: D that 95 % of normal axes with this many points stay below.
        counts: points in bins of a quarter of a standard deviation, from −6 to 6 of them around the
            mean, (latent, 48); the outermost take what lies beyond. Zeros where nothing varies.
    """

    count: int
    latent_size: int
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    minimum: tuple[float, ...]
    maximum: tuple[float, ...]
    skew: tuple[float | None, ...]
    kurtosis: tuple[float | None, ...]
    distance: tuple[float | None, ...]
    chance: float
    counts: Int64[np.ndarray, "latent bins"]

    @property
    def edges(self) -> Float64[np.ndarray, " edges"]:
        """The edges of the bins, in standard deviations from the mean."""
        return np.linspace(-_REACH, _REACH, _BINS + 1)

    @property
    def order(self) -> tuple[int, ...]:
        """The axes that vary, counted from 0, the most active one (largest deviation) first."""
        largest_first = np.argsort(-np.array(self.deviation), kind="stable")
        return tuple(int(axis) for axis in largest_first if self.distance[axis] is not None)

    @property
    def constant(self) -> tuple[int, ...]:
        """The axes that do not vary."""
        return tuple(axis for axis, d in enumerate(self.distance) if d is None)

    @property
    def threshold(self) -> float:
        """D up to which axes count as nearly normal: `NEARLY_NORMAL`, or what chance gives."""
        return max(NEARLY_NORMAL, self.chance)

    @property
    def nearly_normal(self) -> int:
        """How many axes are nearly normal."""
        return sum(d is not None and d <= self.threshold for d in self.distance)

    @property
    def median_distance(self) -> float | None:
        """The median of D over the axes that vary."""
        known = [d for d in self.distance if d is not None]
        return float(np.median(known)) if known else None

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows, without the histograms."""
        numbers = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in vars(self).items()
            if key != "counts"
        }
        return numbers | {
            "nearly_normal": self.nearly_normal,
            "threshold": self.threshold,
            "median_distance": self.median_distance,
            "constant": list(self.constant),
            "most_active": list(self.order[:10]),
            "least_active": list(self.order[::-1][:10]),
        }


def axes(points: Points) -> AxisShapes:
    """Measure the distribution on each axis, in two passes and in float64.

    Args:
        points: an array (N, latent), memory-mapped or not, or blocks of one that can be read twice.

    Returns:
        The numbers.

    Raises:
        InputError: if a value is not finite, there is no point, or a generator came.
        ShapeError: if the points are not (N, latent).

    Example:
        >>> generator = np.random.default_rng(1)
        >>> one, other = generator.standard_normal(5000), generator.exponential(size=5000)
        >>> measured = axes(np.stack([one, other, np.ones(5000)], axis=1))
        >>> measured.nearly_normal, measured.constant, [round(d, 2) for d in measured.distance[:2]]
        (1, (2,), [0.01, 0.16])
    """
    found = moments(replayable(points))
    shapes = _Shapes(found)
    for block in point_blocks(points):
        shapes.add(block)
    varies = found.varies
    distances = shapes.distances()

    def known(values: Float64[np.ndarray, " latent"]) -> tuple[float | None, ...]:
        return tuple(
            float(value) if here else None for value, here in zip(values, varies, strict=True)
        )

    return AxisShapes(
        count=found.count,
        latent_size=found.latent_size,
        mean=tuple(found.mean.tolist()),
        deviation=tuple(np.where(varies, found.deviations, 0.0).tolist()),
        minimum=tuple(shapes.minimum.tolist()),
        maximum=tuple(shapes.maximum.tolist()),
        skew=known(shapes.cubes / found.count),
        kurtosis=known(shapes.fourths / found.count - 3),
        distance=known(distances),
        chance=lilliefors_distance(found.count),
        counts=shapes.fine.reshape(found.latent_size, _BINS, _FINE).sum(axis=2) * varies[:, None],
    )


def lilliefors_distance(count: int) -> float:
    """D to the fitted normal that 95 % of samples of a normal distribution stay below.

    0.895 / (√N − 0.01 + 0.85/√N). Source: M. A. Stephens, Journal of the American Statistical
    Association 69 (1974), 730, table 1A, https://doi.org/10.1080/01621459.1974.10480196; the test
    is that of H. W. Lilliefors, 1967.

    Args:
        count: number of points N, at least 1.

    Example:
        >>> round(lilliefors_distance(9000), 4)
        0.0094
    """
    root = math.sqrt(count)
    return min(1.0, 0.895 / (root - 0.01 + 0.85 / root))


class _Shapes:
    """What has been seen of each axis in the second pass, in its own standard deviations."""

    def __init__(self, found: Moments) -> None:
        self.center = found.mean
        self.scale = np.where(found.varies, found.deviations, 1.0)
        self.fine = np.zeros((found.latent_size, _BINS * _FINE), np.int64)
        self.cubes, self.fourths = np.zeros((2, found.latent_size))
        self.minimum = np.full(found.latent_size, math.inf)
        self.maximum = np.full(found.latent_size, -math.inf)

    def add(self, block: Float64[np.ndarray, "rows latent"]) -> None:
        self.minimum = np.minimum(self.minimum, block.min(axis=0))
        self.maximum = np.maximum(self.maximum, block.max(axis=0))
        standard = (block - self.center) / self.scale
        square = standard**2
        self.cubes += np.einsum("ij,ij->j", square, standard)
        self.fourths += np.einsum("ij,ij->j", square, square)
        bins = self.fine.shape[1]
        places = np.clip((standard + _REACH) * (_FINE / _STEP), 0, bins - 1).astype(np.int64)
        places += bins * np.arange(len(self.center))
        self.fine += np.bincount(places.ravel(), minlength=self.fine.size).reshape(self.fine.shape)

    def distances(self) -> Float64[np.ndarray, " latent"]:
        """The largest difference at the edges of the fine bins.

        Between two edges it can exceed that by what the normal distribution has between them. At
        the outermost ones, which take what lies beyond, it is known as well: 0 and 1 outside.
        """
        bins = self.fine.shape[1]
        below = np.cumsum(self.fine, axis=1)[:, :-1] / self.fine.sum(axis=1, keepdims=True)
        edges = -_REACH + 2 * _REACH / bins * np.arange(1, bins)
        return np.asarray(np.abs(below - ndtr(edges)).max(axis=1))
