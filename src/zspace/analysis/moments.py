"""Mean and covariance of points in one pass, and the normal distribution that has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64
from scipy.linalg import solve_triangular

from zspace.analysis.blocks import Points, point_blocks
from zspace.errors import InputError, ShapeError

__all__ = ["Moments", "NormalFit", "moments"]

_ROUNDING = 1e-10
_SMALLEST = 1e-150
_RIDGE = 1e-9


@dataclass(frozen=True, eq=False)
class Moments:
    """The first two moments of N points.

    Attributes:
        count: number of points N.
        mean: mean of each axis, (latent,).
        covariance: of the axes, (latent, latent), divided by N, not N - 1.
    """

    count: int
    mean: Float64[np.ndarray, " latent"]
    covariance: Float64[np.ndarray, "latent latent"]

    @property
    def latent_size(self) -> int:
        """Number of axes."""
        return len(self.mean)

    @property
    def deviations(self) -> Float64[np.ndarray, " latent"]:
        """Standard deviation of each axis."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def varies(self) -> Bool[np.ndarray, " latent"]:
        """Which axes vary at all: False for one that has the same value at every point."""
        # Rounding alone makes a mean of equal values differ from them in the last digits; and the
        # squares of what is below 1e-150 have lost theirs.
        return self.deviations > np.maximum(_ROUNDING * np.abs(self.mean), _SMALLEST)

    def merged(self, other: Moments) -> Moments:
        """The moments of these points and the others together.

        Source: T. F. Chan, G. H. Golub, R. J. LeVeque, The American Statistician 37 (1983), 242,
        https://doi.org/10.1080/00031305.1983.10483115. Unlike a difference of mean squares it does
        not cancel where points are far from the origin.

        Raises:
            ShapeError: if the latent sizes differ.
        """
        if other.latent_size != self.latent_size:
            raise ShapeError(
                f"points of one latent size were expected, {self.latent_size} and "
                f"{other.latent_size} came; merge what belongs to one latent space"
            )
        total = self.count + other.count
        share = other.count / total
        apart = other.mean - self.mean
        covariance = self.covariance + share * (other.covariance - self.covariance)
        covariance += share * (1 - share) * np.outer(apart, apart)
        return Moments(total, self.mean + share * apart, covariance)

    def to_dict(self) -> dict[str, Any]:
        """Count, means and standard deviations as what JSON knows, without the covariance."""
        return {
            "count": self.count,
            "latent_size": self.latent_size,
            "mean": self.mean.tolist(),
            "deviations": self.deviations.tolist(),
        }


def moments(points: Points) -> Moments:
    """Measure mean and covariance in one pass and in float64, a block at a time.

    Args:
        points: an array (N, latent), memory-mapped or not, or an iterable of blocks of one.

    Returns:
        The moments; for one point a covariance of zeros.

    Raises:
        InputError: if a value is not finite, there is no point, or values are so large (1e150)
            that their squares overflow.
        ShapeError: if the points are not (N, latent).

    Example:
        >>> measured = moments(np.array([[1.0, 5.0], [3.0, 5.0]]))
        >>> measured.mean.tolist(), measured.deviations.tolist(), measured.varies.tolist()
        ([2.0, 5.0], [1.0, 0.0], [True, False])
    """
    found: Moments | None = None
    with np.errstate(over="ignore", invalid="ignore"):
        for block in point_blocks(points):
            mean = block.mean(axis=0)
            apart = block - mean
            part = Moments(len(block), mean, apart.T @ apart / len(block))
            found = part if found is None else found.merged(part)
    assert found is not None
    if not np.isfinite(found.covariance).all():
        raise InputError(
            "points must be small enough to be squared, values beyond 1e150 came; leave out the "
            "images that have them"
        )
    return found


@dataclass(frozen=True, eq=False)
class NormalFit:
    """The normal distribution with the moments of points, and distances in units of its spread.

    Attributes:
        center: its mean, (latent,).
        root: what z is divided by: the lower Cholesky factor L of the covariance, (latent,
            latent), or with independent axes their standard deviations, (latent,).

    Example:
        >>> fit = NormalFit.of(moments(np.array([[1.0, 0.0], [3.0, 4.0]])), full=False)
        >>> fit.distance(np.array([[2.0, 2.0], [4.0, 2.0]])).round(6).tolist()
        [0.0, 2.0]
    """

    center: Float64[np.ndarray, " latent"]
    root: Float64[np.ndarray, "*latent_by_latent"]

    @classmethod
    def of(cls, measured: Moments, *, full: bool = True) -> NormalFit:
        """Fit to moments.

        A billionth of the largest variance is added to all, so that axes without any spread, as of
        a dead unit, leave something to divide by.

        Args:
            measured: mean and covariance.
            full: whether it is turned as the points are; else the covariances are left out, for
                which far fewer points will do.
        """
        variances = np.diag(measured.covariance)
        ridge = _RIDGE * max(float(variances.max()), 1e-30)
        if not full:
            return cls(measured.mean, np.sqrt(variances + ridge))
        covariance = measured.covariance + ridge * np.eye(measured.latent_size)
        return cls(measured.mean, np.linalg.cholesky(covariance))

    @property
    def is_full(self) -> bool:
        """Whether it knows the covariances."""
        return self.root.ndim == 2

    def distance(self, points: Points) -> Float64[np.ndarray, " count"]:
        """Mahalanobis distance from the center, √((z − c)ᵀ·S⁻¹·(z − c)), of each point.

        Args:
            points: an array (N, latent), memory-mapped or not, or an iterable of blocks of one.

        Raises:
            InputError: if a value is not finite, or there is no point.
            ShapeError: if the points have another latent size.
        """
        return np.concatenate([self._of_block(block) for block in point_blocks(points)])

    def place(
        self, noise: Float64[np.ndarray, "count latent"]
    ) -> Float64[np.ndarray, "count latent"]:
        """Points of this distribution, one for each row of N(0, I) noise.

        Example:
            >>> fit = NormalFit(np.array([5.0]), np.array([2.0]))
            >>> fit.place(np.array([[0.0], [1.0]])).ravel().tolist()
            [5.0, 7.0]
        """
        moved = noise @ self.root.T if self.is_full else noise * self.root
        placed: np.ndarray = self.center + moved
        return placed

    def _of_block(self, z: Float64[np.ndarray, "rows latent"]) -> Float64[np.ndarray, " rows"]:
        if z.shape[1] != len(self.center):
            raise ShapeError(
                f"points of the latent size {len(self.center)} were expected, {z.shape[1]} came; "
                "ask for points of the same latent space"
            )
        apart = z - self.center
        if self.is_full:
            whitened = solve_triangular(self.root, apart.T, lower=True, check_finite=False)
        else:
            whitened = (apart / self.root).T
        return np.sqrt(np.einsum("ij,ij->j", whitened, whitened))
