"""The normal distribution with a diagonal covariance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from zspace.distributions.distribution import AbstractReparameterized, sum_event

__all__ = ["Normal"]


@dataclass(frozen=True, eq=False)
class Normal(AbstractReparameterized):
    """Independent normal components.

    log p(x) = −½ Σ [log 2π + log_variance + (x − mean)² / exp(log_variance)]

    Attributes:
        center: mean of each component, (batch, …).
        log_variance: natural logarithm of each variance, of a shape that broadcasts to `center`.
    """

    center: Any
    log_variance: Any

    def log_prob(self, x: Any) -> Any:
        """Log-density of each event in nats, (batch,)."""
        square = ops.square(x - self.center) * ops.exp(-self.log_variance)
        return -0.5 * sum_event(square + self.log_variance + math.log(2 * math.pi))

    def mean(self) -> Any:
        """The centers."""
        return self.center

    def mode(self) -> Any:
        """The centers."""
        return self.center

    def sample(self, seed: Any) -> Any:
        """One draw of each event."""
        shape = ops.shape(self.center)
        return self.reparameterize(keras.random.normal(shape, dtype="float32", seed=seed))

    def log_prob_at(self, epsilon: Any) -> Any:
        return -0.5 * sum_event(ops.square(epsilon) + self.log_variance + math.log(2 * math.pi))

    def reparameterize(self, epsilon: Any) -> Any:
        """mean + σ·ε."""
        return self.center + ops.exp(0.5 * self.log_variance) * epsilon
