"""Posteriors: heads that turn an encoder's features into a distribution over the z-space."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from zspace.distributions.bounds import bounded_share, soft_bound
from zspace.distributions.deterministic import Deterministic
from zspace.distributions.full_normal import FullNormal, diagonal_of, marginal_log_variance
from zspace.distributions.normal import Normal

__all__ = [
    "AbstractPosterior",
    "DeterministicPosterior",
    "FullNormalPosterior",
    "NormalPosterior",
]


class AbstractPosterior(abc.ABC):
    """q(z | x): a layer from features (batch, F) to named parameters, each (batch, …)."""

    is_random: bool
    """Whether z varies for one and the same image."""

    @abc.abstractmethod
    def call(self, features: Any) -> dict[str, Any]:
        """The parameters, by name, float32.

        `mean` (batch, latent) is always among them, for a random posterior `log_variance` too:
        that of each axis by itself, (batch, latent).
        """

    @abc.abstractmethod
    def distribution(self, parameters: dict[str, Any]) -> Normal | FullNormal | Deterministic:
        """The distribution that has these parameters."""

    @abc.abstractmethod
    def bounded_share(self, parameters: dict[str, Any]) -> Any:
        """Share of log-variances that their soft bound moved by more than 0.1, a scalar in 0…1.

        Args:
            parameters: what `call` gave.
        """


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
        return {"mean": ops.cast(self.mean_head(features), "float32")}

    def distribution(self, parameters: dict[str, Any]) -> Deterministic:
        """All probability on the mean."""
        return Deterministic(parameters["mean"])

    def bounded_share(self, parameters: dict[str, Any]) -> Any:
        """0: there is nothing to be bounded."""
        del parameters
        return ops.zeros(())

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "size": self.size}


@keras.saving.register_keras_serializable(package="zspace")
class NormalPosterior(AbstractPosterior, keras.layers.Layer):
    """A normal distribution with a diagonal covariance for each image: a VAE.

    Args:
        size: number of latent axes.
        log_variance_limits: soft bounds of the log-variances, see `soft_bound`.
    """

    is_random = True

    def __init__(
        self, size: int, *, log_variance_limits: Sequence[float] = (-30.0, 10.0), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.size = size
        self.log_variance_limits = [float(limit) for limit in log_variance_limits]
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
        log_variance = ops.cast(self.log_variance_head(features), "float32")
        return {
            "mean": ops.cast(self.mean_head(features), "float32"),
            "log_variance": soft_bound(log_variance, self.log_variance_limits),
        }

    def distribution(self, parameters: dict[str, Any]) -> Normal:
        """N(mean, exp(log_variance))."""
        return Normal(parameters["mean"], parameters["log_variance"])

    def bounded_share(self, parameters: dict[str, Any]) -> Any:
        return bounded_share(parameters["log_variance"], self.log_variance_limits)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "size": self.size,
            "log_variance_limits": self.log_variance_limits,
        }


@keras.saving.register_keras_serializable(package="zspace")
class FullNormalPosterior(AbstractPosterior, keras.layers.Layer):
    """A normal distribution with a full covariance for each image, by its triangular factor L.

    The diagonal of L is exp(½·bounded number), what is below it is free. This costs
    F·latent·(latent − 1)/2 weights more than a diagonal covariance: it is for few latent axes.

    Args:
        size: number of latent axes.
        log_variance_limits: soft bounds of log L_jj², see `soft_bound`.
    """

    is_random = True

    def __init__(
        self, size: int, *, log_variance_limits: Sequence[float] = (-30.0, 10.0), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.size = size
        self.log_variance_limits = [float(limit) for limit in log_variance_limits]
        below = size * (size - 1) // 2
        self.mean_head = keras.layers.Dense(size, dtype=self.dtype_policy, name="mean")
        self.log_diagonal_head = keras.layers.Dense(
            size, dtype=self.dtype_policy, name="log_diagonal"
        )
        # A single axis has nothing below its diagonal, and a layer cannot have no units.
        self.below_diagonal_head = (
            keras.layers.Dense(below, dtype=self.dtype_policy, name="below_diagonal")
            if below
            else None
        )
        # Where in (diagonal, below diagonal, 0) each entry of L is.
        self._places = np.full((size, size), size + below, np.int32)
        self._places[np.diag_indices(size)] = np.arange(size)
        self._places[np.tril_indices(size, -1)] = size + np.arange(below)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of all heads."""
        for head in (self.mean_head, self.log_diagonal_head, self.below_diagonal_head):
            if head is not None:
                head.build(input_shape)

    def call(self, features: Any) -> dict[str, Any]:
        """``{"mean": …, "log_variance": …, "scale_tril": (batch, latent, latent)}``, float32."""
        log_diagonal = ops.cast(self.log_diagonal_head(features), "float32")
        entries = [ops.exp(0.5 * soft_bound(log_diagonal, self.log_variance_limits))]
        if self.below_diagonal_head is not None:
            entries.append(ops.cast(self.below_diagonal_head(features), "float32"))
        padded = ops.pad(ops.concatenate(entries, axis=-1), ((0, 0), (0, 1)))
        rows = ops.take(padded, self._places.ravel(), axis=-1)
        scale_tril = ops.reshape(rows, (-1, self.size, self.size))
        return {
            "mean": ops.cast(self.mean_head(features), "float32"),
            "log_variance": marginal_log_variance(scale_tril),
            "scale_tril": scale_tril,
        }

    def distribution(self, parameters: dict[str, Any]) -> FullNormal:
        """N(mean, L·Lᵀ) with L = scale_tril."""
        return FullNormal(parameters["mean"], parameters["scale_tril"])

    def bounded_share(self, parameters: dict[str, Any]) -> Any:
        """Share of the diagonal of L."""
        bounded = 2.0 * ops.log(diagonal_of(parameters["scale_tril"]))
        return bounded_share(bounded, self.log_variance_limits)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "size": self.size,
            "log_variance_limits": self.log_variance_limits,
        }
