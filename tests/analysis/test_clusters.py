"""k-means against scikit-learn and SciPy, and elbows where they are and where they are not."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_score
from threadpoolctl import threadpool_limits

from zspace.analysis import clusters as clusters_module
from zspace.analysis.clusters import Clusters, clusters, kneedle
from zspace.analysis.neighbors import some_points
from zspace.errors import InputError, ShapeError


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads cost these few points far more than they save, where others use the processor."""
    with threadpool_limits(1):
        yield


FEW = (2, 3, 4, 5, 6, 8, 10, 16)


def blobs(
    many: int, size: int, *, count: int = 600, seed: int = 1, apart: float = 20.0
) -> tuple[np.ndarray, np.ndarray]:
    """Round blobs with standard deviation 1, no two of them nearer than `apart`."""
    generator = np.random.default_rng(seed)
    centers: list[np.ndarray] = []
    while len(centers) < many:
        new = generator.uniform(-3 * apart, 3 * apart, size)
        if all(np.linalg.norm(new - each) > apart for each in centers):
            centers.append(new)
    points, labels = make_blobs(count, centers=np.array(centers), random_state=seed)
    return points, labels


def cloud(size: int, count: int = 800, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size))


def curve(size: int = 256, count: int = 800) -> np.ndarray:
    t = np.linspace(0, 1, count)[:, None]
    return np.cos(t * np.arange(1, size + 1) / 16 + np.arange(size))


def ring(count: int = 800) -> np.ndarray:
    turn = np.random.default_rng(1).uniform(0, 2 * np.pi, count)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1) + 0.05 * cloud(2, count)


def test_inertia_is_no_worse_than_that_of_scikit_learn() -> None:
    points = np.concatenate([cloud(8, 700), blobs(3, 8, apart=4)[0]])
    measured = clusters(points, ks=(2, 5, 12, 30))
    for k, inertia in zip(measured.ks, measured.inertia, strict=True):
        for kind in (KMeans, MiniBatchKMeans):
            theirs = kind(k, n_init=3, random_state=7).fit(points).inertia_ / len(points)
            assert inertia <= 1.01 * theirs, (k, kind)
    assert measured.total == pytest.approx(points.var(axis=0).sum(), rel=1e-3)
    assert list(measured.inertia) == sorted(measured.inertia, reverse=True)
    assert measured.inertia[0] < measured.total


def test_inertia_is_that_of_all_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """With centers fitted to a few, far from the origin, where squares would cancel."""
    monkeypatch.setattr(clusters_module, "_FITTED", 200)
    points = 1000 + cloud(5, 900)
    measured = clusters(points, ks=(3, 7))
    assert (measured.used, measured.count) == (200, 900)
    sample = some_points(points, 200, seed=1).astype(np.float32)
    for k, inertia in zip(measured.ks, measured.inertia, strict=True):
        centers = KMeans(k, n_init=4, random_state=1).fit(sample).cluster_centers_
        expected = (cdist(points, centers).min(axis=1) ** 2).mean()
        assert inertia == pytest.approx(expected, rel=1e-4)


def test_kneedle_finds_known_bends() -> None:
    ks = list(range(1, 21))
    assert kneedle(ks, [max(20 - 5 * k, 2 - 0.1 * k) for k in ks]) == 4
    # The slope of 1/k is that of its chord, −1/20, at k = √20.
    assert kneedle(ks, [1 / k for k in ks]) == 4
    assert kneedle([2, 4, 6], [9.0, 1.0, 0.5]) == 4
    assert kneedle([1, 2], [2.0, 1.0]) is None
    assert kneedle([1, 2, 3], [1.0, 2.0, 3.0]) is None
    assert kneedle([1, 2, 3], [3.0, 2.0, 1.0]) is None, "a straight line"


@given(st.floats(1e-3, 1e3), st.floats(0, 1e3))
def test_kneedle_knows_no_units(scale: float, offset: float) -> None:
    values = np.array([9.0, 4, 2.0, 1.5, 1.2, 1.0])
    assert kneedle(range(6), scale * values + offset) == kneedle(range(6), values)


@pytest.mark.parametrize("size", [2, 16, 256])
def test_five_blobs_have_an_elbow_at_five(size: int) -> None:
    points, labels = blobs(5, size, apart=20 if size < 256 else 60)
    measured = clusters(points, ks=range(2, 21, 2), labels=labels)
    assert measured.elbow == 5
    assert measured.sharpness > 2.5 * measured.normal_sharpness
    assert measured.classes == measured.best
    assert (measured.best.k, measured.best_agreement) == (5, 1.0)
    assert measured.best.mutual_information == pytest.approx(1)


def test_two_blobs_have_an_elbow_at_two() -> None:
    for size in (1, 2, 16):
        assert clusters(blobs(2, size)[0], ks=FEW).elbow == 2


@pytest.mark.parametrize(
    "points",
    [
        cloud(1), cloud(2), cloud(16), np.random.default_rng(1).uniform(size=(800, 2)), curve(),
        ring(), cloud(3) * [9, 1, 0.1],
    ],
    ids=["line", "plane", "many", "square", "curve", "ring", "ellipsoid"],
)  # fmt: skip
def test_no_elbow_where_no_groups_are(points: np.ndarray) -> None:
    measured = clusters(points, ks=range(2, 33, 2))
    assert measured.elbow is None
    assert 0 < measured.sharpness < 2.5 * max(1.0, measured.normal_sharpness)
    assert measured.knee is not None, "kneedle finds a bend all the same"
    assert measured.classes is None
    assert measured.best is None
    assert measured.best_agreement is None


def test_silhouette_and_agreement_are_those_of_scikit_learn() -> None:
    points, labels = blobs(4, 3, count=300, apart=5)
    measured = clusters(points, ks=(2, 4, 6), labels=labels)
    expected = []
    for place, k in enumerate(measured.ks):
        fitted = KMeans(k, n_init=4, random_state=1).fit(points.astype(np.float32))
        theirs = silhouette_score(points, fitted.labels_)
        assert measured.silhouette[place] == pytest.approx(theirs, abs=1e-4)
        expected.append((adjusted_rand_score(labels, fitted.labels_), fitted.labels_, k))
    rand, found, k = max(expected, key=lambda each: each[0])
    assert measured.best.k == k
    assert measured.best.adjusted_rand == pytest.approx(rand)
    mutual = normalized_mutual_info_score(labels, found)
    assert measured.best.mutual_information == pytest.approx(mutual)


def test_labels_that_clusters_know_nothing_of() -> None:
    labels = np.random.default_rng(5).integers(0, 7, 800)
    measured = clusters(cloud(4), ks=(2, 4), labels=labels)
    assert measured.classes.k == 7, "tried as well, though not asked for"
    assert measured.ks == (2, 4)
    assert abs(measured.best.adjusted_rand) < 0.02
    assert clusters(cloud(4), ks=(2,), labels=np.ones(800, int)).best is None


def test_same_in_blocks_and_by_seed() -> None:
    points = cloud(6, 500)
    first = clusters(points, ks=FEW, seed=3)
    assert clusters(points, ks=FEW, seed=3) == first
    in_blocks = clusters([points[:123], points[123:130], points[130:]], ks=FEW, seed=3)
    np.testing.assert_allclose(in_blocks.inertia, first.inertia, rtol=1e-6)
    assert (in_blocks.elbow, in_blocks.knee) == (first.elbow, first.knee)
    assert clusters(points.astype(np.float32), ks=FEW).ks == FEW


@pytest.mark.parametrize("size", [1, 2])
def test_few_axes_and_few_points(size: int) -> None:
    measured = clusters(cloud(size, 9), ks=range(2, 30))
    assert measured.ks == (2, 3, 4), "two points for each cluster"
    assert measured.latent_size == size
    json.dumps(measured.to_dict(), allow_nan=False)


def test_a_constant_axis_and_more_axes_than_points() -> None:
    points = np.concatenate([cloud(20, 12), np.full((12, 1), 7.0)], axis=1)
    measured = clusters(points, ks=(2, 3))
    assert measured.sharpness is None
    assert measured.elbow is None
    assert 0 < measured.inertia[1] < measured.inertia[0] < measured.total


def test_duplicates_are_fewer_clusters_than_asked() -> None:
    points = np.repeat([[0.0, 0], [5, 5], [9, 0]], 20, axis=0)
    measured = clusters(points, ks=range(2, 13))
    assert measured.inertia[1] == pytest.approx(0, abs=1e-9)
    assert measured.elbow == 3
    json.dumps(measured.to_dict(), allow_nan=False)


@settings(max_examples=8)
@given(st.integers(0, 1000), st.floats(1e-3, 1e3))
def test_properties(seed: int, scale: float) -> None:
    points = cloud(3, 60, seed)
    measured, scaled = clusters(points, ks=(2, 4)), clusters(scale * points, ks=(2, 4))
    assert 0 <= measured.inertia[1] <= measured.inertia[0] <= measured.total
    np.testing.assert_allclose(scaled.inertia, scale**2 * np.array(measured.inertia), rtol=0.02)
    assert all(-1 <= value <= 1 for value in measured.silhouette)


def test_bad_input_is_one_line() -> None:
    points = cloud(3, 40)
    bad = points.copy()
    bad[7, 1] = np.nan
    cases = [
        (InputError, "k must be at least 2", lambda: clusters(points, ks=(1, 2))),
        (InputError, "k must be at least 2", lambda: clusters(points, ks=())),
        (InputError, "point", lambda: clusters(points[:3], ks=(2, 4))),
        (InputError, "point", lambda: clusters(points, ks=(30,))),
        (InputError, "row 7", lambda: clusters(bad)),
        (InputError, "all are one point", lambda: clusters(np.ones((50, 3)))),
        (InputError, "generator", lambda: clusters(iter([points]))),
        (ShapeError, "39 came", lambda: clusters(points, labels=np.zeros(39, int))),
        (ShapeError, "rows, latent", lambda: clusters(points[:, 0])),
    ]
    for kind, words, call in cases:
        with pytest.raises(kind, match=words) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_numbers_can_be_written_as_json() -> None:
    points, labels = blobs(3, 2, count=90)
    written = json.loads(json.dumps(clusters(points, ks=FEW, labels=labels).to_dict()))
    assert set(written) == set(Clusters.__dataclass_fields__)
    assert written["best"] == {"k": 3, "adjusted_rand": 1.0, "mutual_information": 1.0}
    assert written["ks"] == list(FEW)
