"""Each convention's loss, written with Keras' own functions, has the gradient of ours."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from zspace.distributions import Bernoulli, Normal, StandardNormalPrior
from zspace.errors import InputError
from zspace.objectives.conventions import CONVENTIONS, Setting, convert_beta, factor_of_beta
from zspace.objectives.elbo import ELBO
from zspace.objectives.objective import Latents
from zspace.objectives.terms import REDUCTIONS

H, W, C, N, B = 6, 5, 3, 4, 8
AT = Setting((H, W, C), N, B)
GENERATOR = np.random.default_rng(0)
IMAGES = tf.constant(GENERATOR.uniform(size=(B, H, W, C)), tf.float32)
PARAMETERS = [
    tf.Variable(GENERATOR.normal(size=shape), dtype=tf.float32)
    for shape in ((B, H, W, C), (B, N), (B, N))
]


def pixel_cross_entropy(logits):
    """(B, H, W): Keras averages over the channels."""
    return keras.losses.binary_crossentropy(IMAGES, tf.sigmoid(logits))


def kl_with_half(mean, log_variance):
    return -0.5 * tf.reduce_sum(1 + log_variance - mean**2 - tf.exp(log_variance), axis=1)


def train_step(factor, logits, mean, log_variance):
    reconstruction = tf.reduce_mean(tf.reduce_sum(pixel_cross_entropy(logits), axis=(1, 2)))
    return reconstruction + factor * tf.reduce_mean(kl_with_half(mean, log_variance))


def averaged_kl(factor, logits, mean, log_variance):
    kl = -tf.reduce_mean(1 + log_variance - mean**2 - tf.exp(log_variance))
    return tf.reduce_mean(pixel_cross_entropy(logits)) + factor * kl


def foster(factor, logits, mean, log_variance):
    kl = tf.reduce_mean(kl_with_half(mean, log_variance))
    return factor * tf.reduce_mean(pixel_cross_entropy(logits)) + kl


def geron(factor, logits, mean, log_variance):
    kl = tf.reduce_mean(kl_with_half(mean, log_variance)) / (H * W * C)
    return tf.reduce_mean(pixel_cross_entropy(logits)) + factor * kl


def atienza(factor, logits, mean, log_variance):
    flat = keras.losses.binary_crossentropy(
        tf.reshape(IMAGES, (B, -1)), tf.reshape(tf.sigmoid(logits), (B, -1))
    )
    return tf.reduce_mean(flat * H * W + factor * kl_with_half(mean, log_variance))


def tfp(factor, logits, mean, log_variance):
    likelihood = tf.nn.sigmoid_cross_entropy_with_logits(labels=IMAGES, logits=logits)
    return tf.reduce_sum(likelihood) + factor * tf.reduce_mean(kl_with_half(mean, log_variance))


def tfp_exact(factor, logits, mean, log_variance):
    likelihood = tf.nn.sigmoid_cross_entropy_with_logits(labels=IMAGES, logits=logits)
    return tf.reduce_sum(likelihood) + factor * tf.reduce_sum(kl_with_half(mean, log_variance))


def tfp_regularizer(factor, logits, mean, log_variance):
    """Keras 2 divides what a regularizer gives by the batch; a layer with two outputs has two."""
    likelihood = tf.nn.sigmoid_cross_entropy_with_logits(labels=IMAGES, logits=logits)
    once = tf.reduce_sum(kl_with_half(mean, log_variance)) / B
    return tf.reduce_sum(likelihood) + factor * once + factor * once


THEIRS = {
    "train-step": train_step,
    "chollet": train_step,
    "averaged-kl": averaged_kl,
    "foster": foster,
    "geron": geron,
    "atienza": atienza,
    "tfp": tfp,
    "tfp-exact": tfp_exact,
    "tfp-regularizer": tfp_regularizer,
}


def ours(beta, reduction):
    def loss(logits, mean, log_variance):
        terms = ELBO((H, W, C), beta=beta, reduction=reduction).terms(
            IMAGES,
            likelihood=Bernoulli(logits),
            latents=Latents(Normal(mean, log_variance), StandardNormalPrior(N).distribution()),
        )
        return terms.total

    return loss


def gradients(loss):
    """One for the logits, the means and the log-variances each."""
    with tf.GradientTape() as tape:
        value = loss(*PARAMETERS)
    return [part.numpy().ravel().astype(np.float64) for part in tape.gradient(value, PARAMETERS)]


def constants(theirs, mine):
    """For each part, the constant that makes ours theirs."""
    found = [(one @ other) / (other @ other) for one, other in zip(theirs, mine, strict=True)]
    for constant, one, other in zip(found, theirs, mine, strict=True):
        np.testing.assert_allclose(one, constant * other, rtol=1e-3, atol=1e-5 * abs(one).max())
    return np.array(found)


def test_every_convention_is_tested():
    assert set(THEIRS) == set(CONVENTIONS)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("factor", [0.3, 7.0])
@pytest.mark.parametrize("name", THEIRS)
def test_gradients_are_the_same_up_to_one_constant(name, factor, reduction):
    theirs = gradients(lambda *parameters: THEIRS[name](factor, *parameters))
    beta = convert_beta(name, factor, setting=AT, reduction=reduction)
    found = constants(theirs, gradients(ours(beta, reduction)))
    np.testing.assert_allclose(found, found[0], rtol=1e-4)
    # A beta that is off by a hundredth does not fit, so the test can fail.
    found = constants(theirs, gradients(ours(1.01 * beta, reduction)))
    assert abs(found / found[0] - 1).max() > 5e-3


def test_the_table_of_the_reference():
    """E3: a train step's factor 5; E13: faces with a factor of 10,000 at 128×128."""
    at = Setting((96, 96, 3), 256)
    assert convert_beta("train-step", 5.0, setting=at) == 5.0
    expected = 2 * 1e-3 * 96 * 96 / 256
    assert convert_beta("averaged-kl", 1e-3, setting=at) == pytest.approx(expected)
    faces = convert_beta("foster", 1e4, setting=Setting((128, 128, 3), 200))
    assert faces == pytest.approx(128 * 128 / 1e4)
    digits = Setting((28, 28, 1), 2, batch_size=32)
    assert convert_beta("tfp", 1.5, setting=digits) == 1.5 / 32
    # As measured on TensorFlow Probability's own layers: docs/theory/three-ways.md.
    assert convert_beta("tfp-exact", 1.5, setting=digits) == 1.5
    assert convert_beta("tfp-regularizer", 1.0, setting=digits) == 0.0625


@given(
    name=st.sampled_from(sorted(CONVENTIONS)),
    factor=st.floats(1e-9, 1e9),
    height=st.integers(1, 300),
    latent=st.integers(1, 2000),
    batch=st.integers(1, 1000),
    reduction=st.sampled_from(REDUCTIONS),
)
def test_there_and_back(name, factor, height, latent, batch, reduction):
    at = Setting((height, 7, 3), latent, batch)
    beta = convert_beta(name, factor, setting=at, reduction=reduction)
    assert factor_of_beta(name, beta, setting=at, reduction=reduction) == pytest.approx(factor)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="did you mean 'foster'"):
        convert_beta("foser", 1.0, setting=AT)
    for factor in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="expected a positive factor"):
            convert_beta("foster", factor, setting=AT)
    with pytest.raises(InputError, match="at least 1"):
        Setting((28, 28, 0), 2)
