"""The two halves of a model, compiled: images to posterior parameters, z-points to images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

__all__ = ["Halves"]


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

    def in_blocks(self, direction: str, array: np.ndarray, *, batch_size: int) -> Iterator[Any]:
        """What one half makes of an array, block by block.

        Args:
            direction: ``"encode"`` or ``"decode"``.
            array: images (n, H, W, C), whole numbers as 0…255, or z-points (n, latent).
            batch_size: of a block.

        Yields:
            Posterior parameters by name, or images in 0…1.
        """
        function = self._half(direction)
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

    def _half(self, direction: str) -> keras.Model:
        """Half of the model as a functional model, which every backend compiles by itself."""
        model = self._model
        if not model.built:
            model.build()
        if direction not in self._compiled:
            if direction == "encode":
                inputs = keras.Input(model.image_shape)
                outputs = model.posterior(model.encoder(inputs, training=False))
            else:
                inputs = keras.Input((model.latent_size,))
                outputs = model.likelihood(model.decoder(inputs, training=False))
            self._compiled[direction] = keras.Model(inputs, outputs)
        return self._compiled[direction]
