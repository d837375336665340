"""Correlations of the axes with each other, beside those that chance gives.

Correlations of N points are never zero: axes that have nothing to do with each other show some of
about 1/√N, and among many pairs a largest one of several times that. What exceeds it counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64
from scipy.integrate import trapezoid
from scipy.special import betainc

from zspace.analysis.blocks import Points
from zspace.analysis.moments import moments
from zspace.errors import InputError

__all__ = ["Correlations", "chance_largest", "chance_mean", "correlations"]

_FEWEST = 3
_STRONGEST = 10
_GRID = 20_001


@dataclass(frozen=True, eq=False)
class Correlations:
    """Pearson correlations of all pairs of axes that vary.

    Attributes:
        count: number of points N.
        latent_size: number of axes.
        axes: those that vary, counted from 0, in the order of `matrix`.
        constant: the others, which have no correlation.
        deviations: standard deviation of each of `axes`.
        matrix: correlations, (axes, axes), with ones on the diagonal.
        pairs: number of pairs of different axes.
        mean_absolute: mean of abs(r) over the pairs; None where there is no pair, as the next
            three.
        largest: largest abs(r).
        chance_mean: what `mean_absolute` would be if the axes were independent and normal.
        chance_largest: what `largest` would be on average, likewise.
        share_beyond: share of pairs with abs(r) above `chance_largest`; by chance half a pair is.
        strongest: ten pairs of axes, at most, with the largest abs(r): (axis, axis, r).
    """

    count: int
    latent_size: int
    axes: tuple[int, ...]
    constant: tuple[int, ...]
    deviations: tuple[float, ...]
    matrix: Float64[np.ndarray, "varying varying"]
    pairs: int
    mean_absolute: float | None
    largest: float | None
    chance_mean: float | None
    chance_largest: float | None
    share_beyond: float | None
    strongest: tuple[tuple[int, int, float], ...]

    @property
    def coefficients(self) -> Float64[np.ndarray, " pairs"]:
        """r of each pair once: what lies above the diagonal, row by row."""
        return self.matrix[np.triu_indices(len(self.axes), 1)]

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows, without the matrix."""
        numbers = {key: value for key, value in vars(self).items() if key != "matrix"}
        return numbers | {
            "axes": list(self.axes),
            "constant": list(self.constant),
            "deviations": list(self.deviations),
            "strongest": [list(pair) for pair in self.strongest],
        }


def correlations(points: Points) -> Correlations:
    """Measure the correlations of the axes, in one pass and in float64.

    Args:
        points: an array (N, latent), memory-mapped or not, or an iterable of blocks of one; at
            least three points.

    Returns:
        The numbers; of one axis alone no pair.

    Raises:
        InputError: if a value is not finite, or there are fewer than three points.
        ShapeError: if the points are not (N, latent).

    Example:
        >>> measured = correlations(np.array([[0.0, 0.0, 7.0], [1.0, -2.0, 7.0], [2.0, -4.0, 7.0]]))
        >>> measured.axes, measured.constant, measured.strongest
        ((0, 1), (2,), ((0, 1, -1.0),))
    """
    found = moments(points)
    if found.count < _FEWEST:
        raise InputError(
            f"at least {_FEWEST} points are needed to correlate axes, {found.count} came; encode "
            "more images"
        )
    axes = np.flatnonzero(found.varies)
    deviations = found.deviations[axes]
    matrix = found.covariance[np.ix_(axes, axes)] / deviations / deviations[:, None]
    # Rounding may leave a last digit above 1.
    matrix = np.clip((matrix + matrix.T) / 2, -1.0, 1.0)
    np.fill_diagonal(matrix, 1.0)
    first, second = np.triu_indices(len(axes), 1)
    sizes = np.abs(matrix[first, second])
    pairs = len(sizes)
    expected = chance_largest(found.count, pairs=pairs) if pairs else None
    order = np.argsort(-sizes, kind="stable")[:_STRONGEST]
    return Correlations(
        count=found.count,
        latent_size=found.latent_size,
        axes=tuple(axes.tolist()),
        constant=tuple(np.flatnonzero(~found.varies).tolist()),
        deviations=tuple(deviations.tolist()),
        matrix=matrix,
        pairs=pairs,
        mean_absolute=float(sizes.mean()) if pairs else None,
        largest=float(sizes.max()) if pairs else None,
        chance_mean=chance_mean(found.count) if pairs else None,
        chance_largest=expected,
        share_beyond=None if expected is None else float((sizes > expected).mean()),
        strongest=tuple(
            (int(axes[first[at]]), int(axes[second[at]]), float(matrix[first[at], second[at]]))
            for at in order
        ),
    )


def chance_mean(count: int) -> float:
    """E abs(r) of two independent normal axes, Γ((N−1)/2) / (√π·Γ(N/2)), about √(2/(π·N)).

    Source: r² has the beta distribution with ½ and (N−2)/2 (R. A. Fisher, Biometrika 10 (1915),
    507, https://doi.org/10.2307/2331838).

    Args:
        count: number of points N, at least 3.

    Example:
        >>> round(chance_mean(9000), 4), round((2 / (math.pi * 9000)) ** 0.5, 4)
        (0.0084, 0.0084)
    """
    return math.exp(math.lgamma((count - 1) / 2) - math.lgamma(count / 2)) / math.sqrt(math.pi)


def chance_largest(count: int, *, pairs: int) -> float:
    """The expected largest abs(r) among pairs of independent normal axes: ∫ 1 − P(r)^pairs dr.

    P(r) is the probability of a smaller abs(r), by the same beta distribution; pairs that share an
    axis are independent two by two, and are taken as independent altogether.

    Args:
        count: number of points N, at least 3.
        pairs: number of pairs.

    Example:
        >>> round(chance_largest(9000, pairs=32_640), 3)
        0.045
    """
    # All of it happens within some thirty times 1/√N.
    end = min(1.0, 30 / math.sqrt(count))
    r = np.linspace(0.0, end, _GRID)
    below = betainc(0.5, (count - 2) / 2, r**2)
    return float(trapezoid(1 - below**pairs, r))
