"""The ellipsoid: on clouds whose shape, center and fit are known, and against SciPy."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from zspace.analysis.cloud import cloud
from zspace.analysis.ellipse import ellipse
from zspace.analysis.ellipsoid import ellipsoid
from zspace.analysis.moments import Moments
from zspace.errors import InputError, ShapeError


def normal(count: int, size: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size))


def turned(count: int, size: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A rotated and shifted ellipsoid: its points, rotation and center."""
    generator = np.random.default_rng(seed + 1)
    rotation = np.linalg.qr(generator.standard_normal((size, size)))[0]
    center = generator.uniform(-9, 9, size)
    return normal(count, size) * np.geomspace(5, 0.05, size) @ rotation.T + center, rotation, center


@pytest.mark.parametrize(("count", "size"), [(8000, 1), (8000, 2), (20_000, 32), (9000, 256)])
def test_a_normal_cloud_fits_however_it_is_turned(count: int, size: int) -> None:
    points = normal(count, size)
    if size > 1:
        points = turned(count, size)[0]
    found = ellipsoid(points)
    assert found.is_full
    assert found.distance is not None
    assert found.distance < 1.5 * found.chance
    expected = found.expected_quantiles()
    assert expected is not None
    for percent, radius in found.radii.quantiles.items():
        assert radius == pytest.approx(expected[percent], rel=0.06, abs=0.02)
    # Only with many points for each axis are these the quantiles of χ.
    if count > 500 * size:
        assert expected[95] == pytest.approx(stats.chi(size).ppf(0.95), rel=0.01)


def test_the_expected_radius_is_that_of_new_points_in_a_fit_of_few() -> None:
    """Simulated: 60 fits in 20 dimensions of 100 points each."""
    radii = []
    for seed in range(60):
        points = normal(200, 20, seed=seed)
        seen, new = points[::2], points[1::2]
        apart = new - seen.mean(axis=0)
        inverse = np.linalg.inv(np.cov(seen.T, bias=True))
        radii.append(np.sqrt(np.einsum("ij,jk,ik->i", apart, inverse, apart)))
    expected = ellipsoid(normal(200, 20)).expected_quantiles()
    assert expected is not None
    for percent in (5, 50, 95):
        simulated = np.percentile(np.concatenate(radii), percent)
        assert expected[percent] == pytest.approx(simulated, rel=0.02)
    density = ellipsoid(normal(200, 20)).expected_density(np.linspace(0, 15, 3001))
    assert np.trapezoid(density, dx=15 / 3000) == pytest.approx(1, abs=1e-3)


def test_shape_and_place_of_a_known_ellipsoid() -> None:
    points, rotation, center = turned(40_000, 6)
    found = ellipsoid(points)
    np.testing.assert_allclose(found.semi_axes, np.geomspace(5, 0.05, 6), rtol=0.02)
    np.testing.assert_allclose(np.abs(found.pca.components @ rotation), np.eye(6), atol=0.03)
    assert found.center_radius == pytest.approx(np.linalg.norm(center), abs=0.1)
    covariance = rotation @ np.diag(np.geomspace(5, 0.05, 6) ** 2) @ rotation.T
    exact = math.sqrt(center @ np.linalg.solve(covariance, center))
    assert found.origin_distance == pytest.approx(exact, rel=0.02)
    along = center / np.linalg.norm(center)
    line = np.linalg.norm(center) / math.sqrt(along @ covariance @ along)
    assert found.origin_deviations == pytest.approx(line, rel=0.02)
    assert (found.origin_place, found.origin_share) == ("outside", 1.0)


@pytest.mark.parametrize(
    ("shift", "place"), [(0.0, "inside"), (1.0, "inside"), (3.0, "border"), (5.0, "outside")]
)
def test_where_the_origin_is(shift: float, place: str) -> None:
    found = ellipsoid(normal(20_000, 2) + np.array([shift, 0.0]))
    assert found.origin_place == place
    assert found.origin_distance == pytest.approx(shift, abs=0.05)
    assert found.origin_share == pytest.approx(stats.chi(2).cdf(shift), abs=0.01)


@pytest.mark.parametrize(
    ("points", "at_least"),
    [
        (np.random.default_rng(1).uniform(-1, 1, (20_000, 2)), 0.05),
        (normal(20_000, 3) + 8 * (np.arange(20_000) // 10_000)[:, None], 0.1),
        (normal(20_000, 8) * np.random.default_rng(2).choice([0.4, 1.6], (20_000, 1)), 0.2),
    ],
)
def test_what_is_no_normal_cloud_is_seen(points: np.ndarray, at_least: float) -> None:
    found = ellipsoid(np.random.default_rng(3).permutation(points))
    assert found.distance is not None
    assert found.distance > at_least > 2 * found.chance


def test_a_curve_in_256_dimensions_is_flat_and_no_normal_cloud() -> None:
    turn = np.random.default_rng(4).uniform(0, 2 * np.pi, 4000)
    waves = np.stack([np.sin(turn), np.cos(turn)], axis=1)
    found = ellipsoid(waves @ normal(2, 256, seed=5) + 1)
    assert found.rank == 2
    assert found.radii.mean == pytest.approx(math.sqrt(2), rel=0.02)
    assert found.radii.deviation < 0.05
    assert found.distance is not None
    assert found.distance > 0.3
    assert found.normal_inside == 0


def test_border_and_share_inside_are_those_of_cloud() -> None:
    points = turned(3000, 8)[0]
    found, other = ellipsoid(points), cloud(points)
    assert (found.border, found.is_full) == (other.border, other.is_full)
    assert found.normal_inside == pytest.approx(other.inside, abs=0.01)
    assert ellipsoid(normal(9000, 16)).normal_inside == pytest.approx(0.99, abs=0.01)


def test_too_few_points_are_not_judged() -> None:
    found = ellipsoid(normal(100, 64))
    assert (found.is_full, found.distance, found.expected_quantiles()) == (False, None, None)
    assert found.expected_density(np.ones(3)) is None
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("points", [np.full((9, 3), 0.1), np.zeros((9, 1)), normal(4, 1)])
def test_degenerate_clouds_have_no_misleading_numbers(points: np.ndarray) -> None:
    found = ellipsoid(points)
    if len(points) == 9:
        assert found.rank == 0
        assert found.origin_distance is found.distance is found.origin_share is None
    json.dumps(found.to_dict(), allow_nan=False)


def test_ellipses_hold_their_share_in_any_plane() -> None:
    points = turned(50_000, 5)[0]
    found = ellipsoid(points)
    for plane in ((0, 3), found.pca.components[1:3], normal(2, 5, seed=7), found.origin_plane()):
        for level in (0.5, 0.95, 0.99):
            one = found.ellipse(plane, level=level)
            apart = one.project(points) - one.center
            cosine, sine = math.cos(one.angle), math.sin(one.angle)
            along = apart @ [cosine, sine] / one.semi_axes[0]
            across = apart @ [-sine, cosine] / one.semi_axes[1]
            assert (along**2 + across**2 < 1).mean() == pytest.approx(level, abs=0.005)
            outline = one.outline(count=50) - one.center
            on = (outline @ [cosine, sine] / one.semi_axes[0]) ** 2
            on += (outline @ [-sine, cosine] / one.semi_axes[1]) ** 2
            np.testing.assert_allclose(on, 1)
    center = found.ellipse(found.origin_plane()).center
    np.testing.assert_allclose(center, [found.center_radius, 0], atol=1e-9)


@given(st.floats(0.1, 9), st.floats(0.1, 9), st.floats(-0.99, 0.99), st.floats(0.01, 0.99))
def test_properties_of_ellipses(a: float, b: float, r: float, level: float) -> None:
    covariance = np.array([[a * a, r * a * b], [r * a * b, b * b]])
    found = ellipse(Moments(9, np.zeros(2), covariance), (0, 1), level=level)
    scale = stats.chi(2).ppf(level)
    assert found.semi_axes[0] >= found.semi_axes[1]
    area = scale**2 * a * b * math.sqrt(1 - r * r)
    assert found.semi_axes.prod() == pytest.approx(area, rel=1e-6)
    # The outline touches the box of half widths scale·a and scale·b.
    reach = np.abs(found.outline(count=20_001)).max(axis=0)
    np.testing.assert_allclose(reach, [scale * a, scale * b], rtol=1e-4)


def test_bad_input_is_one_line() -> None:
    found = ellipsoid(normal(50, 3))
    cases = [
        (InputError, lambda: ellipsoid(normal(3, 2))),
        (InputError, lambda: ellipsoid(iter([normal(9, 2)]))),
        (InputError, lambda: ellipsoid(np.full((9, 2), np.nan))),
        (InputError, lambda: found.ellipse((0, 0))),
        (InputError, lambda: found.ellipse((0, 3))),
        (InputError, lambda: found.ellipse((0, 1), level=1.0)),
        (InputError, lambda: found.ellipse(np.ones((2, 3)))),
        (InputError, lambda: found.ellipse(np.zeros((2, 3)))),
        (InputError, lambda: ellipsoid(normal(50, 1)).origin_plane()),
        (ShapeError, lambda: found.ellipse(np.eye(2))),
        (ShapeError, lambda: found.ellipse((0, 1)).project(np.ones((2, 4)))),
    ]
    for kind, call in cases:
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
