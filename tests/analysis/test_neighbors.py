"""Nearest neighbors: scikit-learn's trees, SciPy's distances, and duplicates."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist
from sklearn.neighbors import KDTree

from zspace.analysis.neighbors import nearest, some_points
from zspace.errors import InputError, ShapeError


def points(count: int, size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_they_are_those_of_a_tree(dtype: type) -> None:
    held, asked = points(700, 5).astype(dtype), points(300, 5, seed=1).astype(dtype)
    distances, rows = nearest(held, asked, k=7)
    expected, places = KDTree(held.astype(np.float64)).query(asked.astype(np.float64), k=7)
    np.testing.assert_allclose(distances, expected, rtol=1e-12)
    np.testing.assert_array_equal(rows, places)


def test_a_point_is_not_its_own_neighbor_but_its_duplicate_is() -> None:
    held = points(200, 3)
    held[50] = held[10]
    held[60] = held[10]
    distances, rows = nearest(held, k=3)
    assert not (rows == np.arange(200)[:, None]).any()
    assert set(rows[10, :2]) == {50, 60} and distances[10, 1] == 0 < distances[10, 2]
    expected = np.sort(cdist(held, held) + np.diag(np.full(200, np.inf)), axis=1)[:, :3]
    np.testing.assert_allclose(distances, expected, atol=1e-12)


def test_far_from_the_origin_nothing_is_lost() -> None:
    """A squared length of 1e12 would swallow distances in float32."""
    near = np.round(10 * points(300, 4)) * 8
    distances, _ = nearest((near + 1e6).astype(np.float32), k=5)
    np.testing.assert_array_equal(distances, nearest(near.astype(np.float32), k=5)[0])


def test_blocks_and_memory_maps_are_the_same(tmp_path: object) -> None:
    held = points(100, 6).astype(np.float32)
    path = f"{tmp_path}/points.npy"
    np.save(path, held)
    expected = nearest(held.astype(np.float64), k=4)[0]
    for same in (np.load(path, mmap_mode="r"), [held[:30], held[30:]], held.T.copy().T):
        np.testing.assert_allclose(nearest(same, k=4)[0], expected, rtol=1e-6)


@hypothesis.given(
    arrays(np.int8, strategies.tuples(strategies.integers(2, 12), strategies.integers(1, 3)))
)
def test_distances_are_scipys(held: np.ndarray) -> None:
    k = len(held) - 1
    distances, rows = nearest(held, k=k)
    exact = cdist(held.astype(float), held.astype(float))
    np.testing.assert_allclose(distances, np.take_along_axis(exact, rows, 1), atol=1e-9)
    others = exact[~np.eye(len(held), dtype=bool)].reshape(len(held), k)
    np.testing.assert_allclose(distances, np.sort(others, axis=1), atol=1e-9)


def test_some_points_are_rows_in_order() -> None:
    held = np.arange(1000.0)[:, None]
    chosen = some_points(held, 100, seed=3)
    assert len(np.unique(chosen)) == 100 and (np.diff(chosen[:, 0]) > 0).all()
    blocks = some_points([held[:7], held[7:900], held[900:]], 100, seed=3)
    np.testing.assert_array_equal(chosen, blocks)
    np.testing.assert_array_equal(some_points(held, 5000), held)
    assert abs(some_points(held, 400, seed=2).mean() - 499.5) < 60


def test_bad_input_is_one_line() -> None:
    bad = points(10, 2)
    bad[4, 1] = np.nan
    for kind, call in (
        (InputError, lambda: nearest(points(4, 2), k=4)),
        (InputError, lambda: nearest(points(4, 2), points(2, 2), k=5)),
        (InputError, lambda: nearest(points(4, 2), k=0)),
        (InputError, lambda: nearest(points(1, 2), k=1)),
        (InputError, lambda: nearest(bad, k=1)),
        (InputError, lambda: nearest(points(4, 2), bad, k=1)),
        (ShapeError, lambda: nearest(points(4, 2), points(4, 3), k=1)),
        (InputError, lambda: some_points(points(4, 2), 0)),
        (InputError, lambda: some_points(iter([points(4, 2)]), 2)),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
