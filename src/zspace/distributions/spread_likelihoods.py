"""Likelihoods with a variance: fixed, learned as one number, or learned for each pixel."""

from __future__ import annotations

import abc
import math
from typing import Any

import keras
from keras import ops

from zspace.distributions.discretized_logistic import DiscretizedLogistic
from zspace.distributions.distribution import AbstractDistribution
from zspace.distributions.laplace import Laplace
from zspace.distributions.likelihoods import AbstractLikelihood, parameters_of_channels
from zspace.distributions.normal import Normal
from zspace.distributions.pixels import Pixels
from zspace.errors import InputError

__all__ = [
    "LOG_VARIANCE_LIMITS",
    "AbstractSpreadLikelihood",
    "DiscretizedLogisticLikelihood",
    "LaplaceLikelihood",
    "NormalLikelihood",
]

LOG_VARIANCE_LIMITS = (-12.0, 2.0)
"""Where a learned log-variance begins to bend. exp(−12) is a deviation of 0.6 gray levels."""

_MARGIN = 2.0
_CHOICES = ("no", "shared", "per_pixel")


def _softly_bounded(values: Any, low: float, high: float) -> Any:
    """The values themselves within the limits, so that `variance` means what it says.

    t past a limit becomes 2·t / (2 + t): never more than 2, with a slope that is 1 at the limit
    and falls only with the square of t. However far out a decoder starts, a gradient leads back.
    """
    below, above = ops.maximum(low - values, 0.0), ops.maximum(values - high, 0.0)
    lowered = low - _MARGIN * below / (_MARGIN + below)
    raised = high + _MARGIN * above / (_MARGIN + above)
    # Exactly at a limit too the slope is that of the values, on every backend.
    return ops.where(values < low, lowered, ops.where(values > high, raised, values))


class AbstractSpreadLikelihood(AbstractLikelihood, keras.layers.Layer):
    """A distribution around sigmoid(output), with a variance.

    With `learn_variance="shared"` the best variance is the mean squared error, so the loss
    balances its two terms by itself (σ-VAE, https://arxiv.org/abs/2006.13202). A learned
    log-variance is softly bounded: a density, other than a probability, has no upper limit, and
    one perfect pixel could drag the loss to −∞.

    Args:
        variance: of each pixel and channel, pixels being in 0…1; if learned, its first value.
        learn_variance: ``"no"``; ``"shared"``: one number for all pixels is trained;
            ``"per_pixel"``: the decoder gives, behind each location, what is added to the
            logarithm of `variance`. False and True, as older models have it, are the first two.

    Raises:
        InputError: if the variance is not positive, or `learn_variance` is none of these.
    """

    def __init__(
        self, variance: float = 1.0, *, learn_variance: str | bool = "no", **kwargs: Any
    ) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        if isinstance(learn_variance, bool):
            learn_variance = "shared" if learn_variance else "no"
        if learn_variance not in _CHOICES:
            raise InputError(
                f"expected a learn_variance of {', '.join(_CHOICES)}, got {learn_variance!r}"
            )
        if not 0 < variance < math.inf:
            raise InputError(f"expected a variance above 0, got {variance}; pixels are in 0…1")
        self.variance = variance
        self.learn_variance = learn_variance
        self.parameters_per_channel = 2 if learn_variance == "per_pixel" else 1
        self.log_variance = self.add_weight(
            name="log_variance",
            shape=(),
            initializer=keras.initializers.Constant(math.log(variance)),
            trainable=learn_variance == "shared",
        )
        self.built = True

    @abc.abstractmethod
    def around(self, location: Any, log_variance: Any) -> AbstractDistribution:
        """The distribution over images with this location (batch, H, W, C) and log-variance."""

    def distribution(self, output: Any) -> AbstractDistribution:
        """The distribution around sigmoid(output), over images (batch, H, W, C)."""
        parameters = parameters_of_channels(output, self.parameters_per_channel)
        location = ops.sigmoid(parameters[..., 0])
        log_variance = ops.convert_to_tensor(self.log_variance)
        if self.learn_variance == "no":
            return self.around(location, log_variance)
        if self.learn_variance == "per_pixel":
            log_variance = log_variance + parameters[..., 1]
        start = math.log(self.variance)
        low, high = LOG_VARIANCE_LIMITS
        bounded = _softly_bounded(log_variance, min(low, start), max(high, start))
        return self.around(location, bounded)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "variance": self.variance,
            "learn_variance": self.learn_variance,
        }


@keras.saving.register_keras_serializable(package="zspace")
class NormalLikelihood(AbstractSpreadLikelihood):
    """Squared error as a true density: N(sigmoid(output), variance).

    With variance ½ its negative logarithm is the summed squared error plus a constant.

    Args:
        variance, learn_variance: as for `AbstractSpreadLikelihood`.
    """

    def around(self, location: Any, log_variance: Any) -> Pixels:
        """N(location, variance), its draws clipped to 0…1."""
        return Pixels(Normal(location, log_variance))


@keras.saving.register_keras_serializable(package="zspace")
class LaplaceLikelihood(AbstractSpreadLikelihood):
    """Absolute error as a true density: a Laplace distribution around sigmoid(output).

    Forgives single pixels that are far off more readily than the squared error does.

    Args:
        variance, learn_variance: as for `AbstractSpreadLikelihood`; the variance is twice the
            square of the scale.
    """

    def around(self, location: Any, log_variance: Any) -> Pixels:
        """Laplace(location, √(variance / 2)), its draws clipped to 0…1."""
        return Pixels(Laplace(location, 0.5 * (log_variance - math.log(2))))


@keras.saving.register_keras_serializable(package="zspace")
class DiscretizedLogisticLikelihood(AbstractSpreadLikelihood):
    """Probabilities of the 256 levels of a pixel, by a logistic distribution.

    The loss is in true nats (or bits) of the stored image, and never negative.

    Args:
        variance, learn_variance: as for `AbstractSpreadLikelihood`; the variance, that ahead of
            the rounding, is scale²·π²/3.
    """

    def around(self, location: Any, log_variance: Any) -> DiscretizedLogistic:
        """DiscretizedLogistic(location, √(3·variance) / π)."""
        return DiscretizedLogistic(location, 0.5 * (log_variance - math.log(math.pi**2 / 3)))
