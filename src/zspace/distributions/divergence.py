"""Kullback-Leibler divergences: in closed form, by axis, and estimated from draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from zspace.distributions.deterministic import Deterministic
from zspace.distributions.distribution import (
    AbstractDistribution,
    AbstractReparameterized,
    sum_event,
)
from zspace.distributions.full_normal import FullNormal, diagonal_of
from zspace.distributions.normal import Normal

__all__ = ["CLOSED_FORMS", "kl_divergence", "kl_per_axis", "monte_carlo_kl"]


def _normal_normal(q: Normal, p: Normal) -> Any:
    """The sum of `kl_per_axis`."""
    return sum_event(kl_per_axis(q, p))


def _full_normal_normal(q: FullNormal, p: Normal) -> Any:
    """½ [tr(P·L·Lᵀ) + (mq − mp)ᵀ·P·(mq − mp) − N − log det(P·L·Lᵀ)], P: precision of p, diagonal.

    The diagonal of L alone gives the KL of independent axes, what is below it adds to the trace
    only. So the closed form of independent axes, exact for tiny differences, serves here as well.
    """
    below = ops.sum(ops.square(ops.tril(q.scale_tril, k=-1)), axis=-1)
    axes = Normal(q.center, 2.0 * ops.log(diagonal_of(q.scale_tril)))
    return _normal_normal(axes, p) + 0.5 * ops.sum(below * ops.exp(-p.log_variance), axis=-1)


CLOSED_FORMS: dict[tuple[type, type], Callable[[Any, Any], Any]] = {
    (Normal, Normal): _normal_normal,
    (FullNormal, Normal): _full_normal_normal,
}


def kl_per_axis(q: Normal, p: Normal) -> Any:
    """KL of each latent axis in nats, (batch, latent).

    ½ [exp(lq − lp) + (mq − mp)² / exp(lp) − 1 − (lq − lp)], l: log-variance, m: mean. With
    p = N(0, I) this is ½ [σ² + μ² − 1 − log σ²], eq. 10 of https://arxiv.org/abs/1312.6114.

    Args:
        q: the posterior.
        p: the prior.
    """
    ratio = q.log_variance - p.log_variance
    distance = ops.square(q.center - p.center) * ops.exp(-p.log_variance)
    return 0.5 * (ops.expm1(ratio) - ratio + distance)


def kl_divergence(q: AbstractDistribution, p: AbstractDistribution) -> Any:
    """KL(q ‖ p) of each event in nats, summed over the latent axes, (batch,).

    That of a deterministic posterior is 0 by convention: it would be infinite for every point, so
    a plain autoencoder has no rate term.

    Args:
        q: the posterior.
        p: the prior.

    Raises:
        TypeError: if the pair has no closed form.
    """
    if isinstance(q, Deterministic):
        return ops.zeros((ops.shape(q.center)[0],))
    try:
        closed_form = CLOSED_FORMS[type(q), type(p)]
    except KeyError:
        raise TypeError(
            f"no closed form of KL({type(q).__name__} ‖ {type(p).__name__}); "
            "estimate it with monte_carlo_kl"
        ) from None
    return closed_form(q, p)


def monte_carlo_kl(q: AbstractReparameterized, p: AbstractDistribution, *, epsilon: Any) -> Any:
    """log q(z) − log p(z) at z = mean + σ·ε in nats: an unbiased estimate of KL(q ‖ p), (rows,).

    The estimator L^A of https://arxiv.org/abs/1312.6114 (eq. 6) has it for its rate. Its error
    falls with the square root of the number of draws: repeat the rows of q and average. A single
    estimate may be negative.

    Args:
        q: the posterior, one row for each draw.
        p: the prior.
        epsilon: standard normal noise, (rows, latent); limited or scaled noise biases the estimate.
    """
    return q.log_prob_at(epsilon) - p.log_prob(q.reparameterize(epsilon))
