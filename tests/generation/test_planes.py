"""Planes, grids and traversals: they pass through what they are said to, and stay in their span."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import decomposition

from zspace.analysis.pca import pca
from zspace.errors import InputError, ShapeError
from zspace.generation.planes import latent_grid, plane, quantile_values, square_values
from zspace.generation.traversals import axis_directions, most_active, traversals


def points(count: int, size: int, *, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size))


@given(st.integers(2, 9), st.integers(2, 9), st.integers(2, 20), st.integers(0, 99))
def test_a_plane_passes_through_its_points_and_is_flat(columns, rows, size, seed) -> None:
    corners = points(3, size, seed=seed)
    sheet = plane(corners, columns=columns, rows=rows)
    assert sheet.shape == (rows * columns, size)
    grid = sheet.reshape(rows, columns, size)
    np.testing.assert_array_equal(grid[[0, 0, -1], [0, -1, 0]], corners)
    np.testing.assert_allclose(grid[-1, -1], corners[1] + corners[2] - corners[0], atol=1e-9)
    assert np.linalg.matrix_rank(sheet - sheet[0], tol=1e-8) == 2
    steps = np.diff(grid, axis=1)
    np.testing.assert_allclose(steps, np.broadcast_to(steps[0, 0], steps.shape), atol=1e-9)


def test_a_quantile_grid_is_scipys_quantile_function() -> None:
    for count in (2, 5, 20):
        places = (np.arange(count) + 0.5) / count
        np.testing.assert_allclose(quantile_values(count), stats.norm.ppf(places), atol=1e-12)
    values = quantile_values(20)
    np.testing.assert_allclose(values, -values[::-1], atol=1e-12)
    drawn = np.random.default_rng(1).standard_normal(100_000)
    nearest = np.bincount(np.abs(drawn[:, None] - values).argmin(axis=1), minlength=20) / 1e5
    np.testing.assert_allclose(nearest, 1 / 20, atol=0.011)


def test_a_square_of_two_axes_is_the_reference_grid() -> None:
    """30 × 30 over [−1, 1]², the first axis to the right, the second one upward."""
    values = square_values(30)
    ours = latent_grid(np.full(2, 7.0), np.eye(2), across=values, upward=values)
    x, y = np.meshgrid(np.linspace(-1, 1, 30), np.linspace(-1, 1, 30)[::-1])
    np.testing.assert_allclose(ours, np.stack([x.ravel(), y.ravel()], axis=1), atol=1e-15)


def test_other_axes_are_held_at_the_anchor() -> None:
    anchor, values = points(1, 6)[0], square_values(4, limit=2.5)
    sheet = latent_grid(anchor, axis_directions([4, 1], 6), across=values, upward=values)
    others = [0, 2, 3, 5]
    np.testing.assert_allclose(sheet[:, others], np.tile(anchor[others], (16, 1)), atol=1e-12)
    np.testing.assert_allclose(sheet[:4, 4], values)
    np.testing.assert_allclose(sheet[::4, 1], values[::-1])


def test_a_grid_of_components_has_these_coordinates_by_sklearn() -> None:
    codes = points(400, 5) @ points(5, 5, seed=2) + 3
    reference, found = decomposition.PCA(whiten=True).fit(codes), pca(codes)
    anchor, values = codes[0], square_values(3, limit=2.0)
    sheet = latent_grid(
        anchor, found.components[[0, 2]], across=values, upward=values, center=found.center,
        deviations=(found.variances[0] ** 0.5, found.variances[2] ** 0.5),
    )  # fmt: skip
    places = reference.transform(sheet)
    held = np.tile(reference.transform(anchor[None])[0, [1, 3, 4]], (9, 1))
    np.testing.assert_allclose(places[:, [1, 3, 4]], held, atol=1e-6)
    scale = np.sqrt(399 / 400)  # sklearn divides by N − 1
    x, y = np.meshgrid(values, values[::-1])
    np.testing.assert_allclose(np.abs(places[:, 0]), scale * np.abs(x.ravel()), atol=1e-9)
    np.testing.assert_allclose(np.abs(places[:, 2]), scale * np.abs(y.ravel()), atol=1e-9)


def test_traversals_move_along_one_component_of_sklearn_each() -> None:
    codes = points(300, 6) * np.arange(1, 7)
    reference, found = decomposition.PCA().fit(codes), pca(codes)
    values = square_values(7, limit=3.0)
    moved = traversals(
        codes[5], found.components[:2], deviations=np.sqrt(found.variances[:2]), values=values
    )
    apart = reference.transform(moved) - reference.transform(codes[5][None])
    for row in range(2):
        part = apart[7 * row : 7 * (row + 1)]
        np.testing.assert_allclose(np.delete(part, row, axis=1), 0, atol=1e-9)
        spread = (codes @ reference.components_[row]).std()
        np.testing.assert_allclose(np.abs(part[:, row]), np.abs(values) * spread, rtol=1e-9)
    np.testing.assert_allclose(moved[3], codes[5])


def test_axes_move_alone_and_the_most_active_come_first() -> None:
    codes = points(500, 4) * [0.5, 3.0, 0.01, 1.0]
    chosen = most_active(codes.std(axis=0), 3)
    assert chosen.tolist() == [1, 3, 0] and most_active(codes.std(axis=0), 9).shape == (4,)
    anchor = codes[0]
    moved = traversals(
        anchor, axis_directions(chosen, 4), deviations=codes.std(axis=0)[chosen],
        values=np.array([-1.0, 2.0]),
    ).reshape(3, 2, 4)  # fmt: skip
    for row, axis in enumerate(chosen):
        apart = moved[row] - anchor
        np.testing.assert_allclose(apart[:, axis], np.array([-1, 2]) * codes.std(axis=0)[axis])
        assert not np.delete(apart, axis, axis=1).any()


def test_bad_input_is_one_line() -> None:
    one_line = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]])
    skew = np.array([[1.0, 0.0], [0.6, 0.8]])
    values = square_values(3)
    eye = np.eye(2)
    nan = np.array([np.nan, 0.0])
    for kind, call in (
        (InputError, lambda: plane(one_line)),
        (InputError, lambda: plane(np.zeros((3, 2)))),
        (InputError, lambda: plane(points(3, 1))),
        (InputError, lambda: plane(points(2, 4))),
        (InputError, lambda: plane(points(4, 4))),
        (InputError, lambda: plane(points(3, 4), columns=1)),
        (InputError, lambda: latent_grid(np.zeros(2), skew, across=values, upward=values)),
        (InputError, lambda: latent_grid(nan, eye, across=np.array([np.inf]), upward=values)),
        (InputError, lambda: square_values(1)),
        (InputError, lambda: square_values(5, limit=0.0)),
        (InputError, lambda: square_values(5, limit=float("nan"))),
        (InputError, lambda: quantile_values(1)),
        (InputError, lambda: axis_directions([3], 3)),
        (InputError, lambda: axis_directions([-1], 3)),
        (InputError, lambda: axis_directions([1, 1], 3)),
        (InputError, lambda: most_active(np.ones(3), 0)),
        (InputError, lambda: traversals(nan, eye, deviations=np.ones(2), values=values)),
        (InputError, lambda: traversals(
            np.zeros(2), np.zeros((0, 2)), deviations=np.ones(0), values=values
        )),
        (ShapeError, lambda: traversals(np.zeros(3), eye, deviations=np.ones(2), values=values)),
    ):  # fmt: skip
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
