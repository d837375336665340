"""Directions: two normal clouds with known means, scikit-learn's LDA, turns, exact right angles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from zspace.errors import InputError, ShapeError
from zspace.generation.attributes import (
    DIRECTION_METHODS,
    FACTORS,
    difference_of_means,
    logistic_direction,
    moved,
    orthogonalized,
)


def clouds(count: int = 2000, size: int = 4, *, apart: float = 2.0, seed: int = 0) -> tuple:
    draw = np.random.default_rng(seed).standard_normal((2, count, size))
    spread = np.diag(np.linspace(0.5, 2.0, size))
    having, lacking = draw[0] @ spread, draw[1] @ spread
    having[:, 0] += apart
    return having, lacking


def turn(size: int, seed: int) -> np.ndarray:
    return stats.special_ortho_group(size, seed=seed).rvs()


def test_the_difference_of_means_of_known_clouds() -> None:
    having, lacking = clouds(20_000)
    np.testing.assert_allclose(difference_of_means(having, lacking), [2, 0, 0, 0], atol=0.1)
    np.testing.assert_allclose(
        difference_of_means(having.astype(np.float32), lacking.astype(np.float32)),
        having.mean(0) - lacking.mean(0),
        rtol=1e-4, atol=1e-6,
    )  # fmt: skip


def test_a_weak_penalty_gives_the_discriminant_and_a_strong_one_the_difference() -> None:
    having, lacking = clouds(20_000)
    having[:, 3] += 1.0
    points, has = np.concatenate([having, lacking]), np.arange(40_000) < 20_000
    discriminant = LinearDiscriminantAnalysis().fit(points, has).coef_[0]
    difference = difference_of_means(having, lacking)
    for penalty, expected in ((1e-6, discriminant), (1e4, difference)):
        found = logistic_direction(having, lacking, penalty=penalty)
        cosine = found @ expected / np.linalg.norm(found) / np.linalg.norm(expected)
        assert cosine > 0.998, penalty
    weak = logistic_direction(having, lacking, penalty=1e-6)
    along = difference @ discriminant / np.linalg.norm(discriminant)
    assert np.linalg.norm(weak) == pytest.approx(along, rel=0.01)


@pytest.mark.parametrize("penalty", [1e-3, 0.1, 10.0])
def test_factor_1_moves_one_mean_onto_the_other_along_the_normal(penalty: float) -> None:
    having, lacking = clouds(300, apart=1.0)
    found = logistic_direction(having, lacking, penalty=penalty)
    normal = found / np.linalg.norm(found)
    assert (lacking.mean(0) + found) @ normal == pytest.approx(having.mean(0) @ normal, rel=1e-9)


@pytest.mark.parametrize("method", DIRECTION_METHODS)
@settings(max_examples=15)
@given(
    scale=st.floats(1e-3, 1e3),
    shift=st.floats(-50, 50),
    seed=st.integers(0, 2**31),
    few=st.integers(20, 60),
)
def test_directions_follow_the_codes(method: str, scale: float, shift: float, seed: int, few: int):
    """Turned, drawn out and shifted codes have the turned and drawn out direction."""
    find: Callable[..., np.ndarray] = DIRECTION_METHODS[method]
    having, lacking = clouds(few, seed=seed)
    by = turn(4, seed)
    found = find(scale * (having @ by) + shift, scale * (lacking @ by) + shift)
    expected = scale * (find(having, lacking) @ by)
    np.testing.assert_allclose(found, expected, atol=2e-3 * np.linalg.norm(expected))
    np.testing.assert_allclose(
        find(lacking, having), -find(having, lacking), atol=2e-3 * np.linalg.norm(expected) / scale
    )


def test_many_codes_are_thinned_out_evenly() -> None:
    having, lacking = clouds(30_000)
    whole = logistic_direction(having, lacking)
    part = logistic_direction(having[::3], lacking[::3])
    np.testing.assert_allclose(whole, part, atol=0.06)


@settings(max_examples=30)
@given(size=st.integers(3, 12), count=st.integers(1, 2), seed=st.integers(0, 2**31))
def test_right_angles_are_exact(size: int, count: int, seed: int) -> None:
    draw = np.random.default_rng(seed).standard_normal
    vector, others = draw(size), [draw(size) for _ in range(count)]
    root = np.tril(draw((size, size))) + 3 * np.eye(size)
    covariance = root @ root.T
    for given_one in (None, covariance):
        product = np.eye(size) if given_one is None else np.linalg.inv(covariance)
        left = orthogonalized(vector, others, covariance=given_one)
        sizes = [np.sqrt(each @ product @ each) for each in (left, *others)]
        for other, length in zip(others, sizes[1:], strict=True):
            assert abs(left @ product @ other) < 1e-10 * max(sizes[0], 1e-3) * length
        taken = np.stack(others, axis=1)
        rest = np.linalg.lstsq(taken, vector - left, rcond=None)[0]
        np.testing.assert_allclose(taken @ rest, vector - left, atol=1e-8)
        again = orthogonalized(left, [*others, 3 * others[0]], covariance=given_one)
        np.testing.assert_allclose(again, left, atol=1e-9)


def test_the_plain_product_is_that_of_the_covariance_one() -> None:
    vector, other = np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 1.0])
    plain = orthogonalized(vector, [other])
    np.testing.assert_allclose(plain, vector - other * 2.5, rtol=1e-12)
    np.testing.assert_allclose(orthogonalized(vector, [other], covariance=5 * np.eye(3)), plain)
    assert orthogonalized(vector, []) is vector


def test_a_discriminant_is_left_alone() -> None:
    """Moved along what is left, the discriminant of the other attribute reads the same."""
    draw = np.random.default_rng(3).standard_normal((4000, 5)) @ np.diag([1, 2, 3, 1, 1])
    hat, beard = np.random.default_rng(4).random((2, 4000)) < 0.4
    beard |= hat & (np.arange(4000) % 2 == 0)
    draw[hat, 0] += 1.5
    draw[beard, 1] += 2.0
    direction = difference_of_means(draw[hat], draw[~hat])
    other = difference_of_means(draw[beard], draw[~beard])
    reading = LinearDiscriminantAnalysis().fit(draw, beard).coef_[0]
    left = orthogonalized(direction, [other], covariance=np.cov(draw.T))
    assert abs(reading @ direction) > 0.3
    assert abs(reading @ left) < 1e-6


def test_moved_adds_factors() -> None:
    z = np.random.default_rng(0).standard_normal((3, 5)).astype(np.float32)
    vector = np.arange(5.0)
    found = moved(z, vector)
    assert FACTORS == tuple(range(-4, 5)) and found.shape == (3, 9, 5)
    np.testing.assert_array_equal(found[:, 4], z)
    for place, factor in enumerate(FACTORS):
        np.testing.assert_allclose(found[:, place] - z, np.tile(factor * vector, (3, 1)))


def test_bad_input_is_one_line() -> None:
    good, bad = np.ones((4, 2)), np.full((4, 2), np.nan)
    vector = np.array([1.0, 0.0])
    for kind, call in (
        (InputError, lambda: difference_of_means(good, good)),
        (InputError, lambda: difference_of_means(good[:0], good)),
        (InputError, lambda: difference_of_means(good, good[:0])),
        (InputError, lambda: difference_of_means(bad, good)),
        (ShapeError, lambda: difference_of_means(good[0], good)),
        (ShapeError, lambda: difference_of_means(np.ones((4, 3)), good)),
        (InputError, lambda: logistic_direction(good, 2 * good, penalty=0.0)),
        (InputError, lambda: logistic_direction(good, 2 * good, penalty=float("nan"))),
        (InputError, lambda: orthogonalized(vector, [3 * vector])),
        (InputError, lambda: orthogonalized(vector, [vector], covariance=-np.eye(2))),
        (ShapeError, lambda: orthogonalized(vector, [np.ones(3)])),
        (InputError, lambda: moved(good, vector, factors=())),
        (InputError, lambda: moved(good, vector, factors=(1.0, float("nan")))),
        (InputError, lambda: moved(good, vector, factors=(float("inf"),))),
        (ShapeError, lambda: moved(good, np.ones(3))),
        (ShapeError, lambda: moved(good[0], vector)),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
