"""Where points lie among codes: scikit-learn's distances, and clouds with known answers."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats
from sklearn.covariance import EmpiricalCovariance
from sklearn.neighbors import KDTree

from zspace.analysis.density import READINGS, Density, density
from zspace.analysis.moments import moments
from zspace.analysis.random_kinds import LIMITS, random_kinds
from zspace.errors import InputError, ShapeError


def points(count: int, size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size))


def ellipsoid(count: int, size: int, seed: int = 0) -> np.ndarray:
    return points(count, size, seed) @ points(size, size, seed=9) + 3


def test_distances_are_scikit_learns() -> None:
    codes, asked = ellipsoid(3000, 6), 2 * ellipsoid(200, 6, seed=1)
    reference = Density.of(codes, k=7)
    np.testing.assert_array_equal(reference.codes, codes[1::2])
    places = reference.places(asked)
    fitted = EmpiricalCovariance().fit(codes[::2])
    np.testing.assert_allclose(places.mahalanobis, np.sqrt(fitted.mahalanobis(asked)), rtol=1e-5)
    tree = KDTree(codes[1::2])
    np.testing.assert_allclose(places.distance, tree.query(asked, k=7)[0][:, -1], rtol=1e-9)
    own = tree.query(codes[1::2], k=8)[0][:, -1]
    np.testing.assert_allclose(reference.own.distance, own, rtol=1e-9)


def test_one_point_is_placed_as_many() -> None:
    reference = Density.of(ellipsoid(3000, 40).astype(np.float32))
    asked = np.concatenate([ellipsoid(50, 40, seed=1), reference.codes[:50]])
    places = reference.places(asked)
    for row, z in enumerate(asked):
        place = reference.place(z)
        assert place.distance == pytest.approx(places.distance[row], rel=1e-9)
        assert place.mahalanobis == pytest.approx(places.mahalanobis[row], rel=1e-9)
        assert place.radius == pytest.approx(np.linalg.norm(z), rel=1e-9)
        assert place.reading == READINGS[places.readings[row]]
        shares = (
            stats.percentileofscore(getattr(reference.own, name), getattr(place, name))
            for name in ("mahalanobis", "distance", "radius")
        )
        found = (place.mahalanobis_percentile, place.distance_percentile, place.radius_percentile)
        np.testing.assert_allclose(found, list(shares), atol=0.1)
    np.testing.assert_allclose(places.distance[50:], reference.own.distance[:50], rtol=1e-9)


@pytest.mark.parametrize("size", [1, 2, 16, 64])
def test_new_points_of_the_same_cloud_are_among_the_codes(size: int) -> None:
    measured = density(ellipsoid(8000, size), {"new": ellipsoid(2000, size, seed=1)})
    among, border, off = measured.kinds[0].shares
    assert 0.9 < among < 0.96 and border < 0.09 and off < 0.025
    np.testing.assert_allclose(measured.codes.shares, (among, border, off), atol=0.025)
    radius = measured.kinds[0].mahalanobis[50]
    assert radius == pytest.approx(np.sqrt(stats.chi2(size).median()), rel=0.06)
    assert measured.mahalanobis_border == pytest.approx(stats.chi(size).ppf(0.99), rel=0.04)


def test_the_right_radius_is_not_enough() -> None:
    """Half of the axes narrow: a random point has the radius, and is far from all codes."""
    codes = points(4000, 32) * np.where(np.arange(32) % 2, 0.2, np.sqrt(2 - 0.04))
    place = Density.of(codes).place(points(1, 32, seed=5)[0])
    assert 5 < place.radius_percentile < 95
    assert place.mahalanobis_percentile == 100
    assert place.reading == "off the data"


def test_the_middle_of_a_ring_is_found_by_neighbors_alone() -> None:
    angles = np.random.default_rng(1).uniform(0, 2 * np.pi, 4000)
    ring = 5 * np.stack([np.cos(angles), np.sin(angles)], 1) + 0.1 * points(4000, 2)
    reference = Density.of(ring)
    middle = reference.place(np.zeros(2))
    assert middle.mahalanobis_percentile == 0 and middle.distance_percentile == 100
    assert middle.reading == "off the data"
    assert reference.place(np.array([5.0, 0.0])).reading == "among the codes"


def test_a_constant_axis_is_left_only_off_the_data() -> None:
    codes = points(500, 3)
    codes[:, 1] = 0.7
    reference = Density.of(codes)
    assert reference.place(np.array([0.1, 0.7, 0.1])).reading == "among the codes"
    assert reference.place(np.array([0.1, 0.8, 0.1])).reading == "off the data"
    same = Density.of(np.full((30, 2), 3.0))
    assert same.place(np.full(2, 3.0)).reading == "among the codes"
    assert same.place(np.full(2, 3.1)).reading == "off the data"


def test_the_kinds_are_what_they_are_called() -> None:
    codes = ellipsoid(4000, 8)
    kinds = random_kinds(moments(codes), draws=4000)
    assert len(kinds) == len(LIMITS) + 2
    assert stats.kstest(kinds["N(0, I)"].ravel(), "norm").pvalue > 1e-3
    cube = kinds["uniform ±2.5"]
    assert stats.kstest(cube.ravel(), "uniform", (-2.5, 5)).pvalue > 1e-3
    fitted = kinds["ellipsoid"]
    np.testing.assert_allclose(np.cov(fitted.T), np.cov(codes.T), atol=2.0)
    np.testing.assert_allclose(fitted.mean(0), codes.mean(0), atol=0.25)
    for call in ({"draws": 0}, {"limits": (0.0,)}, {"limits": (float("inf"),)}):
        with pytest.raises(InputError):
            random_kinds(moments(codes), **call)


def test_histograms_hold_all_points_and_numbers_are_json() -> None:
    codes = [points(150, 4), points(150, 4, seed=2)]
    measured = density(codes, {"far": points(40, 4) + 1e3, "same": codes[0]})
    assert [sum(kind.distance_counts) for kind in measured.kinds] == [40, 150]
    assert len(measured.distance_edges) == len(measured.codes.distance_counts) + 1
    assert measured.kind("far").shares == (0, 0, 1) and measured.kind("no") is None
    json.dumps(measured.to_dict(), allow_nan=False)
    json.dumps(Density.of(codes).place(np.zeros(4)).to_dict(), allow_nan=False)
    whole = density(np.concatenate(codes), {"same": codes[0]})
    assert whole.codes.shares == measured.codes.shares


def test_bad_input_is_one_line() -> None:
    bad = points(100, 2)
    bad[4, 1] = np.nan
    good = Density.of(points(100, 2))
    for kind, call in (
        (InputError, lambda: Density.of(points(21, 2))),
        (InputError, lambda: Density.of(points(100, 2), k=0)),
        (InputError, lambda: Density.of(points(3, 2), k=1)),
        (InputError, lambda: Density.of(bad)),
        (InputError, lambda: Density.of(iter([points(100, 2)]))),
        (InputError, lambda: good.place(np.array([0.0, np.inf]))),
        (ShapeError, lambda: good.place(np.zeros(3))),
        (ShapeError, lambda: good.places(np.zeros((2, 3)))),
        (InputError, lambda: density(points(100, 2), {})),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
    assert Density.of(points(22, 2)).place(np.zeros(2)).reading == "among the codes"
