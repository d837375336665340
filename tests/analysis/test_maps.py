"""Maps against scikit-learn's, and what they are to keep of points with known neighbors."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import jaxtyping
import numpy as np
import openTSNE
import pytest
from openTSNE import affinity
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.neighbors import KNeighborsClassifier
from threadpoolctl import threadpool_limits

from zspace.analysis import maps as maps_module
from zspace.analysis.map_places import places_on_map, points_on_map
from zspace.analysis.maps import METHODS, Map, maps
from zspace.errors import InputError, ShapeError


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads cost these few points more than they save."""
    with threadpool_limits(1):
        yield


def cloud(count: int, size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size))


def blobs(many: int = 5, size: int = 32, *, count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    labels = np.repeat(np.arange(many), count)
    return 12 * np.eye(size)[labels] + cloud(len(labels), size), labels


def one(points: np.ndarray, method: str, **more: int) -> Map:
    (found,) = maps(points, methods=[method], **more)
    return found


def kept(place: np.ndarray, labels: np.ndarray) -> float:
    """How often the nearest other point on the map has the same label."""
    near = KNeighborsClassifier(1).fit(place, labels).kneighbors(return_distance=False)[:, 0]
    return float((labels[near] == labels).mean())


def test_the_plane_is_that_of_scikit_learn() -> None:
    points = 5 + cloud(300, 6) * [5, 3, 2, 1, 1, 0.1]
    found, theirs = one(points, "pca"), PCA(2).fit(points)
    place = theirs.transform(points)
    signs = np.sign((place * found.coordinates).sum(axis=0))
    np.testing.assert_allclose(found.coordinates * signs, place, atol=1e-4)
    assert found.explained == pytest.approx(theirs.explained_variance_ratio_.sum())
    assert found.kl_divergence is None


@pytest.mark.parametrize("method", ["pca", "tsne-10"])
def test_quality_is_that_of_scikit_learn(method: str) -> None:
    points = cloud(120, 8)
    found = one(points, method)
    place = found.coordinates
    trusted = trustworthiness(points, place, n_neighbors=15)
    assert found.trustworthiness == pytest.approx(trusted, abs=2e-3)
    continuous = trustworthiness(place, points, n_neighbors=15)
    assert found.continuity == pytest.approx(continuous, abs=2e-3)
    assert 0.5 < found.trustworthiness < 1


def test_tsne_of_many_points_keeps_blobs_apart_too(monkeypatch: pytest.MonkeyPatch) -> None:
    # In an order of its own, from neighbors by clusters, by interpolation; all that for few points.
    for name, value in {"_EXACT_UP_TO": 500, "_FFT_FROM": 500, "_LATE": 200, "_FINE": 50}.items():
        monkeypatch.setattr(maps_module, name, value)
    points, labels = blobs(count=210)
    mixed = np.random.default_rng(1).permutation(len(points))
    found = one(points[mixed], "tsne-30")
    assert kept(found.coordinates, labels[mixed]) > 0.99
    assert found.trustworthiness > 0.9
    assert len(np.unique(found.coordinates, axis=0)) == len(points)


def test_two_dimensions_lose_nothing_by_pca() -> None:
    found = one(cloud(100, 2), "pca")
    assert found.explained == pytest.approx(1)
    assert found.trustworthiness == pytest.approx(1, abs=1e-4)
    assert found.continuity == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("method", ["tsne-30", "tsne-10"])
def test_tsne_keeps_blobs_apart(method: str) -> None:
    points, labels = blobs()
    found = one(points, method)
    assert kept(found.coordinates, labels) > 0.99
    assert found.trustworthiness > 0.9
    assert found.parameters == METHODS[method]
    assert found.coordinates.shape == (300, 2)
    assert found.coordinates.dtype == np.float32


def test_tsne_gets_as_far_down_as_scikit_learn() -> None:
    points = np.concatenate([blobs(3, 10, count=50)[0], 3 * cloud(150, 10, 5)])
    found = one(points, "tsne-30")
    place = TSNE(perplexity=30, init="pca", random_state=1).fit_transform(points)
    similar = affinity.PerplexityBasedNN(points, perplexity=30, method="exact")

    def divergence(coordinates: np.ndarray) -> float:
        # It is brought up to date by a step; one this short moves nothing.
        embedding = openTSNE.TSNEEmbedding(
            coordinates.astype(np.float64), similar, negative_gradient_method="bh"
        )
        return float(embedding.optimize(1, learning_rate=1e-9, momentum=0).kl_divergence)

    theirs = divergence(place)
    assert divergence(found.coordinates) == pytest.approx(found.kl_divergence, rel=0.01)
    assert found.kl_divergence < 1.03 * theirs


def test_few_points_lower_the_perplexity() -> None:
    found = one(cloud(20, 4), "tsne-30")
    assert found.parameters["perplexity"] == pytest.approx(19 / 3)
    assert "perplexity 6.33" in found.title
    for method in ("pca", "tsne-10"):
        assert one(cloud(8, 3), method).coordinates.shape == (8, 2)


def test_neighbors_are_shared_and_change_nothing() -> None:
    points = cloud(150, 5)
    together = maps(points, methods=["tsne-10", "pca", "tsne-30"])
    assert [found.method for found in together] == ["tsne-10", "pca", "tsne-30"]
    np.testing.assert_array_equal(together[0].coordinates, one(points, "tsne-10").coordinates)


def test_the_same_by_seed() -> None:
    points = cloud(100, 5)
    first = maps(points, methods=["pca", "tsne-10"], seed=4)
    again = maps(points.copy(), methods=["pca", "tsne-10"], seed=4)
    for left, right in zip(first, again, strict=True):
        np.testing.assert_array_equal(left.coordinates, right.coordinates)
        assert left.to_dict() == right.to_dict()


@pytest.mark.parametrize("method", ["pca", "tsne-10"])
def test_one_axis_and_a_constant_one(method: str) -> None:
    line = cloud(60, 1)
    found = one(line, method)
    assert np.isfinite(found.coordinates).all()
    assert found.trustworthiness > 0.95
    same = one(np.concatenate([line, np.full((60, 1), 3.0)], axis=1), method)
    assert same.trustworthiness > 0.95
    if method == "pca":
        assert not found.coordinates[:, 1].any()
        assert found.explained == pytest.approx(1)


def test_duplicates_are_laid_out() -> None:
    points = np.repeat(cloud(20, 4), 3, axis=0)
    assert all(np.isfinite(found.coordinates).all() for found in maps(points))


def test_numbers_can_be_written_as_json() -> None:
    for found in maps(cloud(40, 3).astype(np.float32)):
        written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        assert written["count"] == 40
        assert written["title"] == found.title
        assert ("mean nothing" in written["warning"]) == (found.method != "pca")


@pytest.mark.slow  # numba compiles for a quarter of a minute
def test_umap_keeps_blobs_apart() -> None:
    pytest.importorskip("umap")
    points, labels = blobs(4, 16, count=40)
    found = one(points, "umap")
    assert kept(found.coordinates, labels) > 0.97
    assert (found.kl_divergence, found.explained) == (None, None)
    assert found.title == "UMAP, 15 neighbors"
    np.testing.assert_array_equal(found.coordinates, one(points, "umap").coordinates)
    line = one(cloud(10, 1), "umap")
    assert line.parameters["neighbors"] == 9
    assert np.isfinite(line.coordinates).all()


def test_without_umap_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(InputError, match=r'pip install "zspace\[umap\]"'):
        maps(cloud(20, 3), methods=["umap"])


def test_bad_input_is_one_line() -> None:
    bad = cloud(40, 3)
    bad[5, 2] = np.inf
    cases = [
        (InputError, "row 5", lambda: maps(bad)),
        (InputError, "at least 8 points, 7 came", lambda: maps(cloud(7, 3))),
        (InputError, "all are one point", lambda: maps(np.full((50, 3), 2.5))),
        (InputError, "no map 'tsne'", lambda: maps(cloud(40, 3), methods=["tsne"])),
    ]
    for kind, words, call in cases:
        with pytest.raises(kind, match=words) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_a_point_of_the_map_comes_back_to_itself() -> None:
    points, place = cloud(50, 6), cloud(50, 2, 1)
    there = places_on_map(points, points=points, coordinates=place)
    np.testing.assert_allclose(there, place, atol=1e-12)
    back = points_on_map(there, points=points, coordinates=place)
    np.testing.assert_allclose(back, points, atol=1e-12)


def test_between_two_points_the_nearer_one_weighs_more() -> None:
    points, place = np.array([[0.0, 0], [4, 0], [0, 90]]), np.array([[0.0, 0], [8, 0], [5, 50]])
    known = {"points": points, "coordinates": place, "k": 2}
    np.testing.assert_allclose(places_on_map(np.array([[2.0, 0]]), **known), [[4, 0]])
    # Weights 1 and 1/3: a quarter of the way.
    np.testing.assert_allclose(places_on_map(np.array([[1.0, 0]]), **known), [[2, 0]])
    np.testing.assert_allclose(points_on_map(np.array([[6.0, 0]]), **known), [[3, 0]])
    everything = places_on_map(np.array([[2.0, 0]]), points=points, coordinates=place, k=9)
    assert everything[0, 1] > 0, "all three, where there are no more"


def test_duplicates_share_a_place() -> None:
    points, place = np.array([[1.0], [1.0], [5.0]]), np.array([[0.0, 0], [2, 2], [9, 9]])
    found = places_on_map(np.array([[1.0]]), points=points, coordinates=place)
    np.testing.assert_allclose(found, [[1, 1]])


@pytest.fixture
def _unchecked() -> Iterator[None]:
    """Without the tests' own check of shapes, which would come first."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.mark.usefixtures("_unchecked")
def test_wrong_shapes_are_one_line() -> None:
    points, place = cloud(9, 3), cloud(9, 2)
    cases = [
        lambda: maps(cloud(40, 1)[:, None]),
        lambda: places_on_map(points[:, :2], points=points, coordinates=place),
        lambda: places_on_map(points, points=points, coordinates=place[:8]),
        lambda: points_on_map(place, points=points[:8], coordinates=place),
    ]
    for call in cases:
        with pytest.raises(ShapeError) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_places_have_to_be_finite() -> None:
    points, place = cloud(9, 3), cloud(9, 2)
    with pytest.raises(InputError, match="row 0"):
        places_on_map(points * np.nan, points=points, coordinates=place)
    with pytest.raises(InputError, match="row 0"):
        points_on_map(place, points=points, coordinates=place * np.inf)
