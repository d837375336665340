"""What takes long is done elsewhere, and what comes back may come late, or in another order."""

from __future__ import annotations

import dataclasses
from concurrent.futures import Future

import numpy as np
import pytest
from explored import made_codes, made_side
from visited import Visited, pictures

SIDE, PLAIN = made_side(), made_side(plain=True, name="faces-ae")
NEWER = dataclasses.replace(SIDE, codes=made_codes(seed=5))
BOX = [[-99.0, -99.0], [0.0, -99.0], [0.0, 99.0], [-99.0, 99.0]]


class Later:
    """Holds what is to be done until the test says so."""

    def __init__(self) -> None:
        self.held = []

    def __call__(self, work, then, _line) -> None:
        self.held.append((work, then))

    def do(self, at: int = 0) -> None:
        work, then = self.held.pop(at)
        done: Future = Future()
        try:
            done.set_result(work())
        except Exception as error:  # noqa: BLE001 (as an executor does)
            done.set_exception(error)
        then(done)


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def one(later) -> Visited:
    visited = Visited(SIDE, later=later)
    visited.fine("begin")
    return visited


def since(visited: Visited, count: int) -> list[str]:
    return [each["kind"] for each in visited.told[count:]]


def test_a_visitor_goes_on_while_something_takes_long(one, later) -> None:
    answers = one.fine("random", method="prior", at=0)
    assert [each["kind"] for each in answers] == ["busy", "done"]
    one.fine("row", row=3)
    count = len(one.told)
    later.do()
    assert since(one, count)[0] == "idle"
    assert one.answer("told")["source"].startswith("Random")
    one.fine("undo")
    assert one.visit.states[0].now.row == 3, "what was done meanwhile is not lost"


def test_what_fails_elsewhere_is_a_message_here(one, later) -> None:
    one.fine("upload", data=b"nothing of an image")
    later.do()
    assert "no image that can be read" in one.answer("problem")["text"]
    one.fine("random", method="prior", at=0)
    _, then = later.held.pop()
    failed: Future = Future()
    failed.set_exception(MemoryError("a path: /a/place/on/the/disk"))
    then(failed)
    assert one.answer("problem")["text"] == "The page asked for what is not known; reload it."
    assert one.answer("idle")["task"] == "random"


def test_of_two_colors_the_one_that_was_asked_for_last_is_shown(one, later) -> None:
    one.fine("color", name="radius")
    one.fine("color", name="kl")
    later.do(1)
    later.do(0)
    assert one.visit.color_name == "kl"
    assert "KL" in one.answer("map")["legend"]["title"]


def test_of_two_ways_the_one_that_was_asked_for_last_is_gone(one, later) -> None:
    for pin, row in (("a", 3), ("b", 8)):
        one.fine("row", row=row)
        one.fine("pin", pin=pin)
    for walk in ("density", "line"):
        one.fine("route", walk=walk)
    later.do(1)
    later.do(0)
    walk = one.visit.seats[0].walk[0]
    np.testing.assert_allclose(walk.points[24], (SIDE.code(3) + SIDE.code(8)) / 2, atol=1e-5)


@pytest.mark.parametrize(
    "question",
    [
        {"kind": "random", "method": "normal", "at": 0},
        {"kind": "lasso", "which": 0, "outline": BOX},
        {"kind": "learn", "name": "left", "method": "mean"},
        {"kind": "route", "walk": "line"},
        {"kind": "color", "name": "radius"},
    ],
    ids=lambda question: question["kind"],
)
def test_what_was_found_out_in_an_older_model_is_not_done_to_the_newer(
    one, later, question
) -> None:
    one.fine("pin", pin="a")
    one.fine("pin", pin="b")
    one.fine("lasso", which=0, outline=BOX)
    later.do()
    one.fine(**question)
    one.lives[0].replace(NEWER, "")
    one.visit.renew()
    later.do(1)
    before, count = one.histories, len(one.told)
    later.do(0)
    assert since(one, count) == ["idle", "problem"]
    assert one.answer("problem")["text"] == "A newer model has come meanwhile; try again."
    assert one.histories == before
    seat = one.visit.seats[0]
    assert (seat.selections, seat.directions, seat.walk) == ([None, None], {}, None)


def test_a_file_that_was_asked_for_comes_all_the_same(one, later) -> None:
    one.fine("take", what="npz")
    one.lives[0].replace(NEWER, "")
    one.visit.renew()
    later.do(1)
    later.do(0)
    assert one.answer("file")["name"] == "points.npz"


def test_models_are_looked_through_elsewhere_before_they_are_shown(one, later) -> None:
    one.fine("row", row=3)
    count = len(one.told)
    one.lives[0].replace(NEWER, "After epoch 2 of 3.")
    one.visit.renew()
    assert since(one, count) == [] and one.visit.seats[0].side is SIDE
    one.fine("row", row=4)
    third = dataclasses.replace(SIDE, codes=made_codes(seed=6))
    one.lives[0].replace(third, "After epoch 3 of 3.")
    one.visit.renew()
    later.do()
    assert one.visit.seats[0].side is NEWER
    np.testing.assert_array_equal(one.z(), NEWER.code(4))
    later.do()
    assert one.visit.seats[0].side is third
    np.testing.assert_array_equal(pictures(one.answer("image"))[0], third.image(third.code(4)))


def test_both_models_forget_the_past_when_one_is_replaced() -> None:
    visited = Visited(SIDE, PLAIN)
    for row in (3, 4):
        visited.fine("row", row=row)
    visited.fine("undo")
    visited.lives[0].replace(NEWER, "")
    visited.visit.renew()
    for side in (0, 1):
        state = visited.answer("state", side)
        assert (state["undo"], state["redo"]) == (False, False)
    before = visited.z(1)
    visited.fine("undo")
    np.testing.assert_array_equal(visited.z(0), NEWER.code(3))
    np.testing.assert_array_equal(visited.z(1), before)


def test_a_newer_model_without_these_axes_shows_the_first_map(one, later) -> None:
    one.fine("view", name="axes", one=0, other=5)
    small = made_side(size=4)
    one.lives[0].replace(small, "")
    one.visit.renew()
    later.do()
    assert one.answer("map")["view"] == "pca-1-2" and one.visit.look == ("pca", (1, 2))
    np.testing.assert_allclose(one.z(), small.moments.mean)


def test_a_newer_model_that_gives_no_numbers_is_a_message(one, later) -> None:
    broken = dataclasses.replace(
        NEWER.coding, decoder=lambda z: np.full((len(z), 4, 5, 3), np.nan, np.float32)
    )
    one.lives[0].replace(dataclasses.replace(NEWER, coding=broken), "")
    one.visit.renew()
    later.do()
    assert "not finite here" in one.answer("problem")["text"]
    one.lives[0].replace(NEWER, "")
    one.visit.renew()
    later.do()
    np.testing.assert_array_equal(pictures(one.answer("image"))[0], NEWER.image(one.z()))
