"""The two halves of a model, compiled: images to posterior parameters, z-points to images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from zspace.errors import InputError, did_you_mean
from zspace.models.inputs import beside, with_planes

__all__ = ["PIXELS", "Halves"]

PIXELS: dict[str, Callable[[Any, Any], Any]] = {
    "mean": lambda distribution, seed: distribution.mean(),
    "mode": lambda distribution, seed: distribution.mode(),
    "sample": lambda distribution, seed: distribution.sample(seed),
}
"""What of a likelihood is shown as an image: its expected pixels, the likeliest ones, a draw."""


def _padded(array: np.ndarray, count: int) -> np.ndarray:
    """Filled up with copies of the last row."""
    return np.concatenate([array, np.repeat(array[-1:], count - len(array), axis=0)])


def _first(values: Any, count: int) -> Any:
    if isinstance(values, dict):
        return {name: np.asarray(value)[:count] for name, value in values.items()}
    return np.asarray(values)[:count]


class Halves:
    """Runs encoder or decoder over arrays, a block at a time, in inference mode.

    It is no layer, so that Keras does not take the compiled halves for parts to be saved.

    Args:
        model: the `zspace.models.Autoencoder` whose halves they are.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._compiled: dict[str, keras.Model] = {}

    def in_blocks(
        self,
        direction: str,
        array: np.ndarray,
        *,
        condition: np.ndarray | None = None,
        batch_size: int,
    ) -> Iterator[Any]:
        """What one half makes of an array, block by block.

        Args:
            direction: ``"encode"``, ``"decode"``, or ``"output"``: what the likelihood is made of.
            array: images (n, H, W, C), whole numbers as 0…255, or z-points (n, latent).
            condition: (n, K), of a conditional model alone.
            batch_size: of a block.

        Yields:
            Posterior parameters by name, images in 0…1, or the decoder's output.
        """
        function = self._half(direction)
        for start in range(0, len(array), batch_size):
            block = np.asarray(array[start : start + batch_size])
            if block.dtype.kind in "iu":
                block = block.astype(np.float32) / np.float32(255)
            # Blocks of few different sizes, so that little is compiled anew.
            count = len(block)
            padded = min(batch_size, 1 << (count - 1).bit_length())
            inputs: Any = _padded(block, padded)
            if condition is not None:
                inputs = [inputs, _padded(condition[start : start + batch_size], padded)]
            yield _first(function.predict_on_batch(inputs), count)

    def decoded(
        self,
        z: np.ndarray,
        *,
        condition: np.ndarray | None = None,
        pixels: str,
        seed: int,
        batch_size: int,
    ) -> Iterator[np.ndarray]:
        """Images (block, H, W, C), float32 in 0…1, of z-points, block by block.

        Args:
            z: (n, latent).
            condition: (n, K), of a conditional model alone.
            pixels: a key of `PIXELS`.
            seed: of a draw; the same seed, points and batch size give the same images.
            batch_size: of a block.

        Raises:
            InputError: if `pixels` is no such key.
        """
        if pixels not in PIXELS:
            raise InputError(f"no pixels {pixels!r}; {did_you_mean(pixels, PIXELS)}")
        if pixels == "mean":
            yield from self.in_blocks("decode", z, condition=condition, batch_size=batch_size)
            return
        generator = keras.random.SeedGenerator(seed)
        for output in self.in_blocks("output", z, condition=condition, batch_size=batch_size):
            # Not in the compiled half: there a seed would be a constant, one noise for all blocks.
            distribution = self._model.likelihood.distribution(ops.convert_to_tensor(output))
            images = PIXELS[pixels](distribution, generator)
            yield ops.convert_to_numpy(images).astype(np.float32)

    def drawn(
        self, parameters: dict[str, np.ndarray], *, epsilon_scale: float, seed: int
    ) -> np.ndarray:
        """z-points (n, latent) drawn from posteriors.

        Args:
            parameters: of the posteriors, as the encoder gives them.
            epsilon_scale: factor of the noise.
            seed: of it.
        """
        model, shape = self._model, parameters["mean"].shape
        noise = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
        noise = epsilon_scale * np.clip(noise, -model.epsilon.limit, model.epsilon.limit)
        posterior = model.posterior.distribution(
            {name: ops.convert_to_tensor(value) for name, value in parameters.items()}
        )
        drawn = posterior.reparameterize(ops.convert_to_tensor(noise))
        return np.asarray(ops.convert_to_numpy(drawn))

    def _half(self, direction: str) -> keras.Model:
        """Half of the model as a functional model, which every backend compiles by itself."""
        model = self._model
        if not model.built:
            model.build()
        if direction not in self._compiled:
            shape = model.image_shape if direction == "encode" else (model.latent_size,)
            inputs = keras.Input(shape)
            told = keras.Input((model.condition_size,)) if model.condition_size else None
            if direction == "encode":
                seen = with_planes(inputs, told)
                outputs = model.posterior(model.encoder(seen, training=False))
            else:
                outputs = model.decoder(beside(inputs, told), training=False)
                if direction == "decode":
                    outputs = model.likelihood(outputs)
            given = inputs if told is None else [inputs, told]
            self._compiled[direction] = keras.Model(given, outputs)
        return self._compiled[direction]
