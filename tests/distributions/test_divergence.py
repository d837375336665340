"""Divergences against torch.distributions, TensorFlow Probability and numerical integration."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from keras import ops
from scipy import integrate, stats

from zspace.distributions import (
    Bernoulli,
    Deterministic,
    FullNormal,
    Normal,
    NormalMixture,
    kl_divergence,
    kl_per_axis,
    monte_carlo_kl,
)

STANDARD = np.zeros((1, 3), np.float32)


def numpy(x):
    return ops.convert_to_numpy(x)


def tensor(x):
    return ops.convert_to_tensor(np.asarray(x, np.float32))


def finite(low, high, shape):
    return arrays.arrays(np.float32, shape, elements=st.floats(low, high, width=32))


def triangular(log_diagonal, below):
    matrices = np.tril(below, -1)
    axes = np.arange(log_diagonal.shape[1])
    matrices[:, axes, axes] = np.exp(0.5 * log_diagonal)
    return matrices.astype(np.float32)


def double(*given):
    return [torch.tensor(np.asarray(one, np.float32)).double().requires_grad_() for one in given]


def normal_in_torch(center, log_variance):
    return torch.distributions.MultivariateNormal(
        center, scale_tril=torch.diag_embed(torch.exp(0.5 * log_variance))
    )


def full_in_torch(center, scale_tril):
    return torch.distributions.MultivariateNormal(center, scale_tril=scale_tril)


@settings(max_examples=30)
@given(
    mean=finite(-5, 5, (4, 3)),
    log_diagonal=finite(-8, 8, (4, 3)),
    below=finite(-5, 5, (4, 3, 3)),
    other=finite(-5, 5, (1, 3)),
    width=finite(-4, 4, (1, 3)),
)
def test_kl_of_a_full_normal(mean, log_diagonal, below, other, width):
    scale_tril = triangular(log_diagonal, below)
    given = double(mean, scale_tril, other, width)
    q, p = full_in_torch(*given[:2]), normal_in_torch(*given[2:])
    expected = torch.distributions.kl_divergence(q, p).detach().numpy()
    found = kl_divergence(
        FullNormal(tensor(mean), tensor(scale_tril)), Normal(tensor(other), tensor(width))
    )
    np.testing.assert_allclose(numpy(found), expected, rtol=2e-4, atol=1e-3)


@pytest.mark.parametrize("full", [False, True])
@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_gradients_of_kl(gradients, full, seed):
    generator = np.random.default_rng(seed)
    mean, spread, other, width = generator.normal(size=(4, 4, 3))
    if full:
        spread = triangular(spread, generator.normal(size=(4, 3, 3)))
    kind, reference = (FullNormal, full_in_torch) if full else (Normal, normal_in_torch)
    given = double(mean, spread, other, width)
    value = torch.distributions.kl_divergence(reference(*given[:2]), normal_in_torch(*given[2:]))
    expected = torch.autograd.grad(value.sum(), given)
    found = gradients(
        lambda m, s, o, w: kl_divergence(kind(m, s), Normal(o, w)), mean, spread, other, width
    )
    for one, other in zip(found, expected, strict=True):
        one, other = (np.tril(x) if x.ndim == 3 else x for x in (one, other.numpy()))
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


def test_kl_by_tensorflow_probability():
    tfd = pytest.importorskip("tensorflow_probability").distributions
    generator = np.random.default_rng(0)
    mean, log_variance, other, width = generator.normal(size=(4, 6, 3)).astype(np.float32)
    scale_tril = triangular(log_variance, generator.normal(size=(6, 3, 3)))
    double = [one.astype(np.float64) for one in (mean, scale_tril, other, width)]
    p = tfd.MultivariateNormalDiag(double[2], np.exp(0.5 * double[3]))
    expected = tfd.kl_divergence(tfd.MultivariateNormalTriL(*double[:2]), p).numpy()
    ours = Normal(tensor(other), tensor(width))
    found = kl_divergence(FullNormal(tensor(mean), tensor(scale_tril)), ours)
    np.testing.assert_allclose(numpy(found), expected, rtol=1e-4)
    q = tfd.MultivariateNormalDiag(double[0], np.exp(0.5 * log_variance.astype(np.float64)))
    expected = tfd.kl_divergence(q, p).numpy()
    found = kl_divergence(Normal(tensor(mean), tensor(log_variance)), ours)
    np.testing.assert_allclose(numpy(found), expected, rtol=1e-4)


@settings(max_examples=20)
@given(mean=finite(-5, 5, (4, 3)), log_variance=finite(-8, 8, (4, 3)), width=finite(-4, 4, (1, 3)))
def test_kl_of_each_axis(mean, log_variance, width):
    q, p = Normal(tensor(mean), tensor(log_variance)), Normal(tensor(STANDARD), tensor(width))
    found = numpy(kl_per_axis(q, p))
    one, other = (
        torch.distributions.Normal(*pair)
        for pair in (
            (torch.tensor(mean).double(), torch.tensor(log_variance).double().mul(0.5).exp()),
            (torch.zeros(1, 3).double(), torch.tensor(width).double().mul(0.5).exp()),
        )
    )
    expected = torch.distributions.kl_divergence(one, other).numpy()
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=1e-4)
    np.testing.assert_allclose(found.sum(-1), numpy(kl_divergence(q, p)), rtol=1e-5, atol=1e-5)


def test_a_full_normal_with_nothing_below_its_diagonal_is_a_normal():
    generator = np.random.default_rng(0)
    mean, log_variance = generator.normal(size=(2, 4, 3))
    p = Normal(tensor(STANDARD + 1), tensor(STANDARD - 1))
    full = FullNormal(tensor(mean), tensor(triangular(log_variance, np.zeros((4, 3, 3)))))
    expected = numpy(kl_divergence(Normal(tensor(mean), tensor(log_variance)), p))
    np.testing.assert_allclose(numpy(kl_divergence(full, p)), expected, rtol=1e-5)


def test_tiny_differences_are_exact():
    """½ Σ L_jk² for k < j: a difference of large numbers would leave nothing of 1e-8."""
    below = np.zeros((1, 3, 3))
    below[0, 2, 0] = 1e-4
    full = FullNormal(tensor(STANDARD), tensor(triangular(STANDARD, below)))
    found = numpy(kl_divergence(full, Normal(tensor(STANDARD), tensor(STANDARD))))
    np.testing.assert_allclose(found, 0.5e-8, rtol=1e-4)


@settings(max_examples=20)
@given(
    log_variance=arrays.arrays(np.float32, (2, 3), elements=st.sampled_from([-30.0, 0.0, 30.0])),
    below=finite(-1e6, 1e6, (2, 3, 3)),
    width=st.sampled_from([-30.0, 0.0, 30.0]),
)
def test_extreme_variances_give_no_nan(gradients, log_variance, below, width):
    mean, epsilon = np.ones((2, 3), np.float32), tensor(np.full((2, 3), 5.0))
    p = Normal(tensor(STANDARD), tensor(STANDARD + width))
    mixture = NormalMixture(
        tensor(np.zeros((1, 2))), tensor(np.zeros((1, 2, 3))), tensor(np.full((1, 2, 3), width))
    )
    spreads = {Normal: log_variance, FullNormal: triangular(log_variance, below)}
    for kind, spread in spreads.items():

        def exact(m, s, kind=kind):
            return kl_divergence(kind(m, s), p)

        def to_normal(m, s, kind=kind):
            return monte_carlo_kl(kind(m, s), p, epsilon=epsilon)

        def to_mixture(m, s, kind=kind):
            return monte_carlo_kl(kind(m, s), mixture, epsilon=epsilon)

        for function in (exact, to_normal, to_mixture):
            assert np.isfinite(numpy(function(tensor(mean), tensor(spread)))).all()
            assert all(np.isfinite(one).all() for one in gradients(function, mean, spread))


def posteriors(count):
    """One diagonal and one full normal, each on `count` rows."""
    generator = np.random.default_rng(5)
    mean, log_variance = generator.normal(size=(2, 1, 3))
    scale_tril = triangular(log_variance, generator.normal(size=(1, 3, 3)))
    rows = [tensor(np.repeat(one, count, 0)) for one in (mean, log_variance, scale_tril)]
    return Normal(rows[0], rows[1]), FullNormal(rows[0], rows[2])


@pytest.mark.parametrize("which", [0, 1])
def test_monte_carlo_is_within_four_standard_errors_of_the_exact_kl(which):
    p = Normal(tensor(STANDARD - 0.5), tensor(STANDARD + 0.7))
    exact = numpy(kl_divergence(posteriors(1)[which], p))[0]
    epsilon = tensor(np.random.default_rng(6).standard_normal((100_000, 3)))
    single = numpy(monte_carlo_kl(posteriors(100_000)[which], p, epsilon=epsilon))
    assert abs(single.mean(dtype=np.float64) - exact) < 4 * single.std() / np.sqrt(len(single))


@pytest.mark.parametrize("which", [0, 1])
def test_the_monte_carlo_gradient_is_that_of_the_exact_kl_on_average(gradients, which):
    count = 100_000
    p = Normal(tensor(STANDARD - 0.5), tensor(STANDARD + 0.7))
    epsilon = tensor(np.random.default_rng(7).standard_normal((count, 3)))
    q = posteriors(count)[which]
    kind, spread = type(q), numpy(q.log_variance if which == 0 else q.scale_tril)
    single = gradients(
        lambda m, s: monte_carlo_kl(kind(m, s), p, epsilon=epsilon), numpy(q.center), spread
    )
    exact = gradients(lambda m, s: kl_divergence(kind(m, s), p), numpy(q.center)[:1], spread[:1])
    for one, other in zip(single, exact, strict=True):
        below = np.tri(3, dtype=bool) if one.ndim == 3 else np.ones(3, bool)
        one, other = one[:, below].astype(np.float64), other[0, below]
        assert (abs(one.mean(0) - other) < 4 * one.std(0) / np.sqrt(count) + 1e-5).all()


def test_monte_carlo_to_a_mixture_against_integration():
    weights, centers, variances = np.array([0.3, 0.7]), np.array([-1.0, 2.0]), np.array([0.5, 2.0])
    mixture = NormalMixture(
        tensor(np.log(weights)[None]),
        tensor(centers[None, :, None]),
        tensor(np.log(variances)[None, :, None]),
    )

    def integrand(x):
        components = weights * stats.norm(centers, np.sqrt(variances)).pdf(x)
        own = stats.norm(0.5, 0.8)
        return own.pdf(x) * (own.logpdf(x) - np.log(components.sum()))

    expected, _ = integrate.quad(integrand, -8, 9)
    count = 100_000
    q = Normal(tensor(np.full((count, 1), 0.5)), tensor(np.full((count, 1), 2 * np.log(0.8))))
    epsilon = tensor(np.random.default_rng(8).standard_normal((count, 1)))
    single = numpy(monte_carlo_kl(q, mixture, epsilon=epsilon))
    error = single.std() / np.sqrt(count)
    assert abs(single.mean(dtype=np.float64) - expected) < 4 * error


def test_monte_carlo_of_a_tiny_variance_keeps_its_digits():
    """By log_prob(z) it would be off by thousands: z − mean is all rounding."""
    epsilon = np.random.default_rng(9).standard_normal((5, 3)).astype(np.float32)
    mean = np.full((5, 3), 7.3, np.float32)
    q = Normal(tensor(mean), tensor(np.full((5, 3), -30.0)))
    found = numpy(
        monte_carlo_kl(q, Normal(tensor(STANDARD), tensor(STANDARD)), epsilon=tensor(epsilon))
    )
    z = mean + np.exp(-15) * epsilon.astype(np.float64)
    expected = (stats.norm.logpdf(epsilon.astype(np.float64)) + 15 - stats.norm.logpdf(z)).sum(-1)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_what_has_a_closed_form():
    normal = Normal(tensor(STANDARD), tensor(STANDARD))
    mixture = NormalMixture(tensor([[0.0]]), tensor(STANDARD[None]), tensor(STANDARD[None]))
    point = Deterministic(tensor(np.ones((2, 3))))
    assert numpy(kl_divergence(point, mixture)).tolist() == [0, 0]
    with pytest.raises(TypeError, match="estimate it with monte_carlo_kl"):
        kl_divergence(normal, mixture)
    with pytest.raises(TypeError, match="no closed form"):
        kl_divergence(Bernoulli(tensor(STANDARD)), normal)
