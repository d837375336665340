"""Principal components against scikit-learn's, and clouds whose components are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import decomposition

from zspace.analysis.pca import pca
from zspace.errors import InputError, ShapeError


def turned(count: int, deviations: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """A rotated and shifted normal ellipsoid."""
    generator = np.random.default_rng(seed)
    size = len(deviations)
    rotation = np.linalg.qr(generator.standard_normal((size, size)))[0]
    return (generator.standard_normal((count, size)) * deviations) @ rotation.T + 5


def curve(count: int) -> np.ndarray:
    """A closed curve in 256 dimensions that turns in three planes, so of rank 6."""
    generator = np.random.default_rng(3)
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    waves = [wave(k * turn) / k for k in (1, 2, 3) for wave in (np.sin, np.cos)]
    return np.stack(waves, axis=1) @ generator.standard_normal((6, 256)) + 1


@pytest.mark.parametrize(("count", "size"), [(2000, 12), (500, 64), (40, 64)])
def test_same_as_scikit_learn(count: int, size: int) -> None:
    points = turned(count, np.geomspace(4, 0.05, size))
    found = pca(points)
    theirs = decomposition.PCA(svd_solver="full").fit(points)
    number = min(count - 1, size)
    variances = theirs.explained_variance_[:number] * (count - 1) / count
    np.testing.assert_allclose(found.variances[:number], variances, rtol=1e-8)
    np.testing.assert_allclose(
        found.shares[:number], theirs.explained_variance_ratio_[:number], rtol=1e-8
    )
    np.testing.assert_allclose(found.components[:number], theirs.components_[:number], atol=1e-6)
    np.testing.assert_allclose(
        found.transform(points)[:, :number], theirs.transform(points)[:, :number], atol=1e-6
    )
    assert found.rank == number
    whitened = decomposition.PCA(n_components=5, whiten=True, svd_solver="full").fit_transform(
        points
    )
    ours = found.transform(points, axes=5, whiten=True)
    np.testing.assert_allclose(ours, whitened * np.sqrt(count / (count - 1)), atol=1e-6)


def test_a_known_ellipsoid() -> None:
    deviations = np.array([5.0, 3.0, 1.0, 0.2])
    found = pca(turned(100_000, deviations))
    # Standard error of a variance: λ·√(2/N), here 0.45 %.
    np.testing.assert_allclose(found.variances, deviations**2, rtol=0.02)
    expected = (deviations**2).sum() ** 2 / (deviations**4).sum()
    assert found.effective_dimension == pytest.approx(expected, rel=0.02)
    assert [found.axes_for(share) for share in (0.5, 0.9, 0.99, 1.0)] == [1, 2, 3, 4]
    assert np.linalg.norm(found.center - 5) < 0.1


@pytest.mark.parametrize(
    ("points", "dimension", "tolerance"),
    [
        (np.random.default_rng(1).standard_normal((40_000, 32)), 32, 0.1),
        (np.random.default_rng(1).uniform(-1, 1, (40_000, 32)), 32, 0.1),
        # Two blobs 20 apart along one of 16 axes: variances 101 and 15 times 1.
        (
            np.random.default_rng(1).standard_normal((40_000, 16))
            + 20 * np.eye(16)[0] * (np.arange(40_000) % 2)[:, None],
            116**2 / (101**2 + 15),
            0.01,
        ),
    ],
)
def test_effective_dimension_of_known_clouds(
    points: np.ndarray, dimension: float, tolerance: float
) -> None:
    assert pca(points).effective_dimension == pytest.approx(dimension, abs=tolerance)


def test_a_curve_in_256_dimensions_has_rank_six() -> None:
    points = curve(5000)
    found = pca(points)
    assert found.rank == 6
    assert found.axes_for(0.999999) <= 6
    coordinates = found.transform(points, axes=6)
    np.testing.assert_allclose(found.inverse(coordinates), points, atol=1e-9)
    whitened = found.transform(points, whiten=True)
    np.testing.assert_allclose(whitened[:, :6].var(axis=0), 1, rtol=1e-9)
    assert not whitened[:, 6:].any()
    np.testing.assert_allclose(found.inverse(whitened, whiten=True), points, atol=1e-9)


@given(hnp.arrays(np.float64, (8, 4), elements=st.floats(-100, 100)), st.permutations(range(8)))
def test_properties(points: np.ndarray, order: list[int]) -> None:
    found = pca(points)
    np.testing.assert_allclose(found.components @ found.components.T, np.eye(4), atol=1e-9)
    np.testing.assert_allclose(found.inverse(found.transform(points)), points, atol=1e-8)
    assert (np.diff(found.variances) <= 1e-9).all()
    assert (found.variances >= 0).all()
    largest = np.abs(found.components).argmax(axis=1)
    assert (found.components[np.arange(4), largest] > 0).all()
    total = points.var(axis=0).sum()
    assert found.variances.sum() == pytest.approx(total, rel=1e-9, abs=1e-9)
    dimension = found.effective_dimension
    assert dimension is None or 1 - 1e-9 <= dimension <= 4 + 1e-9
    shuffled = pca(points[order])
    np.testing.assert_allclose(shuffled.variances, found.variances, atol=1e-7)
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert "components" not in text


def test_points_without_spread_have_components_and_no_dimension() -> None:
    for value in (2.0, 0.1, 1e9 / 3, 0.0):
        found = pca(np.full((7, 3), value))
        assert (found.rank, found.effective_dimension) == (0, None)
    assert found.axes_for(0.9) == 3
    assert not found.transform(np.ones((2, 3)), whiten=True).any()
    one = pca(np.array([[1.0], [3.0]]))
    assert (one.variances.tolist(), one.effective_dimension, one.axes_for(0.5)) == ([1.0], 1.0, 1)


def test_bad_input_is_one_line() -> None:
    found = pca(np.random.default_rng(1).standard_normal((9, 3)))
    for kind, call in (
        (InputError, lambda: pca(np.array([[np.nan]]))),
        (InputError, lambda: found.transform(np.ones((2, 3)), axes=4)),
        (InputError, lambda: found.transform(np.ones((2, 3)), axes=0)),
        (ShapeError, lambda: found.transform(np.ones((2, 4)))),
        (ShapeError, lambda: found.inverse(np.ones((2, 4)))),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
