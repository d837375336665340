"""Mean and covariance against NumPy, the fit's distances against scikit-learn and χ."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from sklearn.covariance import EmpiricalCovariance

from zspace.analysis import blocks
from zspace.analysis.held_out import held_out
from zspace.analysis.moments import NormalFit, moments
from zspace.errors import InputError, ShapeError


def turned(count: int, size: int, *, seed: int = 0) -> np.ndarray:
    """A rotated and shifted ellipsoid."""
    generator = np.random.default_rng(seed)
    rotation = np.linalg.qr(generator.standard_normal((size, size)))[0]
    points = generator.standard_normal((count, size)) * np.geomspace(5, 0.1, size)
    return points @ rotation.T + generator.uniform(-9, 9, size)


def test_same_as_numpy_from_array_memory_map_and_blocks(tmp_path, monkeypatch) -> None:
    points = turned(3000, 20).astype(np.float32)
    np.save(tmp_path / "points.npy", points)
    exact = points.astype(np.float64)
    monkeypatch.setattr(blocks, "_BLOCK_VALUES", 1000)
    mapped = np.load(tmp_path / "points.npy", mmap_mode="r")
    for given_as in (points, mapped, iter(np.array_split(points, 7)), exact[:, :]):
        found = moments(given_as)
        assert (found.count, found.latent_size) == (3000, 20)
        np.testing.assert_allclose(found.mean, exact.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.covariance, np.cov(exact.T, bias=True), atol=1e-12)
    assert json.dumps(found.to_dict(), allow_nan=False)


def test_far_from_the_origin_nothing_cancels() -> None:
    points = np.random.default_rng(1).standard_normal((100_000, 2))
    found, far = moments(points), moments(points + 1e8)
    np.testing.assert_allclose(far.covariance, found.covariance, atol=1e-6)
    by_squares = ((points + 1e8) ** 2).mean(axis=0) - (points + 1e8).mean(axis=0) ** 2
    assert np.abs(by_squares - points.var(axis=0)).max() > 0.1  # what the test would not allow


def test_constant_axes_are_known_whatever_their_value() -> None:
    points = np.random.default_rng(2).standard_normal((5001, 4))
    points[:, 1], points[:, 2] = 0.1, 1e9 / 3
    points[:, 3] = 1000 + 1e-6 * points[:, 3]
    assert moments(points).varies.tolist() == [True, False, False, True]
    assert not moments(points[:1]).varies.any()


@given(
    hnp.arrays(np.float64, (9, 3), elements=st.floats(-1e3, 1e3)),
    st.integers(1, 8),
    st.permutations(range(9)),
)
def test_properties(points: np.ndarray, cut: int, order: list[int]) -> None:
    whole = moments(points)
    merged = moments(points[:cut]).merged(moments(points[cut:]))
    for other in (merged, moments(points[order])):
        np.testing.assert_allclose(other.mean, whole.mean, atol=1e-9)
        np.testing.assert_allclose(other.covariance, whole.covariance, atol=1e-6)
    assert np.linalg.eigvalsh(whole.covariance)[0] > -1e-6


def test_distances_are_scikit_learns_and_of_a_normal_cloud_those_of_chi() -> None:
    points = turned(20_000, 12)
    fit = NormalFit.of(moments(points))
    distance = fit.distance(points)
    expected = np.sqrt(EmpiricalCovariance().fit(points).mahalanobis(points))
    np.testing.assert_allclose(distance, expected, rtol=1e-4)
    assert stats.kstest(distance, stats.chi(12).cdf)[0] < 0.015
    assert fit.distance(moments(points).mean[None])[0] == pytest.approx(0, abs=1e-9)


def test_without_covariances_axes_are_taken_by_themselves() -> None:
    points = turned(500, 5)
    fit = NormalFit.of(moments(points), full=False)
    assert not fit.is_full
    expected = np.sqrt((((points - points.mean(0)) / points.std(0)) ** 2).sum(axis=1))
    np.testing.assert_allclose(fit.distance(points), expected, rtol=1e-6)


def test_held_out_is_the_same_from_blocks_and_from_an_array() -> None:
    points = turned(1501, 8)
    one, other = held_out(points), held_out(np.array_split(points, 13))
    np.testing.assert_allclose(one.distances, other.distances, rtol=1e-9)
    assert (one.fitted, len(one.distances)) == (751, 750)
    np.testing.assert_allclose(one.whole.covariance, np.cov(points.T, bias=True), atol=1e-10)
    assert one.inside(one.distances) == pytest.approx(0.99, abs=0.002)


def test_memory_does_not_grow_with_the_points() -> None:
    points = np.zeros((400_000, 64), np.float32)  # 205 MB as float64
    points[::3] = 1
    tracemalloc.start()
    moments(points)
    held_out(points)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6


def test_bad_input_is_one_line() -> None:
    good = np.ones((6, 2))
    bad = good.copy()
    bad[5, 1] = np.nan
    cases = [
        (InputError, "row 5 has nan on axis 1", lambda: moments(bad)),
        (InputError, "row 5 has nan on axis 1", lambda: held_out(bad)),
        (InputError, "at least one point", lambda: moments(good[:0])),
        (InputError, "squared", lambda: moments(np.array([[1e200], [-1e200]]))),
        (InputError, "four points", lambda: held_out(good[:3])),
        (InputError, "a generator came", lambda: held_out(iter([good]))),
        (ShapeError, "2 and 3 came", lambda: moments(good).merged(moments(np.ones((2, 3))))),
        (ShapeError, "3 came", lambda: NormalFit.of(moments(good)).distance(np.ones((1, 3)))),
    ]
    for kind, words, call in cases:
        with pytest.raises(kind, match=words) as caught:
            call()
        assert "\n" not in str(caught.value)
