"""The importance-weighted bound."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from zspace.distributions import AbstractDistribution
from zspace.objectives.objective import (
    FULL_PULL,
    AbstractObjective,
    Latents,
    LossTerms,
    Pull,
)

__all__ = ["ImportanceWeighted", "importance_weighted_bound"]


def importance_weighted_bound(log_weights: Any) -> Any:
    """log (1/K Σ wₖ) for each image: a lower bound of log p(x), tighter with every draw.

    https://arxiv.org/abs/1509.00519, eq. 8; w = p(x | z)·p(z) / q(z | x).

    Args:
        log_weights: (batch, K).

    Returns:
        Nats, (batch,).
    """
    return ops.logsumexp(log_weights, axis=1) - math.log(log_weights.shape[1])


def _constant(distribution: Any) -> Any:
    """The same distribution, its parameters without gradient."""
    values = {
        each.name: ops.stop_gradient(getattr(distribution, each.name))
        for each in dataclasses.fields(distribution)
    }
    return type(distribution)(**values)


@keras.saving.register_keras_serializable(package="zspace")
class ImportanceWeighted(AbstractObjective):
    """loss = −log (1/K Σ p(x | zₖ)·p(zₖ) / q(zₖ | x)), averaged over the batch: the IWAE.

    With one draw it is the ELBO with a Monte Carlo KL. The reported terms add up:
    loss = reconstruction + weighted_kl + weighted_gain, the first two averaged over the draws as in
    the ELBO, the last, at most 0 on average, what weighing the draws gains on it.

    Args:
        image_shape: (H, W, C).
        samples: K.
        dreg: the doubly reparameterized gradient (https://arxiv.org/abs/1810.04152) for the
            encoder: in the plain one the signal shrinks against its noise as K grows.
    """

    compares_with_prior = False
    splits = False
    extra_names = ("weighted_gain",)

    def __init__(self, image_shape: Sequence[int], *, samples: int = 5, dreg: bool = False) -> None:
        self.image_shape = list(image_shape)
        self.samples = samples
        self.dreg = dreg
        self.beta = 1.0
        self.draws = samples
        self.decodes = "twice" if dreg else "all"

    def terms(
        self,
        images: Any,
        *,
        likelihood: AbstractDistribution,
        latents: Latents,
        pull: Pull = FULL_PULL,
    ) -> LossTerms:
        """Reconstruction and KL term averaged over the draws, and what weighing them gains."""
        del pull
        repeats = self.samples
        targets = ops.repeat(images, repeats, axis=0)
        if self.dreg:
            both = likelihood.log_prob(ops.concatenate([targets, targets]))
            rows = ops.shape(latents.z)[0]
            log_likelihood, of_constants = both[:rows], both[rows:]
            log_ratio = latents.prior.log_prob(latents.z) - _constant(latents.drawn).log_prob(
                latents.z
            )
        else:
            log_likelihood = of_constants = likelihood.log_prob(targets)
            log_q = latents.drawn.log_prob_at(latents.epsilon)
            log_ratio = latents.prior.log_prob(latents.z) - log_q
        log_weights = ops.reshape(log_likelihood + log_ratio, (-1, repeats))
        loss = -ops.mean(importance_weighted_bound(log_weights))
        reconstruction, kl = -ops.mean(log_likelihood), -ops.mean(log_ratio)
        if self.dreg:
            surrogate = self._surrogate(log_weights, of_constants, latents)
            loss = surrogate + ops.stop_gradient(loss - surrogate)
            reconstruction, kl = ops.stop_gradient(reconstruction), ops.stop_gradient(kl)
        return LossTerms(reconstruction, kl, kl, {"weighted_gain": loss - reconstruction - kl})

    def _surrogate(self, log_weights: Any, of_constants: Any, latents: Latents) -> Any:
        """Something that has the doubly reparameterized gradient, whatever its value is.

        The weights of decoder and prior see each draw with its normalized importance w, the path
        through z to the encoder with w². So each draw counts w² as it is, and w − w² as a constant.
        """
        total = ops.logsumexp(log_weights, axis=1, keepdims=True)
        share = ops.stop_gradient(ops.exp(log_weights - total))
        fixed_z = ops.stop_gradient(latents.z)
        fixed = of_constants + latents.prior.log_prob(fixed_z)
        fixed = ops.reshape(fixed, (-1, self.samples))
        square = ops.square(share)
        return -ops.mean(ops.sum(square * log_weights + (share - square) * fixed, axis=1))

    def rate_terms(self, latents: Latents, *, pull: Pull) -> LossTerms:
        raise TypeError("the importance-weighted bound has no term of the z-space alone")

    def distortion(self, images: Any, likelihood: AbstractDistribution) -> Any:
        raise TypeError("the importance-weighted bound has no reconstruction term alone")

    def get_config(self) -> dict[str, Any]:
        return {"image_shape": self.image_shape, "samples": self.samples, "dreg": self.dreg}
