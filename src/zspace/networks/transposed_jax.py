"""The transposed convolution on JAX, with a gradient that XLA computes fast on a CPU."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
from keras import ops

__all__ = ["conv_transpose"]


def conv_transpose(x: Any, kernel: Any, *, stride: int, padding: str) -> Any:
    """As `keras.ops.conv_transpose`, with gradients that are those of a convolution.

    Derived by JAX, the gradient of the kernel is a convolution over dilated inputs, for which XLA
    has no fast code on a CPU: it takes twenty times as long, or more. The transposed convolution
    T_k is the adjoint of a convolution C_k, ⟨g, T_k x⟩ = ⟨C_k g, x⟩, so the gradients are those of
    C_k, which have fast code.

    Args:
        x: (batch, h, w, c).
        kernel: (size, size, filters, c).
        stride: of height and width.
        padding: ``"same"`` or ``"valid"``.

    Returns:
        (batch, H, W, filters).
    """
    return _conv_transpose(x, kernel, stride, padding)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _conv_transpose(x: Any, kernel: Any, stride: int, padding: str) -> Any:
    return ops.conv_transpose(x, kernel, stride, padding, data_format="channels_last")


def _forward(x: Any, kernel: Any, stride: int, padding: str) -> tuple[Any, tuple[Any, Any]]:
    return _conv_transpose(x, kernel, stride, padding), (x, kernel)


def _backward(stride: int, padding: str, given: tuple[Any, Any], gradient: Any) -> tuple[Any, Any]:
    x, kernel = given

    def adjoint(kernel: Any) -> Any:
        return ops.conv(gradient, kernel, stride, padding, data_format="channels_last")

    of_x, pull = jax.vjp(adjoint, kernel)
    return of_x, *pull(x)


_conv_transpose.defvjp(_forward, _backward)
