"""Convolutional encoder and decoder, from lists of filters, kernels and strides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from zspace.errors import ShapeError
from zspace.networks.blocks import (
    Behind,
    apply_in_order,
    attention,
    block,
    build_in_order,
    check_equal_lengths,
    downsampled,
    initializer,
    layer_sizes,
    start,
)
from zspace.networks.layers import Conv2D, Dense
from zspace.networks.resampling import enlarging
from zspace.networks.transposed import TransposedConv

__all__ = ["ConvDecoder", "ConvEncoder"]


@keras.saving.register_keras_serializable(package="zspace")
class ConvEncoder(keras.layers.Layer):
    """Strided convolutions, flattened: images (batch, H, W, C) to features (batch, F).

    Args:
        filters: output channels of each layer.
        kernels: kernel size of each layer.
        strides: stride of each layer. Images need not be multiples of them.
        padding: ``"same"`` or ``"valid"``.
        bottleneck: width of one more dense layer at the end, 0 for none: two heads of size N on a
            flattened F hold 2·F·N weights, with a bottleneck B only F·B + 2·B·N.
        kwargs: what stands behind each layer, by the names of `zspace.networks.blocks.Behind`, and
            Keras' own arguments of a layer, such as name and dtype.

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
        bottleneck: int = 0,
        **kwargs: Any,
    ) -> None:
        settings = Behind.taken_from(kwargs)
        super().__init__(**kwargs)
        check_equal_lengths(filters=filters, kernels=kernels, strides=strides)
        self.filters, self.kernels, self.strides = map(list, (filters, kernels, strides))
        self.padding = padding
        self.bottleneck = bottleneck
        self.behind = behind = Behind(**settings, dtype=self.dtype_policy)
        options = {"kernel_initializer": initializer(behind.activation), "dtype": behind.dtype}
        self.stack: list[keras.layers.Layer] = []
        for count, kernel, stride in zip(filters, kernels, strides, strict=True):
            convolution = Conv2D(count, kernel, strides=stride, padding=padding, **options)
            self.stack += [*block(convolution, behind), *attention(behind)]
        self.stack.append(keras.layers.Flatten(data_format="channels_last", dtype=behind.dtype))
        if bottleneck:
            self.stack += block(Dense(bottleneck, **options), behind)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make the weights for images of (batch, H, W, C)."""
        for extent in input_shape[1:3]:
            for kernel, stride in zip(self.kernels, self.strides, strict=True):
                extent = downsampled(extent, kernel=kernel, stride=stride, padding=self.padding)
        build_in_order(self.stack, input_shape)
        self.built = True

    def call(self, x: Any, training: bool | None = None) -> Any:
        """Features (batch, F) of images (batch, H, W, C)."""
        apply = _apply_mirrored if self.padding == "same" else apply_in_order
        return apply(self.stack, x, training=training)

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
            "bottleneck": self.bottleneck,
            **self.behind.settings(),
        }


@keras.saving.register_keras_serializable(package="zspace")
class ConvDecoder(keras.layers.Layer):
    """A dense layer, then layers that enlarge: z-points (batch, N) to (batch, H, W, C).

    Each layer's output is cut to the size that an encoder with the same kernels and strides in
    reverse order has there, so that any image size comes out exactly. The last layer has neither
    activation nor normalization: it gives the parameters of a likelihood.

    Args:
        image_size: (H, W) of the output.
        filters: depth of the dense layer's output, channels of each layer, and C at the end: one
            entry more than there are layers.
        kernels: kernel size of each layer.
        strides: stride of each layer.
        padding: ``"same"`` or ``"valid"``; up-sampling layers have "same".
        upsample: ``"transpose"``: transposed convolutions. ``"nearest"``, ``"bilinear"``:
            up-sampling, then a convolution; see `zspace.networks.resampling.Upsampling`.
        kwargs: what stands behind each layer but the last, by the names of
            `zspace.networks.blocks.Behind`, and Keras' own arguments of a layer.

    Raises:
        ShapeError: if the lists do not fit each other, the image is too small for them, or
            up-sampling is to have padding "valid".
    """

    def __init__(
        self,
        image_size: Sequence[int],
        filters: Sequence[int],
        *,
        kernels: Sequence[int],
        strides: Sequence[int],
        padding: str = "same",
        upsample: str = "transpose",
        **kwargs: Any,
    ) -> None:
        settings = Behind.taken_from(kwargs)
        super().__init__(**kwargs)
        check_equal_lengths(filters_after_the_first=filters[1:], kernels=kernels, strides=strides)
        if padding != "same" and upsample != "transpose":
            raise ShapeError(
                f"up-sampling needs padding 'same', {padding!r} came; set it, or upsample "
                "'transpose'"
            )
        self.image_size = list(image_size)
        self.filters, self.kernels, self.strides = map(list, (filters, kernels, strides))
        self.padding = padding
        self.upsample = upsample
        self.behind = behind = Behind(**settings, dtype=self.dtype_policy)
        self.sizes = layer_sizes(image_size, kernels, strides=strides, padding=padding)
        self.stack = start((*self.sizes[0], filters[0]), behind)
        for number, count in enumerate(self.filters[1:]):
            last = number == len(self.kernels) - 1
            *ahead, convolution = enlarging(
                count,
                self.kernels[number],
                stride=self.strides[number],
                output_size=self.sizes[number + 1],
                upsample=upsample,
                padding=padding,
                kernel_initializer=initializer(None if last else behind.activation),
                dtype=behind.dtype,
            )
            self.stack += ahead
            self.stack += (
                [convolution] if last else [*block(convolution, behind), *attention(behind)]
            )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights for z-points of (batch, N)."""
        build_in_order(self.stack, input_shape)
        self.built = True

    def call(self, z: Any, training: bool | None = None) -> Any:
        """Likelihood parameters (batch, H, W, C) of z-points (batch, N)."""
        is_transposed = self.padding == "same" and self.upsample == "transpose"
        apply = _apply_mirrored if is_transposed else apply_in_order
        return apply(self.stack, z, training=training)

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
            "upsample": self.upsample,
            **self.behind.settings(),
        }


def _apply_mirrored(layers: Sequence[keras.layers.Layer], x: Any, *, training: bool | None) -> Any:
    """As `apply_in_order`; on PyTorch all maps are mirrored, where that saves copies of them.

    Whatever stands between convolutions does the same to a mirrored map.
    """
    if keras.backend.backend() != "torch":
        return apply_in_order(layers, x, training=training)
    is_mirrored = False
    for layer in layers:
        if isinstance(layer, (Conv2D, TransposedConv)):
            x = layer(x if is_mirrored else ops.flip(x, (1, 2)), mirrored=True)
            is_mirrored = True
        elif is_mirrored and isinstance(layer, keras.layers.Flatten):
            x = layer(ops.flip(x, (1, 2)))
            is_mirrored = False
        else:
            x = apply_in_order([layer], x, training=training)
    return ops.flip(x, (1, 2)) if is_mirrored else x
