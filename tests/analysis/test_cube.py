"""The radius of a uniform cube: against closed forms, sampling, and the reference's table."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from zspace.analysis.cube import (
    cube_limit_for,
    cube_mean_radius,
    cube_radius_density,
    cube_radius_deviation,
)
from zspace.analysis.radius import normal_mean_radius, radius
from zspace.errors import InputError

SIZES = [1, 2, 3, 4, 5, 6, 9, 16, 256]


def test_the_references_tables() -> None:
    """M9 and M10, N = 256."""
    table = {0.5: 4.6, 1: 9.2, 1.5: 13.9, 2: 18.5, 2.5: 23.1, 3: 27.7, 3.5: 32.3, 5: 46.2, 8: 73.9}
    assert {limit: round(cube_mean_radius(256, limit), 1) for limit in table} == table
    assert round(normal_mean_radius(256), 2) == 15.98
    # An AE's radii of 14 to 19 are met for 1 < b < 2 only.
    assert 1 < cube_limit_for(14, 256) < cube_limit_for(19, 256) < 2.1


def test_mean_and_deviation_in_closed_form_for_one_and_two_dimensions() -> None:
    assert cube_mean_radius(1, 3.0) == pytest.approx(1.5, rel=1e-10)
    assert cube_radius_deviation(1, 3.0) == pytest.approx(3 / math.sqrt(12), rel=1e-9)
    mean = (math.sqrt(2) + math.asinh(1)) / 3
    assert cube_mean_radius(2, 3.0) == pytest.approx(3 * mean, rel=1e-10)
    assert cube_radius_deviation(2, 3.0) == pytest.approx(3 * math.sqrt(2 / 3 - mean**2), rel=1e-9)
    # The mean distance of a point of the unit cube from its corner.
    corner = math.sqrt(3) / 4 - math.pi / 24 + math.log(2 + math.sqrt(3)) / 2
    assert cube_mean_radius(3, 1.0) == pytest.approx(corner, rel=1e-10)


def test_many_dimensions_are_those_of_the_central_limit() -> None:
    for size in (256, 4096, 100_000):
        leading = 2 * math.sqrt(size / 3)
        assert 1 - cube_mean_radius(size, 2.0) / leading == pytest.approx(0.1 / size, rel=0.05)
        error = 0.3 / size + 1e-5
        assert cube_radius_deviation(size, 2.0) == pytest.approx(2 / math.sqrt(15), rel=error)


@pytest.mark.parametrize("size", SIZES)
def test_density_is_one_and_has_the_mean_and_the_deviation(size: int) -> None:
    r = np.linspace(0, 2 * math.sqrt(size), 6001)
    density = cube_radius_density(r, size, limit=2.0)
    mean = integrate.simpson(r * density, x=r)
    assert integrate.simpson(density, x=r) == pytest.approx(1, abs=1e-5)
    assert mean == pytest.approx(cube_mean_radius(size, 2.0), rel=1e-5)
    deviation = math.sqrt(integrate.simpson((r - mean) ** 2 * density, x=r))
    assert deviation == pytest.approx(cube_radius_deviation(size, 2.0), rel=1e-4)
    assert density.min() >= 0


@pytest.mark.parametrize("size", SIZES)
def test_density_against_sampling(size: int) -> None:
    points = np.random.default_rng(5).uniform(-1.5, 1.5, (20_000, size))
    radii = np.linalg.norm(points, axis=1)
    r = np.linspace(0, 1.5 * math.sqrt(size), 3001)
    reached = integrate.cumulative_trapezoid(cube_radius_density(r, size, limit=1.5), r, initial=0)
    distance = stats.kstest(radii, lambda x: np.interp(x, r, reached))[0]
    assert distance < 1.63 / math.sqrt(len(radii))  # 99 % of samples
    assert radius(points).mean == pytest.approx(cube_mean_radius(size, 1.5), abs=0.012)


def test_density_in_closed_form_for_one_to_three_dimensions() -> None:
    r = np.array([0.2, 0.9, 1.1, 1.3, 1.5, 1.7])
    assert cube_radius_density(r, 1, limit=1.0).tolist() == [1, 1, 0, 0, 0, 0]
    arc = np.pi / 2 - 2 * np.arccos(np.minimum(1, 1 / np.maximum(r, 1)))
    square = np.where(r < math.sqrt(2), r * arc, 0)
    np.testing.assert_allclose(cube_radius_density(r, 2, limit=1.0), square, atol=1e-12)
    # An octant of the sphere, less the caps that stick out of the cube's three faces.
    ball = np.where(r < 1, np.pi / 2 * r**2, np.pi / 2 * (3 * r - 2 * r**2))
    inner = r < math.sqrt(2)
    found = cube_radius_density(r, 3, limit=1.0)
    np.testing.assert_allclose(found[inner], ball[inner], rtol=1e-5)
    assert (found[~inner] > 0).all()


def test_neighbors_in_size_agree_where_the_way_of_computing_changes() -> None:
    """Five dimensions are four and one more, folded by hand here."""
    r = np.linspace(0.3, 2.1, 10)
    angles = (np.arange(3000) + 0.5) / 3000
    steepest = np.arcsin(np.minimum(1, 1 / r))
    folded = [
        one * end * cube_radius_density(one * np.cos(end * angles), 4, limit=1.0).mean()
        for one, end in zip(r, steepest, strict=True)
    ]
    np.testing.assert_allclose(cube_radius_density(r, 5, limit=1.0), folded, rtol=2e-4, atol=1e-5)


def test_limit_is_the_inverse_of_the_mean_and_shapes_are_kept() -> None:
    for size in (1, 2, 16, 256):
        assert cube_limit_for(cube_mean_radius(size, 1.7), size) == pytest.approx(1.7)
    assert cube_radius_density(1.0, 5, limit=1.0).shape == ()
    assert cube_radius_density(np.ones((2, 3)), 5, limit=1.0).shape == (2, 3)
    assert cube_radius_density(np.array([-1.0, 99.0]), 5, limit=1.0).tolist() == [0, 0]


def test_bad_input_is_one_line() -> None:
    for call in (
        lambda: cube_mean_radius(0, 1.0),
        lambda: cube_radius_deviation(3, -1.0),
        lambda: cube_radius_density(1.0, 3, limit=0.0),
        lambda: cube_radius_density(1.0, 3, limit=math.inf),
        lambda: cube_limit_for(math.nan, 3),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert "\n" not in str(caught.value)
