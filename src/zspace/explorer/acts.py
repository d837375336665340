"""What a visitor does, as a step from one state to the next: one function for each kind.

A question is what the page sends: a dict with its ``kind`` and what belongs to it. Nothing in it is
trusted. With two models, the second one repeats what was done in the first, see `echoed`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float64

from zspace.errors import InputError
from zspace.explorer.handles import posterior_point, radius_of, with_radius
from zspace.explorer.pairs import counterpart
from zspace.explorer.seat import Seat
from zspace.explorer.state import State

__all__ = ["ACTS", "Act", "code_at", "echoed", "moved_to_row", "number_of", "place_of", "words_of"]

Question = Mapping[str, Any]
Act = Callable[[Seat, State, Question], State]

_LONGEST = 200
_LARGEST = sys.float_info.max
_MOST_SCALE, _MOST_FACTOR = 10.0, 100.0


def number_of(
    question: Question, name: str, *, least: float = -np.inf, most: float = np.inf
) -> float:
    """A finite number of a question.

    Raises:
        InputError: if it is none, or out of range.

    Example:
        >>> number_of({"x": 2}, "x")
        2.0
    """
    value: Any = question.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not abs(value) <= _LARGEST or not least <= value <= most:
        bounds = f" from {least:g} to {most:g}" if most < np.inf else ""
        if least > -np.inf and not bounds:
            bounds = f" of {least:g} or more"
        raise InputError(f"{name}: a finite number{bounds} was expected; try again")
    return float(value)


def words_of(question: Question, name: str) -> str:
    """A short text of a question.

    Raises:
        InputError: if it is none, or longer than 200 characters.
    """
    value = question.get(name)
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise InputError(f"{name}: a text of up to {_LONGEST} characters was expected; try again")
    return value


def place_of(question: Question) -> Float64[np.ndarray, "2"]:
    """The place on the map that a question is about."""
    return np.array([number_of(question, "x"), number_of(question, "y")])


def code_at(seat: Seat, question: Question) -> int | None:
    """The row of the code at the place that a question is about; None where there is none."""
    within = number_of(question, "within")
    upward = number_of({"upward": within, **question}, "upward")
    return seat.view.row_at(place_of(question), within=within, upward=upward)


def moved_to_row(seat: Seat, state: State, *, row: int) -> State:
    """At a code."""
    z = seat.side.code(row)
    image = int(seat.side.codes.index[row])
    return state.at(z, f"code {row:,} (image {image:,} of the data set)", row=row)


def _place(seat: Seat, state: State, question: Question) -> State:
    row = code_at(seat, question) if question.get("phase") == "tap" else None
    if row is not None:
        return moved_to_row(seat, state, row=row)
    return _at_place(seat, state, place_of(question))


def _at_place(seat: Seat, state: State, place: np.ndarray) -> State:
    z = seat.view.to_z(place, state.anchor.z if state.anchor is not None else None)
    return state.at(z, f"a place on the map ({place[0]:.2f}, {place[1]:.2f})")


def _row(seat: Seat, state: State, question: Question) -> State:
    return moved_to_row(seat, state, row=int(number_of(question, "row")))


def _image(seat: Seat, state: State, question: Question) -> State:
    text = words_of(question, "text").replace(",", "").strip()
    if not text.isdecimal():
        raise InputError(f"the number of an image was expected, {text!r} came; enter one, as 12")
    row = seat.side.row_of(int(text))
    if row is None:
        raise InputError(f"image {int(text):,} of the data set has no code here; try another")
    return moved_to_row(seat, state, row=row)


def _slider(seat: Seat, state: State, question: Question) -> State:
    name, value = words_of(question, "name"), number_of(question, "value")
    if name not in seat.handles:
        raise InputError(f"there is no slider {name!r}; reload the page")
    return state.edited(seat.handles[name].moved(state.now.z, value), f"moved by hand: {name}")


def _radius(_seat: Seat, state: State, question: Question) -> State:
    radius = number_of(question, "value", least=0.0)
    return state.edited(with_radius(state.now.z, radius), "moved by hand: radius")


def _direction(seat: Seat, state: State, question: Question) -> State:
    name = words_of(question, "name")
    factor = number_of(question, "value", least=-_MOST_FACTOR, most=_MOST_FACTOR)
    if name not in seat.directions:
        raise InputError(f"there is no direction {name!r}; make it anew, or reload the page")
    return state.added(name, seat.directions[name].vector, factor=factor)


def _epsilon(seat: Seat, state: State, question: Question) -> State:
    scale = number_of(question, "value", least=0.0, most=_MOST_SCALE)
    if state.now.row is None:
        raise InputError(
            "noise around a code needs a code: click on a point of the map, or a nearest image"
        )
    seed = int(number_of(question, "draw", least=0, most=2**31))
    return state.noisy(
        posterior_point(seat.side.codes, state.now.row, scale=scale, seed=seed), scale=scale
    )


def _sharpen(_seat: Seat, state: State, question: Question) -> State:
    return state.sharpened(number_of(question, "value", least=0.0, most=_MOST_FACTOR))


def _anchor(_seat: Seat, state: State, question: Question) -> State:
    return state.anchored(state.now if question.get("to") == "now" else None)


def _pin(_seat: Seat, state: State, question: Question) -> State:
    return state.pinned(words_of(question, "pin"))


def _keep(_seat: Seat, state: State, _question: Question) -> State:
    return state.kept()


def _drop(_seat: Seat, state: State, question: Question) -> State:
    return state.dropped(int(number_of(question, "at")))


def _back(_seat: Seat, state: State, question: Question) -> State:
    return state.back_to(int(number_of(question, "at")))


def _walk(seat: Seat, state: State, question: Question) -> State:
    part = number_of(question, "value", least=0.0, most=1.0)
    return state.at(seat.walk_point(part, state), f"{100 * part:.0f} % of the way from A to B")


ACTS: dict[str, Act] = {
    "place": _place,
    "row": _row,
    "image": _image,
    "slider": _slider,
    "radius": _radius,
    "direction": _direction,
    "epsilon": _epsilon,
    "sharpen": _sharpen,
    "anchor": _anchor,
    "pin": _pin,
    "keep": _keep,
    "drop": _drop,
    "back": _back,
    "walk": _walk,
}
"""What each kind of question does to a state; all are quick."""

_MOVES = ("place", "row", "image", "slider", "radius", "direction")


class _Echo(NamedTuple):
    """What was done in one model, for another one to repeat: see `echoed`."""

    question: Question
    seat: Seat
    before: State
    after: State
    other: Seat
    state: State


def echoed(
    question: Question, *, seat: Seat, before: State, after: State, other: Seat, state: State
) -> State:
    """What another model does when something was done in the first one.

    The same action in its own terms: the code of the same image; the place as many standard
    deviations from the middle of its map; a slider as many standard deviations from the mean; all
    else as it was asked. With ``follow: "image"`` in the question it shows what it makes of the
    first one's image instead, where the point was moved by `_MOVES`.

    Args:
        question: what was asked.
        seat: the first model.
        before: its state before.
        after: its state after.
        other: the second model.
        state: its state.

    Raises:
        InputError, ShapeError, BusyError: as the actions do.
    """
    kind = question["kind"]
    by_image = question.get("follow") == "image" or after.now.row is not None
    if kind == "slider":
        by_image = by_image or question["name"] not in other.handles
    if kind in _MOVES and by_image:
        found = counterpart(after.now.z, after.now.row, side=seat.side, other=other.side)
        return state.at(found.z, found.text, row=found.row)
    asked = _Echo(question, seat, before, after, other, state)
    return _IN_OWN_TERMS.get(kind, _asked)(asked)


def _asked(asked: _Echo) -> State:
    return ACTS[asked.question["kind"]](asked.other, asked.state, asked.question)


def _same_place(asked: _Echo) -> State:
    place = asked.other.scaled(place_of(asked.question), asked.seat.view)
    return _at_place(asked.other, asked.state, place)


def _same_steps(asked: _Echo) -> State:
    own, its = (each.handles[asked.question["name"]] for each in (asked.seat, asked.other))
    deviations = (number_of(asked.question, "value") - own.middle) / (own.deviation or 1.0)
    value = its.middle + deviations * (its.deviation or 1.0)
    return _slider(asked.other, asked.state, {**asked.question, "value": value})


def _same_growth(asked: _Echo) -> State:
    before, after = (radius_of(step.now.z) for step in (asked.before, asked.after))
    if before == 0:
        return asked.state
    radius = after / before * radius_of(asked.state.now.z)
    return _radius(asked.other, asked.state, {"value": radius})


def _same_direction(asked: _Echo) -> State:
    return _asked(asked) if asked.question["name"] in asked.other.directions else asked.state


def _same_noise(asked: _Echo) -> State:
    has_noise = asked.other.side.codes.log_variance is not None
    return _asked(asked) if has_noise and asked.state.now.row is not None else asked.state


_IN_OWN_TERMS: dict[str, Callable[[_Echo], State]] = {
    "place": _same_place,
    "slider": _same_steps,
    "radius": _same_growth,
    "direction": _same_direction,
    "epsilon": _same_noise,
}
