"""Random points: their distribution by Kolmogorov and Smirnov, their seeds, their errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from zspace.errors import InputError
from zspace.generation import METHODS, normal_points, sphere_points, uniform_points
from zspace.generation.draws import truncated


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


def test_radii_of_normal_points_are_chi_distributed() -> None:
    radii = np.linalg.norm(normal_points(4000, 16, scale=2.0), axis=1)
    assert stats.kstest(radii, stats.chi(16, scale=2.0).cdf).pvalue > 1e-3


@pytest.mark.parametrize("size", [2, 3, 16])
def test_sphere_points_are_uniform_on_the_sphere(size: int) -> None:
    """(1 + x)/2 of a component x of a unit vector is Beta((n − 1)/2, (n − 1)/2) distributed."""
    points = sphere_points(4000, size, radius=2.5)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 2.5, rtol=1e-6)
    law = stats.beta((size - 1) / 2, (size - 1) / 2).cdf
    direction = np.random.default_rng(1).standard_normal(size)
    direction /= np.linalg.norm(direction)
    for along in (*points.T, points @ direction):
        assert stats.kstest((1 + along / 2.5) / 2, law).pvalue > 1e-3


def test_a_sphere_of_its_own_radius_and_one_of_one_axis() -> None:
    np.testing.assert_allclose(np.linalg.norm(sphere_points(9, 256), axis=1), 16.0, rtol=1e-6)
    assert set(sphere_points(50, 1, radius=3.0).ravel().tolist()) == {-3.0, 3.0}
    with pytest.raises(InputError, match="radius must be a positive number"):
        sphere_points(3, 2, radius=float("nan"))


@pytest.mark.parametrize("limit", [0.01, 0.5, 1.0, 2.0, 8.0])
def test_truncated_points_are_those_of_scipy(limit: float) -> None:
    points = normal_points(20_000, 2, scale=3.0, truncation=limit) / 3.0
    law = stats.truncnorm(-limit, limit)
    assert stats.kstest(points[:, 0], law.cdf).pvalue > 1e-3
    assert points.var() == pytest.approx(law.var(), rel=0.03)
    assert np.abs(points).max() <= limit * (1 + 1e-6)


@given(
    st.lists(st.floats(-9, 9), min_size=1, max_size=20),
    st.floats(1e-3, 50),
)
def test_truncation_keeps_order_and_sign_and_never_moves_outward(
    numbers: list[float], limit: float
) -> None:
    normal = np.sort(np.array(numbers))[None]
    moved = truncated(normal, limit)
    assert (np.diff(moved) >= 0).all()
    assert (np.abs(moved) <= limit).all()
    assert (moved * normal >= 0).all()
    # Beyond 7 standard deviations erf is 1 to the last digits.
    near = np.abs(normal) < 5
    assert (np.abs(moved[near]) <= np.abs(normal[near]) * (1 + 1e-6) + 1e-12).all()


def test_a_wide_truncation_changes_nothing() -> None:
    np.testing.assert_allclose(
        normal_points(99, 4, truncation=9.0), normal_points(99, 4), atol=1e-5
    )
    with pytest.raises(InputError, match="truncation must be a positive number"):
        normal_points(3, 2, truncation=0.0)
