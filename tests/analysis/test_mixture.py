"""Priors as mixtures of normals against PyTorch's distributions and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats
from torch import distributions as td

from zspace.analysis.mixture import NormalMixture, normal_log_density
from zspace.analysis.radius import normal_mean_radius
from zspace.codes import Codes
from zspace.errors import InputError


def some(components: int = 3, size: int = 4, seed: int = 0) -> NormalMixture:
    generator = np.random.default_rng(seed)
    weights = generator.dirichlet(np.ones(components))
    return NormalMixture(
        np.log(weights),
        2 * generator.standard_normal((components, size)),
        generator.uniform(-2, 1, (components, size)),
    )


def in_torch(mixture: NormalMixture) -> td.MixtureSameFamily:
    mean, log_variance = torch.tensor(mixture.mean), torch.tensor(mixture.log_variance)
    return td.MixtureSameFamily(
        td.Categorical(logits=torch.tensor(mixture.log_weights)),
        td.Independent(td.Normal(mean, torch.exp(log_variance / 2)), 1),
    )


@pytest.mark.parametrize(("components", "size"), [(1, 1), (1, 7), (3, 4), (10, 2)])
def test_density_and_moments_are_those_of_torch(components: int, size: int) -> None:
    mixture = some(components, size)
    theirs = in_torch(mixture)
    z = 3 * np.random.default_rng(1).standard_normal((50, size))
    np.testing.assert_allclose(mixture.log_prob(z), theirs.log_prob(torch.tensor(z)), rtol=1e-9)
    mean, variance = mixture.moments
    np.testing.assert_allclose(mean, theirs.mean, rtol=1e-9)
    np.testing.assert_allclose(variance, theirs.variance, rtol=1e-9)


def test_density_of_an_axis_is_that_of_torch() -> None:
    mixture = some()
    z = 3 * np.random.default_rng(1).standard_normal((20, 4))
    for axis in range(4):
        alone = NormalMixture(
            mixture.log_weights, mixture.mean[:, [axis]], mixture.log_variance[:, [axis]]
        )
        expected = in_torch(alone).log_prob(torch.tensor(z[:, [axis]]))
        np.testing.assert_allclose(mixture.axis_log_prob(z)[:, axis], expected, rtol=1e-9)


def test_extreme_variances_are_exact_and_finite() -> None:
    mean = np.array([[3.0, -100.0], [0.0, 0.0]])
    log_variance = np.array([[-20.0, -20.0], [30.0, -18.0]])
    z = mean + 0.7 * np.exp(log_variance / 2)
    density = normal_log_density(z, mean, log_variance=log_variance)
    exact = stats.norm.logpdf(z, mean, np.exp(log_variance / 2)).sum(axis=1)
    assert np.isfinite(density).all()
    np.testing.assert_allclose(np.diagonal(density), exact, rtol=1e-3)


def test_points_have_its_moments_and_follow_the_seed() -> None:
    mixture = some(3, 2)
    z = mixture.sample(200_000, seed=4)
    mean, variance = mixture.moments
    np.testing.assert_allclose(z.mean(axis=0), mean, atol=0.03)
    np.testing.assert_allclose(z.var(axis=0), variance, rtol=0.03)
    assert np.array_equal(z, mixture.sample(200_000, seed=4))
    assert not np.array_equal(z[:10], mixture.sample(10, seed=5))


def test_radius() -> None:
    scaled = NormalMixture.standard(256, scale=2.0)
    assert scaled.radius()[0] == pytest.approx(2 * normal_mean_radius(256))
    assert scaled.scale == pytest.approx(2.0) and not scaled.is_standard
    twice = NormalMixture(np.log([0.5, 0.5]), np.zeros((2, 256)), np.zeros((2, 256)))
    assert twice.scale is None
    assert twice.radius()[0] == pytest.approx(normal_mean_radius(256), abs=0.03)
    assert twice.radius()[1] == pytest.approx(0.707, abs=0.03)


def test_of_codes() -> None:
    mean, index = np.zeros((5, 2), np.float32), np.arange(5)
    assert NormalMixture.of_codes(Codes(mean=mean, index=index)).is_standard
    zeros, two = np.zeros((2, 2), np.float32), np.log(np.array([0.25, 0.75], np.float32))
    stored = {"prior_log_weights": two, "prior_mean": zeros, "prior_log_variance": zeros}
    assert NormalMixture.of_codes(Codes(mean=mean, index=index, **stored)).components == 2
    with pytest.raises(InputError, match="add up to 1"):
        NormalMixture(np.zeros(2), zeros, zeros)
