"""Nearest neighbors by clusters: beside all distances, as SciPy takes them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from zspace.analysis.near_clusters import NearClusters


def decaying(count: int, size: int) -> np.ndarray:
    """Points whose axes have less and less variance, as those of a plain autoencoder."""
    drawn = np.random.default_rng(1).standard_normal((count, size))
    return (drawn * np.exp(-np.arange(size) / 4)).astype(np.float32)


def curved(count: int) -> np.ndarray:
    """A roll of a sheet in three dimensions."""
    draw = np.random.default_rng(2)
    angle, height = draw.uniform(3, 12, count), draw.uniform(0, 9, count)
    return np.stack([angle * np.cos(angle), angle * np.sin(angle), height], 1).astype(np.float32)


def all_distances(points: np.ndarray) -> np.ndarray:
    distances = cdist(points, points)
    np.fill_diagonal(distances, np.inf)
    return distances


@pytest.mark.parametrize(
    ("points", "least"),
    [(decaying(3000, 40), 0.85), (curved(3000), 0.95), (decaying(1000, 3), 0.9)],
    ids=["decaying", "roll", "few"],
)
@pytest.mark.parametrize("k", [1, 15, 90])
def test_most_are_the_nearest(points: np.ndarray, least: float, k: int) -> None:
    distances, rows = NearClusters(points).nearest(k)
    expected = all_distances(points)
    np.testing.assert_allclose(distances, np.take_along_axis(expected, rows, 1), atol=1e-3)
    assert (np.diff(distances, axis=1) >= 0).all()
    nearest = np.argsort(expected, axis=1)[:, :k]
    found = [np.isin(*pair).mean() for pair in zip(nearest, rows, strict=True)]
    assert np.mean(found) > least
    assert all(len(set(each)) == k for each in rows.tolist())


def test_none_is_its_own_neighbor_and_duplicates_are() -> None:
    points = np.repeat(decaying(50, 5), 40, axis=0)
    distances, rows = NearClusters(points).nearest(20)
    np.testing.assert_array_equal(rows // 40, np.repeat(np.arange(50), 40)[:, None] + 0 * rows)
    assert not (rows == np.arange(2000)[:, None]).any()
    np.testing.assert_allclose(distances, 0, atol=1e-3)


def test_the_order_puts_near_points_side_by_side() -> None:
    points = decaying(3000, 10)
    order = NearClusters(points).order
    assert sorted(order.tolist()) == list(range(3000))
    apart = np.linalg.norm(np.diff(points, axis=0), axis=1).mean()
    assert np.linalg.norm(np.diff(points[order], axis=0), axis=1).mean() < 0.7 * apart


def test_the_same_seed_finds_the_same() -> None:
    points = decaying(1500, 8)
    once, again = (NearClusters(points, seed=4).nearest(10)[1] for _ in range(2))
    np.testing.assert_array_equal(once, again)
