"""Posteriors: heads that turn an encoder's features into a distribution over the z-space."""

from __future__ import annotations

import abc
from typing import Any

import keras

from zspace.distributions.deterministic import Deterministic
from zspace.distributions.normal import Normal

__all__ = ["AbstractPosterior", "DeterministicPosterior", "NormalPosterior"]


class AbstractPosterior(abc.ABC):
    """q(z | x): a layer from features (batch, F) to named parameters, each (batch, latent)."""

    is_random: bool
    """Whether z varies for one and the same image."""

    @abc.abstractmethod
    def call(self, features: Any) -> dict[str, Any]:
        """The parameters, by name; `mean` is always among them."""

    @abc.abstractmethod
    def distribution(self, parameters: dict[str, Any]) -> Normal | Deterministic:
        """The distribution that has these parameters."""


@keras.saving.register_keras_serializable(package="zspace")
class DeterministicPosterior(AbstractPosterior, keras.layers.Layer):
    """One point for each image: a plain autoencoder.

    Args:
        size: number of latent axes.
    """

    is_random = False

    def __init__(self, size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = size
        self.mean_head = keras.layers.Dense(size, dtype=self.dtype_policy, name="mean")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of the head."""
        self.mean_head.build(input_shape)

    def call(self, features: Any) -> dict[str, Any]:
        """``{"mean": (batch, latent)}``, float32."""
        return {"mean": keras.ops.cast(self.mean_head(features), "float32")}

    def distribution(self, parameters: dict[str, Any]) -> Deterministic:
        """All probability on the mean."""
        return Deterministic(parameters["mean"])

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "size": self.size}


@keras.saving.register_keras_serializable(package="zspace")
class NormalPosterior(AbstractPosterior, keras.layers.Layer):
    """A normal distribution with a diagonal covariance for each image: a VAE.

    Args:
        size: number of latent axes.
    """

    is_random = True

    def __init__(self, size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = size
        self.mean_head = keras.layers.Dense(size, dtype=self.dtype_policy, name="mean")
        self.log_variance_head = keras.layers.Dense(
            size, dtype=self.dtype_policy, name="log_variance"
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of both heads."""
        self.mean_head.build(input_shape)
        self.log_variance_head.build(input_shape)

    def call(self, features: Any) -> dict[str, Any]:
        """``{"mean": (batch, latent), "log_variance": (batch, latent)}``, float32."""
        return {
            "mean": keras.ops.cast(self.mean_head(features), "float32"),
            "log_variance": keras.ops.cast(self.log_variance_head(features), "float32"),
        }

    def distribution(self, parameters: dict[str, Any]) -> Normal:
        """N(mean, exp(log_variance))."""
        return Normal(parameters["mean"], parameters["log_variance"])

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "size": self.size}
