"""Densities, divergences and samplers against SciPy and torch.distributions."""

import keras
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from keras import ops
from scipy import stats

from zspace.distributions import (
    Bernoulli,
    Deterministic,
    Normal,
    NormalLikelihood,
    StandardNormalPrior,
    kl_divergence,
)


def numpy(x):
    return ops.convert_to_numpy(x)


def tensor(x):
    return ops.convert_to_tensor(np.asarray(x, np.float32))


def finite(low, high, shape=(4, 5)):
    return arrays.arrays(np.float32, shape, elements=st.floats(low, high, width=32))


@settings(max_examples=30)
@given(center=finite(-10, 10), log_variance=finite(-10, 10), x=finite(-10, 10))
def test_normal_log_prob(center, log_variance, x):
    deviation = np.exp(0.5 * log_variance.astype(np.float64))
    expected = stats.norm(center, deviation).logpdf(x).sum(-1)
    found = numpy(Normal(tensor(center), tensor(log_variance)).log_prob(tensor(x)))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)


@settings(max_examples=30)
@given(mean=finite(-5, 5), log_variance=finite(-8, 8), other=finite(-5, 5), width=finite(-4, 4))
def test_kl_of_two_normals(mean, log_variance, other, width):
    def in_torch(center, log_variance):
        center, log_variance = torch.tensor(center).double(), torch.tensor(log_variance).double()
        return torch.distributions.Normal(center, torch.exp(0.5 * log_variance))

    q, p = in_torch(mean, log_variance), in_torch(other, width)
    expected = torch.distributions.kl_divergence(q, p).sum(-1).numpy()
    ours = kl_divergence(
        Normal(tensor(mean), tensor(log_variance)), Normal(tensor(other), tensor(width))
    )
    np.testing.assert_allclose(numpy(ours), expected, rtol=2e-4, atol=1e-3)


def test_kl_against_monte_carlo():
    """Within four standard errors of the mean of log q − log p, by SciPy's densities."""
    generator = np.random.default_rng(0)
    mean, deviation = generator.normal(size=6), generator.uniform(0.3, 2, size=6)
    draws = mean + deviation * generator.standard_normal((200_000, 6))
    ratio = (stats.norm(mean, deviation).logpdf(draws) - stats.norm.logpdf(draws)).sum(-1)
    prior = StandardNormalPrior(6).distribution()
    q = Normal(tensor(mean[None]), tensor(2 * np.log(deviation)[None]))
    error = ratio.std() / np.sqrt(len(ratio))
    assert abs(numpy(kl_divergence(q, prior))[0] - ratio.mean()) < 4 * error


def test_kl_is_zero_only_for_the_prior_and_exact_for_tiny_differences():
    prior = StandardNormalPrior(3).distribution()
    zeros = tensor(np.zeros((2, 3)))
    assert numpy(kl_divergence(Normal(zeros, zeros), prior)).tolist() == [0, 0]
    # ½·(exp(l) − 1 − l) is l²/4 for small l; without expm1 float32 would give 0 or worse.
    small = tensor(np.full((1, 1), 1e-3))
    kl = kl_divergence(Normal(zeros[:1, :1], small), StandardNormalPrior(1).distribution())
    np.testing.assert_allclose(numpy(kl), 2.5e-7, rtol=0.2)


@pytest.mark.parametrize("log_variance", [-30.0, 30.0])
def test_extreme_variances_give_no_nan(log_variance):
    extreme = Normal(tensor(np.ones((2, 3))), tensor(np.full((2, 3), log_variance)))
    prior = StandardNormalPrior(3).distribution()
    assert np.isfinite(numpy(kl_divergence(extreme, prior))).all()
    assert np.isfinite(numpy(extreme.log_prob(tensor(np.ones((2, 3)))))).all()


@settings(max_examples=30)
@given(logits=finite(-30, 30), x=finite(0, 1))
def test_bernoulli_log_prob(logits, x):
    expected = -torch.nn.functional.binary_cross_entropy_with_logits(
        torch.tensor(logits).double(), torch.tensor(x).double(), reduction="none"
    ).sum(-1)
    found = numpy(Bernoulli(tensor(logits)).log_prob(tensor(x)))
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-4)


def test_bernoulli_is_keras_binary_cross_entropy():
    generator = np.random.default_rng(0)
    logits, x = generator.normal(size=(3, 8, 8, 2)), generator.uniform(size=(3, 8, 8, 2))
    loss = keras.losses.BinaryCrossentropy(from_logits=True, reduction="sum")
    # Keras averages over the channels and sums over the rest: our "channel_mean".
    expected = float(numpy(loss(tensor(x), tensor(logits))))
    found = -numpy(Bernoulli(tensor(logits)).log_prob(tensor(x))).sum() / 2
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_bernoulli_at_the_edges():
    certain = Bernoulli(tensor([[1e4, -1e4]]))
    assert numpy(certain.log_prob(tensor([[1.0, 0.0]]))).tolist() == [0.0]
    assert numpy(certain.log_prob(tensor([[0.0, 1.0]]))).tolist() == [-2e4]
    assert numpy(certain.mean()).tolist() == [[1.0, 0.0]]
    assert numpy(certain.mode()).tolist() == [[1.0, 0.0]]


def test_samples_follow_their_distribution():
    normal = Normal(tensor(np.full((20_000, 1), 2.0)), tensor(np.full((20_000, 1), np.log(9.0))))
    draws = numpy(normal.sample(1)).ravel()
    assert stats.kstest(draws, stats.norm(2, 3).cdf).pvalue > 1e-3
    np.testing.assert_array_equal(draws, numpy(normal.sample(1)).ravel())
    share = numpy(Bernoulli(tensor(np.full((20_000, 1), np.log(3)))).sample(1)).mean()
    assert stats.binomtest(round(share * 20_000), 20_000, 0.75).pvalue > 1e-3


def test_deterministic_has_no_rate_and_no_noise():
    point = Deterministic(tensor([[1.0, 2.0], [3.0, 4.0]]))
    prior = StandardNormalPrior(2).distribution()
    assert numpy(kl_divergence(point, prior)).tolist() == [0, 0]
    assert numpy(point.sample(1)).tolist() == [[1, 2], [3, 4]]
    found = numpy(point.log_prob(tensor([[1.0, 2.0], [3.0, 5.0]])))
    assert found.tolist() == [0.0, -np.inf]


def test_a_pair_without_closed_form_is_refused():
    with pytest.raises(TypeError, match="no closed form of KL"):
        kl_divergence(Bernoulli(tensor([[0.0]])), StandardNormalPrior(1).distribution())


@pytest.mark.parametrize("variance", [0.5, 0.01])
def test_normal_likelihood(variance):
    generator = np.random.default_rng(0)
    output, x = generator.normal(size=(3, 4, 4, 1)), generator.uniform(size=(3, 4, 4, 1))
    mean = 1 / (1 + np.exp(-output))
    expected = stats.norm(mean, np.sqrt(variance)).logpdf(x).sum((1, 2, 3))
    likelihood = NormalLikelihood(variance)
    found = numpy(likelihood.distribution(tensor(output)).log_prob(tensor(x)))
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert not likelihood.trainable_variables
    assert len(NormalLikelihood(variance, learn_variance=True).trainable_variables) == 1
