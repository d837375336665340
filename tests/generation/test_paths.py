"""Paths: ends are exact, speed is constant, great circles are those of SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial import geometric_slerp
from scipy.spatial.transform import Rotation, Slerp

from zspace.errors import InputError, ShapeError
from zspace.generation.paths import line, resampled, shared_steps, sphere

VALUES = st.floats(-100, 100, allow_subnormal=False)
STOPS = arrays(np.float64, st.tuples(st.integers(2, 4), st.integers(1, 6)), elements=VALUES)


def points(count: int, size: int, *, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size))


@given(STOPS, st.integers(1, 7))
def test_stops_are_on_the_way_exactly(stops: np.ndarray, steps: int) -> None:
    for kind in (line, sphere):
        walk = kind(stops, steps=steps)
        assert walk.points.shape == ((len(stops) - 1) * steps + 1, stops.shape[1])
        np.testing.assert_array_equal(walk.points[list(walk.stops)], stops)
        assert np.isfinite(walk.points).all()


@given(STOPS, st.integers(1, 7))
def test_radius_of_a_sphere_goes_evenly(stops: np.ndarray, steps: int) -> None:
    walk = sphere(stops[:2], steps=steps)
    radii = np.linalg.norm(walk.points, axis=1)
    if not walk.notes:
        np.testing.assert_allclose(radii, np.linspace(radii[0], radii[-1], steps + 1), rtol=1e-6)


@given(STOPS, st.integers(1, 7))
def test_backward_is_the_same_way(stops: np.ndarray, steps: int) -> None:
    for kind in (line, sphere):
        there, back = kind(stops, steps=steps), kind(stops[::-1], steps=steps)
        if not there.notes:  # of several ways any may be taken
            np.testing.assert_allclose(there.points, back.points[::-1], atol=1e-4)


@pytest.mark.parametrize("size", [2, 3, 8, 256])
def test_a_sphere_is_scipys_great_circle(size: int) -> None:
    stops = points(2, size)
    radii = np.linalg.norm(stops, axis=1)
    ours = sphere(stops, steps=12).points
    units = geometric_slerp(*(stops / radii[:, None]), np.linspace(0, 1, 13))
    np.testing.assert_allclose(ours, units * np.linspace(*radii, 13)[:, None], atol=1e-9)


def test_a_sphere_of_four_axes_turns_as_quaternions_do() -> None:
    rotations = Rotation.random(2, random_state=3)
    quaternions = rotations.as_quat()
    if quaternions[0] @ quaternions[1] < 0:  # of the two that are one rotation, the nearer
        quaternions[1] *= -1
    ours = sphere(quaternions, steps=9).points
    theirs = Slerp([0, 1], rotations)(np.linspace(0, 1, 10)).as_quat()
    np.testing.assert_allclose(np.abs((ours * theirs).sum(axis=1)), 1, atol=1e-12)


def test_speed_is_constant() -> None:
    stops = points(2, 16)
    stops /= np.linalg.norm(stops, axis=1)[:, None]
    for walk in (line(stops, steps=20), sphere(7 * stops, steps=20)):
        speeds = np.linalg.norm(np.diff(walk.points, axis=0), axis=1)
        np.testing.assert_allclose(speeds, speeds[0], rtol=1e-9)


def test_two_independent_points_are_closer_to_the_center_halfway() -> None:
    """√½ of the radius, as the docstring says, and the sphere keeps it."""
    stops = points(2, 20_000)
    radius = np.linalg.norm(stops, axis=1).mean()
    for kind, share in ((line, np.sqrt(0.5)), (sphere, 1.0)):
        middle = kind(stops, steps=2).points[1]
        assert np.linalg.norm(middle) / radius == pytest.approx(share, rel=0.02)


@pytest.mark.parametrize("size", [2, 3, 64])
def test_opposite_directions_go_half_around_and_it_is_said(size: int) -> None:
    z = points(1, size)[0]
    walk = sphere(np.stack([z, -z]), steps=10)
    assert "opposite" in walk.notes[0]
    radius = np.linalg.norm(z)
    np.testing.assert_allclose(np.linalg.norm(walk.points, axis=1), radius)
    steps = np.linalg.norm(np.diff(walk.points, axis=0), axis=1)
    np.testing.assert_allclose(steps, 2 * radius * np.sin(np.pi / 20), rtol=1e-6)


def test_the_origin_and_one_axis_give_straight_legs_and_it_is_said() -> None:
    z = points(1, 5)[0]
    for stops in (np.stack([z, 0 * z]), np.stack([0 * z, z])):
        walk = sphere(stops, steps=4)
        assert "origin" in walk.notes[0]
        np.testing.assert_allclose(walk.points, line(stops, steps=4).points)
    both = sphere(np.zeros((2, 3)), steps=2)
    np.testing.assert_array_equal(both.points, np.zeros((3, 3)))
    single = sphere(np.array([[1.0], [-1.0]]), steps=2)
    assert "one axis" in single.notes[0] and single.points.ravel().tolist() == [1, 0, -1]


def test_nearly_parallel_and_very_small_points() -> None:
    z = points(1, 6)[0]
    same = sphere(np.stack([z, z]), steps=5).points
    np.testing.assert_allclose(same, np.tile(z, (6, 1)), rtol=1e-12)
    near = sphere(np.stack([z, z * (1 + 1e-12)]), steps=5).points
    np.testing.assert_allclose(near, same, rtol=1e-9)
    for scale in (1e-300, 1e150):
        tiny = sphere(scale * points(2, 4), steps=3).points / scale
        np.testing.assert_allclose(tiny, sphere(points(2, 4), steps=3).points, rtol=1e-9)


def test_steps_of_each_leg() -> None:
    stops = points(3, 2)
    walk = line(stops, steps=[1, 4])
    assert walk.stops == (0, 1, 5)
    assert shared_steps(7, 3) == (3, 2, 2) and sum(shared_steps(60, 7)) == 60


@given(
    arrays(np.float64, st.tuples(st.integers(2, 8), st.integers(1, 3)), elements=VALUES),
    st.integers(2, 30),
)
def test_resampled_points_lie_at_equal_shares_of_the_length(corners, count) -> None:
    t = np.linspace(0, 1, count)
    ours = resampled(corners, t)
    lengths = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    reached = np.concatenate([[0], np.cumsum(lengths)])
    for axis in range(corners.shape[1]):
        # np.interp does the same axis by axis, where lengths grow.
        keep = np.concatenate([[True], np.diff(reached) > 0])
        theirs = np.interp(t * reached[-1], reached[keep], corners[keep, axis])
        np.testing.assert_allclose(ours[:, axis], theirs, atol=1e-6)


def test_bad_input_is_one_line() -> None:
    bad = points(3, 2)
    bad[1, 1] = np.nan
    for kind, call in (
        (InputError, lambda: line(points(1, 2))),
        (InputError, lambda: sphere(np.zeros((0, 2)))),
        (InputError, lambda: line(bad)),
        (InputError, lambda: line(points(2, 2), steps=0)),
        (InputError, lambda: line(points(3, 2), steps=[3])),
        (InputError, lambda: sphere(points(3, 2), steps=[3, -1])),
        (InputError, lambda: shared_steps(2, 3)),
        (ShapeError, lambda: line(np.zeros(4))),
        (ShapeError, lambda: sphere(np.zeros((4, 0)))),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="stop 2 is nan on axis 1"):
        line(bad)
