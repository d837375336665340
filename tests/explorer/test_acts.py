"""Each act as a step from one state to the next, its bad inputs, and its echo in another model."""

from __future__ import annotations

import numpy as np
import pytest
from explored import COUNT, LATENT, made_side

from zspace.codes import draw_epsilon
from zspace.directions import Direction
from zspace.errors import InputError
from zspace.explorer.acts import ACTS, echoed, number_of, place_of, words_of
from zspace.explorer.seat import Seat
from zspace.explorer.state import Kept, State
from zspace.explorer.walks import walk_between

SIDE, PLAIN = made_side(), made_side(plain=True, name="faces-ae")
UP = np.linspace(-1, 1, LATENT)
NAN = float("nan")


def seated(side=SIDE, **directions) -> Seat:
    seat = Seat.of(side)
    seat.directions = {
        name: Direction(name, vector) for name, vector in ({"up": UP} | directions).items()
    }
    return seat


SEAT, OTHER = seated(), seated(PLAIN)


def begun(side=SIDE) -> State:
    return State(Kept.of(side.moments.mean, "the mean code"))


def done(kind, state=None, seat=SEAT, **question) -> State:
    return ACTS[kind](seat, begun() if state is None else state, {"kind": kind, **question})


def test_empty_space_takes_all_else_from_the_mean_or_from_the_anchor() -> None:
    components, mean = SIDE.pca.components, SIDE.moments.mean
    for phase in ("tap", "start", "move", None):
        state = done("place", x=9.0, y=-7.5, within=0.01, phase=phase)
        np.testing.assert_allclose(state.now.z, mean + 9 * components[0] - 7.5 * components[1])
        assert state.now.source == "a place on the map (9.00, -7.50)"
        assert state.now.row is None
    anchored = done("anchor", done("row", row=5), to="now")
    state = done("place", anchored, x=9.0, y=-7.5, within=0.01)
    scores = components @ (state.now.z - mean)
    np.testing.assert_allclose(scores[:2], [9.0, -7.5])
    np.testing.assert_allclose(scores[2:], (components @ (SIDE.code(5) - mean))[2:])
    assert done("anchor", anchored, to="mean").anchor is None


def test_a_tap_on_a_point_is_its_code_and_a_drag_over_it_is_a_place() -> None:
    x, y = SEAT.view.coordinates[7].tolist()
    for phase, row in (("tap", 7), ("start", None), ("move", None), (None, None), (["tap"], None)):
        state = done("place", x=x, y=y, within=1e-4, phase=phase)
        assert state.now.row == row
    state = done("place", x=x, y=y, within=1e-4, phase="tap")
    assert state.now.source == f"code 7 (image {SIDE.codes.index[7]:,} of the data set)"
    np.testing.assert_array_equal(state.now.z, SIDE.codes.mean[7].astype(float))


def test_pixels_count_where_both_axes_are_drawn_to_different_scales() -> None:
    x, y = SEAT.view.coordinates[7].tolist()
    near = {"x": x, "y": y + 0.5, "within": 1e-4, "phase": "tap"}
    assert done("place", **near).now.row is None
    assert done("place", **near, upward=0.6).now.row == 7
    assert done("place", **{**near, "within": 0.0}).now.row is None, "no reach, no code"


def test_a_code_by_its_row_and_by_the_number_of_its_image() -> None:
    assert done("row", row=3).now.row == 3
    for text in (str(SIDE.codes.index[3]), " 1,002 ", "١٠٠٢"):
        assert done("image", text=text).now.row == 3


def test_sliders_move_one_number_alone() -> None:
    state = done("row", row=9)
    moved = done("slider", state, name="component 2", value=1.25)
    change = SIDE.pca.components @ (moved.now.z - state.now.z)
    before = SIDE.pca.components[1] @ (state.now.z - SIDE.moments.mean)
    np.testing.assert_allclose(change, np.eye(LATENT)[1] * (1.25 - before), atol=1e-12)
    assert (moved.now.row, moved.now.source) == (None, "moved by hand: component 2")
    moved = done("slider", state, name="axis 3", value=-2.0)
    np.testing.assert_allclose(np.delete(moved.now.z - state.now.z, 3), 0, atol=1e-12)
    assert moved.now.z[3] == -2.0
    larger = done("radius", state, value=9.0)
    np.testing.assert_allclose(larger.now.z, state.now.z * 9 / np.linalg.norm(state.now.z))


def test_directions_add_up_and_go_away_again() -> None:
    state = done("row", row=9)
    added = done("direction", done("direction", state, name="up", value=3), name="up", value=-0.5)
    np.testing.assert_allclose(added.now.z, state.now.z - 0.5 * UP)
    assert added.factor("up") == -0.5
    np.testing.assert_allclose(done("direction", added, name="up", value=0).now.z, state.now.z)


def test_noise_is_the_posterior_of_the_code() -> None:
    state = done("row", row=9)
    for scale in (0.0, 1.0, 2.5):
        noisy = done("epsilon", state, value=scale, draw=4)
        epsilon = draw_epsilon(4, 0, shape=(1, LATENT), limit=5.0)[0]
        deviation = np.exp(0.5 * SIDE.codes.log_variance[9])
        np.testing.assert_allclose(
            noisy.now.z, SIDE.code(9) + scale * epsilon * deviation, rtol=1e-5
        )
        assert noisy.now.row == 9
        assert (noisy.code, noisy.epsilon_scale) == (9 if scale == 0 else None, scale)


def test_sharpness_pins_strip_and_walk() -> None:
    state = done("sharpen", done("row", row=1), value=3)
    assert state.sharpen == 3.0
    state = done("pin", done("row", done("pin", state, pin="a"), row=2), pin="b")
    assert [kept.row for kept in state.pins] == [1, 2]
    state = done("keep", done("keep", state))
    assert [kept.row for kept in done("drop", state, at=0).strip] == [2]
    assert done("back", done("row", state, row=4), at=1).now.row == 2
    seat = seated()
    seat.walk = (walk_between(SIDE.code(1), SIDE.code(2), codes=SIDE.codes, steps=4), state.pins)
    walked = done("walk", state, seat, value=0.25)
    np.testing.assert_allclose(walked.now.z, 0.75 * SIDE.code(1) + 0.25 * SIDE.code(2))
    assert walked.now.source == "25 % of the way from A to B"


PLACE = {"x": 0.0, "y": 0.0, "phase": "tap", "within": 1.0}
NO_NUMBERS = (NAN, float("inf"), -float("inf"), None, "1", True, [1.0], {}, 10**400)


@pytest.mark.parametrize("bad", NO_NUMBERS, ids=lambda bad: repr(bad)[:9])
@pytest.mark.parametrize(
    ("kind", "question", "name"),
    [
        ("place", PLACE, "x"), ("place", PLACE, "y"), ("place", PLACE, "within"),
        ("row", {}, "row"), ("slider", {"name": "component 1"}, "value"), ("radius", {}, "value"),
        ("drop", {}, "at"),
        ("direction", {"name": "up"}, "value"), ("epsilon", {"draw": 1}, "value"),
        ("sharpen", {}, "value"), ("back", {}, "at"), ("walk", {}, "value"),
    ],
)  # fmt: skip
def test_no_number_but_finite_ones(kind, question, name, bad) -> None:
    with pytest.raises(InputError, match=f"{name}: a finite number"):
        done(kind, done("row", row=1), **{**question, name: bad})


@pytest.mark.parametrize(
    ("kind", "question", "said"),
    [
        ("place", {**PLACE, "x": 1e13}, "a finite place"),
        ("place", {**PLACE, "x": 1e300, "phase": "move"}, "a finite place"),
        ("place", {"x": 1.0}, "y: a finite number"),
        ("row", {"row": COUNT}, "numbered from 0 to 499"),
        ("row", {"row": -1}, "numbered from 0 to 499"),
        ("row", {"row": 1e300}, "numbered from 0 to 499"),
        ("image", {"text": "twelve"}, "the number of an image"),
        ("image", {"text": ""}, "the number of an image"),
        ("image", {"text": "-3"}, "the number of an image"),
        ("image", {"text": "²"}, "the number of an image"),
        ("image", {"text": "11"}, "image 11 of the data set has no code"),
        ("image", {"text": "9" * 199}, "has no code"),
        ("image", {"text": "9" * 201}, "up to 200 characters"),
        ("image", {"text": 12}, "up to 200 characters"),
        ("slider", {"name": "component 9", "value": 1}, "no slider 'component 9'"),
        ("slider", {"name": ["component 1"], "value": 1}, "up to 200 characters"),
        ("slider", {"name": "axis 1", "value": 1e13}, "finite numbers up to"),
        ("radius", {"value": -1}, "of 0 or more"),
        ("radius", {"value": 1e200}, "finite numbers up to"),
        ("direction", {"name": "down", "value": 1}, "no direction 'down'"),
        ("direction", {"name": "up", "value": 101}, "from -100 to 100"),
        ("epsilon", {"value": 1, "draw": -1}, "draw: a finite number"),
        ("epsilon", {"value": 11, "draw": 1}, "from 0 to 10"),
        ("sharpen", {"value": -0.1}, "from 0 to 100"),
        ("pin", {"pin": "c"}, "called a and b"),
        ("pin", {"pin": None}, "up to 200 characters"),
        ("drop", {"at": 0}, "the strip has 0 images"),
        ("back", {"at": -1}, "the strip has 0 images"),
        ("walk", {"value": 1.01}, "from 0 to 1"),
        ("walk", {"value": 0.5}, "pin A to pin B"),
    ],
)
def test_acts_that_are_refused_say_why(kind, question, said) -> None:
    state = done("row", row=1)
    with pytest.raises(InputError, match=said) as caught:
        done(kind, state, **question)
    assert "\n" not in str(caught.value)


def test_noise_needs_a_code_and_its_posterior() -> None:
    with pytest.raises(InputError, match="click on a point"):
        done("epsilon", value=1, draw=1)
    with pytest.raises(InputError, match="plain autoencoder"):
        done("epsilon", done("row", begun(PLAIN), OTHER, row=1), OTHER, value=1, draw=1)


def test_the_origin_has_no_other_radius() -> None:
    origin = begun().at(np.zeros(LATENT), "the origin")
    with pytest.raises(InputError, match="lies in no direction"):
        done("radius", origin, value=1)


def test_parts_of_a_question() -> None:
    assert number_of({"a": 3}, "a", least=3, most=3) == 3.0
    assert place_of({"x": 1, "y": -2.5}).tolist() == [1.0, -2.5]
    assert words_of({"a": ""}, "a") == ""
    with pytest.raises(InputError, match="from 0 to 1"):
        number_of({"a": 2}, "a", least=0, most=1)


def echo(question, *, before=None, state=None, seat=SEAT, other=OTHER) -> State:
    before = begun(seat.side) if before is None else before
    return echoed(
        question, seat=seat, before=before, after=ACTS[question["kind"]](seat, before, question),
        other=other, state=begun(other.side) if state is None else state,
    )  # fmt: skip


def test_the_same_image_by_its_code_in_the_other_model() -> None:
    x, y = SEAT.view.coordinates[7].tolist()
    for question in (
        {"kind": "row", "row": 7},
        {"kind": "image", "text": str(SIDE.codes.index[7])},
        {"kind": "place", "x": x, "y": y, "within": 1e-4, "phase": "tap"},
    ):
        state = echo(question)
        np.testing.assert_array_equal(state.now.z, PLAIN.code(7))
        assert state.now.row == 7
        assert state.now.source == "the code of the same image in faces-ae"


def test_an_image_that_the_other_model_has_no_code_of_is_encoded() -> None:
    side = made_side(plain=True, name="few")
    side.codes.index[7] = 999_999
    state = echo({"kind": "row", "row": 7}, other=seated(side))
    expected = side.coding.encode(SIDE.image(SIDE.code(7))[None])[0]
    np.testing.assert_allclose(state.now.z, expected)
    assert (state.now.row, state.now.source) == (None, "the image of faces-vae, encoded by few")


def test_the_same_place_is_as_many_standard_deviations_off() -> None:
    small = seated(made_side(plain=True, size=4, name="small"), up=np.ones(4))
    own, theirs = (seat.view.coordinates.astype(float) for seat in (SEAT, small))
    place = own.mean(axis=0) + own.std(axis=0) * (1.5, -3.0)
    question = {"kind": "place", "x": place[0], "y": place[1], "within": 1e-6, "phase": "tap"}
    state = echo(question, other=small)
    expected = theirs.mean(axis=0) + theirs.std(axis=0) * (1.5, -3.0)
    np.testing.assert_allclose(small.view.from_z(state.now.z), expected, atol=1e-9)
    assert state.now.source.startswith("a place on the map")


def test_the_same_slider_goes_as_many_standard_deviations() -> None:
    small = seated(made_side(plain=True, size=4, name="small"), up=np.ones(4))
    for name in ("component 1", "axis 2"):
        own, theirs = SEAT.handles[name], small.handles[name]
        question = {"kind": "slider", "name": name, "value": own.middle + 2 * own.deviation}
        state = echo(question, other=small)
        expected = theirs.middle + 2 * theirs.deviation
        assert theirs.value(state.now.z) == pytest.approx(expected)
    question = {"kind": "slider", "name": "component 6", "value": 1.0}
    state = echo(question, other=small)
    assert state.now.source == "the image of faces-vae, encoded by small", "it has no such one"


def test_the_radius_grows_by_the_same_factor() -> None:
    before = done("row", row=3)
    state = begun(PLAIN).at(PLAIN.code(8), "code 8", row=8)
    radius = 3 * float(np.linalg.norm(before.now.z))
    grown = echo({"kind": "radius", "value": radius}, before=before, state=state)
    np.testing.assert_allclose(grown.now.z, 3 * PLAIN.code(8))
    nothing = before.at(np.zeros(LATENT), "the origin")
    after = before.at(np.ones(LATENT), "elsewhere")
    stays = echoed(
        {"kind": "radius", "value": 2.0}, seat=SEAT, before=nothing, after=after, other=OTHER,
        state=state,
    )  # fmt: skip
    assert stays is state, "from 0 there is no factor"


def test_the_other_model_shows_the_image_instead() -> None:
    for question in (
        {"kind": "place", "x": 5.0, "y": 5.0, "phase": "move"},
        {"kind": "slider", "name": "component 1", "value": 2.0},
        {"kind": "radius", "value": 4.0},
        {"kind": "direction", "name": "up", "value": 1.0},
    ):
        asked = {**question, "follow": "image"}
        after = ACTS[question["kind"]](SEAT, begun(), asked)
        state = echo(asked)
        np.testing.assert_allclose(
            state.now.z, PLAIN.coding.encode(SIDE.image(after.now.z)[None])[0]
        )
    pinned = echo({"kind": "pin", "pin": "a", "follow": "image"})
    assert pinned.pins[0] is pinned.now, "what moves nothing is done as ever"


def test_what_the_other_model_lacks_leaves_it_where_it_is() -> None:
    state = begun(PLAIN).at(PLAIN.code(8), "code 8", row=8)
    assert (
        echo({"kind": "epsilon", "value": 1, "draw": 1}, before=done("row", row=3), state=state)
        is state
    )
    bare = Seat.of(PLAIN)
    up = {"kind": "direction", "name": "up", "value": 2.0}
    assert echo(up, other=bare, state=state) is state
    np.testing.assert_allclose(echo(up, state=state).now.z, PLAIN.code(8) + 2 * UP)
    noisy = seated()
    free = begun().at(np.ones(LATENT), "free")
    asked = {"kind": "epsilon", "value": 1, "draw": 1}
    assert echo(asked, before=done("row", row=3), other=noisy, state=free) is free
