"""Actions, undo and redo: states never change, and history is a list with a place in it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from zspace.errors import InputError, ShapeError
from zspace.explorer.coding import MOST_AT_ONCE
from zspace.explorer.state import History, Kept, State

MOST = 5


def start(*numbers: float) -> State:
    return State(Kept.of(np.array(numbers or (0.0, 0.0)), "made up"))


class Undoing(RuleBasedStateMachine):
    """History beside a plain list of states and a place in it."""

    def __init__(self) -> None:
        super().__init__()
        first = start(0.0)
        self.history = History(first, most=MOST)
        self.states, self.place, self.made = [first], 0, 0

    def new_state(self) -> State:
        self.made += 1
        return self.history.now.at(np.array([float(self.made)]), f"point {self.made}")

    @rule()
    def act(self) -> None:
        state = self.new_state()
        self.history = self.history.done(state)
        self.states = [*self.states[: self.place + 1], state]
        dropped = max(0, len(self.states) - MOST - 1)
        self.states = self.states[dropped:]
        self.place = len(self.states) - 1

    @rule()
    def drag(self) -> None:
        state = self.new_state()
        self.history = self.history.passing(state)
        self.states = [*self.states[: self.place], state]

    @rule()
    def undo(self) -> None:
        self.history = self.history.undo()
        self.place = max(0, self.place - 1)

    @rule()
    def redo(self) -> None:
        self.history = self.history.redo()
        self.place = min(len(self.states) - 1, self.place + 1)

    @precondition(lambda self: self.history.can_undo)
    @rule()
    def undo_and_redo_is_nothing(self) -> None:
        back = self.history.undo().redo()
        assert (back.now, back.past, back.future) == (
            self.history.now, self.history.past, self.history.future,
        )  # fmt: skip

    @invariant()
    def both_agree(self) -> None:
        assert self.history.now is self.states[self.place]
        assert list(self.history.past) == self.states[: self.place]
        assert list(self.history.future) == self.states[self.place + 1 :]
        assert self.history.can_undo == (self.place > 0)
        assert self.history.can_redo == (self.place < len(self.states) - 1)
        assert len(self.history.past) <= MOST


TestUndoing = Undoing.TestCase


def test_points_are_copies_that_nobody_changes() -> None:
    z = np.zeros(2)
    kept = Kept.of(z, "made up")
    z[0] = 9
    assert kept.z.tolist() == [0, 0]
    with pytest.raises(ValueError, match="read-only"):
        kept.z[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        kept.source = "else"
    assert kept.is_same(Kept.of(np.zeros(2), "made up"))
    assert not kept.is_same(Kept.of(np.zeros(2), "made up", row=3))
    assert not kept.is_same(Kept.of(np.ones(2), "made up"))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(-9, 9)), min_size=1, max_size=8))
def test_sliders_of_directions_add_up_in_any_order(moves) -> None:
    vectors = {"a": np.array([1.0, 0.5]), "b": np.array([-0.25, 2.0])}
    state = start(1.0, 1.0)
    for name, factor in moves:
        state = state.added(name, vectors[name], factor=factor)
    last = dict(moves)
    expected = 1.0 + sum(factor * vectors[name] for name, factor in last.items())
    np.testing.assert_allclose(state.now.z, expected, atol=1e-12)
    assert all(state.factor(name) == factor for name, factor in last.items())
    assert state.now.source == "made up, edited" and state.now.row is None
    for name in last:
        state = state.added(name, vectors[name], factor=0)
    np.testing.assert_allclose(state.now.z, 1.0, atol=1e-12)
    assert state.factors == ()


def test_going_elsewhere_leaves_the_sliders_behind() -> None:
    state = start().added("a", np.ones(2), factor=2).noisy(np.ones(2), scale=0.5)
    assert state.epsilon_scale == 0.5 and state.factors == ()
    state = state.added("a", np.ones(2), factor=2)
    moved = state.edited(np.array([7.0, 7.0]), "component 1")
    assert moved.factor("a") == 2, "what was added is in there still"
    there = state.at(np.ones(2), "code 12", row=12)
    assert (there.factor("a"), there.epsilon_scale, there.now.row) == (0, 0, 12)
    noisy = there.noisy(np.zeros(2), scale=1.0)
    assert (there.code, noisy.now.row, noisy.code) == (12, 12, None)
    assert there.added("a", np.ones(2), factor=1).code is None


def test_pins_anchor_and_strip() -> None:
    state = start(1.0, 2.0)
    other = Kept.of(np.ones(2), "code 3", row=3)
    state = state.pinned("a").pinned("b", other).anchored(other)
    assert state.pins == (state.now, other) and state.anchor is other
    assert state.anchored(None).anchor is None
    state = state.kept().at(np.zeros(2), "origin").kept()
    assert [kept.source for kept in state.strip] == ["made up", "origin"]
    back = state.back_to(0)
    assert back.now is state.strip[0] and back.strip == state.strip
    assert [kept.source for kept in state.dropped(0).strip] == ["origin"]
    assert [kept.source for kept in state.dropped(1).strip] == ["made up"]
    for place in (-1, 2):
        with pytest.raises(InputError, match="2 images"):
            state.dropped(place)
        with pytest.raises(InputError, match="2 images"):
            state.back_to(place)
    with pytest.raises(InputError, match="a and b"):
        state.pinned("c")
    full = dataclasses.replace(state, strip=(other,) * MOST_AT_ONCE)
    with pytest.raises(InputError, match="take some out"):
        full.kept()


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e99])
def test_no_number_but_finite_ones(bad) -> None:
    state = start()
    point = np.array([0.0, bad])
    for act in (
        lambda: state.at(point, "x"),
        lambda: state.edited(point, "x"),
        lambda: state.noisy(point, scale=1.0),
        lambda: state.added("a", point, factor=1.0),
        lambda: Kept.of(point, "x"),
    ):
        with pytest.raises(InputError, match="axis 1"):
            act()


@pytest.mark.parametrize("bad", [np.nan, np.inf, "1", None, True])
def test_sliders_that_give_no_number(bad) -> None:
    for act in (
        lambda: start().added("a", np.ones(2), factor=bad),
        lambda: start().noisy(np.ones(2), scale=bad),
        lambda: start().sharpened(bad),
    ):
        with pytest.raises(InputError, match="finite number"):
            act()


def test_points_of_another_space() -> None:
    for act in (start().at, start().edited):
        with pytest.raises(ShapeError):
            act(np.zeros(3), "x")
    with pytest.raises(InputError, match="at least 0"):
        start().sharpened(-1)
    assert start().sharpened(3).sharpen == 3.0
