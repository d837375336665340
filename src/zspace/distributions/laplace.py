"""The Laplace distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from zspace.distributions.distribution import AbstractDistribution, sum_event

__all__ = ["Laplace"]


@dataclass(frozen=True, eq=False)
class Laplace(AbstractDistribution):
    """Independent components whose density falls exponentially on both sides of a center.

    log p(x) = −Σ [log 2 + log_scale + abs(x − center) / exp(log_scale)]. The variance is twice
    the square of the scale.

    Attributes:
        center: mean of each component, (batch, …).
        log_scale: natural logarithm of each scale, of a shape that broadcasts to `center`.
    """

    center: Any
    log_scale: Any

    def log_prob(self, x: Any) -> Any:
        """Log-density of each event in nats, (batch,)."""
        difference = x - self.center
        # The backends' abs differ in the slope at 0; so it is 0, the middle, on all of them.
        distance = difference * ops.sign(difference) * ops.exp(-self.log_scale)
        return -sum_event(distance + self.log_scale + math.log(2))

    def mean(self) -> Any:
        """The centers."""
        return self.center

    def mode(self) -> Any:
        """The centers."""
        return self.center

    def sample(self, seed: Any) -> Any:
        """One draw of each event, by the inverse of the cumulative distribution."""
        shape = ops.shape(self.center)
        uniform = keras.random.uniform(shape, -1.0, 1.0, dtype="float32", seed=seed)
        # The lower end, −1, may be drawn; its tail must not be empty.
        tail = ops.maximum(1 - ops.abs(uniform), 2.0**-24)
        return self.center - ops.exp(self.log_scale) * ops.sign(uniform) * ops.log(tail)
