"""Places on a walk: each is what is said of that point alone, and what scikit-learn finds."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from zspace.analysis.places import READINGS, Density
from zspace.analysis.walk_places import walk_places
from zspace.errors import InputError, ShapeError


def points(count: int, size: int, *, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size))


def test_it_says_of_each_point_what_is_said_of_it_alone() -> None:
    codes, walk = points(1500, 6), np.linspace(-4, 4, 9)[:, None] * np.ones(6)
    found, density = walk_places(walk, codes), Density.of(codes)
    for row, z in enumerate(walk):
        place = density.place(z)
        assert READINGS[found.readings[row]] == place.reading
        for name in ("radius", "radius_percentile", "distance", "distance_percentile"):
            assert getattr(found, name)[row] == pytest.approx(getattr(place, name)), name
        assert found.mahalanobis_percentile[row] == place.mahalanobis_percentile
    assert found.readings[4] == 0 and found.readings[0] == found.readings[-1] == 2
    assert found.codes_radius.count == 1500


def test_distances_are_those_of_scikit_learn() -> None:
    """Of 20 codes the fit has seen every other one; the others are asked."""
    codes, walk = points(20, 3), points(5, 3, seed=2)
    found = walk_places(walk, codes)
    assert found.k == 9
    theirs = NearestNeighbors(n_neighbors=9).fit(codes[1::2]).kneighbors(walk)[0][:, -1]
    np.testing.assert_allclose(found.distance, theirs)
    own = NearestNeighbors(n_neighbors=9).fit(codes[1::2]).kneighbors()[0][:, -1]
    np.testing.assert_allclose(found.borders, np.quantile(own, (0.5, 0.95, 0.99)))
    assert sum(found.distance_counts) == 10
    assert len(found.distance_edges) == len(found.distance_counts) + 1


def test_numbers_are_json() -> None:
    found = walk_places(points(4, 2), points(50, 2))
    written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert written["radius"] == found.radius.tolist() and len(written["reading"]) == 4


def test_few_equal_codes_and_bad_input() -> None:
    same = walk_places(np.ones((2, 3)), np.ones((4, 3)))
    assert same.k == 1 and same.readings.tolist() == [0, 0]
    for kind, call in (
        (InputError, lambda: walk_places(points(2, 2), points(3, 2))),
        (InputError, lambda: walk_places(points(2, 2) * np.nan, points(30, 2))),
        (ShapeError, lambda: walk_places(points(2, 3), points(30, 2))),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
