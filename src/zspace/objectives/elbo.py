"""The evidence lower bound, with a weight on its KL term, and what may be added to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from zspace.distributions import (
    AbstractDistribution,
    Deterministic,
    kl_divergence,
    kl_per_axis,
    monte_carlo_kl,
)
from zspace.objectives.objective import (
    FULL_PULL,
    AbstractObjective,
    Latents,
    LossTerms,
    Pull,
)
from zspace.objectives.penalties import AbstractPenalty
from zspace.objectives.terms import reduction_divisor

__all__ = ["ELBO", "free_bits_floor"]


def free_bits_floor(per_axis: Any, *, nats: float, group: int) -> Any:
    """Σ over groups of max(nats, KL of the group averaged over the batch), a scalar.

    What a group has below its free nats is no longer pushed down, so that axes need not collapse
    (https://arxiv.org/abs/1606.04934, eq. 15).

    Args:
        per_axis: KL of each axis, (batch, latent), in nats.
        nats: free in each group.
        group: axes in a group, in order (the last may have fewer); 0 takes all together.
    """
    means = ops.mean(per_axis, axis=0)
    size = means.shape[0]
    group = group or size
    starts = range(0, size, group)
    if group > 1:
        means = ops.stack([ops.sum(means[start : start + group]) for start in starts])
    return ops.sum(ops.maximum(means, nats))


@keras.saving.register_keras_serializable(package="zspace")
class ELBO(AbstractObjective):
    """loss = −log p(x | z) / divisor + beta·KL(q(z | x) ‖ p(z)) [+ penalty], batch average.

    With reduction "sum" and beta 1 this is minus the evidence lower bound
    (https://arxiv.org/abs/1312.6114); another beta makes it a β-VAE
    (https://openreview.net/forum?id=Sy2fzU9gl). A deterministic posterior has no KL term.

    Args:
        image_shape: (H, W, C), which settles the divisor.
        beta: weight of the KL term against the reduced reconstruction term.
        reduction: see `zspace.objectives.terms.reduction_divisor`.
        kl: ``"exact"``: in closed form. ``"monte_carlo"``: log q(z | x) − log p(z), averaged over
            draws from the posterior; unbiased, and possible with any prior.
        samples: how many draws for each image; the first one is decoded.
        free_bits: (nats, axes in a group), see `free_bits_floor`; 0 nats switch it off.
        penalty: a further term of the z-space, or what `get_config` says of one.
    """

    decodes = "first"
    splits = True

    def __init__(
        self,
        image_shape: Sequence[int],
        *,
        beta: float = 1.0,
        reduction: str = "sum",
        kl: str = "exact",
        samples: int = 1,
        free_bits: Sequence[float] = (0.0, 1),
        penalty: AbstractPenalty | dict[str, Any] | None = None,
    ) -> None:
        self.image_shape = list(image_shape)
        self.beta = beta
        self.reduction = reduction
        self.kl = kl
        self.samples = samples
        self.free_bits = list(free_bits)
        self.draws = samples if kl == "monte_carlo" else 1
        added: Any = penalty
        if isinstance(penalty, dict):
            added = keras.saving.deserialize_keras_object(penalty)
        self.penalty = added
        self.compares_with_prior = added is not None and added.compares_with_prior
        self.extra_names = () if added is None else added.names

    def terms(
        self,
        images: Any,
        *,
        likelihood: AbstractDistribution,
        latents: Latents,
        pull: Pull = FULL_PULL,
    ) -> LossTerms:
        """Reconstruction, KL term and penalty."""
        rate = self.rate_terms(latents, pull=pull)
        distortion = self.distortion(images, likelihood)
        return LossTerms(distortion, rate.kl, rate.weighted_kl, rate.extras)

    def distortion(self, images: Any, likelihood: AbstractDistribution) -> Any:
        divisor = reduction_divisor(self.reduction, self.image_shape)
        return ops.mean(-likelihood.log_prob(images)) / divisor

    def rate_terms(self, latents: Latents, *, pull: Pull = FULL_PULL) -> LossTerms:
        kl, priced = self._kl(latents)
        if pull.capacity is not None:
            priced = ops.abs(priced - pull.capacity)
        extras = self.penalty.terms(latents) if self.penalty is not None else {}
        return LossTerms(0.0, kl, self.beta * pull.factor * priced, extras)

    def _kl(self, latents: Latents) -> tuple[Any, Any]:
        """KL in nats per image, and what of it has its price."""
        nats, group = float(self.free_bits[0]), int(self.free_bits[1])
        posterior: Any = latents.posterior
        prior: Any = latents.prior
        if nats and group:
            per_axis = kl_per_axis(posterior, prior)
            floored = free_bits_floor(per_axis, nats=nats, group=group)
            return ops.mean(ops.sum(per_axis, axis=-1)), floored
        if self.kl == "monte_carlo" and not isinstance(posterior, Deterministic):
            kl = ops.mean(monte_carlo_kl(latents.drawn, prior, epsilon=latents.epsilon))
        else:
            kl = ops.mean(kl_divergence(posterior, prior))
        return kl, ops.maximum(kl, nats) if nats else kl

    def get_config(self) -> dict[str, Any]:
        penalty = (
            None if self.penalty is None else keras.saving.serialize_keras_object(self.penalty)
        )
        return {
            "image_shape": self.image_shape,
            "beta": self.beta,
            "reduction": self.reduction,
            "kl": self.kl,
            "samples": self.samples,
            "free_bits": self.free_bits,
            "penalty": penalty,
        }
