"""Residual encoder and decoder, from the same lists as the convolutional ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from zspace.networks.blocks import (
    Behind,
    activated,
    apply_in_order,
    attention,
    block,
    build_in_order,
    check_equal_lengths,
    initializer,
    layer_sizes,
    start,
)
from zspace.networks.layers import Conv2D, Dense
from zspace.networks.resampling import enlarging
from zspace.networks.residual import ResidualBlock

__all__ = ["ResNetDecoder", "ResNetEncoder"]


@keras.saving.register_keras_serializable(package="zspace")
class ResNetEncoder(keras.layers.Layer):
    """Residual blocks, flattened: images (batch, H, W, C) to features (batch, F).

    The first layer is a strided convolution and `blocks` residual blocks, each further one a
    residual block that shrinks the map and `blocks` − 1 that do not.

    Args:
        filters: output channels at each resolution.
        kernels: kernel size of all convolutions there.
        strides: by how much each layer shrinks the map. Images need not be multiples of them.
        blocks: residual blocks at each resolution.
        bottleneck: width of one more dense layer at the end, 0 for none.
        kwargs: what stands ahead of each convolution but the first, by the names of
            `zspace.networks.blocks.Behind`, and Keras' own arguments of a layer.

    Raises:
        ShapeError: if the lists differ in length.

    Example:
        >>> encoder = ResNetEncoder([4, 8], [3, 3], strides=[2, 2], blocks=2)
        >>> encoder.compute_output_shape((None, 13, 10, 3))  # 4·3 pixels of 8 channels
        (None, 96)
    """

    def __init__(
        self,
        filters: Sequence[int],
        kernels: Sequence[int],
        *,
        strides: Sequence[int],
        blocks: int = 1,
        bottleneck: int = 0,
        **kwargs: Any,
    ) -> None:
        settings = Behind.taken_from(kwargs)
        super().__init__(**kwargs)
        check_equal_lengths(filters=filters, kernels=kernels, strides=strides)
        self.filters, self.kernels, self.strides = map(list, (filters, kernels, strides))
        self.blocks = blocks
        self.bottleneck = bottleneck
        self.behind = behind = Behind(**settings, dtype=self.dtype_policy)
        options = {"kernel_initializer": initializer(behind.activation), "dtype": behind.dtype}
        self.stack: list[keras.layers.Layer] = []
        for number, count in enumerate(filters):
            stride = strides[number]
            if number == 0:
                ahead = Conv2D(count, kernels[0], strides=stride, padding="same", **options)
            else:
                ahead = self._block(number, stride=stride)
            same = [self._block(number) for _ in range(blocks - (number > 0))]
            self.stack += [ahead, *same, *attention(behind)]
        self.stack += activated(behind)
        self.stack.append(keras.layers.Flatten(data_format="channels_last", dtype=behind.dtype))
        if bottleneck:
            self.stack += block(Dense(bottleneck, **options), behind)

    def _block(self, number: int, stride: int = 1) -> ResidualBlock:
        return ResidualBlock(
            self.filters[number],
            self.kernels[number],
            stride=stride,
            dtype=self.dtype_policy,
            **self.behind.settings(),
        )

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make the weights for images of (batch, H, W, C)."""
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
            "blocks": self.blocks,
            "bottleneck": self.bottleneck,
            **self.behind.settings(),
        }


@keras.saving.register_keras_serializable(package="zspace")
class ResNetDecoder(keras.layers.Layer):
    """A dense layer, then residual blocks that enlarge: (batch, N) to (batch, H, W, C).

    It is the encoder in reverse order: at each resolution `blocks` residual blocks, the last of
    which enlarges the map for the next; at the end `blocks` of them and a layer that enlarges to
    the image, without activation: it gives the parameters of a likelihood.

    Args:
        image_size: (H, W) of the output.
        filters: depth of the dense layer's output, channels of each layer, and C at the end: one
            entry more than there are layers.
        kernels: kernel size of each layer.
        strides: by how much each layer enlarges the map.
        blocks: residual blocks at each resolution.
        upsample: ``"nearest"``, ``"bilinear"`` or ``"transpose"``; see
            `zspace.networks.conv.ConvDecoder`.
        kwargs: what stands ahead of each convolution, by the names of
            `zspace.networks.blocks.Behind`, and Keras' own arguments of a layer.

    Raises:
        ShapeError: if the lists do not fit each other.

    Example:
        >>> decoder = ResNetDecoder([13, 10], [8, 4, 3], kernels=[3, 3], strides=[2, 2])
        >>> decoder.sizes
        [[4, 3], [7, 5], [13, 10]]
    """

    def __init__(
        self,
        image_size: Sequence[int],
        filters: Sequence[int],
        *,
        kernels: Sequence[int],
        strides: Sequence[int],
        blocks: int = 1,
        upsample: str = "nearest",
        **kwargs: Any,
    ) -> None:
        settings = Behind.taken_from(kwargs)
        super().__init__(**kwargs)
        check_equal_lengths(filters_after_the_first=filters[1:], kernels=kernels, strides=strides)
        self.image_size = list(image_size)
        self.filters, self.kernels, self.strides = map(list, (filters, kernels, strides))
        self.blocks = blocks
        self.upsample = upsample
        self.behind = behind = Behind(**settings, dtype=self.dtype_policy)
        sizes = layer_sizes(image_size, kernels, strides=strides, padding="same")
        self.sizes = [list(size) for size in sizes]
        self.stack = start((*sizes[0], filters[0]), behind, is_activated=False)
        last = len(self.kernels) - 1
        for number in range(last):
            same = [self._block(number) for _ in range(blocks - 1)]
            self.stack += [*same, self._block(number, enlarges=True), *attention(behind)]
        self.stack += [self._block(last) for _ in range(blocks)]
        self.stack += activated(behind)
        self.stack += enlarging(
            self.filters[-1],
            self.kernels[last],
            stride=self.strides[last],
            output_size=self.sizes[-1],
            upsample=upsample,
            padding="same",
            kernel_initializer=initializer(None),
            dtype=behind.dtype,
        )

    def _block(self, number: int, *, enlarges: bool = False) -> ResidualBlock:
        settings = {"dtype": self.dtype_policy, **self.behind.settings()}
        kernel = self.kernels[number]
        if not enlarges:
            return ResidualBlock(self.filters[number], kernel, **settings)
        return ResidualBlock(
            self.filters[number + 1],
            kernel,
            stride=self.strides[number],
            upsample=self.upsample,
            output_size=self.sizes[number + 1],
            **settings,
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
            "blocks": self.blocks,
            "upsample": self.upsample,
            **self.behind.settings(),
        }
