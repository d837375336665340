"""The coordinates in which a set of codes is centered, uncorrelated and of variance 1."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Float64

from zspace.errors import InputError, ShapeError

__all__ = ["Frame", "frame_of"]

_BLOCK = 8192
_LEAST_VARIANCE = 1e-8


@dataclass(frozen=True, eq=False)
class Frame:
    """Center and axes of the ellipsoid of N codes: their principal components.

    Directions in which the codes do not vary have no axis, so points made here do not vary there
    either: an axis of the latent space that is constant stays at its value.

    Attributes:
        center: mean of the codes, (latent,).
        axes: one row each, as long as the standard deviation of the codes along it; the longest
            first, (rank, latent).
        count: number of codes N.

    Example:
        >>> codes = np.random.default_rng(1).normal([5, 0], [1, 2], (1000, 2)).astype(np.float32)
        >>> frame = frame_of(codes)
        >>> bool(np.allclose(frame.points(frame.standardized(codes)), codes, atol=1e-5))
        True
    """

    center: Float64[np.ndarray, " latent"]
    axes: Float64[np.ndarray, "rank latent"]
    count: int

    @property
    def rank(self) -> int:
        """Number of directions in which the codes vary."""
        return len(self.axes)

    def points(self, standardized: Float[np.ndarray, "count {self.rank}"]) -> np.ndarray:
        """Points of the latent space, (count, latent), of ones in this frame."""
        return self.center + standardized @ self.axes

    def standardized(self, points: Float[np.ndarray, "count latent"]) -> np.ndarray:
        """Points of the latent space in this frame, (count, rank); their norm is Mahalanobis'."""
        lengths = np.square(self.axes).sum(axis=1)
        return (points - self.center) @ (self.axes / lengths[:, None]).T


def frame_of(codes: Float32[np.ndarray, "*_codes"]) -> Frame:
    """The frame of codes.

    Args:
        codes: (N, latent), more than there are axes.

    Raises:
        ShapeError: if they are not (N, latent).
        InputError: if there are too few of them, a value is not finite, or all are one point.
    """
    if codes.ndim != 2 or codes.shape[1] == 0:
        raise ShapeError(f"codes must be (N, latent size), {codes.shape} came; give codes.z()")
    count, size = codes.shape
    if count <= size:
        raise InputError(
            f"{count} codes are too few to fit a distribution in {size} axes, more than {size} "
            "are needed; encode more images, or take a method that needs no codes, such as normal"
        )
    starts = range(0, count, _BLOCK)
    center = np.sum([codes[at : at + _BLOCK].sum(axis=0, dtype=np.float64) for at in starts], 0)
    center /= count
    if not np.isfinite(center).all():
        raise InputError(
            "codes must be finite, NaN or infinite values came; the model that made them has "
            "diverged: train it with a smaller learning rate"
        )
    covariance = np.zeros((size, size))
    for at in starts:
        centered = codes[at : at + _BLOCK] - center
        covariance += centered.T @ centered
    variances, directions = np.linalg.eigh(covariance / (count - 1))
    order = variances.argsort()[::-1]
    # Rounding alone gives codes that do not vary about this variance.
    least = max(_LEAST_VARIANCE * variances[order[0]], 1e-12 * float(center @ center))
    kept = [at for at in order if variances[at] > least]
    if not kept:
        raise InputError(
            "codes must differ from each other, all are the same point; the model has not learned "
            "to tell images apart: zspace doctor RUN says more"
        )
    axes = [math.sqrt(variances[at]) * directions[:, at] for at in kept]
    return Frame(center, np.stack(axes), count)
