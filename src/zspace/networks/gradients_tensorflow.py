"""Gradients that TensorFlow has slower, or less exact, kernels for."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

__all__ = ["add_bias", "leaky_relu"]

_FEW = 4
"""Up to so many channels, TensorFlow's own sum over all others is several times as slow."""


def add_bias(x: Any, bias: Any) -> Any:
    """x + bias; the gradient of the bias is summed in float32.

    Args:
        x: (batch, …, channels).
        bias: (channels,).
    """
    return _added(x, tf.convert_to_tensor(bias))


@tf.custom_gradient
def _added(x: Any, bias: Any) -> tuple[Any, Any]:
    def gradient(upstream: Any) -> tuple[Any, Any]:
        channels = upstream.shape[-1]
        if upstream.dtype == tf.float32 and channels > _FEW:
            return upstream, tf.raw_ops.BiasAddGrad(out_backprop=upstream)
        # Summed over the batch first: numbers side by side, which is fast however few channels.
        flat = tf.reshape(upstream, (tf.shape(upstream)[0], -1))
        summed = tf.cast(tf.reduce_sum(flat, 0), tf.float32)
        summed = tf.reduce_sum(tf.reshape(summed, (-1, channels)), 0)
        return upstream, tf.cast(summed, upstream.dtype)

    return tf.nn.bias_add(x, bias), gradient


def leaky_relu(x: Any, *, slope: float) -> Any:
    """As `tf.nn.leaky_relu`, with a gradient that reads the output.

    Its sign is that of the input, which then nothing else needs, so TensorFlow can make the
    activation part of the convolution ahead of it. In bfloat16 XLA compiles the gradient: twice as
    fast as TensorFlow's own kernel.

    Args:
        x: any shape.
        slope: above 0, for negative numbers.
    """

    @tf.custom_gradient
    def activated(x: Any) -> tuple[Any, Any]:
        y = tf.nn.leaky_relu(x, slope)

        def gradient(upstream: Any) -> Any:
            if upstream.dtype == tf.bfloat16:
                return _compiled(upstream, y, slope)
            return tf.raw_ops.LeakyReluGrad(gradients=upstream, features=y, alpha=slope)

        return y, gradient

    return activated(x)


@tf.function(jit_compile=True)
def _compiled(upstream: Any, y: Any, slope: float) -> Any:
    return tf.where(y > 0, upstream, upstream * tf.cast(slope, upstream.dtype))
