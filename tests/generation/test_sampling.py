"""Random points: their distribution by Kolmogorov and Smirnov, their seeds, their errors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from zspace.errors import InputError
from zspace.generation import METHODS, normal_points, uniform_points


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_normal_points_are_normal(scale: float) -> None:
    points = normal_points(4000, 8, scale=scale)
    assert (points.shape, points.dtype) == ((4000, 8), np.float32)
    for axis in points.T:
        assert stats.kstest(axis, stats.norm(scale=scale).cdf).pvalue > 1e-3
    assert np.abs(np.corrcoef(points.T) - np.eye(8)).max() < 0.08


@pytest.mark.parametrize("limit", [0.5, 1.5, 50.0])
def test_uniform_points_are_uniform(limit: float) -> None:
    points = uniform_points(4000, 8, limit=limit)
    assert (points.shape, points.dtype) == ((4000, 8), np.float32)
    for axis in points.T:
        assert stats.kstest(axis, stats.uniform(-limit, 2 * limit).cdf).pvalue > 1e-3
    assert np.abs(points).max() <= limit
    assert np.abs(np.corrcoef(points.T) - np.eye(8)).max() < 0.08


@pytest.mark.parametrize("method", METHODS)
def test_a_seed_settles_the_points(method: str) -> None:
    draw = METHODS[method]
    np.testing.assert_array_equal(draw(5, 3, seed=4), draw(5, 3, seed=4))
    assert np.abs(draw(5, 3, seed=4) - draw(5, 3, seed=5)).min() > 0


def test_a_scale_or_limit_draws_the_same_points_out() -> None:
    np.testing.assert_allclose(normal_points(9, 4, scale=3.0), 3 * normal_points(9, 4), rtol=1e-6)
    np.testing.assert_allclose(uniform_points(9, 4, limit=3.0), 3 * uniform_points(9, 4), rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "bad", [{"count": 0}, {"count": -1}, {"size": 0}, {"seed": -1}, {"count": 10**14}]
)
def test_bad_whole_numbers(method: str, bad: dict[str, int]) -> None:
    with pytest.raises(InputError) as caught:
        METHODS[method](**({"count": 3, "size": 2} | bad))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf"), 1e39])
def test_bad_scale_and_limit(value: float) -> None:
    with pytest.raises(InputError, match="scale must be a positive number"):
        normal_points(3, 2, scale=value)
    with pytest.raises(InputError, match="limit must be a positive number"):
        uniform_points(3, 2, limit=value)
