"""Mixtures of normals against torch.distributions and SciPy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from keras import ops
from scipy import integrate, stats

from zspace.distributions import Normal, NormalMixture


def numpy(x):
    return ops.convert_to_numpy(x)


def tensor(x):
    return ops.convert_to_tensor(np.asarray(x, np.float32))


def finite(low, high, shape):
    return arrays.arrays(np.float32, shape, elements=st.floats(low, high, width=32))


def in_torch(log_weights, centers, log_variances):
    components = torch.distributions.Normal(centers, torch.exp(0.5 * log_variances))
    return torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(logits=log_weights),
        torch.distributions.Independent(components, 1),
    )


def double(*given):
    return [torch.tensor(np.asarray(one, np.float32)).double().requires_grad_() for one in given]


@pytest.mark.parametrize("batch", [1, 4])
@settings(max_examples=20)
@given(data=st.data())
def test_log_prob(batch, data):
    log_weights = data.draw(finite(-5, 5, (batch, 3)))
    centers = data.draw(finite(-5, 5, (batch, 3, 2)))
    log_variances = data.draw(finite(-4, 4, (batch, 3, 2)))
    x = data.draw(finite(-8, 8, (4, 2)))
    *parameters, point = double(log_weights, centers, log_variances, x)
    expected = in_torch(*parameters).log_prob(point).detach().numpy()
    mixture = NormalMixture(tensor(log_weights), tensor(centers), tensor(log_variances))
    np.testing.assert_allclose(numpy(mixture.log_prob(tensor(x))), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("batch", [1, 4])
@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_gradients_of_log_prob(gradients, batch, seed):
    generator = np.random.default_rng(seed)
    given = (
        generator.normal(size=(batch, 3)),
        generator.normal(size=(batch, 3, 2)),
        generator.normal(size=(batch, 3, 2)),
        generator.normal(size=(4, 2)),
    )
    in_double = double(*given)
    value = in_torch(*in_double[:3]).log_prob(in_double[3]).sum()
    expected = torch.autograd.grad(value, in_double)
    found = gradients(lambda w, c, v, x: NormalMixture(w, c, v).log_prob(x), *given)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other.numpy(), rtol=1e-3, atol=1e-4)


def test_narrow_components_far_out_keep_their_digits():
    """An expanded square, x² − 2xc + c², would be off by hundreds here."""
    centers = np.float32(1000 + np.arange(3))[None, :, None] * np.ones((1, 3, 2), np.float32)
    x = np.float32(1001) + np.float32([[0.001, -0.002], [0.0005, 0.0]])
    log_variances = np.full((1, 3, 2), -14.0)
    *parameters, point = double(np.zeros((1, 3)), centers, log_variances, x)
    expected = in_torch(*parameters).log_prob(point).detach().numpy()
    mixture = NormalMixture(tensor(np.zeros((1, 3))), tensor(centers), tensor(log_variances))
    np.testing.assert_allclose(numpy(mixture.log_prob(tensor(x))), expected, rtol=1e-4, atol=1e-3)


@settings(max_examples=30)
@given(
    log_variances=arrays.arrays(np.float32, (1, 3, 2), elements=st.sampled_from([-30.0, 0, 30])),
    log_weights=arrays.arrays(np.float32, (1, 3), elements=st.sampled_from([-1e4, 0.0, 1e4])),
    x=finite(-100, 100, (4, 2)),
)
def test_extreme_parameters_give_no_nan(gradients, log_variances, log_weights, x):
    centers = np.zeros((1, 3, 2))

    def log_prob(w, c, v, x):
        return NormalMixture(w, c, v).log_prob(x)

    given = (log_weights, centers, log_variances, x)
    assert np.isfinite(numpy(log_prob(*map(tensor, given)))).all()
    assert all(np.isfinite(one).all() for one in gradients(log_prob, *given))


def test_a_component_may_have_no_weight(gradients):
    given = ([[-np.inf, 0.0]], [[[0.0], [2.0]]], np.zeros((1, 2, 1)), [[1.5]])
    mixture = NormalMixture(*map(tensor, given[:3]))
    np.testing.assert_allclose(
        numpy(mixture.log_prob(tensor(given[3]))), stats.norm(2).logpdf(1.5), rtol=1e-5
    )
    found = gradients(lambda c, v, x: NormalMixture(tensor(given[0]), c, v).log_prob(x), *given[1:])
    assert all(np.isfinite(one).all() for one in found)
    assert (numpy(mixture.mean()) == 2).all()


def test_the_density_integrates_to_one():
    mixture = NormalMixture(
        tensor([[0.3, -1.0]]), tensor([[[-1.0], [2.0]]]), tensor([[[0.5], [-2.0]]])
    )
    grid = np.linspace(-12, 12, 4001)
    density = np.exp(numpy(mixture.log_prob(tensor(grid[:, None]))))
    np.testing.assert_allclose(integrate.simpson(density, x=grid), 1, rtol=1e-5)


def test_one_component_is_a_normal():
    generator = np.random.default_rng(0)
    center, log_variance, x = generator.normal(size=(3, 5, 2))
    mixture = NormalMixture(
        tensor(np.full((5, 1), -3.0)), tensor(center[:, None]), tensor(log_variance[:, None])
    )
    normal = Normal(tensor(center), tensor(log_variance))
    expected = numpy(normal.log_prob(tensor(x)))
    np.testing.assert_allclose(numpy(mixture.log_prob(tensor(x))), expected, rtol=1e-5)
    np.testing.assert_allclose(numpy(mixture.mean()), center, rtol=1e-6)
    np.testing.assert_allclose(numpy(mixture.mode()), center, rtol=1e-6)


def test_mean_is_the_weighted_one():
    generator = np.random.default_rng(0)
    given = [generator.normal(size=shape) for shape in ((4, 3), (4, 3, 2), (4, 3, 2))]
    expected = in_torch(*double(*given)).mean.detach().numpy()
    np.testing.assert_allclose(
        numpy(NormalMixture(*map(tensor, given)).mean()), expected, rtol=1e-4, atol=1e-5
    )


def test_mode_is_where_the_density_is_highest():
    # Two broad components on one spot are denser there than each of the others alone.
    centers = [[[0.0], [0.0], [9.0], [-9.0]]]
    log_variances = [[[0.0], [0.0], [0.4], [1.0]]]
    mixture = NormalMixture(tensor(np.zeros((1, 4))), tensor(centers), tensor(log_variances))
    assert numpy(mixture.mode()).tolist() == [[0.0]]
    # By row, with weights of their own over shared components.
    log_weights = [[0.0, 0.0, 5.0, 0.0], [0.0, 0.0, 0.0, 5.0]]
    mixture = NormalMixture(tensor(log_weights), tensor(centers), tensor(log_variances))
    assert numpy(mixture.mode()).tolist() == [[9.0], [-9.0]]


@pytest.mark.parametrize("shared", [True, False])
def test_samples_follow_their_distribution(shared):
    count = 20_000
    weights = np.array([0.2, 0.5, 0.3])
    centers = np.array([[-20.0, 0.0], [0.0, 1.0], [20.0, 2.0]])
    log_variances = np.log(np.array([[1.0, 4.0], [0.25, 1.0], [9.0, 0.01]]))
    rows = [np.repeat(one[None], count, 0) for one in (np.log(weights), centers, log_variances)]
    if shared:
        rows[1:] = centers[None], log_variances[None]
    mixture = NormalMixture(*map(tensor, rows))
    draws = numpy(mixture.sample(3))
    assert draws.shape == (count, 2)
    np.testing.assert_array_equal(draws, numpy(mixture.sample(3)))
    component = np.digitize(draws[:, 0], [-10, 8])
    observed = np.bincount(component, minlength=3)
    assert stats.chisquare(observed, count * weights).pvalue > 1e-3
    for number in range(3):
        own = (draws[component == number] - centers[number]) / np.exp(0.5 * log_variances[number])
        assert stats.kstest(own.ravel(), "norm").pvalue > 1e-3
