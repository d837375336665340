"""A residual block, which may shrink or enlarge the map on its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras

from zspace.networks.blocks import (
    Behind,
    activated,
    apply_in_order,
    build_in_order,
    initializer,
)
from zspace.networks.layers import Conv2D
from zspace.networks.resampling import Averaging, Upsampling, enlarging

__all__ = ["ResidualBlock"]


@keras.saving.register_keras_serializable(package="zspace")
class ResidualBlock(keras.layers.Layer):
    """Two convolutions with a way around them: (batch, h, w, c) to (batch, H, W, filters).

    shortcut(x) + convolution(act(convolution(act(x)))), where act is what stands behind a layer
    elsewhere: normalization, activation and, ahead of the second convolution only, dropout. The
    second convolution starts at zero, so that each block begins as its shortcut, and the scale of
    the features does not depend on the number of blocks, with or without normalization.

    The first convolution shrinks or enlarges the map. The shortcut then averages, or repeats or
    interpolates, its pixels, and where the channels change there is a 1×1 convolution in it.

    Source: He et al., "Identity mappings in deep residual networks", 2016,
    https://arxiv.org/abs/1603.05027 (activation first); He et al. 2018,
    https://arxiv.org/abs/1812.01187 (averages in the shortcut, a start at zero).

    Args:
        filters: output channels.
        kernel: of both convolutions.
        stride: by how much it shrinks or enlarges the map.
        upsample: how it enlarges, ``"nearest"``, ``"bilinear"`` or ``"transpose"``; ``None`` for
            a block that shrinks, or neither.
        output_size: (H, W) that it enlarges to.
        kwargs: what stands ahead of both convolutions, by the names of
            `zspace.networks.blocks.Behind` (attention has no place within a block), and Keras' own
            arguments of a layer.
    """

    is_modal = True

    def __init__(
        self,
        filters: int,
        kernel: int,
        *,
        stride: int = 1,
        upsample: str | None = None,
        output_size: Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        settings = Behind.taken_from(kwargs)
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel = kernel
        self.stride = stride
        self.upsample = upsample
        self.output_size = None if output_size is None else list(output_size)
        self.behind = behind = Behind(**settings, dtype=self.dtype_policy)
        options = {"padding": "same", "dtype": behind.dtype}
        weights = {"kernel_initializer": initializer(behind.activation), **options}
        self.branch = [
            *activated(replace(behind, dropout=0.0)),
            *self._first_convolution(weights),
            *activated(behind),
            Conv2D(filters, kernel, kernel_initializer="zeros", **options),
        ]

    def _first_convolution(self, weights: dict[str, Any]) -> list[keras.layers.Layer]:
        if self.upsample is not None and self.output_size is not None:
            return enlarging(
                self.filters,
                self.kernel,
                stride=self.stride,
                output_size=self.output_size,
                upsample=self.upsample,
                **weights,
            )
        return [Conv2D(self.filters, self.kernel, strides=self.stride, **weights)]

    def _shortcut(self, channels: int) -> list[keras.layers.Layer]:
        """The way around; what is cheap at the smaller size is done there."""
        convolution = [
            Conv2D(
                self.filters,
                1,
                use_bias=False,
                kernel_initializer=initializer(None),
                dtype=self.dtype_policy,
            )
        ] * (channels != self.filters)
        if self.stride == 1:
            return convolution
        if self.output_size is None:
            return [Averaging(self.stride, dtype=self.dtype_policy), *convolution]
        kind = "nearest" if self.upsample == "transpose" else self.upsample
        upsampling = Upsampling(
            self.stride, str(kind), output_size=self.output_size, dtype=self.dtype_policy
        )
        return [*convolution, upsampling]

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make the weights for maps of (batch, h, w, c)."""
        self.shortcut = self._shortcut(input_shape[-1])
        build_in_order(self.branch, input_shape)
        build_in_order(self.shortcut, input_shape)
        self.built = True

    def call(self, x: Any, training: bool | None = None) -> Any:
        """(batch, H, W, filters) of (batch, h, w, c)."""
        branch = apply_in_order(self.branch, x, training=training)
        return branch + apply_in_order(self.shortcut, x, training=training)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """(batch, H, W, filters)."""
        for layer in self.branch:
            input_shape = layer.compute_output_shape(input_shape)
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel": self.kernel,
            "stride": self.stride,
            "upsample": self.upsample,
            "output_size": self.output_size,
            **self.behind.settings(),
        }
