"""Local dimension, neighbor distances and pieces of clouds whose answers are known."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.cluster.hierarchy import DisjointSet
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import pdist, squareform
from sklearn.neighbors import NearestNeighbors

from zspace.analysis.filaments import Filaments, filaments
from zspace.errors import InputError


def normal(count: int, size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size))


def blobs(apart: float, size: int, *, second: int = 1000) -> np.ndarray:
    points = normal(2000, size)
    points[:second, 0] += apart
    return points


def curve(count: int) -> np.ndarray:
    t = np.random.default_rng(1).uniform(0, 1, count)
    return np.stack([np.sin((k + 1) * t + k) for k in range(256)], axis=1)


def subspace(count: int) -> np.ndarray:
    turned = np.linalg.qr(normal(256, 5, seed=2))[0]
    return normal(count, 5) @ turned.T + 7


@pytest.mark.parametrize(
    ("points", "dimension", "error"),
    [
        (normal(4000, 1), 1, 0.04),
        (normal(4000, 2), 2, 0.04),
        (normal(4000, 5), 5, 0.04),
        (np.random.default_rng(0).uniform(-1, 1, (4000, 3)), 3, 0.08),
        (curve(3000), 1, 0.04),
        (subspace(4000), 5, 0.04),
    ],
    ids=["line", "plane", "normal-5", "cube", "curve-in-256", "subspace-in-256"],
)
def test_dimensions_are_found(points: np.ndarray, dimension: int, error: float) -> None:
    measured = filaments(points)
    assert measured.codes.dimension == pytest.approx(dimension, rel=error)
    assert measured.codes.two_nearest == pytest.approx(dimension, rel=2 * error)
    quantiles = measured.codes.dimension_quantiles
    assert quantiles[25] < dimension < quantiles[75]
    assert measured.reading == "one piece"


def test_dimension_is_the_published_formula() -> None:
    """Levina and Bickel's (8), inverses averaged over points, then over k = 10 … 20."""
    points = normal(400, 4)
    distances, _ = NearestNeighbors(n_neighbors=20).fit(points).kneighbors()
    inverses = [
        np.mean([np.log(row[k - 1] / row[: k - 1]).mean() for row in distances])
        for k in range(10, 21)
    ]
    measured = filaments(points)
    assert measured.codes.dimension == pytest.approx(1 / np.mean(inverses), rel=1e-9)
    assert measured.codes.distance_quantiles[50] == pytest.approx(np.median(distances[:, 0]))


@pytest.mark.parametrize(("count", "size"), [(3000, 8), (2000, 64), (800, 200)])
def test_a_normal_cloud_is_like_a_normal_cloud(count: int, size: int) -> None:
    points = normal(count, size) * np.linspace(0.1, 2, size) + 5
    measured = filaments(points)
    ratio = measured.distance_ratio / measured.chance_ratio
    assert ratio == pytest.approx(1, abs=0.035)
    assert measured.distance_apart < measured.chance_apart + 0.15
    assert measured.codes.dimension == pytest.approx(measured.normal.dimension, rel=0.12)
    assert measured.reading == "one piece" and measured.codes.pieces == (count,)


def test_the_matched_cloud_has_the_same_spread() -> None:
    """Half the points at the center: others are as far out as the covariance says."""
    points = normal(3000, 8) * 3
    points[::2] *= 0.05
    measured = filaments(points)
    assert measured.distance_ratio < 0.5 and measured.distance_apart > 0.4
    spread = math.sqrt(9 * (1 + 0.05**2) / 2)
    alike = filaments(normal(3000, 8, seed=5) * spread)
    expected = alike.codes.distance_quantiles[50]
    assert measured.normal.distance_quantiles[50] == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(
    ("apart", "size", "second"), [(12, 5, 1000), (20, 256, 1000), (12, 5, 60), (15, 1, 1000)]
)
def test_two_blobs_are_two_pieces(apart: float, size: int, second: int) -> None:
    measured = filaments(blobs(apart, size, second=second))
    assert measured.reading == "several pieces"
    assert measured.codes.pieces == (2000 - second, second)
    assert measured.codes.large_pieces == 2
    assert measured.codes.largest_share == pytest.approx(1 - second / 2000)


@pytest.mark.parametrize("seed", range(4))
def test_chance_gaps_on_a_line_part_nothing(seed: int) -> None:
    """Ten neighbors often do not bridge the widest of thousands of gaps in one dimension."""
    assert filaments(normal(9000, 1, seed=seed)).reading == "one piece"


def test_what_touches_is_one_piece() -> None:
    assert filaments(blobs(3, 5)).reading == "one piece"
    assert filaments(np.random.default_rng(1).standard_t(3, (2000, 16))).reading == "one piece"


def test_a_bridge_does_not_hide_a_gap() -> None:
    """A thin line of points joins the graph; most of each side is apart still."""
    points = blobs(30, 3)
    line = np.zeros((12, 3))
    line[:, 0] = np.linspace(3, 27, 12)
    measured = filaments(np.concatenate([points, line]))
    assert measured.codes.gap > measured.gap_limit
    assert measured.reading == "several pieces"


def test_the_gap_is_an_edge_of_the_minimum_spanning_tree() -> None:
    points = blobs(12, 3)[500:1500]
    tree = minimum_spanning_tree(squareform(pdist(points))).tocoo()
    joined, parting = DisjointSet(range(len(points))), []
    for edge in np.argsort(tree.data):
        one, other = int(tree.row[edge]), int(tree.col[edge])
        smaller = min(joined.subset_size(one), joined.subset_size(other))
        parting += [tree.data[edge]] if smaller >= 10 else []
        joined.merge(one, other)
    expected = max(parting) / np.median(tree.data)
    assert filaments(points).codes.gap == pytest.approx(expected, rel=1e-9)


def test_samples_blocks_and_duplicates() -> None:
    points = normal(1500, 4)
    measured = filaments([points[:400], points[400:]], sample=700)
    assert (measured.count, measured.used, measured.latent_size) == (1500, 700, 4)
    same, other = (filaments(points, sample=700, seed=seed) for seed in (1, 2))
    assert measured.codes == same.codes != other.codes
    assert measured.distance_ratio == pytest.approx(same.distance_ratio, rel=1e-9)
    doubled = filaments(np.concatenate([points, points[:100]]))
    assert (doubled.used, doubled.repeated) == (1500, 100)
    assert doubled.codes.dimension == pytest.approx(filaments(points).codes.dimension)
    assert sum(doubled.distance_counts) == sum(doubled.normal_dimension_counts) == 1500


def test_odd_clouds() -> None:
    constant = normal(500, 3)
    constant[:, 1] = 0.7
    assert filaments(constant).codes.dimension == pytest.approx(2, rel=0.1)
    corners = filaments(np.eye(40))
    assert corners.codes.dimension is None and corners.codes.two_nearest is None
    tiny = filaments(1e-30 * normal(200, 2))
    assert tiny.codes.dimension == pytest.approx(2, rel=0.15)
    for measured in (filaments(normal(22, 300)), corners, tiny):
        restored = json.loads(json.dumps(measured.to_dict(), allow_nan=False))
        assert restored["reading"] == measured.reading


def test_bad_input_is_one_line() -> None:
    bad = normal(100, 2)
    bad[4, 1] = np.inf
    same = np.repeat(normal(5, 2), 20, axis=0)
    for given in (bad, same, normal(21, 2), np.zeros((50, 3)), iter([normal(50, 2)])):
        with pytest.raises(InputError) as caught:
            filaments(given)
        assert "\n" not in str(caught.value)
    assert isinstance(filaments(normal(22, 2)), Filaments)
