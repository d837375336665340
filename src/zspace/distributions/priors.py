"""Priors: what the KL term pulls the posteriors to, and where random z-points come from."""

from __future__ import annotations

import abc
from typing import Any

import keras
from keras import ops

from zspace.distributions.distribution import AbstractDistribution
from zspace.distributions.normal import Normal

__all__ = ["AbstractPrior", "StandardNormalPrior"]


class AbstractPrior(abc.ABC):
    """p(z): a layer, so that a prior may have weights of its own."""

    @abc.abstractmethod
    def distribution(self) -> AbstractDistribution:
        """The prior as a distribution over (1, latent), which broadcasts over a batch."""


@keras.saving.register_keras_serializable(package="zspace")
class StandardNormalPrior(AbstractPrior, keras.layers.Layer):
    """N(0, I).

    Args:
        size: number of latent axes.
    """

    def __init__(self, size: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.size = size
        self.built = True

    def distribution(self) -> Normal:
        """Normal with mean 0 and log-variance 0, (1, latent)."""
        zeros = ops.zeros((1, self.size))
        return Normal(zeros, zeros)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "size": self.size}
