"""The densities of pixels and their gradients against TensorFlow Probability, in float64."""

import numpy as np
import pytest
from keras import ops

from zspace.distributions import (
    Bernoulli,
    Beta,
    Categorical,
    ContinuousBernoulli,
    DiscretizedLogistic,
    Laplace,
    Normal,
)

GENERATOR = np.random.default_rng(3)
SHAPE = (6, 20)
LOGITS = GENERATOR.normal(0, 5, SHAPE)
MANY_LOGITS = GENERATOR.normal(0, 2, (*SHAPE, 256))
CONCENTRATIONS = 10 ** GENERATOR.uniform(-2, 2, (2, *SHAPE))
AROUND = GENERATOR.uniform(0, 1, SHAPE), GENERATOR.uniform(-4, 1, SHAPE)
LEVELS = GENERATOR.integers(0, 256, SHAPE)
LEVELS[0, :2] = 0, 255
BINS = (LEVELS + 0.5) / 256

CASES = {
    "bernoulli": (Bernoulli, [LOGITS], np.float64(LEVELS > 99)),
    "continuous_bernoulli": (ContinuousBernoulli, [LOGITS], BINS),
    "beta": (Beta, [*CONCENTRATIONS], BINS),
    "normal": (Normal, [*AROUND], BINS),
    "laplace": (Laplace, [*AROUND], BINS),
    "discretized_logistic": (DiscretizedLogistic, [*AROUND], LEVELS / 255),
    "categorical": (Categorical, [MANY_LOGITS], LEVELS / 255),
}
DENSITIES = ("continuous_bernoulli", "beta", "normal", "laplace")


def theirs(kind, parameters):
    """A distribution as TensorFlow Probability has it."""
    import tensorflow as tf
    import tensorflow_probability as tfp

    d = tfp.distributions
    if kind == "discretized_logistic":
        # P(Y = y) is P(y − 1 < X ≤ y) there: half a level moves the bins to their places.
        center, log_scale = parameters
        logistic = d.Logistic(255 * center - 0.5, 255 * tf.exp(log_scale))
        return d.QuantizedDistribution(logistic, low=0.0, high=255.0)
    return {
        "bernoulli": lambda logits: d.Bernoulli(logits=logits, dtype="float64"),
        "continuous_bernoulli": lambda logits: d.ContinuousBernoulli(logits=logits),
        "beta": d.Beta,
        "normal": lambda center, log_variance: d.Normal(center, tf.exp(0.5 * log_variance)),
        "laplace": lambda center, log_scale: d.Laplace(center, tf.exp(log_scale)),
        "categorical": lambda logits: d.Categorical(logits=logits),
    }[kind](*parameters)


@pytest.mark.parametrize("kind", CASES)
def test_pixels_by_tensorflow_probability(gradients, kind):
    pytest.importorskip("tensorflow_probability")
    import tensorflow as tf

    ours, parameters, x = CASES[kind]
    exact_x = x if kind in DENSITIES else np.round(x * 255)
    exact_x = x if kind == "bernoulli" else exact_x
    doubles = [tf.constant(parameter, tf.float64) for parameter in parameters]
    with tf.GradientTape() as tape:
        tape.watch(doubles)
        exact = theirs(kind, doubles)
        expected = tf.reduce_sum(exact.log_prob(exact_x), -1)
        total = tf.reduce_sum(expected)
    singles = [ops.convert_to_tensor(np.float32(parameter)) for parameter in parameters]
    x = ops.convert_to_tensor(np.float32(x))
    found = ops.convert_to_numpy(ours(*singles).log_prob(x))
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-4)
    if kind in DENSITIES:
        mean = ops.convert_to_numpy(ours(*singles).mean())
        np.testing.assert_allclose(mean, exact.mean(), rtol=1e-5)
    slopes = gradients(lambda *given: ours(*given).log_prob(x), *parameters)
    for slope, exact_slope in zip(slopes, tape.gradient(total, doubles), strict=True):
        tolerance = 2e-6 * np.abs(exact_slope).max() + 1e-5
        np.testing.assert_allclose(slope, exact_slope, rtol=1e-4, atol=tolerance)
