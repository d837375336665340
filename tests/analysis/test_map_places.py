"""A map that is asked one at a time says what the functions for many say."""

from __future__ import annotations

import numpy as np
import pytest

from zspace.analysis.map_places import MapPlaces, places_on_map, points_on_map
from zspace.errors import InputError, ShapeError

GENERATOR = np.random.default_rng(4)
POINTS = GENERATOR.standard_normal((400, 7)).astype(np.float32)
PLACES = GENERATOR.uniform(-30, 30, (400, 2)).astype(np.float32)


def test_it_says_what_the_functions_say() -> None:
    asked = MapPlaces(POINTS, PLACES)
    new_places, new_points = GENERATOR.uniform(-40, 40, (25, 2)), GENERATOR.normal(size=(25, 7))
    new_places[3], new_points[3] = PLACES[11], POINTS[11]
    points = points_on_map(new_places, points=POINTS, coordinates=PLACES)
    places = places_on_map(new_points, points=POINTS, coordinates=PLACES)
    for row in range(25):
        np.testing.assert_allclose(asked.point(new_places[row]), points[row], atol=1e-9)
        np.testing.assert_allclose(asked.place(new_points[row]), places[row], atol=1e-9)
    np.testing.assert_array_equal(asked.point(PLACES[11]), POINTS[11])
    np.testing.assert_array_equal(asked.place(POINTS[11]), PLACES[11])


def test_what_is_searched_is_made_once() -> None:
    asked = MapPlaces(POINTS, PLACES)
    tree, index = asked.tree, asked.index
    asked.point(np.zeros(2))
    asked.place(np.zeros(7))
    assert asked.tree is tree and asked.index is index


def test_a_map_of_fewer_points_than_are_looked_at() -> None:
    asked = MapPlaces(POINTS[:2], np.array([[0.0, 0.0], [2.0, 0.0]]))
    np.testing.assert_allclose(
        asked.point(np.array([1.0, 5.0])), POINTS[:2].mean(axis=0), rtol=1e-6
    )


def test_what_is_refused() -> None:
    with pytest.raises(ShapeError):
        MapPlaces(POINTS, PLACES[1:])
    with pytest.raises(InputError):
        MapPlaces(POINTS, PLACES).point(np.array([np.nan, 0.0]))
    with pytest.raises(ShapeError):
        MapPlaces(POINTS, PLACES).place(np.zeros(6))
