"""Priors: what the KL term pulls the posteriors to, and where random z-points come from."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from zspace.distributions.bounds import soft_bound
from zspace.distributions.mixture import NormalMixture, independent_seeds
from zspace.distributions.normal import Normal

__all__ = ["AbstractPrior", "Encode", "MixturePrior", "NormalPrior", "StandardNormalPrior"]

Encode = Callable[[Any], dict[str, Any]]
"""From images (n, H, W, C) in 0…1 to posterior parameters by name, each (n, …)."""
_LIMITS = (-30.0, 30.0)


class AbstractPrior(abc.ABC):
    """p(z): a layer, so that a prior may have weights of its own."""

    @abc.abstractmethod
    def distribution(self, encode: Encode | None = None) -> Normal | NormalMixture:
        """The prior as a distribution over (1, latent), which broadcasts over a batch.

        Args:
            encode: the model's way from images to posteriors; only a VampPrior needs it.
        """

    def as_mixture(self, encode: Encode | None = None) -> dict[str, Any]:
        """The prior as a mixture of K ≥ 1 diagonal normals.

        Returns:
            `log_weights` (K,), whose exponentials add up to 1, `mean` (K, latent) and
            `log_variance` (K, latent), float32.
        """
        prior = self.distribution(encode)
        if isinstance(prior, Normal):
            log_weights, mean, log_variance = ops.zeros((1,)), prior.center, prior.log_variance
        else:
            log_weights = ops.log_softmax(prior.log_weights[0], axis=-1)
            mean, log_variance = prior.centers[0], prior.log_variances[0]
        return {"log_weights": log_weights, "mean": mean, "log_variance": log_variance}

    def sample(
        self, count: Any, seed: Any, *, encode: Encode | None = None, epsilon_scale: Any = 1.0
    ) -> Any:
        """Draw z-points, (count, latent).

        Args:
            count: how many.
            seed: a `keras.random.SeedGenerator`, or an int for a repeatable draw.
            encode: see `distribution`.
            epsilon_scale: factor of what a point is off its component's mean; 0 gives the means.
        """
        mixture = self.as_mixture(encode)
        choice_seed, noise_seed = independent_seeds(seed)
        if mixture["log_weights"].shape[0] == 1:
            component = ops.zeros((count,), "int32")
        else:
            logits = mixture["log_weights"][None]
            component = keras.random.categorical(logits, count, seed=choice_seed)[0]
        mean = ops.take(mixture["mean"], component, axis=0)
        log_variance = ops.take(mixture["log_variance"], component, axis=0)
        deviation = Normal(ops.zeros_like(mean), log_variance).sample(noise_seed)
        return mean + epsilon_scale * deviation


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

    def distribution(self, encode: Encode | None = None) -> Normal:
        """Normal with mean 0 and log-variance 0, (1, latent)."""
        zeros = ops.zeros((1, self.size))
        return Normal(zeros, zeros)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "size": self.size}


@keras.saving.register_keras_serializable(package="zspace")
class NormalPrior(AbstractPrior, keras.layers.Layer):
    """N(0, scale²·I).

    Args:
        size: number of latent axes.
        scale: standard deviation of each axis, above 0.
    """

    def __init__(self, size: int, *, scale: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.size = size
        self.scale = scale
        self.built = True

    def distribution(self, encode: Encode | None = None) -> Normal:
        """Normal with mean 0 and log-variance 2·log scale, (1, latent)."""
        zeros = ops.zeros((1, self.size))
        return Normal(zeros, zeros + 2 * math.log(self.scale))

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "size": self.size, "scale": self.scale}


@keras.saving.register_keras_serializable(package="zspace")
class MixturePrior(AbstractPrior, keras.layers.Layer):
    """K normal distributions with diagonal covariances: a z-space with several centers.

    At the start all have the same weight and variance 1, and their centers are drawn from
    N(0, scale²·I). Fixed, it stays so. Trained along, it goes where the codes are; its
    log-variances are then softly bound to ±30, as a component may shrink onto a point.

    Args:
        size: number of latent axes.
        components: K.
        scale: standard deviation of the centers at the start.
        trainable: whether weights, centers and variances are trained along.
        seed: of the centers; the same on every backend.
    """

    def __init__(
        self,
        size: int,
        *,
        components: int = 10,
        scale: float = 1.0,
        trainable: bool = True,
        seed: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"dtype": "float32", "trainable": trainable, **kwargs})
        self.size = size
        self.components = components
        self.scale = scale
        self.seed = seed
        shape = (components, size)
        # The weights know it as well, as setting model.trainable sets it on all layers.
        options = {"initializer": "zeros", "trainable": trainable}
        self.log_weights = self.add_weight(name="log_weights", shape=(components,), **options)
        self.centers = self.add_weight(name="centers", shape=shape, **options)
        self.log_variances = self.add_weight(name="log_variances", shape=shape, **options)
        centers = np.random.default_rng(seed).standard_normal(shape)
        self.centers.assign((scale * centers).astype(np.float32))
        self.built = True

    def distribution(self, encode: Encode | None = None) -> NormalMixture:
        """The mixture, over (1, latent)."""
        log_weights, centers, log_variances = (
            ops.convert_to_tensor(weight)[None]
            for weight in (self.log_weights, self.centers, self.log_variances)
        )
        return NormalMixture(log_weights, centers, soft_bound(log_variances, _LIMITS))

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "size": self.size,
            "components": self.components,
            "scale": self.scale,
            "seed": self.seed,
        }
