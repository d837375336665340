"""Convolutional encoder and decoder, from lists of filters, kernels and strides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras

from zspace.errors import ShapeError
from zspace.networks.blocks import (
    Behind,
    apply_in_order,
    block,
    build_in_order,
    check_equal_lengths,
    initializer,
)
from zspace.networks.transposed import TransposedConv

__all__ = ["ConvDecoder", "ConvEncoder", "downsampled"]


def downsampled(extent: int, *, kernel: int, stride: int, padding: str) -> int:
    """Height or width behind one strided convolution.

    ``ceil(extent / stride)`` with "same", ``floor((extent - kernel) / stride) + 1`` with "valid"
    padding (https://arxiv.org/abs/1603.07285).

    Raises:
        ShapeError: if a "valid" kernel is larger than what it is to slide over.

    Example:
        >>> downsampled(45, kernel=3, stride=2, padding="same")
        23
        >>> downsampled(45, kernel=3, stride=2, padding="valid")
        22
    """
    if padding == "same":
        return -(-extent // stride)
    if extent < kernel:
        raise ShapeError(
            f"a kernel of {kernel} with padding 'valid' does not fit {extent} remaining pixels; "
            "use fewer layers, smaller kernels or strides, or padding 'same'"
        )
    return (extent - kernel) // stride + 1


@keras.saving.register_keras_serializable(package="zspace")
class ConvEncoder(keras.layers.Layer):
    """Strided convolutions, flattened: images (batch, H, W, C) to features (batch, F).

    Args:
        filters: output channels of each layer.
        kernels: kernel size of each layer.
        strides: stride of each layer. Images need not be multiples of them.
        padding: ``"same"`` or ``"valid"``.
        activation: behind each layer; see `zspace.networks.blocks.block`.
        batch_normalization: between each layer and its activation.
        dropout: rate behind each activation.
        bottleneck: width of one more dense layer at the end, 0 for none: two heads of size N on a
            flattened F hold 2·F·N weights, with a bottleneck B only F·B + 2·B·N.

    Raises:
        ShapeError: if the lists differ in length or the image is too small for them.
    """

    def __init__(
        self,
        filters: Sequence[int],
        kernels: Sequence[int],
        *,
        strides: Sequence[int],
        padding: str = "same",
        activation: str = "leaky_relu",
        batch_normalization: bool = False,
        dropout: float = 0.0,
        bottleneck: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_equal_lengths(filters=filters, kernels=kernels, strides=strides)
        self.filters, self.kernels, self.strides = map(list, (filters, kernels, strides))
        self.padding = padding
        self.activation = activation
        self.batch_normalization = batch_normalization
        self.dropout = dropout
        self.bottleneck = bottleneck
        behind = Behind(activation, batch_normalization, dropout, self.dtype_policy)
        self.stack: list[keras.layers.Layer] = []
        for count, kernel, stride in zip(filters, kernels, strides, strict=True):
            self.stack += block(
                keras.layers.Conv2D(
                    count,
                    kernel,
                    stride,
                    padding=padding,
                    data_format="channels_last",
                    kernel_initializer=initializer(activation),
                    dtype=self.dtype_policy,
                ),
                behind,
            )
        flatten = keras.layers.Flatten(data_format="channels_last", dtype=self.dtype_policy)
        self.stack.append(flatten)
        if bottleneck:
            dense = keras.layers.Dense(
                bottleneck, kernel_initializer=initializer(activation), dtype=self.dtype_policy
            )
            self.stack += block(dense, behind)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make the weights for images of (batch, H, W, C)."""
        for extent in input_shape[1:3]:
            for kernel, stride in zip(self.kernels, self.strides, strict=True):
                extent = downsampled(extent, kernel=kernel, stride=stride, padding=self.padding)
        build_in_order(self.stack, input_shape)
        self.built = True

    def call(self, x: Any, training: bool | None = None) -> Any:
        """Features (batch, F) of images (batch, H, W, C)."""
        return apply_in_order(self.stack, x, training=training)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, F)."""
        for layer in self.stack:
            input_shape = layer.compute_output_shape(input_shape)
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernels": self.kernels,
            "strides": self.strides,
            "padding": self.padding,
            "activation": self.activation,
            "batch_normalization": self.batch_normalization,
            "dropout": self.dropout,
            "bottleneck": self.bottleneck,
        }


@keras.saving.register_keras_serializable(package="zspace")
class ConvDecoder(keras.layers.Layer):
    """A dense layer, then transposed convolutions: z-points (batch, N) to (batch, H, W, C).

    Each layer's output is cut to the size that an encoder with the same kernels and strides in
    reverse order has there, so that any image size comes out exactly. The last layer has neither
    activation nor normalization: it gives the parameters of a likelihood.

    Args:
        image_size: (H, W) of the output.
        filters: depth of the dense layer's output, channels of each layer, and C at the end: one
            entry more than there are layers.
        kernels: kernel size of each layer.
        strides: stride of each layer.
        padding: ``"same"`` or ``"valid"``.
        activation, batch_normalization, dropout: behind each layer but the last.

    Raises:
        ShapeError: if the lists do not fit each other or the image is too small for them.
    """

    def __init__(
        self,
        image_size: Sequence[int],
        filters: Sequence[int],
        *,
        kernels: Sequence[int],
        strides: Sequence[int],
        padding: str = "same",
        activation: str = "leaky_relu",
        batch_normalization: bool = False,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_equal_lengths(filters_after_the_first=filters[1:], kernels=kernels, strides=strides)
        self.image_size = list(image_size)
        self.filters, self.kernels, self.strides = map(list, (filters, kernels, strides))
        self.padding = padding
        self.activation = activation
        self.batch_normalization = batch_normalization
        self.dropout = dropout
        self.sizes = self._sizes()
        behind = Behind(activation, batch_normalization, dropout, self.dtype_policy)
        start = (*self.sizes[0], self.filters[0])
        dense = keras.layers.Dense(
            math.prod(start), kernel_initializer=initializer(activation), dtype=self.dtype_policy
        )
        reshape = keras.layers.Reshape(start, dtype=self.dtype_policy)
        self.stack = [*block(dense, behind), reshape]
        for number, count in enumerate(self.filters[1:]):
            last = number == len(self.kernels) - 1
            layer = self._transposed(number, count, initializer(None if last else activation))
            self.stack += [layer] if last else block(layer, behind)

    def _sizes(self) -> list[tuple[int, int]]:
        """(height, width) ahead of the first layer and behind each layer."""
        sizes = [(self.image_size[0], self.image_size[1])]
        for kernel, stride in zip(reversed(self.kernels), reversed(self.strides), strict=True):
            height, width = (
                downsampled(extent, kernel=kernel, stride=stride, padding=self.padding)
                for extent in sizes[0]
            )
            sizes.insert(0, (height, width))
        return sizes

    def _transposed(self, number: int, count: int, kernel_initializer: str) -> TransposedConv:
        return TransposedConv(
            count,
            self.kernels[number],
            stride=self.strides[number],
            padding=self.padding,
            output_size=self.sizes[number + 1],
            kernel_initializer=kernel_initializer,
            dtype=self.dtype_policy,
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights for z-points of (batch, N)."""
        build_in_order(self.stack, input_shape)
        self.built = True

    def call(self, z: Any, training: bool | None = None) -> Any:
        """Likelihood parameters (batch, H, W, C) of z-points (batch, N)."""
        return apply_in_order(self.stack, z, training=training)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, H, W, C)."""
        return (input_shape[0], *self.image_size, self.filters[-1])

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "image_size": self.image_size,
            "filters": self.filters,
            "kernels": self.kernels,
            "strides": self.strides,
            "padding": self.padding,
            "activation": self.activation,
            "batch_normalization": self.batch_normalization,
            "dropout": self.dropout,
        }
