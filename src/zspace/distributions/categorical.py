"""The categorical distribution over the levels of a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from zspace.distributions.distribution import AbstractDistribution, sum_event
from zspace.distributions.pixels import LEVELS, nearest_level

__all__ = ["Categorical"]


@dataclass(frozen=True, eq=False)
class Categorical(AbstractDistribution):
    """Independent pixels, each with a probability of its own for every one of 256 levels.

    log p(x) = Σ [logits of the level of x − log Σ exp(logits)]. Pixels in 0…1 are rounded to the
    nearest level k/255. No shape is assumed at all, which takes many images to learn
    (https://arxiv.org/abs/1601.06759).

    Attributes:
        logits: unnormalized log-probabilities, (batch, H, W, C, 256).
    """

    logits: Any

    def log_prob(self, x: Any) -> Any:
        """Log-probability of each event in nats, (batch,); never above 0."""
        level = ops.expand_dims(ops.cast(nearest_level(x), "int32"), -1)
        chosen = ops.take_along_axis(self.logits, level, axis=-1)[..., 0]
        return sum_event(chosen - ops.logsumexp(self.logits, axis=-1))

    def mean(self) -> Any:
        """Expected pixel, in 0…1."""
        values = ops.arange(LEVELS, dtype="float32") / (LEVELS - 1)
        return ops.sum(ops.softmax(self.logits, axis=-1) * values, axis=-1)

    def mode(self) -> Any:
        """The most likely level k/255; of several, the darkest."""
        return ops.cast(ops.argmax(self.logits, axis=-1), "float32") / (LEVELS - 1)

    def sample(self, seed: Any) -> Any:
        """Levels k/255."""
        flat = ops.reshape(self.logits, (-1, LEVELS))
        levels = keras.random.categorical(flat, 1, seed=seed)
        shape = ops.shape(self.logits)[:-1]
        return ops.cast(ops.reshape(levels, shape), "float32") / (LEVELS - 1)
