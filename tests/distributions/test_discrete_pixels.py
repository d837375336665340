"""Discretized logistic and categorical against SciPy, torch.distributions and plain sums."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from keras import ops
from scipy import special, stats

from zspace.distributions import Categorical, DiscretizedLogistic

DRAWS = 20_000
VALUES = np.arange(256) / 255


def numpy(x):
    return ops.convert_to_numpy(x)


def tensor(x):
    return ops.convert_to_tensor(np.asarray(x, np.float32))


def finite(low, high, shape=(4, 5)):
    """Floats on a grid of 2^-20: their differences are no subnormals, which backends call 0."""
    return arrays.arrays(np.float32, shape, elements=st.floats(low, high)).map(
        lambda array: np.float32(np.round(array * 2.0**20) / 2.0**20)
    )


def levels(shape=(4, 5)):
    return arrays.arrays(np.int64, shape, elements=st.integers(0, 255))


def log_mass(center, scale):
    """Of the levels of each pixel, (…, 256), by SciPy in float64, from the nearer tail."""
    exact = stats.logistic(np.float64(center)[..., None], np.float64(scale)[..., None])
    lower = np.append(-np.inf, VALUES[1:] - 0.5 / 255)
    upper = np.append(VALUES[:-1] + 0.5 / 255, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = exact.logcdf(upper) + np.log(-np.expm1(exact.logcdf(lower) - exact.logcdf(upper)))
        right = exact.logsf(lower) + np.log(-np.expm1(exact.logsf(upper) - exact.logsf(lower)))
    return np.where(VALUES < np.float64(center)[..., None], left, right)


def all_log_probs(center, log_scale):
    """Log-probability of each level of the pixels (count, 1), as (count, 256)."""
    every = (tensor(np.repeat(given, 256, axis=0)) for given in (center, log_scale))
    x = tensor(np.tile(VALUES, len(center))[:, None])
    found = numpy(DiscretizedLogistic(*every).log_prob(x))
    return found.reshape(-1, 256).astype(np.float64)


@settings(max_examples=25)
@given(center=finite(0, 1), log_scale=finite(-8, 4), level=levels())
def test_discretized_logistic_is_a_difference_of_two_cumulatives(center, log_scale, level):
    expected = log_mass(center, np.exp(np.float64(log_scale)))
    expected = np.take_along_axis(expected, level[..., None], -1).sum((-2, -1))
    found = numpy(
        DiscretizedLogistic(tensor(center), tensor(log_scale)).log_prob(tensor(level / 255))
    )
    # A center in float32 is known to 3e-8, and that counts by the scale.
    np.testing.assert_allclose(
        found, expected, rtol=1e-5, atol=1e-6 + 1e-6 * np.exp(-log_scale.min())
    )


@settings(max_examples=25)
@given(center=finite(0, 1), log_scale=finite(-6, 4), level=levels())
def test_discretized_logistic_gradients(gradients, center, log_scale, level):
    centers, log_scales = (
        torch.tensor(np.float64(given), requires_grad=True) for given in (center, log_scale)
    )
    lower, upper = ((torch.tensor(level + by) / 255 - centers) for by in (-0.5, 0.5))
    # By the symmetry of the sigmoid, from the side where it is small and keeps its digits.
    turned = lower + upper > 0
    lower, upper = torch.where(turned, -upper, lower), torch.where(turned, -lower, upper)
    far = torch.where(turned, torch.tensor(level == 255), torch.tensor(level == 0))
    most = torch.where(turned, torch.tensor(level == 0), torch.tensor(level == 255))
    scales = torch.exp(log_scales)
    below, above = torch.sigmoid(lower / scales), torch.sigmoid(upper / scales)
    mass = torch.where(most, 1.0, above) - torch.where(far, 0.0, below)
    torch.log(mass).sum().backward()
    x = tensor(level / 255)
    slopes = gradients(lambda *given: DiscretizedLogistic(*given).log_prob(x), center, log_scale)
    for slope, exact in zip(slopes, (centers.grad, log_scales.grad), strict=True):
        size = max(1.0, float(exact.abs().max()))
        np.testing.assert_allclose(slope, exact, rtol=1e-4, atol=1e-4 * size)


@settings(max_examples=15)
@given(center=finite(-0.5, 1.5, (6, 1)), log_scale=finite(-12, 12, (6, 1)))
def test_discretized_logistic_is_a_probability_mass(center, log_scale):
    """Its 256 probabilities add up to 1, its mean is their mean, its mode the largest."""
    pixels = DiscretizedLogistic(tensor(center), tensor(log_scale))
    each = all_log_probs(center, log_scale)
    assert each.max() <= 0
    mass = np.exp(each)
    np.testing.assert_allclose(mass.sum(-1), 1, atol=2e-6)
    np.testing.assert_allclose(numpy(pixels.mean())[:, 0], mass @ VALUES, atol=1e-6)
    mode = np.round(numpy(pixels.mode())[:, :1] * 255).astype(int)
    assert (np.take_along_axis(each, mode, -1)[:, 0] == each.max(-1)).all()


def test_discretized_logistic_in_the_far_tails_is_finite(gradients):
    center, log_scale = (
        np.float32(grid).reshape(-1, 1)
        for grid in np.meshgrid([-1e4, 0, 0.5, 1, 1e4], [-30, -12, 0, 12, 30])
    )
    for value in (0.0, 0.2, 1.0):
        x = tensor(np.full(center.shape, value))
        assert np.isfinite(numpy(DiscretizedLogistic(tensor(center), log_scale).log_prob(x))).all()
        slopes = gradients(
            lambda *given, at=x: DiscretizedLogistic(*given).log_prob(at), center, log_scale
        )
        assert np.isfinite(slopes).all()
    pixels = DiscretizedLogistic(tensor(center), tensor(log_scale))
    for images in (pixels.mean(), pixels.mode(), pixels.sample(1)):
        assert numpy(images).min() >= 0
        assert numpy(images).max() <= 1
    # Level 1 of a pixel that should be white: 254 levels away, at a scale of 1e-4.
    far = DiscretizedLogistic(tensor([[1.0]]), tensor([[np.log(1e-4)]]))
    expected = log_mass([1.0], [1e-4])[0, 1]
    assert numpy(far.log_prob(tensor([[1 / 255]])))[0] == pytest.approx(expected, rel=1e-5)


def assert_frequencies(draws, mass):
    """Chi-square; levels of fewer than 5 expected draws are put together."""
    counts = np.bincount(np.round(draws * 255).astype(int), minlength=256)
    expected = mass / mass.sum() * len(draws)
    rare = expected < 5
    if rare.any():
        counts = np.append(counts[~rare], counts[rare].sum())
        expected = np.append(expected[~rare], expected[rare].sum())
    keep = expected > 0.5
    assert counts[~keep].sum() <= 10
    counts, expected = counts[keep], expected[keep]
    assert stats.chisquare(counts, expected * counts.sum() / expected.sum()).pvalue > 1e-3


@pytest.mark.parametrize(("center", "scale"), [(0.3, 0.02), (0.9, 0.2), (0.5, 1e-3)])
def test_discretized_logistic_samples(center, scale):
    pixels = DiscretizedLogistic(tensor(np.full((DRAWS, 1), center)), tensor(np.log(scale)))
    draws = numpy(pixels.sample(1)).ravel()
    np.testing.assert_allclose(draws * 255, np.round(draws * 255), atol=1e-4)
    assert_frequencies(draws, np.exp(log_mass(center, scale)))
    np.testing.assert_array_equal(draws, numpy(pixels.sample(1)).ravel())


@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**16),
    size=st.sampled_from([0.0, 1.0, 20.0, 1e4]),
    level=levels((2, 3, 2, 1)),
)
def test_categorical_values_and_gradients(gradients, seed, size, level):
    logits = np.random.default_rng(seed).normal(0, size, (2, 3, 2, 1, 256)).astype(np.float32)
    doubles = torch.tensor(np.float64(logits), requires_grad=True)
    exact = torch.distributions.Categorical(logits=doubles)
    expected = exact.log_prob(torch.tensor(level)).sum((1, 2, 3))
    expected.sum().backward()
    x = tensor(level / 255)
    found = numpy(Categorical(tensor(logits)).log_prob(x))
    np.testing.assert_allclose(found, expected.detach(), rtol=1e-5)
    (slope,) = gradients(lambda given: Categorical(given).log_prob(x), logits)
    # Logits of this size have so many digits less behind the point.
    np.testing.assert_allclose(slope, doubles.grad, atol=1e-5 if size < 1e3 else 1e-3)
    mean = numpy(Categorical(tensor(logits)).mean())
    np.testing.assert_allclose(mean, special.softmax(np.float64(logits), -1) @ VALUES, atol=1e-3)
    mode = numpy(Categorical(tensor(logits)).mode())
    np.testing.assert_allclose(mode, logits.argmax(-1) / 255, rtol=1e-6)


def test_categorical_samples():
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 2, 256).astype(np.float32)
    pixels = Categorical(tensor(np.broadcast_to(logits, (DRAWS // 4, 2, 2, 1, 256))))
    draws = numpy(pixels.sample(1))
    assert draws.shape == (DRAWS // 4, 2, 2, 1)
    assert_frequencies(draws.ravel(), special.softmax(np.float64(logits)))


@pytest.mark.parametrize("distribution", ["discretized_logistic", "categorical"])
def test_pixels_between_two_levels_are_rounded(distribution):
    """Float images that are off by rounding, or by a resize, still have a probability."""
    if distribution == "categorical":
        logits = np.random.default_rng(0).normal(size=(1, 1, 1, 1, 256))
        pixels, x = Categorical(tensor(logits)), np.full((1, 1, 1, 1), 7 / 255)
    else:
        pixels, x = DiscretizedLogistic(tensor([[0.1]]), tensor([[-4.0]])), np.full((1, 1), 7 / 255)
    exact, near, other = (numpy(pixels.log_prob(tensor(x + by / 255))) for by in (0, 0.4, 0.6))
    assert exact == near
    assert exact != other
    assert np.isfinite(numpy(pixels.log_prob(tensor(x + 2.0))))
