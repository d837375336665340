"""The importance-weighted bound on a linear-Gaussian model, whose marginal is known."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from zspace.distributions import Normal
from zspace.objectives.elbo import ELBO
from zspace.objectives.iwae import ImportanceWeighted, importance_weighted_bound
from zspace.objectives.objective import Latents

# p(z) = N(0, 1), p(x | z) = N(slope·z, noise): p(x) = N(0, slope² + noise).
SLOPE, NOISE = 1.5, 0.4
X = np.array([0.3, 1.4, -2.0, 0.8], np.float32)
PRECISION = 1 + SLOPE**2 / NOISE
TRUE_MEAN, TRUE_VARIANCE = X * SLOPE / NOISE / PRECISION, 1 / PRECISION
EXACT = stats.norm(0, np.sqrt(SLOPE**2 + NOISE)).logpdf(X)
PRIOR = Normal(tf.zeros((1, 1)), tf.zeros((1, 1)))


def constant(x):
    return tf.cast(x, tf.float32)


def terms(objective, epsilon, *, mean, log_variance, slope=None):
    """The objective's terms for noise (4, K), on images of one pixel."""
    slope = constant(SLOPE) if slope is None else slope
    draws = epsilon.shape[1]
    posterior = Normal(mean[:, None], log_variance[:, None])
    drawn = Normal(
        *(tf.repeat(each, draws, axis=0) for each in (mean[:, None], log_variance[:, None]))
    )
    noise = constant(tf.reshape(epsilon, (-1, 1)))
    z = drawn.reparameterize(noise)
    decoded = tf.concat([z, tf.stop_gradient(z)], 0) if objective.decodes == "twice" else z
    likelihood = Normal(
        tf.reshape(slope * decoded, (-1, 1, 1, 1)), tf.fill((1, 1, 1, 1), float(np.log(NOISE)))
    )
    return objective.terms(
        constant(X.reshape(-1, 1, 1, 1)),
        likelihood=likelihood,
        latents=Latents(posterior, PRIOR, drawn=drawn, epsilon=noise, z=z),
    )


@pytest.mark.parametrize("draws", [1, 7])
@pytest.mark.parametrize("dreg", [False, True])
def test_at_the_true_posterior_the_bound_is_the_marginal(draws, dreg):
    epsilon = np.random.default_rng(0).standard_normal((4, draws))
    found = terms(
        ImportanceWeighted((1, 1, 1), samples=draws, dreg=dreg),
        epsilon,
        mean=constant(TRUE_MEAN),
        log_variance=constant(np.full(4, np.log(TRUE_VARIANCE))),
    )
    np.testing.assert_allclose(float(found.total), -EXACT.mean(), rtol=1e-5)


def test_more_draws_tighten_the_bound_towards_the_marginal():
    generator = np.random.default_rng(1)
    means, errors = [], []
    for draws in (1, 5, 50, 1000):
        objective = ImportanceWeighted((1, 1, 1), samples=draws)
        found = [
            -float(
                terms(
                    objective,
                    generator.standard_normal((4, draws)),
                    mean=constant(TRUE_MEAN + 0.3),
                    log_variance=constant(np.full(4, np.log(2 * TRUE_VARIANCE))),
                ).total
            )
            for _ in range(100)
        ]
        means.append(np.mean(found))
        errors.append(np.std(found) / 10)
    assert means[0] < means[1] < means[2]
    assert all(mean < EXACT.mean() + 4 * error for mean, error in zip(means, errors, strict=True))
    assert abs(means[-1] - EXACT.mean()) < 4 * errors[-1] + 2e-3


def test_one_draw_is_the_elbo():
    epsilon = np.random.default_rng(2).standard_normal((4, 1))
    where = {"mean": constant(TRUE_MEAN - 0.2), "log_variance": constant(np.full(4, -1.0))}
    elbo = terms(ELBO((1, 1, 1), kl="monte_carlo"), epsilon, **where)
    iwae = terms(ImportanceWeighted((1, 1, 1), samples=1), epsilon, **where)
    for name in ("total", "reconstruction", "kl"):
        np.testing.assert_allclose(getattr(iwae, name), getattr(elbo, name), rtol=1e-5)
    np.testing.assert_allclose(float(iwae.extras["weighted_gain"]), 0, atol=1e-5)


def test_terms_add_up_and_weighing_gains():
    epsilon = np.random.default_rng(3).standard_normal((4, 20))
    where = {"mean": constant(TRUE_MEAN - 0.2), "log_variance": constant(np.full(4, 0.5))}
    for dreg in (False, True):
        found = terms(ImportanceWeighted((1, 1, 1), samples=20, dreg=dreg), epsilon, **where)
        gain = float(found.extras["weighted_gain"])
        assert gain < 0
        np.testing.assert_allclose(
            float(found.total), float(found.reconstruction + found.kl) + gain, rtol=1e-5
        )


def test_the_bound_is_a_mean_of_weights():
    log_weights = np.random.default_rng(4).normal(-500, 5, (3, 6)).astype(np.float32)
    expected = [np.logaddexp.reduce(row.astype(np.float64)) - np.log(6) for row in log_weights]
    np.testing.assert_allclose(
        importance_weighted_bound(constant(log_weights)), expected, rtol=1e-6
    )


@tf.function
def gradients(dreg, epsilon):
    mean, log_variance = constant(TRUE_MEAN + 0.4), constant(np.full(4, -0.5))
    slope = constant([1.2])
    objective = ImportanceWeighted((1, 1, 1), samples=epsilon.shape[1], dreg=dreg)
    with tf.GradientTape() as tape:
        tape.watch([mean, log_variance, slope])
        total = terms(objective, epsilon, mean=mean, log_variance=log_variance, slope=slope).total
    return tape.gradient(total, [mean, log_variance, slope])


def test_the_doubly_reparameterized_gradient():
    """The decoder's is the plain one; the encoder's has the same mean, and less noise."""
    generator = np.random.default_rng(5)
    noise = constant(generator.standard_normal((400, 4, 32)))
    plain = [gradients(False, epsilon) for epsilon in noise]
    double = [gradients(True, epsilon) for epsilon in noise]
    for one, other in zip(plain, double, strict=True):
        np.testing.assert_allclose(one[2], other[2], rtol=1e-3, atol=1e-5)
    for part in (0, 1):
        one = np.array([found[part] for found in plain])
        other = np.array([found[part] for found in double])
        error = np.sqrt((one.var(0) + other.var(0)) / len(noise))
        assert (abs(one.mean(0) - other.mean(0)) < 4 * error).all()
        assert (other.var(0) < 0.5 * one.var(0)).all()
