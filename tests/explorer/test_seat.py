"""What one visitor has set up for one model: its view, its lassos, its walk."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from explored import COUNT, LATENT, made_side
from hypothesis import given, settings
from hypothesis import strategies as st

from zspace.directions import Direction
from zspace.errors import InputError
from zspace.explorer.handles import axis_handles, component_handles
from zspace.explorer.seat import Seat, rows_within
from zspace.explorer.state import Kept, State
from zspace.explorer.walks import walk_between
from zspace.run import RunFolder

SIDE = made_side()
numbers = st.floats(-6, 6, allow_nan=False)


@given(st.tuples(numbers, numbers), st.tuples(numbers, numbers), st.sampled_from([(1, 2), (3, 5)]))
@settings(max_examples=40)
def test_a_rectangle_holds_what_lies_between_its_sides(one, other, pair) -> None:
    view = SIDE.pca_view(pair)
    low, high = np.minimum(one, other), np.maximum(one, other)
    corners = [[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]]
    inside = ((view.coordinates > low) & (view.coordinates < high)).all(axis=1)
    assert rows_within(view, corners).tolist() == np.flatnonzero(inside).tolist()


@given(st.tuples(numbers, numbers), st.floats(0.1, 8), st.booleans())
@settings(max_examples=40)
def test_a_circle_holds_what_is_near_its_center(center, radius, backwards) -> None:
    view = SIDE.pca_view()
    angles = np.linspace(0, 2 * np.pi, 720, endpoint=False)[:: -1 if backwards else 1]
    outline = np.array(center) + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    found = np.zeros(COUNT, bool)
    found[rows_within(view, outline)] = True
    distance = np.linalg.norm(view.coordinates - np.array(center), axis=1)
    # Between the circle and its polygon lies next to nothing.
    assert not found[distance > radius].any()
    assert found[distance < radius * (1 - 1e-4)].all()


def test_a_lasso_has_a_hollow_side() -> None:
    """A U around nothing: the box around it holds all codes, the U those at three of its sides."""
    view = SIDE.pca_view()
    low, high = view.coordinates.min(axis=0) - 1, view.coordinates.max(axis=0) + 1
    outline = [
        [low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [1.0, high[1]], [1.0, 0.0],
        [-1.0, 0.0], [-1.0, high[1]], [low[0], high[1]],
    ]  # fmt: skip
    x, y = view.coordinates.T
    in_the_gap = (np.abs(x) < 1) & (y > 0)
    assert 0 < in_the_gap.sum() < COUNT
    assert rows_within(view, outline).tolist() == np.flatnonzero(~in_the_gap).tolist()


def test_a_lasso_gives_rows_of_the_codes_where_a_map_shows_only_some() -> None:
    view = SIDE.pca_view()
    some = of_rows(view, np.array([400, 3, 77]))
    box = [[-99, -99], [99, -99], [99, 99], [-99, 99]]
    assert rows_within(some, box).tolist() == [3, 77, 400]
    assert rows_within(some, [[90, 90], [91, 90], [91, 91]]).tolist() == []


def of_rows(view, rows):
    """The same plane with some of its points, as maps of neighbors have them."""
    found = object.__new__(type(view))
    found.__dict__.update(view.__dict__, rows=rows, coordinates=view.coordinates[rows])
    return found


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        ([], "three corners"),
        ([[0, 0], [1, 1]], "three corners"),
        ([[0, 0, 0]] * 4, "three corners"),
        ([[0, 0], [1], [2, 2]], "three corners"),
        ([["a", "b"]] * 3, "three corners"),
        ([None] * 3, "three corners"),
        ([[{}, []]] * 3, "three corners"),
        ([[0, 0], [1, float("nan")], [2, 2]], "finite"),
        ([[0, 0], [1, float("inf")], [2, 2]], "finite"),
        ([[0.0, 0.0]] * 100_000, "2,000"),
    ],
)
def test_lassos_that_are_none(outline, said) -> None:
    with pytest.raises(InputError, match=said):
        rows_within(SIDE.pca_view(), outline)


def test_maps_by_name_and_pair() -> None:
    seat = Seat.of(SIDE)
    assert seat.view.name == "pca-1-2"
    for name, pair, found in (
        ("axes", (3, 0), "axes-3-0"),
        ("pca", (2, 6), "pca-2-6"),
        ("tsne-30", (9, 9), "pca-1-2"),
    ):
        seat.look_by(name, pair)
        assert seat.view.name == found
    for name, pair in (("axes", (0, LATENT)), ("pca", (0, 1)), ("pca", (2, 2)), ("axes", (-1, 0))):
        with pytest.raises(InputError, match="two different"):
            seat.look_by(name, pair)
        assert seat.view.name == "pca-1-2", "the view stays"


def test_sliders_are_of_components_and_axes() -> None:
    seat = Seat.of(SIDE)
    names = [*component_handles(SIDE.pca), *axis_handles(SIDE.moments)]
    assert list(seat.handles) == [handle.title for handle in names]
    with pytest.raises(InputError, match="two latent axes"):
        Seat.of(made_side(size=1))


def test_a_place_is_as_many_standard_deviations_off_in_another_map() -> None:
    seat, other = Seat.of(SIDE), Seat.of(made_side(size=4))
    own = SIDE.pca_view().coordinates.astype(float)
    middle, deviation = own.mean(axis=0), own.std(axis=0)
    place = middle + deviation * (2.0, -1.5)
    found = other.scaled(place, seat.view)
    theirs = other.view.coordinates.astype(float)
    np.testing.assert_allclose(found, theirs.mean(axis=0) + theirs.std(axis=0) * (2.0, -1.5))
    np.testing.assert_allclose(seat.scaled(found, other.view), place)


def test_a_walk_is_of_the_pins_that_it_was_made_for() -> None:
    seat = Seat.of(SIDE)
    pins = tuple(Kept.of(np.full(LATENT, x), "made up") for x in (0.0, 2.0))
    state = State(pins[0]).pinned("a", pins[0]).pinned("b", pins[1])
    with pytest.raises(InputError, match="pin A to pin B"):
        seat.walk_point(0.5, state)
    walk = walk_between(pins[0].z, pins[1].z, codes=SIDE.codes, steps=8)
    seat.walk = (walk, pins)
    for part, x in ((0.0, 0.0), (0.5, 1.0), (1.0, 2.0), (-3.0, 0.0), (7.0, 2.0)):
        np.testing.assert_allclose(seat.walk_point(part, state), x)
    with pytest.raises(InputError, match="pin A to pin B"):
        seat.walk_point(0.5, state.pinned("b", Kept.of(pins[1].z, "the same place anew")))


def test_directions_of_the_run_folder_and_what_is_wrong_with_them(tmp_path) -> None:
    (tmp_path / "run.json").write_text("{}")
    folder = RunFolder(tmp_path)
    folder.directions.mkdir()
    Direction("smile", np.ones(LATENT), model="m").save(folder.directions)
    Direction("older", np.ones(LATENT), model="n").save(folder.directions)
    Direction("short", np.ones(3), model="m").save(folder.directions)
    (folder.directions / "torn.json").write_text(json.dumps({"format": 1})[:-3])
    side = dataclasses.replace(SIDE, folder=folder, model="m")
    seat = Seat.of(side)
    assert list(seat.directions) == ["smile"]
    notes = "; ".join(seat.notes)
    for words in ("older model", "another latent space", "torn cannot be read"):
        assert words in notes
    assert str(tmp_path) not in notes
