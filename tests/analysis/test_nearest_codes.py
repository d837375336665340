"""The nearest codes to one point, held against scikit-learn's, and where float32 is at its end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from zspace.analysis.nearest_codes import NearestCodes
from zspace.errors import InputError, ShapeError


def cloud(count: int, size: int, *, offset: float = 0.0, spread: float = 1.0, seed: int = 1):
    generator = np.random.default_rng(seed)
    return (offset + spread * generator.standard_normal((count, size))).astype(np.float32)


def theirs(points: np.ndarray, z: np.ndarray, k: int) -> np.ndarray:
    search = NearestNeighbors(n_neighbors=k, algorithm="kd_tree")
    return search.fit(points.astype(np.float64)).kneighbors(z[None])[0][0]


@pytest.mark.parametrize(
    ("offset", "spread"), [(0, 1), (0, 1e-6), (3, 1), (1000, 1), (1e5, 1e-1), (0, 1e15)]
)
def test_they_are_the_nearest(offset, spread) -> None:
    points = cloud(3000, 24, offset=offset, spread=spread)
    index = NearestCodes.of(points)
    generator = np.random.default_rng(2)
    for far in (0.0, 1.0, 30.0):
        z = offset + spread * far * generator.standard_normal(24)
        distances, rows = index.find(z, k=12)
        np.testing.assert_allclose(distances, theirs(points, z, 12), rtol=1e-12)
        np.testing.assert_allclose(distances, np.linalg.norm(points[rows] - z, axis=1), rtol=1e-12)
        assert len(set(rows.tolist())) == 12


@given(st.integers(1, 40), st.integers(1, 5), st.integers(0, 10_000), st.data())
def test_of_any_few(count, size, seed, data) -> None:
    generator = np.random.default_rng(seed)
    points = generator.integers(-2, 3, (count, size)).astype(np.float32)  # many at one distance
    k = data.draw(st.integers(1, count))
    z = generator.integers(-2, 3, size).astype(np.float64)
    distances, rows = NearestCodes.of(points).find(z, k=k)
    every = np.linalg.norm(points.astype(np.float64) - z, axis=1)
    expected = np.argsort(every, kind="stable")[:k]
    np.testing.assert_array_equal(rows, expected)
    np.testing.assert_array_equal(distances, every[expected])


def test_a_code_finds_itself() -> None:
    points = cloud(500, 8, offset=50)
    index = NearestCodes.of(points)
    for row in (0, 123, 499):
        distances, rows = index.find(points[row], k=1)
        assert (distances[0], rows[0]) == (0.0, row)


def test_codes_that_are_all_one_point() -> None:
    index = NearestCodes.of(np.full((20_000, 3), 0.1, np.float32))
    distances, rows = index.find(np.zeros(3), k=4)
    np.testing.assert_array_equal(rows, [0, 1, 2, 3])
    np.testing.assert_allclose(distances, float(np.float32(0.1)) * np.sqrt(3))


def test_points_so_far_off_that_float32_is_no_help() -> None:
    points = cloud(100, 4)
    z = np.array([1e60, 0.0, 0.0, 0.0])
    distances, rows = NearestCodes.of(points).find(z, k=3)
    np.testing.assert_allclose(distances, 1e60)
    assert len(rows) == 3


def test_neither_mapped_nor_float64_codes_are_copied(tmp_path) -> None:
    points = cloud(300, 5)
    np.save(tmp_path / "mean.npy", points)
    mapped = np.load(tmp_path / "mean.npy", mmap_mode="r")
    for given_points in (mapped, points.astype(np.float64)):
        index = NearestCodes.of(given_points)
        assert index.points is given_points
        z = np.full(5, 0.3)
        np.testing.assert_allclose(index.find(z, k=5)[0], theirs(points, z, 5), rtol=1e-12)


def test_what_is_refused() -> None:
    index = NearestCodes.of(cloud(10, 3))
    assert index.count == 10
    for z in ([np.nan, 0, 0], [0, np.inf, 0]):
        with pytest.raises(InputError, match="finite"):
            index.find(np.array(z), k=1)
    with pytest.raises(ShapeError, match="3 axes"):
        index.find(np.zeros(4), k=1)
    for k in (0, 11):
        with pytest.raises(InputError, match="at most 10"):
            index.find(np.zeros(3), k=k)
    bad = cloud(10, 3)
    bad[4, 1] = np.nan
    with pytest.raises(InputError, match="row 4"):
        NearestCodes.of(bad)
