"""Gradients of biases in bfloat16 and in float32, beside sums in float64, on the named backend."""

import sys
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from zspace.training.devices import select_backend

SHAPE = (64, 24, 24)
DRAW = np.random.default_rng(1)


def gradient_of_bias(
    layer: Callable[[Any], Any], x: np.ndarray, upstream: np.ndarray
) -> np.ndarray:
    """By one step of gradient descent at a rate of 1, from 0."""
    import keras
    from keras import ops

    given = keras.Input(x.shape[1:])
    model = keras.Model(given, layer(given))
    model.compile(
        keras.optimizers.SGD(1.0), loss=lambda g, y: ops.sum(g * ops.cast(y, "float32"), (1, 2, 3))
    )
    (bias,) = (weight for weight in model.trainable_variables if weight.path.endswith("bias"))
    bias.assign(np.zeros(bias.shape))
    model.fit(x, upstream * len(x), batch_size=len(x), verbose=0)
    return -np.asarray(ops.convert_to_numpy(bias), np.float64)


def compare(channels: int, dtype: str, tolerance: float) -> None:
    import keras

    from zspace.networks.layers import Conv2D, Dense
    from zspace.networks.transposed import TransposedConv

    # Small whole numbers, which are the same in bfloat16.
    upstream = DRAW.integers(0, 4, (*SHAPE, channels)).astype(np.float32)
    x = DRAW.normal(size=(*SHAPE, 2)).astype(np.float32)
    expected = upstream.sum((0, 1, 2), dtype=np.float64)
    conv = Conv2D(channels, 1, padding="same", dtype=dtype)
    transposed = TransposedConv(
        channels, 3, stride=2, padding="same", output_size=SHAPE[1:], dtype=dtype
    )
    ways = {
        "Conv2D": (conv, x),
        "Dense": (Dense(channels, dtype=dtype), x),
        "TransposedConv": (transposed, x[:, ::2, ::2]),
    }
    if keras.backend.backend() == "torch":
        ways["Conv2D, mirrored"] = (partial(conv, mirrored=True), x)
        ways["TransposedConv, mirrored"] = (partial(transposed, mirrored=True), x[:, ::2, ::2])
    for name, (layer, given) in ways.items():
        found = gradient_of_bias(layer, given, upstream)
        what = f"{name} of {channels} channels, {dtype}"
        np.testing.assert_allclose(found, expected, rtol=tolerance, err_msg=what)


if __name__ == "__main__":
    # Keras asks its own variables for np.array(…, copy=False) the way NumPy 1 did.
    warnings.filterwarnings("ignore", message="__array__")
    select_backend(sys.argv[1])
    for count in (1, 3, 16):
        compare(count, "float32", 1e-5)
        compare(count, "mixed_bfloat16", 1 / 128)
