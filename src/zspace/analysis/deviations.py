"""What the noise of the posteriors does to codes: z beside the mean, and how wide posteriors are.

Where z and mean hardly differ, a variational autoencoder is a plain one in all but name. Where a
log-variance has run away, single z-points land far from all others.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Shaped

from zspace.analysis.blocks import Points, point_blocks
from zspace.errors import ShapeError

__all__ = ["Deviations", "deviations"]

_LOG_STEP = 0.25
_LOG_EDGES = np.arange(-12.0, 4.0 + _LOG_STEP / 2, _LOG_STEP)
_LOG_VARIANCE_STEP = 0.25
_LOG_VARIANCE_EDGES = np.arange(-64.0, 64.0 + _LOG_VARIANCE_STEP / 2, _LOG_VARIANCE_STEP)


@dataclass(frozen=True)
class Deviations:
    """z beside the mean of its posterior, over N images and all axes, in numbers.

    Attributes:
        count: number of images N.
        latent_size: number of axes.
        radius_of_mean: mean radius of the means.
        radius_of_z: mean radius of the z-points.
        radius_deviation_max: largest abs(radius of z − radius of its mean).
        radius_deviation_mean: the same on average.
        relative_radius_deviation_max: largest such deviation as a share of the mean's radius; of
            means that lie at the origin, which have none, nothing is counted.
        relative_radius_deviation_mean: the same on average.
        component_deviation_max: largest abs(z − mean) of a component.
        threshold: what `components_over` are compared with.
        components_over: components with abs(z − mean) above `threshold`.
        log_variance_min: smallest log-variance of a component.
        log_variance_max: largest one.
        log_variance_mean: their mean.
        wide: what `components_wide` are compared with.
        components_wide: components with a log-variance above `wide`.
        images_wide: images that have such a component.
        kl: KL to N(0, I) in nats per image, summed component by component.
        kl_of_moments: the same from four averages: ½·(⟨R²⟩ − N − N·⟨log_variance⟩ + ⟨Σσ²⟩), R the
            radius of a mean. It has to equal `kl`.
        kl_of_mean_radius: the same with ⟨R⟩² for ⟨R²⟩, which is less by half the variance of R.
        deviation_counts: components with log₁₀ abs(z − mean) in each bin of `deviation_edges`.
        log_variance_counts: components with a log-variance in each bin of `log_variance_edges`.
    """

    count: int
    latent_size: int
    radius_of_mean: float
    radius_of_z: float
    radius_deviation_max: float
    radius_deviation_mean: float
    relative_radius_deviation_max: float
    relative_radius_deviation_mean: float
    component_deviation_max: float
    threshold: float
    components_over: int
    log_variance_min: float
    log_variance_max: float
    log_variance_mean: float
    wide: float
    components_wide: int
    images_wide: int
    kl: float
    kl_of_moments: float
    kl_of_mean_radius: float
    deviation_counts: tuple[int, ...]
    log_variance_counts: tuple[int, ...]

    @property
    def components(self) -> int:
        """Number of components: images times axes."""
        return self.count * self.latent_size

    @property
    def share_over(self) -> float:
        """Share of components with abs(z − mean) above `threshold`."""
        return self.components_over / self.components

    @property
    def deviation_edges(self) -> Float64[np.ndarray, " edges"]:
        """The edges of the bins of log₁₀ abs(z − mean); the outermost take what lies beyond."""
        return _LOG_EDGES.copy()

    @property
    def log_variance_edges(self) -> Float64[np.ndarray, " edges"]:
        """The edges of the bins of log-variances; the outermost ones take what lies beyond."""
        return _LOG_VARIANCE_EDGES.copy()

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows, without the histograms."""
        numbers = asdict(self) | {"share_over": self.share_over}
        return {key: value for key, value in numbers.items() if not key.endswith("_counts")}


def deviations(
    mean: Shaped[np.ndarray, "count latent"],
    log_variance: Shaped[np.ndarray, "count latent"],
    *,
    z: Points,
    threshold: float = 0.05,
    wide: float = 2.0,
) -> Deviations:
    """Measure how far z-points are from the means they were drawn around, in one pass.

    Args:
        mean: means of the posteriors, (N, latent), memory-mapped or not.
        log_variance: log of the variance of each axis by itself, (N, latent).
        z: one z-point for each image, as an array or in blocks, for example ``codes.z_blocks()``.
        threshold: of abs(z − mean); 0.05 unless given.
        wide: log-variance above which a component counts as wide; at 2, σ is 2.7.

    Returns:
        The numbers.

    Raises:
        InputError: if a value is not finite, or there is no image.
        ShapeError: if the three do not fit each other.

    Example:
        >>> mean, log_variance = np.full((4, 3), 2.0), np.zeros((4, 3))
        >>> measured = deviations(mean, log_variance, z=mean + 0.5)
        >>> measured.component_deviation_max, measured.components_over, measured.kl
        (0.5, 12, 6.0)
    """
    if log_variance.shape != mean.shape:
        raise ShapeError(
            f"means and log-variances of one shape were expected, {mean.shape} and "
            f"{log_variance.shape} came; encode again with: zspace encode RUN --overwrite"
        )
    sums = _Sums(threshold, wide)
    start = 0
    for points in point_blocks(z):
        stop = start + len(points)
        if points.shape[1] != mean.shape[1] or stop > len(mean):
            break
        for center, width in zip(
            point_blocks(mean[start:stop]), point_blocks(log_variance[start:stop]), strict=True
        ):
            sums.add(center, width, points[: len(center)])
            points = points[len(center) :]
        start = stop
    if start != len(mean) or sums.latent_size != mean.shape[1]:
        raise ShapeError(
            f"one z-point for each of {len(mean)} means was expected, other ones came; draw them "
            "from the same codes"
        )
    return sums.result()


class _Sums:
    """What has been seen so far."""

    def __init__(self, threshold: float, wide: float) -> None:
        self.threshold, self.wide = threshold, wide
        self.latent_size = 0
        self.deviation_counts = np.zeros(len(_LOG_EDGES) - 1, np.int64)
        self.log_variance_counts = np.zeros(len(_LOG_VARIANCE_EDGES) - 1, np.int64)
        self.radii: list[np.ndarray] = []
        self.largest, self.low, self.high = 0.0, math.inf, -math.inf
        self.over = self.components_wide = self.images_wide = 0
        self.log_variance_sum = self.excess_sum = self.kl_sum = 0.0

    def add(
        self,
        mean: Float64[np.ndarray, "rows latent"],
        log_variance: Float64[np.ndarray, "rows latent"],
        z: Float64[np.ndarray, "rows latent"],
    ) -> None:
        self.latent_size = mean.shape[1]
        self.radii.append(np.sqrt([np.einsum("ij,ij->i", each, each) for each in (mean, z)]))
        apart = np.abs(z - mean)
        self.largest = max(self.largest, float(apart.max()))
        self.over += int(np.count_nonzero(apart > self.threshold))
        logarithms = np.log10(np.maximum(apart, 10.0 ** _LOG_EDGES[0], out=apart), out=apart)
        self.deviation_counts += _counts(logarithms, _LOG_EDGES)
        self.log_variance_counts += _counts(log_variance, _LOG_VARIANCE_EDGES)
        self.low = min(self.low, float(log_variance.min()))
        highest = log_variance.max(axis=1)
        self.high = max(self.high, float(highest.max()))
        if images_wide := int(np.count_nonzero(highest > self.wide)):
            self.images_wide += images_wide
            self.components_wide += int(np.count_nonzero(log_variance > self.wide))
        self.log_variance_sum += float(log_variance.sum())
        excess = np.expm1(log_variance)
        self.excess_sum += float(excess.sum())
        components = mean**2 + excess - log_variance
        self.kl_sum += 0.5 * float(components.sum())

    def result(self) -> Deviations:
        of_mean, of_z = np.concatenate(self.radii, axis=1)
        count, size = len(of_mean), self.latent_size
        apart = np.abs(of_z - of_mean)
        relative = apart[of_mean > 0] / of_mean[of_mean > 0]
        rest = (self.excess_sum - self.log_variance_sum) / count
        return Deviations(
            count=count,
            latent_size=size,
            radius_of_mean=float(of_mean.mean()),
            radius_of_z=float(of_z.mean()),
            radius_deviation_max=float(apart.max()),
            radius_deviation_mean=float(apart.mean()),
            relative_radius_deviation_max=float(relative.max(initial=0.0)),
            relative_radius_deviation_mean=float(relative.mean()) if len(relative) else 0.0,
            component_deviation_max=self.largest,
            threshold=self.threshold,
            components_over=self.over,
            log_variance_min=self.low,
            log_variance_max=self.high,
            log_variance_mean=self.log_variance_sum / (count * size),
            wide=self.wide,
            components_wide=self.components_wide,
            images_wide=self.images_wide,
            kl=self.kl_sum / count,
            kl_of_moments=0.5 * (float((of_mean**2).mean()) + rest),
            kl_of_mean_radius=0.5 * (float(of_mean.mean()) ** 2 + rest),
            deviation_counts=tuple(self.deviation_counts.tolist()),
            log_variance_counts=tuple(self.log_variance_counts.tolist()),
        )


def _counts(
    values: Float64[np.ndarray, "rows latent"], edges: Float64[np.ndarray, " edges"]
) -> np.ndarray:
    """How many values each bin holds; the outermost ones take what lies beyond."""
    places = (values - edges[0]) * (1 / (edges[1] - edges[0]))
    np.clip(places, 0, len(edges) - 2, out=places)
    return np.bincount(places.astype(np.intp).ravel(), minlength=len(edges) - 1)
