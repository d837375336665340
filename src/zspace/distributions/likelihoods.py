"""Likelihoods: how a decoder's output becomes a distribution over images."""

from __future__ import annotations

import abc
import math
from typing import Any

import keras
from keras import ops

from zspace.distributions.bernoulli import Bernoulli
from zspace.distributions.distribution import AbstractDistribution
from zspace.distributions.normal import Normal

__all__ = ["AbstractLikelihood", "BernoulliLikelihood", "NormalLikelihood"]


class AbstractLikelihood(abc.ABC):
    """p(x | z): a layer from a decoder's output (batch, H, W, C·k) to a distribution over images.

    Images are in 0…1.
    """

    parameters_per_channel: int
    """k: how many numbers the decoder gives for each channel of each pixel."""

    @abc.abstractmethod
    def distribution(self, output: Any) -> AbstractDistribution:
        """The distribution over images (batch, H, W, C)."""


@keras.saving.register_keras_serializable(package="zspace")
class BernoulliLikelihood(AbstractLikelihood, keras.layers.Layer):
    """Binary cross entropy: the decoder gives the log-odds of each pixel."""

    parameters_per_channel = 1

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.built = True

    def distribution(self, output: Any) -> Bernoulli:
        """Bernoulli(sigmoid(output))."""
        return Bernoulli(ops.cast(output, "float32"))


@keras.saving.register_keras_serializable(package="zspace")
class NormalLikelihood(AbstractLikelihood, keras.layers.Layer):
    """Squared error as a true density: N(sigmoid(output), variance).

    With variance ½ its negative logarithm is the summed squared error plus a constant. A learned
    variance, one number for all pixels, settles the balance of the two loss terms by itself
    (σ-VAE, https://arxiv.org/abs/2006.13202).

    Args:
        variance: of each pixel and channel; pixels are in 0…1.
        learn_variance: whether it is trained, starting there.
    """

    parameters_per_channel = 1

    def __init__(
        self, variance: float = 1.0, *, learn_variance: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.variance = variance
        self.learn_variance = learn_variance
        self.log_variance = self.add_weight(
            name="log_variance",
            shape=(),
            initializer=keras.initializers.Constant(math.log(variance)),
            trainable=learn_variance,
        )
        self.built = True

    def distribution(self, output: Any) -> Normal:
        """N(sigmoid(output), variance), the variance bounded from below at exp(−12)."""
        mean = ops.sigmoid(ops.cast(output, "float32"))
        return Normal(mean, ops.maximum(self.log_variance, -12.0))

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "variance": self.variance,
            "learn_variance": self.learn_variance,
        }
