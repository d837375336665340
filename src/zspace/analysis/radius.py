"""How far the points of a latent space lie from its origin.

In many dimensions nearly all points of N(0, I) lie in a thin shell of radius about √N, and nearly
all points of a cube in one of radius about limit·√(N/3). The radii of real codes, held against
these two, say whether random points of either kind can land where the codes are.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Float64

from zspace.analysis.blocks import Points, point_blocks
from zspace.analysis.cube import (
    cube_limit_for,
    cube_mean_radius,
    cube_radius_density,
    cube_radius_deviation,
)
from zspace.errors import InputError

__all__ = [
    "Radius",
    "cube_limit_for",
    "cube_mean_radius",
    "cube_radius_density",
    "cube_radius_deviation",
    "normal_mean_radius",
    "normal_radius_density",
    "normal_radius_deviation",
    "radius",
]

_QUANTILES = (1, 5, 25, 50, 75, 95, 99)
_MOST_BINS = 100_000
_LARGE = 1000


@dataclass(frozen=True)
class Radius:
    """The radii (L2 norms) of N points, in numbers.

    Attributes:
        count: number of points N.
        latent_size: number of axes.
        mean: mean radius.
        deviation: standard deviation of the radii (divided by N, not N - 1).
        minimum: smallest radius.
        maximum: largest radius.
        quantiles: radius below which 1, 5, 25, 50, 75, 95 and 99 % of the points lie, by percent.
        peak: center of the fullest bin (the innermost one of equally full ones).
        bin_width: width of a bin; the first one starts at 0.
        counts: number of points in each bin ``[edge, next edge)``.
    """

    count: int
    latent_size: int
    mean: float
    deviation: float
    minimum: float
    maximum: float
    quantiles: dict[int, float]
    peak: float
    bin_width: float
    counts: tuple[int, ...]

    @property
    def edges(self) -> Float64[np.ndarray, " edges"]:
        """The edges of the bins, one more than there are bins."""
        return np.arange(len(self.counts) + 1) * self.bin_width

    def share(self, low: float, high: float) -> float:
        """The share of points with low ≤ radius < high, between 0 and 1.

        Exact where both lie on edges of bins; a bin that is cut counts in proportion.

        Raises:
            InputError: if low exceeds high, or one of them is NaN.

        Example:
            >>> radius(np.array([[3.0, 4.0], [0.0, 1.0]])).share(4.5, 5.5)
            0.5
        """
        if not low <= high:
            raise InputError(f"a shell needs low ≤ high, {low} and {high} came; exchange them")
        edges = self.edges
        reached = np.concatenate(([0], np.cumsum(self.counts))) / self.count
        inner, outer = np.interp((low, high), edges, reached)
        return float(outer - inner)

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows: dicts, lists, strings, numbers. Adds the bin edges."""
        numbers = asdict(self)
        numbers["quantiles"] = {str(percent): value for percent, value in self.quantiles.items()}
        return numbers | {"counts": list(self.counts), "edges": self.edges.tolist()}

    @classmethod
    def from_dict(cls, numbers: dict[str, Any]) -> Radius:
        """What `to_dict` was made from.

        Raises:
            InputError: if a number is missing, or is none.
        """
        try:
            return cls(
                count=int(numbers["count"]),
                latent_size=int(numbers["latent_size"]),
                quantiles={int(key): float(value) for key, value in numbers["quantiles"].items()},
                counts=tuple(int(count) for count in numbers["counts"]),
                **{name: float(numbers[name]) for name in _FLOATS},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                f"the numbers of a radius histogram were expected, but {error!r} came up; "
                "measure the codes again"
            ) from error


_FLOATS = ("mean", "deviation", "minimum", "maximum", "peak", "bin_width")


def radius(points: Points, *, bin_width: float = 0.5) -> Radius:
    """Measure the radii of points: mean, spread, quantiles and a histogram.

    One pass over the points in float64, a block at a time; only the N radii are kept (8 bytes
    each), so that the quantiles are exact.

    Args:
        points: an array (N, latent), memory-mapped or not, or an iterable of blocks of one, for
            example ``codes.mean`` or ``codes.z_blocks()``.
        bin_width: width of the histogram's bins, the first of which starts at 0.

    Returns:
        The numbers.

    Raises:
        InputError: if a point is not finite, there is none, or `bin_width` is not positive or so
            small that more than 100,000 bins were needed.
        ShapeError: if the points are not (N, latent).

    Example:
        >>> measured = radius(np.random.default_rng(1).standard_normal((4000, 256)))
        >>> round(measured.mean, 1), measured.peak
        (16.0, 15.75)
    """
    if not (bin_width > 0 and math.isfinite(bin_width)):
        raise InputError(f"bin_width must be a positive number, {bin_width} came; try 0.5")
    parts: list[np.ndarray] = []
    latent_size = 0
    for block in point_blocks(points):
        with np.errstate(over="ignore"):
            parts.append(np.sqrt(np.einsum("ij,ij->i", block, block)))
        latent_size = block.shape[1]
    radii = np.concatenate(parts)
    counts = _histogram(radii, float(bin_width))
    return Radius(
        count=len(radii),
        latent_size=latent_size,
        mean=float(radii.mean()),
        deviation=float(radii.std()),
        minimum=float(radii.min()),
        maximum=float(radii.max()),
        quantiles=dict(zip(_QUANTILES, np.percentile(radii, _QUANTILES).tolist(), strict=True)),
        peak=float((np.argmax(counts) + 0.5) * bin_width),
        bin_width=float(bin_width),
        counts=tuple(counts.tolist()),
    )


def _histogram(radii: Float64[np.ndarray, " count"], bin_width: float) -> np.ndarray:
    """Points in each bin ``[edge, next edge)``, up to the bin of the largest radius."""
    bins = radii.max() / bin_width
    if not bins < _MOST_BINS:
        raise InputError(
            f"radii reach {radii.max():.3g}, which is more than {_MOST_BINS:,} bins of "
            f"{bin_width:g}; pass a larger bin_width"
        )
    edges = np.arange(int(bins) + 3) * bin_width
    # By search, not by division: 0.3 / 0.1 rounds to the wrong side of the edge 3 · 0.1.
    places = np.searchsorted(edges, radii, side="right") - 1
    return np.bincount(places)


def normal_mean_radius(size: int) -> float:
    """The mean radius of N(0, I) in `size` dimensions, E‖z‖ = √2·Γ((N+1)/2) / Γ(N/2) ≈ √N.

    Source: the mean of the chi distribution with N degrees of freedom (Johnson, Kotz and
    Balakrishnan, Continuous Univariate Distributions 1, ch. 18).

    Args:
        size: number of dimensions N, at least 1.

    Raises:
        InputError: if `size` is less than 1.

    Example:
        >>> round(normal_mean_radius(256), 2)
        15.98
    """
    _require_size(size)
    # The gamma functions themselves overflow beyond N = 340.
    return math.sqrt(2) * math.exp(math.lgamma((size + 1) / 2) - math.lgamma(size / 2))


def normal_radius_deviation(size: int) -> float:
    """The standard deviation of the radius of N(0, I): √(N - E‖z‖²), never above √½.

    That it does not grow with N, while the mean does, is what makes the shell thin.

    Args:
        size: number of dimensions N, at least 1.

    Raises:
        InputError: if `size` is less than 1.

    Example:
        >>> round(normal_radius_deviation(256), 3)
        0.707
    """
    _require_size(size)
    if size > _LARGE:
        # The difference of two large numbers cancels; its series is exact to 1e-7 here.
        return math.sqrt(0.5 - 1 / (8 * size))
    return math.sqrt(size - normal_mean_radius(size) ** 2)


def normal_radius_density(
    r: float | Float[np.ndarray, "*shape"], size: int
) -> Float64[np.ndarray, "*shape"]:
    """The density of the radius of N(0, I) in `size` dimensions: the chi distribution.

    p(r) = r^(N-1)·exp(-r²/2) / (2^(N/2-1)·Γ(N/2)) for r ≥ 0, else 0.

    Args:
        r: radii, of any shape.
        size: number of dimensions N, at least 1.

    Returns:
        Densities per unit of radius, of the same shape as `r`.

    Raises:
        InputError: if `size` is less than 1.

    Example:
        >>> normal_radius_density(np.array([-1.0, 0.0, 1.0]), 2).round(3).tolist()
        [0.0, 0.0, 0.607]
    """
    _require_size(size)
    r = np.asarray(r, np.float64)
    inside = r >= 0
    safe = np.where(r > 0, r, 1.0)
    power = np.where(r > 0, (size - 1) * np.log(safe), 0.0 if size == 1 else -np.inf)
    normalizer = (size / 2 - 1) * math.log(2) + math.lgamma(size / 2)
    return np.asarray(np.where(inside, np.exp(power - r**2 / 2 - normalizer), 0.0))


def _require_size(size: int) -> None:
    if not size >= 1:
        raise InputError(f"a space needs at least 1 dimension, {size} came; give the latent size")
