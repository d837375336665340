"""The layers whose gradients are not those that Keras' own have."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from zspace.networks.layers import LeakyReLU

JOB = Path(__file__).with_name("layers_job.py")
BELOW = np.float32(0.3)
WHOLE = st.integers(-250, 250)
"""The same in bfloat16, and so is what follows each."""


def test_gradients_of_biases_are_exact_sums_on_every_backend(run_jobs):
    run_jobs(JOB, ("tensorflow",), ("jax",), ("torch",))


@given(arrays(np.int16, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=WHOLE))
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_leaky_relu_has_slopes_of_1_and_of_0_3(dtype, x):
    layer = LeakyReLU(negative_slope=0.3, dtype=dtype)
    x = tf.cast(x, dtype)
    upstream = tf.reverse(x + 1, (0, 1))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    given, found = (tf.cast(a, "float32").numpy() for a in (x, tape.gradient(y, x, upstream)))
    tolerance = 1e-6 if dtype == "float32" else 1 / 128
    np.testing.assert_allclose(
        tf.cast(y, "float32"), np.where(given > 0, given, BELOW * given), rtol=tolerance
    )
    through = tf.cast(upstream, "float32").numpy()
    np.testing.assert_allclose(found, np.where(given > 0, through, BELOW * through), rtol=tolerance)


def test_leaky_relu_can_be_differentiated_twice():
    x = tf.constant([-2.0, 3.0])
    layer = LeakyReLU(negative_slope=0.3)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(layer(x) ** 2)
        slope = inner.gradient(y, x)
    np.testing.assert_allclose(outer.gradient(slope, x), [2 * 0.3**2, 2.0], rtol=1e-6)


def test_a_layer_is_made_of_its_configuration():
    layer = LeakyReLU(negative_slope=0.1)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert type(again) is LeakyReLU
    assert again.negative_slope == layer.negative_slope
