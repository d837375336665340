"""Continuous Bernoulli, beta and Laplace against SciPy and torch.distributions."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from keras import ops
from scipy import stats

from zspace.distributions import Beta, ContinuousBernoulli, Laplace

DRAWS = 20_000


def numpy(x):
    return ops.convert_to_numpy(x)


def tensor(x):
    return ops.convert_to_tensor(np.asarray(x, np.float32))


def finite(low, high, shape=(4, 5)):
    """Floats on a grid of 2^-20: their differences are no subnormals, which backends call 0."""
    return arrays.arrays(np.float32, shape, elements=st.floats(low, high)).map(
        lambda array: np.float32(np.round(array * 2.0**20) / 2.0**20)
    )


def in_torch(x):
    return torch.tensor(np.asarray(x, np.float64), requires_grad=True)


def assert_like_torch(gradients, ours, theirs, parameters, x, tolerance=1e-4):
    """Values and gradients of `ours(*parameters).log_prob(x)` against those in float64."""
    doubles = [in_torch(parameter) for parameter in parameters]
    expected = theirs(*doubles).log_prob(torch.tensor(x.astype(np.float64))).sum(-1)
    expected.sum().backward()
    found = numpy(ours(*map(tensor, parameters)).log_prob(tensor(x)))
    size = 1 + np.abs(expected.detach().numpy())
    np.testing.assert_array_less(np.abs(found - expected.detach().numpy()), tolerance * size)
    slopes = gradients(lambda *given: ours(*given).log_prob(tensor(x)), *parameters)
    for slope, double in zip(slopes, doubles, strict=True):
        np.testing.assert_allclose(slope, double.grad.numpy(), rtol=tolerance, atol=tolerance)


def torch_continuous_bernoulli(logits):
    return torch.distributions.ContinuousBernoulli(logits=logits)


@settings(max_examples=25)
@given(logits=finite(-15, 15) | finite(-1.5, 1.5) | finite(-(2.0**-9), 2.0**-9), x=finite(0, 1))
def test_continuous_bernoulli_values_and_gradients(gradients, logits, x):
    assert_like_torch(gradients, ContinuousBernoulli, torch_continuous_bernoulli, [logits], x, 1e-5)
    expected = torch_continuous_bernoulli(in_torch(logits)).mean.detach().numpy()
    found = numpy(ContinuousBernoulli(tensor(logits)).mean())
    np.testing.assert_allclose(found, expected, rtol=2e-6)


@pytest.mark.parametrize("size", [20.0, 300.0, 1e4])
def test_continuous_bernoulli_with_steep_logits(gradients, size):
    """There log p(x) = log l − l·(1 − x) and the mean is 1 − 1/l, to float64."""
    x = np.array([[0.0, 0.3, 1.0, 0.0, 0.7, 1.0]], np.float32)
    logits = size * np.array([[1, 1, 1, -1, -1, -1]], np.float32)
    each = np.log(size) - size * np.array([1, 0.7, 0, 0, 0.7, 1])
    cubes = np.reshape(x, (6, 1)), np.reshape(logits, (6, 1))
    found = numpy(ContinuousBernoulli(tensor(cubes[1])).log_prob(tensor(cubes[0])))
    np.testing.assert_allclose(found, each, rtol=1e-6)
    mean = numpy(ContinuousBernoulli(tensor(logits)).mean())
    np.testing.assert_allclose(mean, [[1 - 1 / size] * 3 + [1 / size] * 3], rtol=1e-6)
    (slope,) = gradients(lambda given: ContinuousBernoulli(given).log_prob(tensor(x)), logits)
    # The slope is x − mean.
    np.testing.assert_allclose(slope, x - mean, rtol=1e-4, atol=1e-7)


def test_continuous_bernoulli_at_and_around_zero_is_uniform():
    logits = np.array([[0.0], [1e-30], [-1e-30], [1e-7], [-1e-7]])
    flat = ContinuousBernoulli(tensor(logits))
    np.testing.assert_allclose(numpy(flat.log_prob(tensor(np.full((5, 1), 0.9)))), 0, atol=1e-6)
    np.testing.assert_allclose(numpy(flat.mean()), 0.5, rtol=1e-6)
    assert numpy(flat.mode()).ravel().tolist() == [0.5, 1, 0, 1, 0]
    assert np.isfinite(numpy(flat.sample(1))).all()


@pytest.mark.parametrize("logit", [0.0, 1e-5, -0.5, 4.0, -40.0, 1e4])
def test_continuous_bernoulli_samples(logit):
    draws = numpy(ContinuousBernoulli(tensor(np.full((DRAWS, 1), logit))).sample(1)).ravel()
    assert draws.min() >= 0
    assert draws.max() <= 1
    if logit == 0:
        exact = stats.uniform()
    else:
        draws = 1 - draws if logit > 0 else draws
        exact = stats.truncexpon(abs(logit), scale=1 / abs(logit))
    assert stats.kstest(draws, exact.cdf).pvalue > 1e-3


concentrations = st.floats(-3, 3, width=32).map(lambda power: np.float32(10.0**power))
pairs = arrays.arrays(np.float32, (4, 5), elements=concentrations)
middles = arrays.arrays(
    np.float32, (4, 5), elements=st.integers(0, 255).map(lambda v: np.float32((v + 0.5) / 256))
)


@settings(max_examples=25)
@given(alpha=pairs, beta=pairs, x=middles)
def test_beta_values_and_gradients(gradients, alpha, beta, x):
    # Where a slope is large, so are the terms that it is the difference of.
    assert_like_torch(gradients, Beta, torch.distributions.Beta, [alpha, beta], x, 2e-4)
    exact = stats.beta(alpha.astype(np.float64), beta.astype(np.float64))
    expected = exact.logpdf(x.astype(np.float64)).sum(-1)
    found = numpy(Beta(tensor(alpha), tensor(beta)).log_prob(tensor(x)))
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-4)
    mean = numpy(Beta(tensor(alpha), tensor(beta)).mean())
    np.testing.assert_allclose(mean, exact.mean(), rtol=1e-5)


def test_beta_at_the_edges_is_finite(gradients):
    alpha, beta = (np.float32(v) for v in np.meshgrid([1e-3, 1, 3, 1e4], [1e-3, 1, 3, 1e4]))
    for edge in (0.0, 1.0):
        x = tensor(np.full(alpha.shape, edge))
        assert np.isfinite(numpy(Beta(tensor(alpha), tensor(beta)).log_prob(x))).all()
        slopes = gradients(lambda a, b, at=x: Beta(a, b).log_prob(at), alpha, beta)
        assert np.isfinite(slopes).all()


@pytest.mark.parametrize(
    ("alpha", "beta", "mode"),
    [
        (3.0, 2.0, 2 / 3),
        (5e3, 1e4, 4999 / 14998),
        (1.0, 3.0, 0.0),
        (0.5, 3.0, 0.0),
        (3.0, 1.0, 1.0),
        (3.0, 0.5, 1.0),
        (0.4, 0.5, 0.0),
        (0.5, 0.4, 1.0),
        (0.5, 0.5, 0.5),
        (1.0, 1.0, 0.5),
    ],
)
def test_beta_mode(alpha, beta, mode):
    found = numpy(Beta(tensor([[alpha]]), tensor([[beta]])).mode()).item()
    assert found == pytest.approx(mode, rel=1e-6)
    if min(alpha, beta) > 1:
        grid = np.linspace(0.001, 0.999, 9999)
        best = grid[stats.beta(alpha, beta).logpdf(grid).argmax()]
        assert found == pytest.approx(best, abs=1e-4)


@pytest.mark.parametrize(("alpha", "beta"), [(0.5, 2.0), (0.05, 0.3), (3.0, 1.0), (400.0, 900.0)])
def test_beta_samples(alpha, beta):
    both = [tensor(np.full((DRAWS, 1), value)) for value in (alpha, beta)]
    draws = numpy(Beta(*both).sample(1)).ravel()
    assert stats.kstest(draws, stats.beta(alpha, beta).cdf).pvalue > 1e-3
    np.testing.assert_array_equal(draws, numpy(Beta(*both).sample(1)).ravel())


def test_beta_samples_of_tiny_concentrations_are_nearly_all_0_or_1():
    both = [tensor(np.full((DRAWS, 1), value)) for value in (1e-3, 2e-3)]
    draws = numpy(Beta(*both).sample(1)).ravel()
    assert np.mean((draws < 1e-3) | (draws > 1 - 1e-3)) > 0.98
    assert stats.binomtest(int((draws > 0.5).sum()), DRAWS, 1 / 3).pvalue > 1e-3


@settings(max_examples=25)
@given(center=finite(-2, 2), log_scale=finite(-5, 5), x=finite(-2, 2))
def test_laplace_values_and_gradients(gradients, center, log_scale, x):
    def theirs(center, log_scale):
        return torch.distributions.Laplace(center, torch.exp(log_scale))

    assert_like_torch(gradients, Laplace, theirs, [center, log_scale], x, 2e-5)
    expected = stats.laplace(center, np.exp(log_scale.astype(np.float64))).logpdf(x).sum(-1)
    found = numpy(Laplace(tensor(center), tensor(log_scale)).log_prob(tensor(x)))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


def test_laplace_mean_mode_and_samples():
    center = tensor(np.full((DRAWS, 1), 0.4))
    laplace = Laplace(center, tensor(np.log(0.2)))
    assert (numpy(laplace.mean()) == numpy(laplace.mode())).all()
    assert numpy(laplace.mean())[0, 0] == np.float32(0.4)
    draws = numpy(laplace.sample(1)).ravel()
    assert stats.kstest(draws, stats.laplace(0.4, 0.2).cdf).pvalue > 1e-3
