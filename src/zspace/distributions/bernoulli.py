"""The Bernoulli distribution of pixels, by its logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from zspace.distributions.distribution import AbstractDistribution, sum_event

__all__ = ["Bernoulli"]


@dataclass(frozen=True, eq=False)
class Bernoulli(AbstractDistribution):
    """Independent pixels that are 1 with probability sigmoid(logits), else 0.

    log p(x) = Σ [x·logits − log(1 + exp(logits))], the negative binary cross entropy. It is finite
    for any logits, and is used for x between 0 and 1 as well, where it is no normalized density
    (https://arxiv.org/abs/1907.06845).

    Attributes:
        logits: log-odds of each pixel, (batch, …).
    """

    logits: Any

    def log_prob(self, x: Any) -> Any:
        """Minus the binary cross entropy of each event in nats, (batch,)."""
        return sum_event(x * self.logits - ops.softplus(self.logits))

    def mean(self) -> Any:
        """sigmoid(logits), in 0…1."""
        return ops.sigmoid(self.logits)

    def mode(self) -> Any:
        """1 where the logits are positive, else 0."""
        return ops.cast(self.logits > 0, "float32")

    def sample(self, seed: Any) -> Any:
        """Pixels of 0 and 1."""
        uniform = keras.random.uniform(ops.shape(self.logits), dtype="float32", seed=seed)
        return ops.cast(uniform < self.mean(), "float32")
