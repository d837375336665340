"""Dense encoder and decoder, from a list of layer widths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras

from zspace.errors import ShapeError
from zspace.networks.blocks import Behind, apply_in_order, block, build_in_order, initializer
from zspace.networks.layers import Dense

__all__ = ["DenseDecoder", "DenseEncoder"]


def _dense_blocks(units: Sequence[int], behind: Behind) -> list[keras.layers.Layer]:
    if not units:
        raise ShapeError("units is empty; expected the width of at least one dense layer")
    layers: list[keras.layers.Layer] = []
    for width in units:
        kernel_initializer = initializer(behind.activation)
        dense = Dense(width, kernel_initializer=kernel_initializer, dtype=behind.dtype)
        layers += block(dense, behind)
    return layers


@keras.saving.register_keras_serializable(package="zspace")
class DenseEncoder(keras.layers.Layer):
    """Flattened images through dense layers: (batch, H, W, C) to features (batch, F).

    Args:
        units: width of each layer.
        kwargs: what stands behind each layer, by the names of `zspace.networks.blocks.Behind`, and
            Keras' own arguments of a layer. There is no attention.
    """

    def __init__(self, units: Sequence[int], **kwargs: Any) -> None:
        settings = Behind.taken_from(kwargs)
        super().__init__(**kwargs)
        self.units = list(units)
        self.behind = behind = Behind(**settings, dtype=self.dtype_policy)
        flatten = keras.layers.Flatten(data_format="channels_last", dtype=self.dtype_policy)
        self.stack = [flatten, *_dense_blocks(units, behind)]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights for images of (batch, H, W, C)."""
        build_in_order(self.stack, input_shape)
        self.built = True

    def call(self, x: Any, training: bool | None = None) -> Any:
        """Features (batch, F) of images (batch, H, W, C)."""
        return apply_in_order(self.stack, x, training=training)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, F)."""
        return (input_shape[0], self.units[-1])

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            **self.behind.settings(),
        }


@keras.saving.register_keras_serializable(package="zspace")
class DenseDecoder(keras.layers.Layer):
    """Dense layers, then the image: z-points (batch, N) to (batch, H, W, C).

    Args:
        image_shape: (H, W, C), C being the likelihood's parameters for each pixel.
        units: width of each layer ahead of the output layer.
        kwargs: what stands behind each layer but the output layer, by the names of
            `zspace.networks.blocks.Behind`, and Keras' own arguments of a layer.
    """

    def __init__(self, image_shape: Sequence[int], units: Sequence[int], **kwargs: Any) -> None:
        settings = Behind.taken_from(kwargs)
        super().__init__(**kwargs)
        self.image_shape = list(image_shape)
        self.units = list(units)
        self.behind = behind = Behind(**settings, dtype=self.dtype_policy)
        self.stack = [
            *_dense_blocks(units, behind),
            Dense(math.prod(image_shape), dtype=self.dtype_policy),
            keras.layers.Reshape(tuple(image_shape), dtype=self.dtype_policy),
        ]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights for z-points of (batch, N)."""
        build_in_order(self.stack, input_shape)
        self.built = True

    def call(self, z: Any, training: bool | None = None) -> Any:
        """Likelihood parameters (batch, H, W, C) of z-points (batch, N)."""
        return apply_in_order(self.stack, z, training=training)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, H, W, C)."""
        return (input_shape[0], *self.image_shape)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "units": self.units,
            **self.behind.settings(),
        }
