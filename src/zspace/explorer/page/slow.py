"""What takes longer than a moment: worked out elsewhere, and then done to the visit.

Each has a piece of work, which only reads and may run in a thread, and what is done with its result
where the visit lives.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zspace.directions import Direction
from zspace.errors import InputError
from zspace.explorer.acts import number_of, words_of
from zspace.explorer.exhibits import figure
from zspace.explorer.keeping import gif_bytes, points_json, points_npz, snippet, strip_png
from zspace.explorer.page.told import joined, thumbnails
from zspace.explorer.pairs import counterpart
from zspace.explorer.seat import Seat, rows_within
from zspace.explorer.selections import direction_between
from zspace.explorer.state import Kept, State
from zspace.explorer.uploads import MOST_BYTES
from zspace.explorer.walks import walk_between

if TYPE_CHECKING:
    from zspace.explorer.page.visit import Visit

__all__ = ["SLOW", "Slow"]

Question = dict[str, Any]

_STEPS = 48
_PICTURES = 9
_SCALED = {"normal": "scale", "uniform": "limit", "ellipsoid": "scale", "sphere": "radius"}
_SLOWEST, _FASTEST = 0.05, 10.0


class Slow(NamedTuple):
    """One thing that takes long.

    Attributes:
        text: what is said meanwhile.
        work: makes, of a visit and a question, a function that finds the result.
        then: does it to the visit.
        outlives: whether the result is of use even when a newer model has come meanwhile.
        is_choice: whether only the latest counts: one color is chosen, one way from A to B.
        line: where it waits: what may take very long keeps only its like waiting.
    """

    text: str
    work: Callable[[Visit, Question], Callable[[], Any]]
    then: Callable[[Visit, Question, Any], None]
    outlives: bool = False
    is_choice: bool = False
    line: str = "work"


def _draw(visit: Visit, question: Question) -> Callable[[], Any]:
    method, number = words_of(question, "method"), int(number_of(question, "at", least=0, most=1e9))
    scale = number_of({"scale": 1.0, **question}, "scale", least=_SLOWEST, most=_FASTEST)
    seats = list(visit.seats)

    def found() -> list[np.ndarray]:
        return [
            seat.side.random.point(method, number, **_options(method, scale, seat))
            for seat in seats
        ]

    return found


def _options(method: str, scale: float, seat: Seat) -> dict[str, float]:
    if scale == 1 or method not in _SCALED:
        return {}
    usual = np.sqrt(seat.side.latent_size) if method == "sphere" else 1.0
    return {_SCALED[method]: float(scale * usual)}


def _drawn(visit: Visit, question: Question, points: list[np.ndarray]) -> None:
    source = f"random: {question['method']}, number {int(question['at']) + 1}"
    states = [
        state.at(z, source) for state, z in zip(visit.states, points, strict=True)
    ]  # fmt: skip
    first = visit.side_of(question)
    if question.get("follow") == "image":
        states = [
            state if side == first else _copied(visit, states[first], (first, side))
            for side, state in enumerate(states)
        ]
    visit.commit(states)


def _copied(visit: Visit, state: State, sides: tuple[int, int]) -> State:
    one, other = (visit.seats[side].side for side in sides)
    found = counterpart(state.now.z, side=one, other=other)
    return visit.states[sides[1]].at(found.z, found.text)


def _route(visit: Visit, question: Question) -> Callable[[], Any]:
    kind = words_of(question, "walk")
    asked = []
    for seat, state in zip(visit.seats, visit.states, strict=True):
        a, b = state.pins
        if a is None or b is None:
            raise InputError("a walk goes from pin A to pin B; set both first")
        asked.append((seat, (a, b), state.sharpen))

    def walked(seat: Seat, pins: tuple[Kept, Kept], sharpen: float) -> Any:
        a, b = pins
        walk = walk_between(a.z, b.z, codes=seat.side.codes, kind=kind, steps=_STEPS)
        some = walk.points[np.rint(np.linspace(0, len(walk.points) - 1, _PICTURES)).astype(int)]
        return walk, pins, seat.side.strip(some, sharpen=sharpen)

    return lambda: [walked(*each) for each in asked]


def _routed(visit: Visit, _question: Question, found: list[Any]) -> None:
    for side, (seat, (walk, pins, pictures)) in enumerate(zip(visit.seats, found, strict=True)):
        seat.walk = (walk, pins)
        visit.tell("route", side=side, places=visit.places(side), **thumbnails(pictures))


def _upload(visit: Visit, question: Question) -> Callable[[], Any]:
    data = question.get("data")
    if not isinstance(data, bytes | bytearray | memoryview):
        raise InputError("an image file was expected; choose one, or drop it on the page")
    if len(data) > MOST_BYTES:
        raise InputError(f"an image file of at most {MOST_BYTES >> 20} MiB was expected")
    sides = [seat.side for seat in visit.seats]
    held = bytes(data)
    return lambda: [side.upload(held) for side in sides]


def _uploaded(visit: Visit, _question: Question, found: list[Any]) -> None:
    states = [
        state.at(each.z, "your image, encoded")
        for state, each in zip(visit.states, found, strict=True)
    ]
    visit.commit(states)
    for side, each in enumerate(found):
        pair = np.stack([each.pixels, each.reconstruction])
        visit.tell("uploaded", side=side, **thumbnails(pair))


def _color(visit: Visit, question: Question) -> Callable[[], Any]:
    name = words_of(question, "name")
    sides = [seat.side for seat in visit.seats]
    if not any(name in side.colors.names for side in sides):
        raise InputError(f"there is no color {name!r}; choose another one")

    def computed() -> None:
        for side in sides:
            if name in side.colors.names:
                side.colors.of(name)

    return computed


def _colored(visit: Visit, question: Question, _found: None) -> None:
    visit.paint(question["name"])


def _lasso(visit: Visit, question: Question) -> Callable[[], Any]:
    first, outline = visit.side_of(question), question.get("outline")
    seats = list(visit.seats)

    def found() -> list[np.ndarray]:
        rows = rows_within(seats[first].view, outline if isinstance(outline, list) else [])
        images = np.asarray(seats[first].side.codes.index)[rows]
        return [
            rows if side == first
            else np.flatnonzero(np.isin(np.asarray(seat.side.codes.index), images))
            for side, seat in enumerate(seats)
        ]  # fmt: skip

    return found


def _lassoed(visit: Visit, question: Question, found: list[np.ndarray]) -> None:
    which = int(number_of(question, "which", least=0, most=1))
    for seat, rows in zip(visit.seats, found, strict=True):
        seat.selections[which] = rows
    first = visit.side_of(question)
    counts = [None if rows is None else len(rows) for rows in visit.seats[first].selections]
    visit.tell("lasso", side=first, which=which, counts=counts, outline=question["outline"])


def _learn(visit: Visit, question: Question) -> Callable[[], Any]:
    name, method = words_of(question, "name").strip(), words_of(question, "method")
    seats = list(visit.seats)
    if any(name in seat.directions for seat in seats):
        raise InputError(f"there is a direction {name!r} already; choose another name")

    def between(seat: Seat) -> Direction:
        having, lacking = seat.selections
        if having is None:
            raise InputError(
                "a direction points to the codes inside of a lasso; choose Lasso, and draw one"
            )
        codes = seat.side.codes
        return direction_between(codes, having, lacking=lacking, name=name, method=method)

    return lambda: [between(seat) for seat in seats]


def _learned(visit: Visit, _question: Question, found: list[Any]) -> None:
    for seat, direction in zip(visit.seats, found, strict=True):
        seat.directions = {**seat.directions, direction.name: direction}
    names = {name: None for seat in visit.seats for name in seat.directions}
    visit.tell("directions", names=list(names), made=found[0].name)


def _points(visit: Visit, question: Question, side: int) -> tuple[np.ndarray, list[str]]:
    """The z-points of one model that are asked for, and where each comes from."""
    scope, state, seat = question.get("scope"), visit.states[side], visit.seats[side]
    if scope == "kept":
        if not state.strip:
            raise InputError("nothing is kept yet; keep some images first")
        return np.stack([kept.z for kept in state.strip]), [kept.source for kept in state.strip]
    if scope == "walk":
        seat.walk_point(0.0, state)
        assert seat.walk is not None
        points = seat.walk[0].points
        return points, [f"step {step} from A to B" for step in range(len(points))]
    return state.now.z[None], [state.now.source]


def _take(visit: Visit, question: Question) -> Callable[[], Any]:
    what, side = words_of(question, "what"), visit.side_of(question)
    if what not in _FILES:
        raise InputError(f"there is no file {what!r}; reload the page")
    return _FILES[what](visit, question, side)


def _pictures(visit: Visit, question: Question) -> Callable[[], np.ndarray]:
    """The images of all models side by side."""
    asked = [
        (seat.side, _points(visit, question, side)[0], state.sharpen)
        for side, (seat, state) in enumerate(zip(visit.seats, visit.states, strict=True))
    ]
    return lambda: joined([side.strip(points, sharpen=sharpen) for side, points, sharpen in asked])


def _png(visit: Visit, question: Question, _side: int) -> Callable[[], Any]:
    pictures = _pictures(visit, question)
    return lambda: ("images.png", "image/png", strip_png(pictures()))


def _gif(visit: Visit, question: Question, _side: int) -> Callable[[], Any]:
    pictures = _pictures(visit, question)
    return lambda: ("walk.gif", "image/gif", gif_bytes(pictures()))


def _json(visit: Visit, question: Question, side: int) -> Callable[[], Any]:
    points, sources = _points(visit, question, side)
    condition = visit.seats[side].side.condition
    return lambda: (
        "points.json",
        "application/json",
        points_json(points, sources=sources, condition=condition),
    )


def _npz(visit: Visit, question: Question, side: int) -> Callable[[], Any]:
    points, _ = _points(visit, question, side)
    return lambda: ("points.npz", "application/octet-stream", points_npz(points))


def _python(visit: Visit, _question: Question, side: int) -> Callable[[], Any]:
    state, model = visit.states[side], visit.seats[side].side
    code = None if state.code is None or model.is_passing else (model.split, state.code)
    run = str(model.folder.path) if visit.is_own and model.folder is not None else model.name
    text = snippet(
        run, state.now.z, code=code, sharpen=state.sharpen, condition=model.condition
    )  # fmt: skip
    return lambda: ("image.py", "text/x-python", text.encode() + b"\n")


def _direction(visit: Visit, question: Question, side: int) -> Callable[[], Any]:
    name = words_of(question, "name")
    if name not in visit.seats[side].directions:
        raise InputError(f"there is no direction {name!r}")
    record = visit.seats[side].directions[name].to_dict()
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    return lambda: (f"{name}.json", "application/json", text.encode())


_FILES: dict[str, Callable[[Visit, Question, int], Callable[[], Any]]] = {
    "png": _png,
    "gif": _gif,
    "json": _json,
    "npz": _npz,
    "python": _python,
    "direction": _direction,
}


def _taken(visit: Visit, question: Question, found: tuple[str, str, bytes]) -> None:
    name, media, data = found
    visit.tell("file", name=name, media=media, data=data, what=question["what"])


def _figure(visit: Visit, question: Question) -> Callable[[], Any]:
    name, side = words_of(question, "name"), visit.seats[visit.side_of(question)].side
    return lambda: figure(side.exhibits, name)


def _figured(visit: Visit, question: Question, found: dict[str, Any]) -> None:
    visit.tell("figure", side=visit.side_of(question), **found)


SLOW: dict[str, Slow] = {
    "random": Slow("drawing", _draw, _drawn),
    "route": Slow("walking", _route, _routed, is_choice=True),
    "upload": Slow("looking at your image", _upload, _uploaded, line="upload"),
    "color": Slow("coloring", _color, _colored, is_choice=True),
    "lasso": Slow("counting codes", _lasso, _lassoed),
    "learn": Slow("finding the direction", _learn, _learned),
    "take": Slow("writing", _take, _taken, outlives=True),
    "figure": Slow("measuring", _figure, _figured, outlives=True, line="figure"),
}
"""All that takes long, by the kind of question."""
