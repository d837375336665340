"""The one model: a plain autoencoder or a VAE, by what it is put together from."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from zspace.errors import ShapeError
from zspace.objectives.objective import AbstractObjective

__all__ = ["Autoencoder", "unit_images"]

_PARTS = ("encoder", "posterior", "epsilon", "prior", "decoder", "likelihood", "objective")


def unit_images(images: Any) -> Any:
    """Images as float32 in 0…1; whole numbers are taken as 0…255."""
    if "float" in keras.backend.standardize_dtype(images.dtype):
        return ops.cast(images, "float32")
    return ops.cast(images, "float32") / 255.0


def _first(values: Any, count: int) -> Any:
    if isinstance(values, dict):
        return {name: np.asarray(value)[:count] for name, value in values.items()}
    return np.asarray(values)[:count]


@keras.saving.register_keras_serializable(package="zspace")
class Autoencoder(keras.Model):
    """Images through an encoder to a posterior, a z-point of it, and back through a decoder.

    A plain autoencoder has a deterministic posterior; nothing else sets it apart from a VAE.

    Args:
        image_shape: (H, W, C).
        latent_size: number of latent axes.
        parts: `encoder`, `posterior`, `epsilon`, `prior`, `decoder`, `likelihood` (layers) and
            `objective`.

    Example:
        `zspace.assemble.assemble(recipe)` puts one together. Then ``model.decode(z)`` turns
        z-points (n, latent) into images (n, H, W, C), and ``model.encode(images)`` goes back.
    """

    def __init__(
        self, image_shape: Sequence[int], latent_size: int, *, parts: dict[str, Any], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.image_shape = tuple(image_shape)
        self.latent_size = latent_size
        self.encoder: keras.layers.Layer = parts["encoder"]
        self.posterior: Any = parts["posterior"]
        self.epsilon: Any = parts["epsilon"]
        self.prior: Any = parts["prior"]
        self.decoder: keras.layers.Layer = parts["decoder"]
        self.likelihood: Any = parts["likelihood"]
        self.objective: AbstractObjective = parts["objective"]
        # Kept in a namespace so that Keras does not take them for parts to be saved.
        self._halves = types.SimpleNamespace()
        self.term_trackers = [
            keras.metrics.Mean(name=name) for name in ("reconstruction", "kl", "weighted_kl")
        ]

    def build(self, input_shape: Any = None) -> None:
        """Make all weights; they depend on `image_shape` alone."""
        del input_shape
        images, codes = (None, *self.image_shape), (None, self.latent_size)
        shapes = {
            self.encoder: images,
            self.posterior: self.encoder.compute_output_shape(images),
            self.epsilon: codes,
            self.decoder: codes,
        }
        for part, shape in shapes.items():
            # The parts of a saved model come built.
            if not part.built:
                part.build(shape)
        self.built = True

    def get_build_config(self) -> dict[str, Any]:
        """What the shapes of all weights follow from."""
        return {"image_shape": list(self.image_shape)}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make all weights, when a saved model is loaded."""
        del config
        self.build()

    def call(self, images: Any, training: bool | None = None) -> dict[str, Any]:
        """Posterior parameters, `z` and the decoder's `output` for images (batch, H, W, C).

        Args:
            images: float in 0…1, or whole numbers in 0…255.
            training: whether batch normalization and dropout are in training mode.
        """
        features = self.encoder(unit_images(images), training=training)
        parameters = self.posterior(features)
        z = parameters["mean"]
        if self.posterior.is_random:
            epsilon = self.epsilon(z)
            z = self.posterior.distribution(parameters).reparameterize(epsilon)
        return {**parameters, "z": z, "output": self.decoder(z, training=training)}

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The objective's total; its terms go to the metrics of the same names.

        The target is `y`, where there is one, else the images themselves.
        """
        del sample_weight, training
        target = unit_images(x if y is None else y)
        terms = self.objective.terms(
            target,
            likelihood=self.likelihood.distribution(y_pred["output"]),
            posterior=self.posterior.distribution(y_pred),
            prior=self.prior.distribution(),
        )
        count = ops.shape(target)[0]
        for tracker in self.term_trackers:
            tracker.update_state(getattr(terms, tracker.name), sample_weight=count)
        return terms.total

    @property
    def epsilon_scale(self) -> float:
        """Factor s of the noise in z = mean + s·σ·ε; set it to change it, 0 to switch it off."""
        return float(ops.convert_to_numpy(self.epsilon.scale))

    @epsilon_scale.setter
    def epsilon_scale(self, scale: float) -> None:
        self.epsilon.scale.assign(scale)

    def encode(self, images: Any, *, batch_size: int = 256) -> dict[str, np.ndarray]:
        """Posterior parameters of images.

        Args:
            images: (n, H, W, C), float in 0…1 or uint8.
            batch_size: how many to hold at once.

        Returns:
            ``{"mean": (n, latent), …}``, float32; `log_variance` for a normal posterior.

        Raises:
            ShapeError: if the images have another shape than the model's.
        """
        images = np.asarray(images)
        if images.shape[1:] != self.image_shape or not len(images):
            raise ShapeError(
                f"expected images of shape (n, {', '.join(map(str, self.image_shape))}), "
                f"got {images.shape}"
            )
        blocks = list(self._in_blocks("encode", images, batch_size))
        return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}

    def decode(self, z: Any, *, batch_size: int = 256) -> np.ndarray:
        """Images of z-points: the mean of the likelihood.

        Args:
            z: (n, latent).
            batch_size: how many to hold at once.

        Returns:
            (n, H, W, C), float32 in 0…1.

        Raises:
            ShapeError: if the points have another size than the model's z-space.
        """
        z = np.asarray(z, np.float32)
        if z.ndim != 2 or z.shape[1] != self.latent_size or not len(z):
            raise ShapeError(f"expected z-points of shape (n, {self.latent_size}), got {z.shape}")
        return np.concatenate(list(self._in_blocks("decode", z, batch_size)))

    def reconstruct(
        self, images: Any, *, epsilon_scale: float = 0.0, seed: int = 1, batch_size: int = 256
    ) -> np.ndarray:
        """Images encoded and decoded again.

        Args:
            images: (n, H, W, C), float in 0…1 or uint8.
            epsilon_scale: 0 decodes the posterior's mean, 1 a point drawn from the posterior.
            seed: of that draw.
            batch_size: how many to hold at once.

        Returns:
            (n, H, W, C), float32 in 0…1.
        """
        parameters = self.encode(images, batch_size=batch_size)
        z = parameters["mean"]
        if epsilon_scale and self.posterior.is_random:
            noise = np.random.default_rng(seed).standard_normal(z.shape, dtype=np.float32)
            noise = epsilon_scale * np.clip(noise, -self.epsilon.limit, self.epsilon.limit)
            posterior = self.posterior.distribution(
                {name: ops.convert_to_tensor(value) for name, value in parameters.items()}
            )
            z = ops.convert_to_numpy(posterior.reparameterize(ops.convert_to_tensor(noise)))
        return self.decode(z, batch_size=batch_size)

    def _in_blocks(self, direction: str, array: np.ndarray, batch_size: int) -> Iterator[Any]:
        function = self._compiled(direction)
        for start in range(0, len(array), batch_size):
            block = np.asarray(array[start : start + batch_size])
            if block.dtype.kind in "iu":
                block = block.astype(np.float32) / np.float32(255)
            # Blocks of few different sizes, so that little is compiled anew.
            count = len(block)
            padded = min(batch_size, 1 << (count - 1).bit_length())
            if padded > count:
                block = np.concatenate([block, np.repeat(block[-1:], padded - count, axis=0)])
            yield _first(function.predict_on_batch(block), count)

    def _compiled(self, direction: str) -> keras.Model:
        """Half of the model as a functional model, which every backend compiles by itself."""
        if not self.built:
            self.build()
        if not hasattr(self._halves, direction):
            if direction == "encode":
                inputs = keras.Input(self.image_shape)
                outputs = self.posterior(self.encoder(inputs, training=False))
            else:
                inputs = keras.Input((self.latent_size,))
                output = self.decoder(inputs, training=False)
                outputs = self.likelihood.distribution(output).mean()
            setattr(self._halves, direction, keras.Model(inputs, outputs))
        half: keras.Model = getattr(self._halves, direction)
        return half

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments, the parts serialized."""
        parts = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in _PARTS}
        return {
            **super().get_config(),
            "image_shape": list(self.image_shape),
            "latent_size": self.latent_size,
            "parts": parts,
        }

    def get_compile_config(self) -> None:
        """Nothing: an optimizer belongs to one backend, a saved model to all of them."""

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Autoencoder:
        """The model that `get_config` described."""
        parts = {
            name: keras.saving.deserialize_keras_object(part)
            for name, part in config["parts"].items()
        }
        return cls(**{**config, "parts": parts})
