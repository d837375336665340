"""Shapes of axes against SciPy's skew, kurtosis and Kolmogorov distance."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from zspace.analysis import blocks
from zspace.analysis.axes import NEARLY_NORMAL, axes, lilliefors_distance
from zspace.errors import InputError

_BIN = 0.002


def kolmogorov(values: np.ndarray) -> float:
    """The exact D to the normal distribution of the same mean and deviation."""
    return stats.kstest((values - values.mean()) / values.std(), "norm")[0]


def shapes(count: int) -> np.ndarray:
    """Axes of known shapes: normal, uniform, exponential, Laplace, two blobs, few values."""
    generator = np.random.default_rng(1)
    return np.stack(
        [
            3 + 0.1 * generator.standard_normal(count),
            generator.uniform(size=count),
            -generator.exponential(size=count),
            generator.laplace(size=count),
            generator.standard_normal(count) + 12 * (np.arange(count) % 2),
            generator.integers(0, 3, count).astype(float),
        ],
        axis=1,
    )


@pytest.mark.parametrize("count", [30, 3000, 40_000])
def test_same_as_scipy(count: int, monkeypatch) -> None:
    monkeypatch.setattr(blocks, "_BLOCK_VALUES", 50_000)
    points = shapes(count)
    found = axes(points)
    np.testing.assert_allclose(found.mean, points.mean(axis=0), rtol=1e-10)
    np.testing.assert_allclose(found.deviation, points.std(axis=0), rtol=1e-10)
    np.testing.assert_allclose(found.skew, stats.skew(points), atol=1e-8)
    np.testing.assert_allclose(found.kurtosis, stats.kurtosis(points), rtol=1e-8, atol=1e-8)
    exact = np.array([kolmogorov(axis) for axis in points.T])
    measured = np.array(found.distance)
    assert (measured <= exact + 1e-12).all()
    assert (measured >= exact - _BIN).all()
    np.testing.assert_array_equal(found.minimum, points.min(axis=0))
    np.testing.assert_array_equal(found.maximum, points.max(axis=0))
    standard = (points - points.mean(axis=0)) / points.std(axis=0)
    for axis, counts in enumerate(found.counts):
        clipped = np.clip(standard[:, axis], -5.99, 5.99)
        assert np.abs(counts - np.histogram(clipped, found.edges)[0]).sum() <= 2
        assert counts.sum() == count


def test_known_distances() -> None:
    """D of the uniform, exponential and Laplace distributions, by their own cdf."""
    found = axes(shapes(100_000))
    x = np.linspace(-8, 8, 200_001)
    for axis, cdf in (
        (1, stats.uniform(-np.sqrt(3), 2 * np.sqrt(3)).cdf),
        (2, lambda x: 1 - stats.expon(-1).cdf(-x)),
        (3, stats.laplace(scale=np.sqrt(0.5)).cdf),
    ):
        expected = np.abs(cdf(x) - stats.norm.cdf(x)).max()
        assert found.distance[axis] == pytest.approx(expected, abs=_BIN + 3 / np.sqrt(100_000))
    assert found.nearly_normal == 1
    assert found.distance[0] < found.chance + 0.001


def test_what_chance_gives_is_lilliefors() -> None:
    for count in (20, 500):
        samples = np.random.default_rng(2).standard_normal((2000, count))
        below = np.mean([kolmogorov(one) < lilliefors_distance(count) for one in samples])
        assert below == pytest.approx(0.95, abs=0.02)


def test_many_normal_axes_are_nearly_normal_and_stay_so_with_more_points() -> None:
    points = np.random.default_rng(3).standard_normal((20_000, 40)) * np.geomspace(5, 0.01, 40)
    found = axes(points)
    assert found.nearly_normal == 40
    below = np.mean(np.array(found.distance) < found.chance)
    assert below > 0.85
    assert found.order == tuple(range(40))
    assert found.threshold == NEARLY_NORMAL
    few = axes(points[:50])
    assert few.threshold == few.chance > NEARLY_NORMAL


def test_a_turned_ellipsoid_is_normal_on_every_axis_and_a_curve_is_not() -> None:
    generator = np.random.default_rng(4)
    points = generator.standard_normal((20_000, 16)) @ generator.standard_normal((16, 16)) + 7
    assert axes(points).nearly_normal == 16
    turn = np.linspace(0, 2 * np.pi, 5000)
    waves = np.stack([np.sin(turn), np.cos(turn)], axis=1)
    assert axes(waves @ generator.standard_normal((2, 256))).nearly_normal == 0


def test_constant_axes_have_no_shape() -> None:
    points = np.random.default_rng(5).standard_normal((100, 3))
    points[:, 1] = 0.1
    found = axes(points)
    assert found.skew[1] is found.kurtosis[1] is found.distance[1] is None
    assert (found.constant, found.deviation[1], found.counts[1].sum()) == ((1,), 0.0, 0)
    assert 1 not in found.order
    json.dumps(found.to_dict(), allow_nan=False)
    one = axes(points[:1])
    assert (one.order, one.median_distance, one.nearly_normal) == ((), None, 0)


@given(hnp.arrays(np.float64, (12, 2), elements=st.floats(-50, 50).map(lambda x: round(x, 3))))
@settings(max_examples=50)
def test_properties(points: np.ndarray) -> None:
    found = axes(points)
    mirrored = axes(-2 * points)
    for one, other in zip(found.skew, mirrored.skew, strict=True):
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(-other, abs=1e-6)
    for skew, kurtosis, distance in zip(found.skew, found.kurtosis, found.distance, strict=True):
        if distance is not None:
            assert 0 <= distance <= 1
            assert kurtosis >= skew**2 - 2 - 1e-6  # Pearson's inequality
    json.dumps(found.to_dict(), allow_nan=False)


def test_same_from_blocks_and_memory_does_not_grow() -> None:
    points = np.random.default_rng(6).standard_normal((300_000, 32)).astype(np.float32)
    tracemalloc.start()
    found = axes(np.array_split(points, 9))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80e6
    np.testing.assert_array_equal(found.counts.sum(axis=1), 300_000)


def test_bad_input_is_one_line() -> None:
    for points in (iter([np.ones((3, 2))]), np.array([[np.nan]]), np.ones((0, 2))):
        with pytest.raises(InputError) as caught:
            axes(points)
        assert "\n" not in str(caught.value)
