"""The rate cut in two: what codes tell about images, and how far all codes together miss the prior.

    E KL(q(z | x) ‖ p(z)) = I(x; z) + KL(q(z) ‖ p(z)),    q(z) the mean of all q(z | x)

(M. D. Hoffman and M. J. Johnson, "ELBO surgery", 2016). Neither part has a closed form; both are
bounded here, from above and below.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64
from scipy.special import logsumexp

from zspace.analysis.mixture import NormalMixture, normal_log_density
from zspace.analysis.posteriors import Posteriors
from zspace.analysis.rate import rate
from zspace.errors import InputError

__all__ = ["Gap", "Surgery", "elbo_surgery", "moment_gap"]

_MOST_MATRIX_ROWS = 100_000
_LARGEST_COVARIANCE = 2048
_BLOCK_VALUES = 1 << 20
_LEVEL = 0.01


@dataclass(frozen=True)
class Gap:
    """KL of the normal with the mean and covariance of all codes, and a normal prior: in nats.

    Attributes:
        offsets: from the means of the axes, which are not the prior's.
        variances: from their variances.
        correlations: from the correlations between them; NaN where there are too many axes.
    """

    offsets: float
    variances: float
    correlations: float

    @property
    def total(self) -> float:
        """All three: no more than KL(q(z) ‖ p(z)), whatever shape q(z) has."""
        known = 0.0 if math.isnan(self.correlations) else self.correlations
        return self.offsets + self.variances + known


@dataclass(frozen=True)
class Surgery:
    """I(x; z) and KL(q(z) ‖ p(z)) in nats, as far as M images can tell.

    Attributes:
        compared: number of images M, of whose posteriors q(z) is made up.
        rate: mean KL of all images to the prior.
        information: I(x; z) if these M images were all there are: at most log M, and on average no
            more than the I(x; z) of the data.
        information_error: its standard error, from the draws.
        information_at_most: an upper bound of I(x; z): the least of the rate, the rate less the
            gap that the moments show, and the leave-one-out estimate.
        moments: the gap that the moments show; None for a prior that is not one normal.
        prior_where_dense: share of points of the prior where q(z) is as dense as at 99 % of the
            z-points of images: 0.99 if q(z) is the prior, less if it has holes. In many dimensions
            it sees no difference in shape; `zspace.analysis.cloud` does.
        codes_in_prior: share of z-points that lie where the prior is as dense as at 99 % of its
            own points.
    """

    compared: int
    rate: float
    information: float
    information_error: float
    information_at_most: float
    moments: Gap | None
    prior_where_dense: float
    codes_in_prior: float

    @property
    def ceiling(self) -> float:
        """log M: more than that no M images can show."""
        return math.log(self.compared)

    @property
    def is_at_ceiling(self) -> bool:
        """Whether `information` is so close to log M that it says no more than "at least"."""
        return self.information > self.ceiling - 0.5

    @property
    def gap(self) -> float:
        """KL(q(z) ‖ p(z)) at least: what the moments show, where the prior is one normal."""
        return max(self.rate - self.information_at_most, 0.0)

    @property
    def gap_at_most(self) -> float:
        """KL(q(z) ‖ p(z)) at most: the rate less the information that was found."""
        return max(self.rate - self.information, self.gap)

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows, the bounds and the ceiling among them."""
        names = ("ceiling", "is_at_ceiling", "gap", "gap_at_most")
        return asdict(self) | {name: getattr(self, name) for name in names}


def elbo_surgery(
    posteriors: Posteriors,
    prior: NormalMixture | None = None,
    *,
    compared: int = 2000,
    rate_of_all: float | None = None,
    seed: int = 1,
) -> Surgery:
    """Estimate I(x; z) and KL(q(z) ‖ p(z)).

    From M images with posteriors qᵢ, and one z-point zᵢ of each:

        information = mean of log qᵢ(zᵢ) − log (1/M Σⱼ qⱼ(zᵢ))
        leave-one-out = mean of log qᵢ(zᵢ) − log (1/(M − 1) Σ over j ≠ i of qⱼ(zᵢ))

    The first lies below I(x; z) on average, the second above it (section 2 of
    https://arxiv.org/abs/1905.06922). The mean and the covariance of all codes give a lower bound
    of KL(q(z) ‖ p(z)), see `moment_gap`, and the rate less that another upper bound of I(x; z).

    Args:
        posteriors: of all images.
        prior: N(0, I) if not given.
        compared: M at most, at least 2. Work grows with M²; with full covariance matrices M is at
            most 100,000 / latent size, so that they fit into memory.
        rate_of_all: mean KL to the prior, where it has been measured already.
        seed: of the choice of images and of the z-points.

    Returns:
        The numbers.

    Raises:
        InputError: if there are fewer than two images.

    Example:
        >>> same = Posteriors(np.zeros((50, 2)), np.zeros((50, 2)))
        >>> abs(round(elbo_surgery(same).information, 9)), round(elbo_surgery(same).gap, 9)
        (0.0, 0.0)
    """
    prior = NormalMixture.standard(posteriors.latent_size) if prior is None else prior
    if min(posteriors.count, compared) < 2:
        raise InputError(
            f"two images at least are needed to compare their codes, {posteriors.count} came and "
            f"compared={compared}; encode more images"
        )
    if posteriors.scale_tril is not None:
        compared = min(compared, max(2, _MOST_MATRIX_ROWS // posteriors.latent_size))
    if rate_of_all is None:
        rate_of_all = rate(posteriors, prior, seed=seed).mean
    few = posteriors.subset(compared, seed=seed)
    generator = np.random.default_rng((seed, 1))
    noise = generator.standard_normal(few.mean.shape)
    z, prior_z = few.place(noise), prior.sample(few.count, seed=seed)
    own = -few.entropy + 0.5 * few.latent_size - 0.5 * (noise**2).sum(axis=1)
    others = _mean_log_density(z, few, leave_out_own=True)
    count = math.log(few.count)
    aggregate = np.logaddexp(others + math.log(few.count - 1), own) - count
    gains = own - aggregate
    # Rounding alone can pass the ceiling.
    information = min(float(gains.mean()), count)
    moments = moment_gap(posteriors, prior) if prior.is_normal else None
    bounds = [rate_of_all, float((own - others).mean())]
    if moments is not None:
        bounds.append(rate_of_all - moments.total)
    return Surgery(
        compared=few.count,
        rate=rate_of_all,
        information=information,
        information_error=float(gains.std(ddof=1)) / math.sqrt(few.count),
        # Estimates scatter: an upper bound below the lower one says that both are the value.
        information_at_most=float(max(min(bounds), min(information, rate_of_all), 0.0)),
        moments=moments,
        prior_where_dense=_share_inside(_mean_log_density(prior_z, few), others),
        codes_in_prior=_share_inside(prior.log_prob(z), prior.log_prob(prior_z)),
    )


def _share_inside(
    asked: Float64[np.ndarray, " asked"], home: Float64[np.ndarray, " home"]
) -> float:
    """Share of points where a density is above its lowest hundredth at points of its own."""
    return float((asked >= np.quantile(home, _LEVEL)).mean())


def _mean_log_density(
    z: Float64[np.ndarray, "points latent"], few: Posteriors, *, leave_out_own: bool = False
) -> Float64[np.ndarray, " points"]:
    """log (mean of all qⱼ(z)) at each point; without qᵢ at point i, where that is asked for."""
    tril = few.scale_tril
    log_densities = _diagonal(few) if tril is None else _full(few, tril)
    rows = max(1, _BLOCK_VALUES // (few.count * (1 if tril is None else few.latent_size)))
    parts = []
    for start in range(0, len(z), rows):
        densities = log_densities(z[start : start + rows])
        if leave_out_own:
            own = np.arange(len(densities))
            densities[own, start + own] = -np.inf
        parts.append(logsumexp(densities, axis=1))
    return np.concatenate(parts) - math.log(few.count - leave_out_own)


_LogDensities = Callable[[np.ndarray], np.ndarray]
"""(points, latent) -> log qⱼ(z) of every point under every posterior, (points, images)."""


def _diagonal(few: Posteriors) -> _LogDensities:
    return lambda z: normal_log_density(z, few.mean, log_variance=few.log_variance)


def _full(few: Posteriors, scale_tril: np.ndarray) -> _LogDensities:
    count, size = few.mean.shape
    inverse = np.linalg.inv(scale_tril)
    centers = np.einsum("nij,nj->ni", inverse, few.mean)
    # One matrix product for all posteriors together: L⁻¹·z of each, side by side.
    whitening = inverse.reshape(count * size, size).T
    constant = few.half_log_determinant + 0.5 * size * math.log(2 * math.pi)

    def log_densities(z: np.ndarray) -> np.ndarray:
        whitened = (z @ whitening).reshape(len(z), count, size) - centers
        density: np.ndarray = -0.5 * np.einsum("pni,pni->pn", whitened, whitened) - constant
        return density

    return log_densities


def moment_gap(posteriors: Posteriors, prior: NormalMixture) -> Gap:
    """KL(g ‖ p) of the normal g that has the mean and the covariance of all codes.

    For a normal p, KL(q ‖ p) = KL(q ‖ g) + KL(g ‖ p): log g/p is quadratic, and q has the moments
    of g. So this is never more than KL(q(z) ‖ p(z)). N images scatter, which adds to it; what that
    is on average, to second order and for normally distributed means, is taken off. With S the
    covariance of the codes and C that of their means alone, X = S⁻¹·C, it is tr C / 2N (offsets),
    Σ (Cₐₐ/Sₐₐ)² / 2N (variances) and (tr² X + tr X²) / 4N less the one before (correlations).

    Args:
        posteriors: of all images.
        prior: one normal with independent axes.

    Raises:
        InputError: if the prior is a mixture.

    Example:
        >>> twice = Posteriors(np.zeros((9, 1)), np.full((9, 1), np.log(4.0)))
        >>> gap = moment_gap(twice, NormalMixture.standard(1))
        >>> round(gap.variances, 4), gap.offsets  # ½·(4 − 1 − log 4)
        (0.8069, 0.0)
    """
    if not prior.is_normal:
        raise InputError(
            "the moments say how far codes are from one normal, a mixture of "
            f"{prior.components} came; use elbo_surgery, which takes any"
        )
    count = posteriors.count
    center, covariance, of_means = _moments(posteriors, prior)
    full = covariance.ndim == 2
    variances = np.diagonal(covariance) if full else covariance
    of_axes = np.diagonal(of_means) if full else of_means
    by_chance = float(((of_axes / variances) ** 2).sum()) / (2 * count)
    offsets = 0.5 * float((center**2).sum()) - float(of_axes.sum()) / (2 * count)
    spread = 0.5 * float((variances - 1 - np.log(variances)).sum()) - by_chance
    correlations = math.nan
    if full:
        log_determinant = float(np.linalg.slogdet(covariance)[1])
        shares = np.linalg.solve(covariance, of_means)
        excess = (np.trace(shares) ** 2 + (shares * shares.T).sum()) / (4 * count) - by_chance
        correlations = 0.5 * (float(np.log(variances).sum()) - log_determinant) - float(excess)
    return Gap(
        offsets=max(offsets, 0.0),
        variances=max(spread, 0.0),
        correlations=correlations if math.isnan(correlations) else max(correlations, 0.0),
    )


def _moments(
    posteriors: Posteriors, prior: NormalMixture
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and covariance of all codes, and the covariance of their means, in the prior's units.

    Of more than 2,048 axes only the variances.
    """
    size = posteriors.latent_size
    full = size <= _LARGEST_COVARIANCE
    deviation = np.exp(prior.log_variance[0] / 2)
    total = np.zeros(size)
    square = np.zeros((size, size) if full else size)
    noise = np.zeros_like(square)
    first = np.asarray(posteriors.mean[0], np.float64)
    for block in posteriors.blocks():
        # About the first code, so that a far-off cloud does not cancel.
        x = (block.mean - first) / deviation
        total += x.sum(axis=0)
        square += x.T @ x if full else (x**2).sum(axis=0)
        noise += _noise(block, deviation, full=full)
    count = posteriors.count
    mean = total / count
    of_means = square / count - (np.outer(mean, mean) if full else mean**2)
    center = mean + (first - prior.mean[0]) / deviation
    return center, of_means + noise / count, of_means


def _noise(
    block: Posteriors, deviation: Float64[np.ndarray, " latent"], *, full: bool
) -> np.ndarray:
    """The sum of a block's covariance matrices, in the prior's units."""
    if full and block.scale_tril is not None:
        tril = block.scale_tril / deviation[:, None]
        total: np.ndarray = np.tensordot(tril, tril, axes=([0, 2], [0, 2]))
        return total
    variances = np.exp(block.log_variance).sum(axis=0) / deviation**2
    return np.diag(variances) if full else variances
