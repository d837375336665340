"""The full-covariance normal against SciPy, torch.distributions and TensorFlow Probability."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from keras import ops
from scipy import stats

from zspace.distributions import FullNormal, Normal
from zspace.distributions.full_normal import marginal_log_variance


def numpy(x):
    return ops.convert_to_numpy(x)


def tensor(x):
    return ops.convert_to_tensor(np.asarray(x, np.float32))


def finite(low, high, shape):
    return arrays.arrays(np.float32, shape, elements=st.floats(low, high, width=32))


def triangular(log_diagonal, below):
    """L from log L_jj² (batch, N) and whatever stands in `below` (batch, N, N)."""
    matrices = np.tril(below, -1)
    axes = np.arange(log_diagonal.shape[1])
    matrices[:, axes, axes] = np.exp(0.5 * log_diagonal)
    return matrices.astype(np.float32)


def in_torch(center, scale_tril):
    center, scale_tril = (torch.tensor(one).double() for one in (center, scale_tril))
    return torch.distributions.MultivariateNormal(center, scale_tril=scale_tril)


POSITION = finite(-5, 5, (4, 3))
LOG_DIAGONAL = finite(-3, 3, (4, 3))
BELOW = finite(-1, 1, (4, 3, 3))
EXTREME = st.sampled_from([-30.0, 0.0, 30.0])


@settings(max_examples=30)
@given(center=POSITION, log_diagonal=LOG_DIAGONAL, below=BELOW, x=POSITION)
def test_log_prob(center, log_diagonal, below, x):
    scale_tril = triangular(log_diagonal, below)
    expected = in_torch(center, scale_tril).log_prob(torch.tensor(x).double()).numpy()
    found = numpy(FullNormal(tensor(center), tensor(scale_tril)).log_prob(tensor(x)))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)


def test_log_prob_by_scipy():
    generator = np.random.default_rng(0)
    scale_tril = triangular(generator.normal(size=(4, 3)), generator.normal(size=(4, 3, 3)))
    center, x = generator.normal(size=(2, 4, 3))
    expected = [
        stats.multivariate_normal(one, factor @ factor.T).logpdf(point)
        for one, factor, point in zip(center, scale_tril.astype(np.float64), x, strict=True)
    ]
    found = numpy(FullNormal(tensor(center), tensor(scale_tril)).log_prob(tensor(x)))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_log_prob_by_tensorflow_probability():
    tfd = pytest.importorskip("tensorflow_probability").distributions
    generator = np.random.default_rng(1)
    scale_tril = triangular(generator.normal(size=(4, 5)), generator.normal(size=(4, 5, 5)))
    center, x = generator.normal(size=(2, 4, 5)).astype(np.float32)
    reference = tfd.MultivariateNormalTriL(center.astype(float), scale_tril.astype(float))
    found = numpy(FullNormal(tensor(center), tensor(scale_tril)).log_prob(tensor(x)))
    np.testing.assert_allclose(found, reference.log_prob(x.astype(float)).numpy(), rtol=1e-4)


@settings(max_examples=15)
@given(seed=st.integers(0, 1000))
def test_gradients_of_log_prob(gradients, seed):
    generator = np.random.default_rng(seed)
    scale_tril = triangular(generator.normal(size=(4, 3)), generator.normal(size=(4, 3, 3)))
    center, x = generator.normal(size=(2, 4, 3)).astype(np.float32)
    given = [torch.tensor(one).double().requires_grad_() for one in (center, scale_tril, x)]
    reference = torch.distributions.MultivariateNormal(given[0], scale_tril=given[1])
    expected = torch.autograd.grad(reference.log_prob(given[2]).sum(), given)
    found = gradients(lambda c, s, x: FullNormal(c, s).log_prob(x), center, scale_tril, x)
    for one, other in zip(found, expected, strict=True):
        other = np.tril(other.numpy()) if other.ndim == 3 else other.numpy()
        scale = np.abs(other).max()
        np.testing.assert_allclose(np.tril(one) if one.ndim == 3 else one, other, atol=1e-4 * scale)


@settings(max_examples=30)
@given(log_diagonal=finite(-30, 10, (4, 3)), below=BELOW, epsilon=POSITION)
def test_log_prob_at_a_draw_is_free_of_rounding(log_diagonal, below, epsilon):
    """z − mean has lost all digits of σ·ε where σ is e⁻¹⁵ and the mean is 7; ε has not."""
    scale_tril, center = triangular(log_diagonal, below), np.full((4, 3), 7.0)
    half_log = np.log(scale_tril.astype(np.float64).diagonal(axis1=1, axis2=2)).sum(1)
    exponent = 0.5 * (epsilon.astype(np.float64) ** 2 + math.log(2 * math.pi)).sum(1)
    expected = -exponent - half_log
    full = FullNormal(tensor(center), tensor(scale_tril))
    diagonal = Normal(tensor(center), tensor(log_diagonal))
    for found in (full, diagonal):
        value = numpy(found.log_prob_at(tensor(epsilon)))
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-4)


def test_log_prob_at_is_log_prob_of_the_draw():
    generator = np.random.default_rng(2)
    center, epsilon, log_variance = generator.normal(size=(3, 6, 4))
    scale_tril = triangular(log_variance, generator.normal(size=(6, 4, 4)))
    pairs = [
        FullNormal(tensor(center), tensor(scale_tril)),
        Normal(tensor(center), tensor(log_variance)),
        Normal(tensor(center), tensor(log_variance[:1])),
        Normal(tensor(center), tensor(0.5)),
    ]
    for one in pairs:
        z = one.reparameterize(tensor(epsilon))
        expected = numpy(one.log_prob(z))
        np.testing.assert_allclose(numpy(one.log_prob_at(tensor(epsilon))), expected, rtol=1e-4)


@settings(max_examples=30)
@given(
    log_diagonal=arrays.arrays(np.float32, (2, 3), elements=EXTREME), below=finite(-2, 2, (2, 3, 3))
)
def test_extreme_variances_give_no_nan(gradients, log_diagonal, below):
    # Below the diagonal stands what is of the size of the row: L is as extreme as can be, but its
    # inverse still a number.
    below = below * np.exp(0.5 * log_diagonal)[:, :, None]
    scale_tril = triangular(log_diagonal, below)
    points = np.ones((2, 3), np.float32)

    def log_prob(center, scale_tril):
        return FullNormal(center, scale_tril).log_prob(tensor(2 * points))

    def log_prob_at(center, scale_tril):
        return FullNormal(center, scale_tril).log_prob_at(tensor(points)) + 0 * ops.sum(center)

    def draw(center, scale_tril):
        return FullNormal(center, scale_tril).reparameterize(tensor(points))

    def marginals(center, scale_tril):
        return marginal_log_variance(scale_tril) + 0 * center

    for function in (log_prob, log_prob_at, draw, marginals):
        assert np.isfinite(numpy(function(tensor(points), tensor(scale_tril)))).all()
        for gradient in gradients(function, points, scale_tril):
            assert np.isfinite(gradient).all()


def test_marginal_variances_are_those_of_the_covariance():
    generator = np.random.default_rng(3)
    scale_tril = triangular(generator.normal(size=(6, 4)), generator.normal(size=(6, 4, 4)))
    covariance = scale_tril @ scale_tril.transpose(0, 2, 1)
    expected = np.log(covariance.diagonal(axis1=1, axis2=2))
    np.testing.assert_allclose(
        numpy(marginal_log_variance(tensor(scale_tril))), expected, rtol=1e-4
    )


def test_samples_follow_their_distribution():
    count, generator = 20_000, np.random.default_rng(4)
    scale_tril = triangular(generator.normal(size=(1, 3)), generator.normal(size=(1, 3, 3)))
    center = np.array([[1.0, -2.0, 3.0]])
    whole = FullNormal(tensor(np.repeat(center, count, 0)), tensor(np.repeat(scale_tril, count, 0)))
    draws = numpy(whole.sample(1))
    np.testing.assert_array_equal(draws, numpy(whole.sample(1)))
    white = np.linalg.solve(scale_tril[0].astype(np.float64), (draws - center).T)
    assert stats.kstest(white.ravel(), "norm").pvalue > 1e-3
    assert stats.kstest((white**2).sum(0), stats.chi2(3).cdf).pvalue > 1e-3
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert stats.pearsonr(white[first], white[second]).pvalue > 1e-3
    np.testing.assert_allclose(numpy(whole.mean())[:1], center)
    np.testing.assert_allclose(numpy(whole.mode())[:1], center)
