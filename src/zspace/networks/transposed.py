"""A transposed convolution whose output has exactly the size that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from zspace.networks.layers import add_bias

__all__ = ["TransposedConv"]


@keras.saving.register_keras_serializable(package="zspace")
class TransposedConv(keras.layers.Layer):
    """Transposed convolution, (batch, h, w, c) to (batch, H, W, filters).

    H and W may be any that a convolution of the same kernel, stride and padding turns into h and w.
    A strided convolution maps several sizes onto one (45 and 46 pixels both become 23), so its
    transpose is ambiguous; here the surplus rows and columns at the lower and right border are cut
    off, or, with "valid" padding, missing ones are added by one more row of zeros ahead.

    Args:
        filters: output channels.
        kernel: kernel size.
        stride: stride.
        padding: ``"same"`` or ``"valid"``.
        output_size: (H, W).
        kernel_initializer: of the kernel.
    """

    def __init__(
        self,
        filters: int,
        kernel: int,
        *,
        stride: int,
        padding: str,
        output_size: Sequence[int],
        kernel_initializer: str = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.output_size = list(output_size)
        self.kernel_initializer = kernel_initializer
        self.convolution = keras.layers.Conv2DTranspose(
            filters,
            kernel,
            stride,
            padding=padding,
            data_format="channels_last",
            kernel_initializer=kernel_initializer,
            dtype=self.dtype_policy,
        )

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make the kernel; find what to add ahead of it."""
        self.missing = [
            max(0, -(-(wanted - self._given(have)) // self.stride))
            for wanted, have in zip(self.output_size, input_shape[1:3], strict=True)
        ]
        self.convolution.build(input_shape)
        self.built = True

    def _given(self, extent: int) -> int:
        surplus = max(self.kernel - self.stride, 0) if self.padding == "valid" else 0
        return extent * self.stride + surplus

    def call(self, x: Any, *, mirrored: bool = False) -> Any:
        """(batch, H, W, filters) of (batch, h, w, c).

        Args:
            x: the maps.
            mirrored: whether they are upside down and mirrored, as the ones that come out then are;
                on PyTorch, with padding "same".
        """
        if mirrored:
            from zspace.networks.mirrored_torch import conv_transpose

            kernel = ops.convert_to_tensor(self.convolution.kernel)
            bias = ops.convert_to_tensor(self.convolution.bias)
            size = (self.output_size[0], self.output_size[1])
            return conv_transpose(x, kernel, bias=bias, stride=self.stride, output_size=size)
        if any(self.missing):
            x = ops.pad(x, [[0, 0], [0, self.missing[0]], [0, self.missing[1]], [0, 0]])
        x = self._transposed(x)
        if list(x.shape[1:3]) == self.output_size:
            # Cutting off nothing would be free, but its gradient is a copy of all that passes.
            return x
        return x[:, : self.output_size[0], : self.output_size[1], :]

    def _transposed(self, x: Any) -> Any:
        kernel = ops.convert_to_tensor(self.convolution.kernel)
        if keras.backend.backend() == "jax":
            from zspace.networks.transposed_jax import conv_transpose

            x = conv_transpose(x, kernel, stride=self.stride, padding=self.padding)
        else:
            x = ops.conv_transpose(
                x, kernel, self.stride, self.padding, data_format="channels_last"
            )
        return add_bias(x, self.convolution.bias)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, H, W, filters)."""
        return (input_shape[0], *self.output_size, self.filters)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel": self.kernel,
            "stride": self.stride,
            "padding": self.padding,
            "output_size": self.output_size,
            "kernel_initializer": self.kernel_initializer,
        }
