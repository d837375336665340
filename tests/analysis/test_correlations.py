"""Correlations against NumPy and SciPy, and chance against simulation."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from zspace.analysis.correlations import chance_largest, chance_mean, correlations
from zspace.errors import InputError


def test_same_as_numpy_and_scipy() -> None:
    generator = np.random.default_rng(0)
    points = generator.standard_normal((500, 9)) @ generator.standard_normal((9, 9)) + 100
    found = correlations(points)
    np.testing.assert_allclose(found.matrix, np.corrcoef(points.T), atol=1e-10)
    one, other, r = found.strongest[0]
    assert r == pytest.approx(stats.pearsonr(points[:, one], points[:, other])[0], abs=1e-10)
    assert abs(r) == found.largest == np.abs(found.coefficients).max()
    assert found.mean_absolute == pytest.approx(np.abs(found.coefficients).mean())
    assert found.pairs == len(found.coefficients) == 36
    np.testing.assert_allclose(found.deviations, points.std(axis=0))


@pytest.mark.parametrize(("count", "size"), [(5, 12), (50, 30), (2000, 64)])
def test_chance_is_what_independent_axes_show(count: int, size: int) -> None:
    generator = np.random.default_rng(1)
    found = [correlations(generator.standard_normal((count, size))) for _ in range(30)]
    pairs = found[0].pairs
    means = np.array([one.mean_absolute for one in found])
    largest = np.array([one.largest for one in found])
    error = 4 / np.sqrt(30)
    assert abs(means.mean() - chance_mean(count)) < error * means.std()
    assert abs(largest.mean() - chance_largest(count, pairs=pairs)) < error * largest.std() + 0.01
    assert np.mean([one.share_beyond for one in found]) * pairs < 2


def test_chance_in_closed_form() -> None:
    for count in (3, 4, 50, 9000):
        r = stats.beta(0.5, (count - 2) / 2)
        assert chance_mean(count) == pytest.approx(r.expect(np.sqrt), rel=1e-6)
        assert chance_largest(count, pairs=1) == pytest.approx(chance_mean(count), rel=1e-4)
    assert chance_mean(100_000) == pytest.approx(np.sqrt(2 / np.pi / 100_000), rel=1e-4)


def test_a_turned_ellipsoid_exceeds_chance_and_blocks_are_found() -> None:
    generator = np.random.default_rng(2)
    points = generator.standard_normal((4000, 20))
    points[:, 5:10] = 0.8 * points[:, 5:6] + 0.6 * points[:, 5:10]
    points[:, 7] *= -1
    found = correlations(points)
    assert found.share_beyond == pytest.approx(10 / found.pairs, abs=1.5 / found.pairs)
    assert all({one, other} <= set(range(5, 10)) for one, other, _ in found.strongest)
    # Of axes 0.8·a + 0.6·b, standard error of r (1 − r²)/√N = 0.01.
    inner = [abs(r) for one, other, r in found.strongest if 5 not in (one, other)]
    assert np.mean(inner) == pytest.approx(0.64, abs=0.03)


def test_constant_axes_are_left_out_and_named() -> None:
    points = np.random.default_rng(3).standard_normal((50, 4))
    points[:, 1] = [1e-160, *[0.0] * 49]
    assert correlations(points).constant == (1,)
    points[:, 1] = 0.1
    found = correlations(points)
    assert (found.axes, found.constant, found.matrix.shape) == ((0, 2, 3), (1,), (3, 3))
    for few in (points[:, :1], points[:, :2], points[:, 1:2]):
        alone = correlations(few)
        assert (alone.pairs, alone.mean_absolute, alone.share_beyond) == (0, None, None)
        json.dumps(alone.to_dict(), allow_nan=False)


@given(hnp.arrays(np.float64, (6, 3), elements=st.floats(-100, 100).map(lambda x: round(x, 3))))
def test_properties(points: np.ndarray) -> None:
    found = correlations(points)
    assert (np.abs(found.matrix) <= 1).all()
    assert len(found.axes) + len(found.constant) == 3
    np.testing.assert_array_equal(found.matrix, found.matrix.T)
    np.testing.assert_array_equal(np.diag(found.matrix), 1)
    scaled = correlations(points * np.array([2.0, 2.0, 0.5]))
    assert scaled.axes == found.axes
    np.testing.assert_allclose(scaled.matrix, found.matrix, atol=1e-6)
    json.dumps(found.to_dict(), allow_nan=False)


def test_copies_correlate_fully() -> None:
    axis = np.random.default_rng(4).standard_normal(100)
    found = correlations(np.stack([axis, 3 * axis + 1, -axis], axis=1))
    assert found.largest == pytest.approx(1, abs=1e-12)
    assert sorted(round(r) for *_, r in found.strongest) == [-1, -1, 1]


def test_bad_input_is_one_line() -> None:
    for points in (np.ones((2, 3)), np.array([[np.inf, 0.0]] * 5)):
        with pytest.raises(InputError) as caught:
            correlations(points)
        assert "\n" not in str(caught.value)
