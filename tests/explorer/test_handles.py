"""Sliders: each changes its own number of a z-point, and nothing at right angles to it."""

from __future__ import annotations

import numpy as np
import pytest
from explored import COUNT, LATENT, made_codes
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats
from sklearn.decomposition import PCA

from zspace.analysis.moments import moments
from zspace.analysis.pca import pca
from zspace.directions import Direction
from zspace.errors import InputError, ShapeError
from zspace.explorer.handles import (
    axis_handles,
    component_handles,
    posterior_point,
    radius_of,
    with_added,
    with_radius,
)
from zspace.explorer.selections import direction_between, run_directions
from zspace.generation.attributes import difference_of_means, logistic_direction
from zspace.run import RunFolder

CODES = made_codes()
NUMBERS = st.floats(-1e3, 1e3, allow_subnormal=False)
POINTS = arrays.arrays(np.float64, LATENT, elements=NUMBERS)
COMPONENTS = component_handles(pca(CODES.mean))
AXES = axis_handles(moments(CODES.mean))


def test_components_are_scikit_learns() -> None:
    theirs = PCA().fit(CODES.mean.astype(np.float64))
    scores = theirs.transform(CODES.mean[:5].astype(np.float64))
    assert len(COMPONENTS) == LATENT and COMPONENTS[2].title == "component 3"
    for column, handle in enumerate(COMPONENTS):
        values = [handle.value(z) for z in CODES.mean[:5]]
        np.testing.assert_allclose(np.abs(values), np.abs(scores[:, column]), atol=1e-5)
        deviation = np.sqrt(theirs.explained_variance_[column] * (COUNT - 1) / COUNT)
        assert handle.deviation == pytest.approx(deviation, rel=1e-6)
        assert handle.limits == pytest.approx((-4 * deviation, 4 * deviation))


def test_axes_come_most_active_first() -> None:
    order = np.argsort(-CODES.mean.std(axis=0))
    assert [handle.title for handle in AXES] == [f"axis {axis}" for axis in order]
    first = AXES[0]
    assert first.middle == pytest.approx(CODES.mean[:, order[0]].mean(), rel=1e-5)
    assert first.value(CODES.mean[4]) == CODES.mean[4, order[0]]
    assert len(axis_handles(moments(CODES.mean), 2)) == 2


@pytest.mark.parametrize("handle", [*COMPONENTS[:3], *AXES[:3]], ids=lambda each: each.title)
@given(z=POINTS, value=NUMBERS)
def test_a_slider_moves_its_own_number_alone(handle, z, value) -> None:
    moved = handle.moved(z, value)
    assert handle.value(moved) == pytest.approx(value, abs=1e-9)
    change = moved - z
    along = change @ handle.direction
    np.testing.assert_allclose(change, along * handle.direction, atol=1e-9)
    np.testing.assert_allclose(handle.moved(moved, handle.value(z)), z, atol=1e-9)


@given(z=POINTS, radius=st.floats(0, 1e6))
def test_radius_keeps_the_direction(z, radius) -> None:
    assume(np.abs(z).max() > 0)
    moved = with_radius(z, radius)
    assert radius_of(moved) == pytest.approx(radius, rel=1e-9)
    np.testing.assert_allclose(moved * np.linalg.norm(z), z * radius, rtol=1e-9, atol=1e-6)


@given(z=POINTS, vector=POINTS, factor=NUMBERS, before=NUMBERS)
def test_what_was_added_can_be_taken_out(z, vector, factor, before) -> None:
    there = with_added(z, vector, factor=factor, before=before)
    np.testing.assert_allclose(
        with_added(there, vector, factor=before, before=factor), z, atol=1e-6
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf, "1", None, True])
def test_sliders_that_give_no_number(bad) -> None:
    z = np.ones(LATENT)
    for act in (
        lambda: COMPONENTS[0].moved(z, bad),
        lambda: with_radius(z, bad),
        lambda: with_added(z, z, factor=bad),
        lambda: with_added(z, z, factor=1.0, before=bad),
        lambda: posterior_point(CODES, 0, scale=bad),
    ):
        with pytest.raises(InputError, match="finite number"):
            act()


def test_what_sliders_cannot_do() -> None:
    with pytest.raises(InputError, match="no direction"):
        with_radius(np.zeros(3), 1.0)
    with pytest.raises(InputError, match="at least 0"):
        with_radius(np.ones(3), -1.0)
    with pytest.raises(InputError, match="up to 1e"):
        COMPONENTS[0].moved(np.zeros(LATENT), 1e14)
    with pytest.raises(ShapeError):
        AXES[0].value(np.zeros(LATENT + 1))
    with pytest.raises(ShapeError):
        with_added(np.ones(3), np.ones(3)[:2].repeat(2), factor=1.0)


def test_noise_of_a_posterior() -> None:
    np.testing.assert_array_equal(posterior_point(CODES, 7, scale=0.0), CODES.mean[7])
    deviation = np.exp(CODES.log_variance[7].astype(np.float64) / 2)
    draws = np.stack([posterior_point(CODES, 7, seed=seed) for seed in range(400)])
    standard = (draws - CODES.mean[7]) / deviation
    assert stats.kstest(standard.ravel(), "norm").pvalue > 1e-3
    # Another scale is the same draw farther out.
    near, far = (posterior_point(CODES, 7, scale=scale, seed=3) for scale in (0.5, 2.0))
    np.testing.assert_allclose(far - CODES.mean[7], 4 * (near - CODES.mean[7]), rtol=1e-9)
    with pytest.raises(InputError, match="no posterior"):
        posterior_point(made_codes(plain=True), 0)
    for row in (-1, COUNT):
        with pytest.raises(InputError, match="numbered from 0"):
            posterior_point(CODES, row)
    with pytest.raises(InputError, match="at least 0"):
        posterior_point(CODES, 0, scale=-0.1)


def test_directions_of_two_selections() -> None:
    right = np.flatnonzero(CODES.attributes[:, 0] > 0)
    left = np.flatnonzero(CODES.attributes[:, 0] < 0)
    found = direction_between(CODES, right, lacking=left[:50], name="mine")
    means = CODES.mean.astype(np.float64)
    expected = means[right].mean(axis=0) - means[left[:50]].mean(axis=0)
    np.testing.assert_allclose(found.vector, expected, atol=1e-6)
    assert (found.count_with, found.count_without, found.name) == (len(right), 50, "mine")
    against_all = direction_between(CODES, right[::-1], name="all")
    expected = difference_of_means(CODES.mean[right], CODES.mean[left])
    np.testing.assert_allclose(against_all.vector, expected)
    logistic = direction_between(CODES, right, lacking=left, name="l", method="logistic")
    expected = logistic_direction(CODES.mean[right], CODES.mean[left])
    np.testing.assert_allclose(logistic.vector, expected)


@pytest.mark.parametrize(
    ("having", "more", "message"),
    [
        ([], {}, "draw around some points"),
        ([1, 2], {"lacking": np.array([2, 3])}, "1 codes are in both"),
        ([-1], {}, "numbered from 0"),
        ([COUNT], {}, "numbered from 0"),
        (range(COUNT), {}, "0 without"),
        ([1], {"method": "magic"}, "no method"),
        ([1], {"method": "logistic"}, "at least 10 codes"),
        ([1], {"name": "../../x"}, "name of a direction"),
    ],
)
def test_selections_that_make_no_direction(having, more, message) -> None:
    with pytest.raises(InputError, match=message):
        direction_between(CODES, np.array(having, np.int64), **{"name": "mine", **more})


def test_directions_of_the_run_folder(tmp_path) -> None:
    folder = RunFolder(tmp_path)
    assert run_directions(folder, size=LATENT) == ({}, ())
    Direction("smile", np.arange(6.0), model="this").save(folder.directions)
    Direction("old", np.arange(6.0), model="that").save(folder.directions)
    Direction("other", np.arange(5.0), model="this").save(folder.directions)
    (folder.directions / "broken.json").write_text("{")
    found = run_directions(folder, size=LATENT, model="this")
    assert list(found.directions) == ["smile"]
    np.testing.assert_array_equal(found.directions["smile"].vector, np.arange(6.0))
    assert [note.split(" ", 3)[2:] for note in found.notes] == [
        ["broken", "cannot be read"],
        ["old", "is of an older model; find it again"],
        ["other", "is of another latent space"],
    ]
    assert list(run_directions(folder, size=LATENT).directions) == ["old", "smile"]
