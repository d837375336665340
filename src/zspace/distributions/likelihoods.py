"""Likelihoods: how a decoder's output becomes a distribution over images."""

from __future__ import annotations

import abc
from typing import Any

import keras
from keras import ops

from zspace.distributions.bernoulli import Bernoulli
from zspace.distributions.beta import Beta
from zspace.distributions.bounds import soft_bound
from zspace.distributions.categorical import Categorical
from zspace.distributions.continuous_bernoulli import ContinuousBernoulli
from zspace.distributions.distribution import AbstractDistribution
from zspace.distributions.pixels import LEVELS, Pixels
from zspace.errors import ShapeError

__all__ = [
    "AbstractLikelihood",
    "BernoulliLikelihood",
    "BetaLikelihood",
    "CategoricalLikelihood",
    "ContinuousBernoulliLikelihood",
    "parameters_of_channels",
]


def parameters_of_channels(output: Any, count: int) -> Any:
    """A decoder's output (batch, H, W, C·count) as float32 (batch, H, W, C, count).

    Args:
        output: the numbers of the first channel come first, then those of the second.
        count: numbers for each channel.

    Raises:
        ShapeError: if the output's channels are no multiple of `count`.
    """
    channels = output.shape[-1]
    if channels % count:
        raise ShapeError(
            f"expected {count} numbers for each channel of an image, got {channels} in all; give "
            f"the decoder channels × {count} output channels"
        )
    shape = (-1, *output.shape[1:-1], channels // count, count)
    return ops.reshape(ops.cast(output, "float32"), shape)


class AbstractLikelihood(abc.ABC):
    """p(x | z): a layer from a decoder's output (batch, H, W, C·k) to a distribution over images.

    Images are in 0…1, and so are the distribution's mean, mode and samples. Called as a layer, it
    gives the mean.
    """

    parameters_per_channel: int
    """k: how many numbers the decoder gives for each channel of each pixel."""

    @abc.abstractmethod
    def distribution(self, output: Any) -> AbstractDistribution:
        """The distribution over images (batch, H, W, C)."""

    def call(self, output: Any) -> Any:
        """The mean image, (batch, H, W, C) in 0…1."""
        return self.distribution(output).mean()


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
class ContinuousBernoulliLikelihood(AbstractLikelihood, keras.layers.Layer):
    """Binary cross entropy with the constant that makes it a density of gray pixels.

    The mean is a little grayer than the sigmoid of the decoder's output
    (https://arxiv.org/abs/1907.06845).
    """

    parameters_per_channel = 1

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.built = True

    def distribution(self, output: Any) -> ContinuousBernoulli:
        """ContinuousBernoulli with the output as logits."""
        return ContinuousBernoulli(ops.cast(output, "float32"))


@keras.saving.register_keras_serializable(package="zspace")
class BetaLikelihood(AbstractLikelihood, keras.layers.Layer):
    """A beta density of each pixel: the decoder gives the logarithms of two concentrations.

    They are softly bounded to −7…12. Unbounded, as published, they let the density of a black
    pixel grow so steep that one bright pixel there throws the training back.

    Pixels of exactly 0 and 1 have no finite density. So the 256 levels v/255 are moved to the
    middles of 256 bins, v/256 + ½/256, and what comes out is moved back. The density is that of
    the moved pixels, as it is published.
    """

    parameters_per_channel = 2

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.built = True

    def distribution(self, output: Any) -> Pixels:
        """Beta(exp(first), exp(second)) over moved pixels."""
        both = ops.exp(soft_bound(parameters_of_channels(output, 2), (-7.0, 12.0)))
        scale, offset = (LEVELS - 1) / LEVELS, 0.5 / LEVELS
        return Pixels(Beta(both[..., 0], both[..., 1]), scale, offset)


@keras.saving.register_keras_serializable(package="zspace")
class CategoricalLikelihood(AbstractLikelihood, keras.layers.Layer):
    """A probability for each of 256 levels of each pixel: the decoder gives 256 logits."""

    parameters_per_channel = LEVELS

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.built = True

    def distribution(self, output: Any) -> Categorical:
        """Categorical with the output as logits."""
        return Categorical(parameters_of_channels(output, LEVELS))
