"""Mixtures of normal distributions with diagonal covariances."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from zspace.distributions.distribution import AbstractDistribution
from zspace.distributions.normal import Normal

__all__ = ["NormalMixture", "independent_seeds"]


def independent_seeds(seed: Any) -> tuple[Any, Any]:
    """Seeds of two draws that do not repeat each other.

    Args:
        seed: a `keras.random.SeedGenerator`, which moves on by itself, or an int, which does not.
    """
    if not isinstance(seed, int):
        return seed, seed
    return seed, (seed + 0x3C6EF372) % 2**31


@dataclass(frozen=True, eq=False)
class NormalMixture(AbstractDistribution):
    """K normal distributions with weights that add up to 1.

    log p(x) = log Σ_k w_k·N(x; mean_k, exp(log_variance_k))

    The batch axis of each tensor may be 1: one mixture for a whole batch of points.

    Attributes:
        log_weights: logarithms of the weights up to a constant (logits), (1 or batch, K).
        centers: mean of each component, (1 or batch, K, N).
        log_variances: natural logarithm of each variance, (1 or batch, K, N).
    """

    log_weights: Any
    centers: Any
    log_variances: Any

    def log_prob(self, x: Any) -> Any:
        """Log-density of each event in nats, (batch,).

        Distances are taken as such, (batch, K, N): the expanded square takes less memory, but loses
        all its digits where a component is narrow and far from 0.
        """
        square = ops.square(x[:, None, :] - self.centers) * ops.exp(-self.log_variances)
        densities = ops.sum(square + self.log_variances + math.log(2 * math.pi), axis=-1)
        return ops.logsumexp(ops.log_softmax(self.log_weights, axis=-1) - 0.5 * densities, axis=-1)

    def mean(self) -> Any:
        """The weighted average of the centers; no component need be near it."""
        # Keras' softmax warns of a single component.
        weights = ops.exp(ops.log_softmax(self.log_weights, axis=-1))
        return ops.sum(weights[..., None] * self.centers, axis=1)

    def mode(self) -> Any:
        """The component center at which the mixture is densest, (batch, N).

        The true mode is near it, unless components overlap so that they peak between their centers.
        """
        count = self.centers.shape[1]
        rows = [self.log_prob(self.centers[:, component]) for component in range(count)]
        densest = ops.argmax(ops.stack(rows, axis=1), axis=1)
        return self._component(densest).center

    def sample(self, seed: Any) -> Any:
        """One draw of each event, (batch, N)."""
        choice_seed, noise_seed = independent_seeds(seed)
        logits = self.log_weights + self._whole()[..., 0]
        component = keras.random.categorical(logits, 1, seed=choice_seed)[:, 0]
        return self._component(component).sample(noise_seed)

    def _whole(self) -> Any:
        """Zeros of the shape that all three tensors broadcast to, (batch, K, N)."""
        return ops.zeros_like(self.log_weights[..., None] + self.centers + self.log_variances)

    def _component(self, number: Any) -> Normal:
        """One component for each event, by its number (batch,)."""
        whole = self._whole()
        number = ops.cast(number, "int32")[:, None, None]
        rows = (
            ops.take_along_axis(values + whole, number, axis=1)[:, 0]
            for values in (self.centers, self.log_variances)
        )
        return Normal(*rows)
