"""The rate: what the KL term amounts to, on each axis and for each image.

KL(q(z | x) ‖ p(z)) in nats, not weighted with β, from the codes alone: exact where there is a
closed form, with its standard error where it takes draws. From it follows which axes carry
something, and which ones have collapsed to the prior.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64

from zspace.analysis.mixture import NormalMixture
from zspace.analysis.posteriors import Posteriors
from zspace.errors import InputError, ShapeError

__all__ = ["ACTIVE_KL", "ACTIVE_VARIANCE", "Rate", "image_rates", "rate"]

ACTIVE_VARIANCE = 0.01
"""Share of the prior's variance that the means of an active axis exceed: the definition of
https://arxiv.org/abs/1509.00519, section 5, which has a prior of variance 1."""

ACTIVE_KL = 0.01
"""Nats per image that an active axis exceeds."""

_QUANTILES = (1, 5, 25, 50, 75, 95, 99)
_DRAWS = 20_000
_AXIS_VALUES = 2e8


@dataclass(frozen=True)
class Rate:
    """KL of N posteriors and the prior, in nats.

    Attributes:
        count: number of images N.
        latent_size: number of axes.
        mean: mean KL of an image, over all axes together.
        standard_error: of `mean`, from the draws alone; 0 where the KL is exact.
        draws: how many z-points were drawn for each image; 0 where the KL is exact.
        deviation: standard deviation of the KL over the images.
        quantiles: KL that 1, 5, 25, 50, 75, 95 and 99 % of the images stay below, by percent.
        per_axis: mean KL of each axis by itself against the prior's own distribution of it. Adds up
            to `mean` if posterior and prior are normals with independent axes.
        variance_of_mean: variance of the means over the images, on each axis, as a share of the
            prior's variance.
        mean_of_variance: the posteriors' variance, averaged over the images, as such a share.
        offset: mean of all means less the prior's, in standard deviations of the prior.
    """

    count: int
    latent_size: int
    mean: float
    standard_error: float
    draws: int
    deviation: float
    quantiles: dict[int, float]
    per_axis: tuple[float, ...]
    variance_of_mean: tuple[float, ...]
    mean_of_variance: tuple[float, ...]
    offset: tuple[float, ...]

    @property
    def is_exact(self) -> bool:
        """Whether `mean` comes from a closed form."""
        return self.draws == 0

    @property
    def active_by_variance(self) -> int:
        """Axes whose means vary: by more than `ACTIVE_VARIANCE` of the prior's variance."""
        return int((np.array(self.variance_of_mean) > ACTIVE_VARIANCE).sum())

    @property
    def active_by_kl(self) -> int:
        """Axes with a KL of more than `ACTIVE_KL`."""
        return int((np.array(self.per_axis) > ACTIVE_KL).sum())

    @property
    def collapsed(self) -> tuple[int, ...]:
        """Axes, counted from 0, that are active by neither definition."""
        active = np.array(self.variance_of_mean) > ACTIVE_VARIANCE
        active |= np.array(self.per_axis) > ACTIVE_KL
        return tuple(np.flatnonzero(~active).tolist())

    def axes_for(self, share: float) -> int:
        """How many axes, the fullest first, hold this share of all KL per axis.

        Example:
            >>> some = Posteriors(np.array([[3.0, 1.0]]), np.zeros((1, 2)))
            >>> rate(some).axes_for(0.9), rate(some).axes_for(0.95)
            (1, 2)
        """
        ordered = np.sort(np.maximum(self.per_axis, 0.0))[::-1]
        reached = np.cumsum(ordered) / max(ordered.sum(), 1e-300)
        return min(int(np.searchsorted(reached, share)) + 1, len(ordered))

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows, the counts of active axes among them."""
        numbers = asdict(self)
        lists = ("per_axis", "variance_of_mean", "mean_of_variance", "offset")
        return {
            **numbers,
            **{name: list(numbers[name]) for name in lists},
            "quantiles": {str(percent): value for percent, value in self.quantiles.items()},
            "active_by_variance": self.active_by_variance,
            "active_by_kl": self.active_by_kl,
            "collapsed": list(self.collapsed),
        }


def rate(
    posteriors: Posteriors,
    prior: NormalMixture | None = None,
    *,
    draws: int | None = None,
    seed: int = 1,
) -> Rate:
    """Measure KL(q(z | x) ‖ p(z)) of all images, in one pass and in float64.

    Against one normal with independent axes, per axis and image (https://arxiv.org/abs/1312.6114,
    appendix B, for N(0, 1)):

        KL = ½·[(mean − m)²/v + σ²/v − 1 − log(σ²/v)]

    and for a posterior of full covariance the sum over the axes and, on top, what their correlation
    costs: ½·Σ log σ² − ½·log det. Against a mixture there is no closed form: the entropy of q is
    exact, E log p(z) is averaged over `draws` z-points of each image.

    Args:
        posteriors: of all images.
        prior: N(0, I) if not given.
        draws: z-points for each image, at least 2; only for a mixture. None takes 4, and more of
            few images, so that there are 20,000 in all.
        seed: of these.

    Returns:
        The numbers.

    Raises:
        InputError: if a value is not finite, or there is no image.
        ShapeError: if prior and posteriors have different latent sizes.

    Example:
        >>> shifted = rate(Posteriors(np.ones((3, 2)), np.zeros((3, 2))))
        >>> shifted.mean, shifted.per_axis, shifted.active_by_variance, shifted.active_by_kl
        (1.0, (0.5, 0.5), 0, 2)
    """
    prior = NormalMixture.standard(posteriors.latent_size) if prior is None else prior
    if prior.latent_size != posteriors.latent_size:
        raise ShapeError(
            f"prior and posteriors must have one latent size, {prior.latent_size} and "
            f"{posteriors.latent_size} came; encode the images again"
        )
    draws = max(4, -(-_DRAWS // max(posteriors.count, 1))) if draws is None else max(draws, 2)
    measure = _AgainstNormal(prior) if prior.is_normal else _AgainstMixture(prior, draws, seed)
    moments = _Moments()
    axes, axis_rows, images, noise = np.zeros(prior.latent_size), 0, [], 0.0
    # Of each axis by itself a part of many images is enough.
    values = posteriors.count * prior.latent_size * prior.components * draws
    stride = max(1, math.ceil(values / _AXIS_VALUES))
    for block in posteriors.blocks():
        kl, of_axes, variance = measure(block, 1 if prior.is_normal else stride)
        images.append(kl)
        axes += of_axes.sum(axis=0)
        axis_rows += len(of_axes)
        noise += variance
        moments.add(block)
    every = np.concatenate(images)
    center, spread = prior.moments
    return Rate(
        count=len(every),
        latent_size=prior.latent_size,
        mean=float(every.mean()),
        standard_error=math.sqrt(noise) / len(every),
        draws=0 if prior.is_normal else draws,
        deviation=float(every.std()),
        quantiles=dict(zip(_QUANTILES, np.percentile(every, _QUANTILES).tolist(), strict=True)),
        per_axis=tuple((axes / axis_rows).tolist()),
        variance_of_mean=tuple((moments.variance_of_mean / spread).tolist()),
        mean_of_variance=tuple((moments.mean_of_variance / spread).tolist()),
        offset=tuple(((moments.mean - center) / np.sqrt(spread)).tolist()),
    )


def image_rates(
    posteriors: Posteriors, prior: NormalMixture | None = None
) -> Float64[np.ndarray, " count"]:
    """KL of each image's posterior and a normal prior, in nats, (N,), in closed form.

    Args:
        posteriors: of the images.
        prior: one normal distribution; N(0, I) if not given.

    Raises:
        InputError: if the prior is a mixture of several, or a value is not finite.

    Example:
        >>> image_rates(Posteriors(np.ones((3, 2)), np.zeros((3, 2)))).tolist()
        [1.0, 1.0, 1.0]
    """
    prior = NormalMixture.standard(posteriors.latent_size) if prior is None else prior
    if not prior.is_normal:
        raise InputError(
            "one normal distribution was expected as prior, a mixture came, to which KL has no "
            "closed form; use rate() for its mean"
        )
    measure = _AgainstNormal(prior)
    return np.concatenate([measure(block, 1)[0] for block in posteriors.blocks()])


class _AgainstNormal:
    """KL of a block to one normal with independent axes, in closed form."""

    def __init__(self, prior: NormalMixture) -> None:
        self.mean, self.log_variance = prior.mean[0], prior.log_variance[0]

    def __call__(
        self, block: Posteriors, stride: int
    ) -> tuple[Float64[np.ndarray, " rows"], Float64[np.ndarray, "rows latent"], float]:
        log_ratio = block.log_variance - self.log_variance
        square = (block.mean - self.mean) ** 2 * np.exp(-self.log_variance)
        # expm1 keeps what is left of σ² − 1 where σ is close to 1, as on a collapsed axis.
        of_axes = 0.5 * (square + np.expm1(log_ratio) - log_ratio)
        correlation = 0.5 * block.log_variance.sum(axis=1) - block.half_log_determinant
        return of_axes.sum(axis=1) + correlation, of_axes[::stride], 0.0


class _AgainstMixture:
    """KL of a block to a mixture, by draws."""

    def __init__(self, prior: NormalMixture, draws: int, seed: int) -> None:
        self.prior, self.draws = prior, draws
        self.generator = np.random.default_rng(seed)

    def __call__(
        self, block: Posteriors, stride: int
    ) -> tuple[Float64[np.ndarray, " rows"], Float64[np.ndarray, "rows latent"], float]:
        drawn = np.empty((self.draws, len(block.mean)))
        of_axes = -0.5 * (1 + math.log(2 * math.pi) + block.log_variance[::stride])
        for row in drawn:
            z = block.draw(self.generator)
            row[:] = self.prior.log_prob(z)
            of_axes -= self.prior.axis_log_prob(z[::stride]) / self.draws
        variance = float(drawn.var(axis=0, ddof=1).sum()) / self.draws
        return -block.entropy - drawn.mean(axis=0), of_axes, variance


class _Moments:
    """Mean and variance of the means, and mean of the variances, over blocks.

    Blocks are merged by the formula of Chan, Golub and LeVeque 1983, which does not cancel.
    """

    def __init__(self) -> None:
        self.count = 0

    def add(self, block: Posteriors) -> None:
        count = len(block.mean)
        mean = block.mean.mean(axis=0)
        squares = ((block.mean - mean) ** 2).sum(axis=0)
        variance = np.exp(block.log_variance).mean(axis=0)
        if not self.count:
            self.count, self.mean, self._squares = count, mean, squares
            self.mean_of_variance = variance
            return
        total = self.count + count
        apart = mean - self.mean
        self._squares += squares + apart**2 * (self.count * count / total)
        self.mean = self.mean + apart * (count / total)
        self.mean_of_variance = self.mean_of_variance + (variance - self.mean_of_variance) * (
            count / total
        )
        self.count = total

    @property
    def variance_of_mean(self) -> Float64[np.ndarray, " latent"]:
        return self._squares / self.count
