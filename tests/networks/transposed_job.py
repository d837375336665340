"""Gradients of the transposed convolution on JAX, beside those that JAX derives itself."""

import itertools
import warnings
from functools import partial

import numpy as np

from zspace.training.devices import select_backend

DRAW = np.random.default_rng(1)


def drawn(*shape: int) -> np.ndarray:
    return DRAW.normal(size=shape).astype(np.float32)


def compare(size: int, stride: int, padding: str) -> None:
    import jax
    from keras import ops

    from zspace.networks.transposed_jax import conv_transpose

    derived = partial(
        ops.conv_transpose, strides=stride, padding=padding, data_format="channels_last"
    )
    ours = partial(conv_transpose, stride=stride, padding=padding)
    x, kernel = drawn(2, 5, 4, 3), drawn(size, size, 2, 3)
    expected, pull_expected = jax.vjp(derived, x, kernel)
    found, pull = jax.vjp(ours, x, kernel)
    what = f"kernel {size}, stride {stride}, {padding}"
    np.testing.assert_array_equal(found, expected, err_msg=what)
    cotangent = drawn(*found.shape)
    for one, other in zip(pull(cotangent), pull_expected(cotangent), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4, err_msg=what)


def compare_layers() -> None:
    from zspace.networks.transposed import TransposedConv

    layer = TransposedConv(2, 3, stride=2, padding="same", output_size=(9, 8))
    x = drawn(2, 5, 4, 3)
    layer.build(x.shape)
    layer.convolution.bias.assign([1.0, -1.0])
    np.testing.assert_allclose(layer(x), layer.convolution(x)[:, :9, :8], rtol=1e-6, atol=1e-6)


if __name__ == "__main__":
    # Keras asks its own variables for np.array(…, copy=False) the way NumPy 1 did.
    warnings.filterwarnings("ignore", message="__array__")
    select_backend("jax")
    for case in itertools.product((1, 3, 4), (1, 2, 3), ("same", "valid")):
        compare(*case)
    compare_layers()
