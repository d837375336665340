"""Keras' layers, with gradients that are right in bfloat16 and faster on TensorFlow."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["Conv2D", "Dense", "LeakyReLU", "add_bias"]


def add_bias(x: Any, bias: Any) -> Any:
    """x + bias, with the sum over all else as the gradient of the bias.

    In bfloat16 on a CPU, TensorFlow and XLA keep that sum itself in bfloat16, which stops growing
    once the next number is below 1/256 of it: of 128 maps of 48×48 with a mean other than 0 it is
    off by nine tenths. Here it is a float32.

    Args:
        x: (batch, …, channels).
        bias: (channels,).
    """
    bias = ops.convert_to_tensor(bias)
    if keras.backend.backend() == "tensorflow":
        from zspace.networks.gradients_tensorflow import add_bias as add

        return add(x, bias)
    if keras.backend.backend() == "jax":
        # What is broadcast in float32 has its gradient summed in float32.
        wide = ops.broadcast_to(ops.cast(bias, "float32"), ops.shape(x))
        return x + ops.cast(wide, x.dtype)
    return x + bias


@keras.saving.register_keras_serializable(package="zspace")
class Conv2D(keras.layers.Conv2D):
    """Keras' layer without activation, its bias added by `add_bias`; channels come last."""

    def __init__(self, filters: int, kernel_size: int, **kwargs: Any) -> None:
        super().__init__(filters, kernel_size, **{**kwargs, "data_format": "channels_last"})

    def call(self, inputs: Any, *, mirrored: bool = False) -> Any:
        """(batch, h, w, filters) of (batch, H, W, C).

        Args:
            inputs: the maps.
            mirrored: whether they are upside down and mirrored, as the ones that come out then are;
                on PyTorch, with padding "same" and one kernel size and stride for both sides.
        """
        if mirrored:
            from zspace.networks.mirrored_torch import conv

            kernel = ops.convert_to_tensor(self.kernel)
            bias = ops.convert_to_tensor(self.bias) if self.use_bias else None
            return conv(inputs, kernel, bias=bias, stride=self.strides[0])
        x = self.convolution_op(inputs, self.kernel)
        return add_bias(x, self.bias) if self.use_bias else x


@keras.saving.register_keras_serializable(package="zspace")
class Dense(keras.layers.Dense):
    """Keras' layer without activation, its bias added by `add_bias`."""

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """(batch, …, units) of (batch, …, F)."""
        x = ops.matmul(inputs, self.kernel)
        return add_bias(x, self.bias) if self.use_bias else x


@keras.saving.register_keras_serializable(package="zspace")
class LeakyReLU(keras.layers.LeakyReLU):
    """Keras' layer; on TensorFlow its gradient is taken of what comes out, not of what went in."""

    def call(self, inputs: Any) -> Any:
        """The shape of the input."""
        if keras.backend.backend() != "tensorflow":
            return super().call(inputs)
        from zspace.networks.gradients_tensorflow import leaky_relu

        return leaky_relu(inputs, slope=self.negative_slope)
