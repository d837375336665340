"""Kullback-Leibler divergences in closed form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from zspace.distributions.deterministic import Deterministic
from zspace.distributions.distribution import AbstractDistribution, sum_event
from zspace.distributions.normal import Normal

__all__ = ["CLOSED_FORMS", "kl_divergence"]


def _normal_normal(q: Normal, p: Normal) -> Any:
    """½ Σ [exp(lq − lp) + (mq − mp)² / exp(lp) − 1 − (lq − lp)], l: log-variance, m: mean.

    With p = N(0, I) this is ½ Σ [σ² + μ² − 1 − log σ²], eq. 10 of
    https://arxiv.org/abs/1312.6114.
    """
    ratio = q.log_variance - p.log_variance
    distance = ops.square(q.center - p.center) * ops.exp(-p.log_variance)
    return 0.5 * sum_event(ops.expm1(ratio) - ratio + distance)


def _deterministic_any(q: Deterministic, p: AbstractDistribution) -> Any:
    """Left out: infinite for every point, so a plain autoencoder has no rate term."""
    del p
    return ops.zeros((ops.shape(q.center)[0],))


CLOSED_FORMS: dict[tuple[type, type], Callable[[Any, Any], Any]] = {
    (Normal, Normal): _normal_normal,
    (Deterministic, Normal): _deterministic_any,
}


def kl_divergence(q: AbstractDistribution, p: AbstractDistribution) -> Any:
    """KL(q ‖ p) of each event in nats, summed over the latent axes, (batch,).

    Args:
        q: the posterior.
        p: the prior.

    Raises:
        TypeError: if the pair has no closed form.
    """
    try:
        closed_form = CLOSED_FORMS[type(q), type(p)]
    except KeyError:
        raise TypeError(f"no closed form of KL({type(q).__name__} ‖ {type(p).__name__})") from None
    return closed_form(q, p)
