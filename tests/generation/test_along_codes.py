"""Paths along the density: known geodesics, and SciPy's own shortest paths on small graphs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import cdist
from sklearn.datasets import make_moons

from zspace.errors import InputError, ShapeError
from zspace.generation.along_codes import along_codes
from zspace.generation.paths import line


def ring(count: int = 1500, *, seed: int = 1, noise: float = 0.0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    angles = draw.uniform(0, 2 * np.pi, count)
    circle = 5 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return circle + noise * draw.standard_normal(circle.shape)


def length(points: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def test_on_a_ring_it_goes_around() -> None:
    stops = np.array([[5.0, 0.0], [0.0, 5.0]])
    walk = along_codes(stops, ring(), steps=40, power=1.0)
    np.testing.assert_allclose(np.linalg.norm(walk.points, axis=1), 5, atol=0.02)
    assert length(walk.points) == pytest.approx(5 * np.pi / 2, rel=0.01)
    angles = np.arctan2(walk.points[:, 1], walk.points[:, 0])
    np.testing.assert_allclose(angles, np.linspace(0, np.pi / 2, 41), atol=0.03)
    opposite = along_codes(np.array([[5.0, 0.0], [-5.0, 0.0]]), ring(), steps=20)
    assert length(opposite.points) == pytest.approx(5 * np.pi, rel=0.02)
    assert np.linalg.norm(line(stops * [[1], [-1]], steps=2).points[1]) < 4, "a line cuts across"


def test_on_two_moons_it_stays_on_its_moon() -> None:
    codes, moon = make_moons(2000, noise=0.03, random_state=1)
    upper = codes[moon == 0]
    ends = upper[[upper[:, 0].argmin(), upper[:, 0].argmax()]]
    walk = along_codes(ends, codes, steps=30)
    on_moon = np.abs(np.linalg.norm(walk.points, axis=1) - 1)
    assert on_moon.max() < 0.12
    assert length(walk.points) == pytest.approx(np.pi, rel=0.1)
    straight = line(ends, steps=30).points
    assert np.abs(np.linalg.norm(straight, axis=1) - 1).max() > 0.8


@pytest.mark.parametrize("power", [1.0, 2.0, 5.0])
def test_it_is_the_cheapest_of_all_ways(power: float) -> None:
    """All points joined to all: SciPy's Floyd and Warshall, on distances^power made here."""
    draw = np.random.default_rng(4)
    codes, stops = draw.standard_normal((40, 3)), draw.standard_normal((2, 3))
    every = np.concatenate([stops, codes])
    _, before = shortest_path(cdist(every, every) ** power, method="FW", return_predecessors=True)
    way = [1]
    while way[-1] != 0:
        way.append(int(before[0, way[-1]]))
    corners = every[way[::-1]]
    walk = along_codes(stops, codes, steps=2000, power=power, neighbors=41)
    assert f"passes {len(way) - 2} of 40 codes" in walk.notes[0]
    for corner in corners:
        assert cdist(corner[None], walk.points).min() < 3e-3
    assert length(walk.points) == pytest.approx(length(corners), rel=1e-3)


def test_a_power_bends_the_way_to_where_codes_are_dense() -> None:
    """Few codes straight between the ends, many on a detour: the power decides."""
    straight = np.stack([np.linspace(0, 10, 8), np.zeros(8)], axis=1)
    angles = np.linspace(np.pi, 0, 400)
    detour = np.stack([5 + 5 * np.cos(angles), 5 * np.sin(angles)], axis=1)
    codes = np.concatenate([straight[1:-1], detour[1:-1]])
    stops = np.array([[0.0, 0.0], [10.0, 0.0]])
    for power, top in ((1.0, 0.1), (4.0, 4.9)):
        walk = along_codes(stops, codes, steps=50, power=power, neighbors=404)
        assert (walk.points[:, 1].max() < top) == (power == 1.0)


def test_speed_is_constant_and_stops_are_exact() -> None:
    codes = ring(noise=0.2)
    stops = np.concatenate([codes[:2], [[8.0, 8.0]]])  # two codes, and a point far off
    walk = along_codes(stops, codes, steps=200, power=1.0)
    np.testing.assert_array_equal(walk.points[[0, 200, 400]], stops)
    speeds = np.linalg.norm(np.diff(walk.points[:201], axis=0), axis=1)
    assert np.median(speeds) == pytest.approx(speeds.max(), rel=1e-6), "corners are cut"
    assert speeds.min() > 0.5 * speeds.max()


def test_duplicates_and_equal_stops_do_no_harm() -> None:
    angles = np.linspace(0, 2 * np.pi, 200)
    codes = np.repeat(np.stack([np.cos(angles), np.sin(angles)], axis=1), 3, axis=0)
    walk = along_codes(codes[[0, 0, 50]], codes, steps=5, neighbors=12)
    assert np.isfinite(walk.points).all()
    np.testing.assert_array_equal(walk.points[:6], np.tile(codes[0], (6, 1)))
    same = along_codes(np.ones((2, 2)), np.ones((30, 2)), steps=2)
    np.testing.assert_array_equal(same.points, np.ones((3, 2)))


def test_the_sample_is_that_of_its_seed() -> None:
    codes, stops = ring(800, noise=0.1), np.array([[5.0, 0.0], [-5.0, 0.0]])
    first = along_codes(stops, codes, most=200, seed=3)
    assert "of 200 codes" in first.notes[0]
    np.testing.assert_array_equal(first.points, along_codes(stops, codes, most=200, seed=3).points)
    assert not np.array_equal(first.points, along_codes(stops, codes, most=200, seed=4).points)


def test_pieces_without_a_way_are_said() -> None:
    codes = np.concatenate([ring(100), 100 + ring(100)])
    with pytest.raises(InputError, match="no way from stop 1 to stop 2 over the 10") as caught:
        along_codes(codes[[0, 150]], codes)
    assert "\n" not in str(caught.value)
    assert along_codes(codes[[0, 150]], codes, neighbors=110).notes


def test_bad_input_is_one_line() -> None:
    codes, stops = ring(50), np.eye(2)
    bad = codes.copy()
    bad[3, 0] = np.inf
    for kind, call in (
        (InputError, lambda: along_codes(stops, bad)),
        (InputError, lambda: along_codes(stops, codes[:1])),
        (InputError, lambda: along_codes(stops, codes, most=1)),
        (InputError, lambda: along_codes(stops, codes, neighbors=0)),
        (InputError, lambda: along_codes(stops, codes, power=0.5)),
        (InputError, lambda: along_codes(stops, codes, power=float("nan"))),
        (InputError, lambda: along_codes(stops[:1], codes)),
        (ShapeError, lambda: along_codes(np.eye(3), codes)),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
