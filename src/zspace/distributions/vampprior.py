"""The VampPrior: a mixture of posteriors of images that are learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from zspace.distributions.mixture import NormalMixture
from zspace.distributions.priors import AbstractPrior, Encode
from zspace.errors import ShapeError

__all__ = ["VampPrior"]

_EDGE = 0.02


@keras.saving.register_keras_serializable(package="zspace")
class VampPrior(AbstractPrior, keras.layers.Layer):
    """p(z) = 1/K Σ_k q(z | u_k), with K pseudo-inputs u_k that are trained along.

    The best prior for a given encoder is the average of the posteriors of all images; this is its
    stand-in with K of them (https://arxiv.org/abs/1705.07120). The pseudo-inputs are images, kept
    as logits, so that they stay in 0…1. They start as gray noise, or where `start_from` puts them.

    Args:
        size: number of latent axes.
        image_shape: (H, W, C).
        components: K.
        seed: of the noise; the same on every backend.
    """

    def __init__(
        self,
        size: int,
        *,
        image_shape: Sequence[int],
        components: int = 10,
        seed: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.size = size
        self.image_shape = tuple(image_shape)
        self.components = components
        self.seed = seed
        shape = (components, *self.image_shape)
        self.pseudo_inputs = self.add_weight(name="pseudo_inputs", shape=shape, initializer="zeros")
        noise = np.random.default_rng(seed).standard_normal(shape, np.float32)
        self.pseudo_inputs.assign(noise)
        self.built = True

    def images(self) -> Any:
        """The pseudo-inputs as images, (K, H, W, C), in 0…1."""
        return ops.sigmoid(ops.convert_to_tensor(self.pseudo_inputs))

    def start_from(self, images: Any) -> None:
        """Set the pseudo-inputs.

        Args:
            images: (K, H, W, C) in 0…1. They are clipped to 0.02…0.98: an image of the logits ±∞
                could not be trained.

        Raises:
            ShapeError: if they are not K images of the model's shape.
        """
        images = np.asarray(images, np.float64)
        expected = (self.components, *self.image_shape)
        if images.shape != expected:
            raise ShapeError(
                f"expected images of shape {expected} for the pseudo-inputs, got {images.shape}"
            )
        images = np.clip(images, _EDGE, 1 - _EDGE)
        self.pseudo_inputs.assign((np.log(images) - np.log1p(-images)).astype(np.float32))

    def distribution(self, encode: Encode | None = None) -> NormalMixture:
        """The equally weighted mixture of the pseudo-inputs' posteriors, over (1, latent).

        Raises:
            TypeError: without `encode`.
        """
        if encode is None:
            raise TypeError(
                "a VampPrior is a mixture of posteriors: expected a function from images to "
                "posterior parameters, got None; call distribution(encode)"
            )
        parameters = encode(self.images())
        mean, log_variance = parameters["mean"][None], parameters["log_variance"][None]
        return NormalMixture(ops.zeros((1, self.components)), mean, log_variance)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "size": self.size,
            "image_shape": list(self.image_shape),
            "components": self.components,
            "seed": self.seed,
        }
