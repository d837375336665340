"""MMD and total correlation against closed forms, SciPy, and what they are estimates of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops
from scipy import special, stats
from scipy.spatial.distance import cdist

from zspace.objectives.objective import Latents
from zspace.objectives.penalties import (
    IMQ_SCALES,
    MMD,
    TotalCorrelation,
    maximum_mean_discrepancy,
    stratified_log_weights,
    total_correlation,
)


def numpy(x):
    return ops.convert_to_numpy(x)


def tensor(x):
    return ops.convert_to_tensor(np.asarray(x, np.float32))


def expected_rbf(size, shift, one, other):
    """E exp(−|x − y|² / 2N) of x ~ N(0, one²·I), y ~ N(shift, other²·I): a Gaussian integral."""
    width = size + one**2 + other**2
    return (size / width) ** (size / 2) * np.exp(-size * shift**2 / (2 * width))


@pytest.mark.parametrize(("shift", "deviation"), [(0.0, 1.0), (0.5, 1.0), (0.0, 0.3), (1.0, 2.0)])
def test_mmd_of_two_normals(shift, deviation):
    """The mean over many batches is the closed form, within four standard errors."""
    size, generator = 5, np.random.default_rng(1)
    exact = (
        expected_rbf(size, 0, 1, 1)
        + expected_rbf(size, 0, deviation, deviation)
        - 2 * expected_rbf(size, shift, 1, deviation)
    )
    found = []
    for _ in range(60):
        a, b = generator.normal(size=(64, size)), generator.normal(shift, deviation, (64, size))
        value = maximum_mean_discrepancy(tensor(a), tensor(b), kernel="rbf")
        found.append(float(numpy(value)))
    assert abs(np.mean(found) - exact) < 4 * np.std(found) / np.sqrt(len(found)) + 1e-6


def test_imq_is_scipys_distances():
    generator = np.random.default_rng(2)
    a, b = generator.normal(size=(9, 4)), generator.normal(0.4, 1.3, (9, 4))

    def kernel(x, y):
        square = cdist(x, y, "sqeuclidean")
        return np.mean([8 * s / (8 * s + square) for s in IMQ_SCALES], axis=0)

    off = ~np.eye(9, dtype=bool)
    expected = kernel(a, a)[off].mean() + kernel(b, b)[off].mean() - 2 * kernel(a, b).mean()
    found = maximum_mean_discrepancy(tensor(a), tensor(b), kernel="imq")
    np.testing.assert_allclose(numpy(found), expected, rtol=1e-4, atol=1e-6)


@given(batch=st.integers(2, 40), images=st.integers(0, 10_000))
@settings(max_examples=40)
def test_weights_stand_for_the_data_set(batch, images):
    weights = np.exp(numpy(stratified_log_weights(batch, images)))
    np.testing.assert_allclose(weights.sum(1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.diag(weights), 1 / max(batch, images), rtol=1e-5)


def test_total_correlation_of_a_whole_data_set_is_scipys():
    generator = np.random.default_rng(3)
    mean, log_variance = generator.normal(size=(2, 12, 3))
    z = mean + np.exp(log_variance / 2) * generator.normal(size=mean.shape)
    densities = stats.norm(mean[None], np.exp(log_variance / 2)[None]).logpdf(z[:, None])
    # The batch is the data set, so every posterior counts 1/12.
    joint = special.logsumexp(densities.sum(2), axis=1) - np.log(12)
    marginals = special.logsumexp(densities, axis=1) - np.log(12)
    expected = np.mean(joint - marginals.sum(1))
    found = total_correlation(tensor(z), tensor(mean), log_variance=tensor(log_variance), images=12)
    # One other image has the weight (N − M)/(N·M) = 1/(N·M), not 1/M: nearly, not exactly 1/12.
    rows = np.exp(numpy(stratified_log_weights(12, 12)))
    joint = special.logsumexp(densities.sum(2) + np.log(rows), axis=1)
    marginals = special.logsumexp(densities + np.log(rows)[:, :, None], axis=1)
    exact = np.mean(joint - marginals.sum(1))
    np.testing.assert_allclose(numpy(found), exact, rtol=1e-4, atol=1e-4)
    assert abs(exact - expected) < 0.3


@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_total_correlation_of_a_normal_cloud(correlation):
    """−½ log det of the correlation matrix, for means from N(0, C) and a variance of ½."""
    generator = np.random.default_rng(4)
    covariance = np.array([[1, correlation], [correlation, 1]])
    mean = generator.multivariate_normal([0, 0], covariance, 1500)
    z = mean + np.sqrt(0.5) * generator.normal(size=mean.shape)
    log_variance = np.full_like(mean, np.log(0.5))
    aggregate = covariance + 0.5 * np.eye(2)
    expected = -0.5 * np.log(np.linalg.det(aggregate / 1.5))
    found = float(
        numpy(
            total_correlation(
                tensor(z), tensor(mean), log_variance=tensor(log_variance), images=1500
            )
        )
    )
    assert abs(found - expected) < 0.04


def test_penalties_name_their_terms():
    generator = np.random.default_rng(5)
    from zspace.distributions import Normal, StandardNormalPrior

    mean = tensor(generator.normal(size=(8, 2)))
    posterior = Normal(mean, tensor(np.zeros((8, 2))))
    latents = Latents(
        posterior,
        StandardNormalPrior(2).distribution(),
        drawn=posterior,
        z=mean,
        prior_z=tensor(generator.normal(size=(8, 2))),
    )
    for penalty in (MMD(3.0, kernel="rbf"), TotalCorrelation(3.0, images=100)):
        terms = penalty.terms(latents)
        value, weighted = (float(numpy(terms[name])) for name in penalty.names)
        assert weighted == pytest.approx(3 * value, rel=1e-5)
        again = type(penalty).from_config(penalty.get_config())
        assert again.get_config() == penalty.get_config()


def test_a_last_batch_of_one_image_has_no_say():
    one = tensor(np.ones((1, 3)))
    assert float(numpy(maximum_mean_discrepancy(one, 2 * one))) == 0
    found = total_correlation(one, one, log_variance=one, images=100)
    assert float(numpy(found)) == 0
