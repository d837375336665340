"""One visitor: what the page asks becomes new states, and what is known of them goes back."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from zspace.errors import BusyError, InputError, ZspaceError
from zspace.explorer.acts import ACTS, code_at, echoed, number_of, words_of
from zspace.explorer.exhibits import figures
from zspace.explorer.gauges import gauges, marks
from zspace.explorer.live import Live
from zspace.explorer.page.scatter import Scatter
from zspace.explorer.page.slow import SLOW, Slow
from zspace.explorer.page.told import drawn, models_told, state_told, thumbnails
from zspace.explorer.seat import Seat
from zspace.explorer.side import Side
from zspace.explorer.state import History, Kept, State

__all__ = ["Visit"]

_NEAR = 8
_MOST_UNDERWAY = 4
_COLOR = "radius"

Later = Callable[[Callable[[], Any], Callable[[Future[Any]], None], str], None]


class Visit:
    """Answers one visitor's questions; the page is nothing but functions to it.

    Args:
        lives: one model or two; all visitors share them.
        tell: sends an answer: its kind, and what belongs to it.
        later: runs what takes long elsewhere, and hands it, when it is done, to a function here;
            the last argument names the line it waits in. None waits for it.
        is_own: whether the visitor sits at this machine, and may see where the run lies.

    Attributes:
        scatters: the maps.
    """

    def __init__(
        self,
        lives: Sequence[Live],
        *,
        tell: Callable[..., None],
        later: Later | None = None,
        is_own: bool = True,
    ) -> None:
        self.lives, self.tell, self.is_own = tuple(lives), tell, is_own
        self.later = later or _at_once
        self.seats = [Seat.of(live.side) for live in self.lives]
        self.histories = [
            History(State(Kept.of(seat.side.moments.mean, "the mean code"))) for seat in self.seats
        ]
        self.look, self.color_name = ("pca", (1, 2)), self._first_color()
        self.scatters = [
            Scatter(seat.view, self.coloring(seat), side=side)
            for side, seat in enumerate(self.seats)
        ]
        self._underway = 0
        self._sent: set[int] = set()
        self._strip: tuple[Any, ...] = ()
        self._latest: dict[str, dict[str, Any]] = {}
        self._own: dict[str, Callable[[dict[str, Any]], None]] = {
            "begin": self._begin,
            "undo": self._undo,
            "redo": self._redo,
            "glance": self._glance,
            "view": self._view,
            "clear": self._clear,
        }

    def answer(self, question: Any) -> None:
        """Answer a question of the page; whatever is wrong with it becomes a message there."""
        number = question.get("number") if isinstance(question, dict) else None
        try:
            self._answer(dict(question))
        except Exception as error:  # noqa: BLE001 (nonsense must not end the visit that asks it)
            self.problem(error)
        self.tell("done", number=number)

    def _answer(self, question: dict[str, Any]) -> None:
        kind = words_of(question, "kind")
        if kind in self._own:
            self._own[kind](question)
        elif kind in ACTS:
            self._act(question)
        elif kind in SLOW:
            self._begin_slow(question, SLOW[kind])
        else:
            raise InputError(f"the page asked for {kind!r}, which is not known; reload it")

    def problem(self, error: Exception) -> None:
        """Show a message on the page."""
        known = isinstance(error, ZspaceError)
        text = str(error) if known else "the page asked for what is not known; reload it"
        self.tell("problem", text=_sentence(text))

    @property
    def states(self) -> list[State]:
        """The current state of each model."""
        return [history.now for history in self.histories]

    def side_of(self, question: dict[str, Any]) -> int:
        """Which model a question is about."""
        side = int(number_of({"side": 0, **question}, "side"))
        if not 0 <= side < len(self.seats):
            raise InputError(f"there are {len(self.seats)} models, number {side} came")
        return side

    def commit(self, states: Sequence[State], *, along: bool = False) -> None:
        """Show new states, one for each model: a step that undo comes back to, or one along."""
        step = History.passing if along else History.done
        self.show([step(history, now) for history, now in zip(self.histories, states, strict=True)])

    def _act(self, question: dict[str, Any]) -> None:
        first, before = self.side_of(question), self.states
        act = ACTS[question["kind"]]
        after = list(before)
        after[first] = act(self.seats[first], before[first], question)
        for other, seat in enumerate(self.seats):
            if other != first:
                after[other] = echoed(
                    question, seat=self.seats[first], before=before[first], after=after[first],
                    other=seat, state=before[other],
                )  # fmt: skip
        self.commit(after, along=bool(question.get("along")))

    def _begin_slow(self, question: dict[str, Any], slow: Slow) -> None:
        """Let what takes long happen elsewhere, and say so meanwhile."""
        if self._underway >= _MOST_UNDERWAY:
            raise BusyError(
                f"{_MOST_UNDERWAY} things that take long are under way; wait for one of them"
            )
        work = slow.work(self, question)
        self.tell("busy", task=question["kind"], text=slow.text)
        seats, self._latest[question["kind"]] = list(self.seats), question

        def finished(done: Future[Any]) -> None:
            self._underway -= 1
            self.tell("idle", task=question["kind"])
            if slow.is_choice and self._latest[question["kind"]] is not question:
                return
            try:
                found = done.result()
                if self.seats != seats and not slow.outlives:
                    raise InputError("a newer model has come meanwhile; try again")
                slow.then(self, question, found)
            except Exception as error:  # noqa: BLE001 (as above)
                self.problem(error)

        self._underway += 1
        self.later(work, finished, slow.line)

    def _begin(self, question: dict[str, Any]) -> None:
        self._sent, self._strip = set(), ()
        self.introduce()
        self.show(self.histories)

    def introduce(self) -> None:
        """Say what there is: models, sliders, maps, colors."""
        told = models_told(self.seats)
        self.tell("models", models=told, color=self.color_name)
        self.tell("notes", notes=[live.note for live in self.lives])
        for side, seat in enumerate(self.seats):
            self.tell("gauges", side=side, name=seat.side.name, **gauges(seat.side))
            self.tell("figures", side=side, **figures(seat.side.exhibits))
            self._tell_map(side)

    def _undo(self, question: dict[str, Any]) -> None:
        self.show([history.undo() for history in self.histories])

    def _redo(self, question: dict[str, Any]) -> None:
        self.show([history.redo() for history in self.histories])

    def _view(self, question: dict[str, Any]) -> None:
        name = words_of(question, "name")
        pair = tuple(int(number_of(question, each)) for each in ("one", "other"))
        chosen = [(seat, seat.view) for seat in self.seats]
        try:
            for seat in self.seats:
                seat.look_by(name, (pair[0], pair[1]))
        except ZspaceError:
            for seat, view in chosen:
                seat.view = view
            raise
        self.look = (name, (pair[0], pair[1]))
        self.lay_out()
        self.show(self.histories)

    def lay_out(self) -> None:
        """Draw the maps by the views that are chosen."""
        for side, (scatter, seat) in enumerate(zip(self.scatters, self.seats, strict=True)):
            scatter.show(seat.view, self.coloring(seat))
            self._tell_map(side)

    def _tell_map(self, side: int) -> None:
        seat = self.seats[side]
        name, pair = self.look
        self.tell(
            "map", side=side, look=name, pair=list(pair), view=seat.view.name,
            meaning=seat.view.meaning, exact=seat.view.is_exact,
            legend=self.scatters[side].legend, path=self.places(side),
        )  # fmt: skip

    def places(self, side: int) -> list[list[float]]:
        """The places on the map of the points of a walk between the pins; none without one."""
        seat = self.seats[side]
        if seat.walk is None or seat.walk[1] != self.states[side].pins:
            return []
        return [seat.view.from_z(z.astype(np.float64)).tolist() for z in seat.walk[0].points]

    def _first_color(self) -> str:
        names = self.seats[0].side.colors.names
        return "label" if "label" in names else _COLOR

    def coloring(self, seat: Seat) -> Any:
        """The colors that are chosen, or, where a model has no such ones, its radii."""
        colors = seat.side.colors
        return colors.of(self.color_name if self.color_name in colors.names else _COLOR)

    def paint(self, name: str) -> None:
        """Color the maps by something else, which has been computed."""
        self.color_name = name
        for side, (scatter, seat) in enumerate(zip(self.scatters, self.seats, strict=True)):
            scatter.color(seat.view, self.coloring(seat))
            self._tell_map(side)

    def _clear(self, question: dict[str, Any]) -> None:
        for seat in self.seats:
            seat.selections = [None, None]
        self.tell("lasso", counts=[None, None], outlines=[])

    def _glance(self, question: dict[str, Any]) -> None:
        side = self.side_of(question)
        seat = self.seats[side]
        row = code_at(seat, question)
        if row is None or seat.side.images is None:
            self.tell("glance", side=side, row=None)
            return
        picture = seat.side.pictures(np.array([row]))[0]
        self.tell("glance", side=side, row=row, text=f"code {row:,}", **drawn(picture))

    def renew(self) -> None:
        """Go on with newer models, where there are any: same images, same z-points."""
        if all(live.side is seat.side for live, seat in zip(self.lives, self.seats, strict=True)):
            self.tell("notes", notes=[live.note for live in self.lives])
            return
        newest, color = [live.side for live in self.lives], self.color_name

        def prepare() -> list[Side]:
            for side in newest:
                gauges(side)
                side.colors.of(color if color in side.colors.names else _COLOR)
            return newest

        def finished(done: Future[list[Side]]) -> None:
            try:
                self._take_in(done.result())
            except Exception as error:  # noqa: BLE001 (as above)
                self.problem(error)

        self.later(prepare, finished, "work")

    def _take_in(self, newest: Sequence[Side]) -> None:
        for at, (side, seat) in enumerate(zip(newest, self.seats, strict=True)):
            # Both models forget what was before, so that they stay in step under undo.
            self.histories[at] = History(self.states[at])
            if side is seat.side:
                continue
            # Directions of two lassos are of the old model's space, so they go.
            renew = functools.partial(_found_again, seat=seat, side=side)
            self.histories[at] = self.histories[at].renewed(renew)
            self.seats[at] = Seat.of(side)
        try:
            for seat in self.seats:
                seat.look_by(*self.look)
        except ZspaceError:
            self.look = ("pca", (1, 2))
            for seat in self.seats:
                seat.look_by(*self.look)
        self._sent, self._strip = set(), ()
        self.lay_out()
        self.introduce()
        self.tell("lasso", counts=[None, None], outlines=[])
        self.show(self.histories)

    def show(self, histories: Sequence[History]) -> None:
        """Decode, send the images, and only then find out the rest."""
        shown = []
        for seat, history in zip(self.seats, histories, strict=True):
            now = history.now
            place = seat.view.from_z(now.now.z).tolist()
            shown.append((place, seat.side.image(now.now.z, sharpen=now.sharpen)))
        self.histories = list(histories)
        for side, (place, image) in enumerate(shown):
            self.tell("image", side=side, place=place, **drawn(image))
        for side, seat in enumerate(self.seats):
            self.tell("state", side=side, **state_told(seat, self.histories[side]))
        for side, (seat, state) in enumerate(zip(self.seats, self.states, strict=True)):
            self._tell_more(side, seat, state)
        self._tell_strip()

    def _tell_more(self, side: int, seat: Seat, state: State) -> None:
        z = state.now.z
        reading = seat.side.reading(z)
        self.tell(
            "told", side=side, source=_sentence(state.now.source), text=reading.text,
            brief=reading.brief, warning=reading.warning, off=reading.is_off,
            near=self._near(seat, z),
        )  # fmt: skip
        self.tell("marks", side=side, **marks(seat.side, z, place=reading.place))

    def _near(self, seat: Seat, z: np.ndarray) -> dict[str, Any]:
        if seat.side.images is None:
            return {"rows": [], "texts": []}
        found = seat.side.nearest(z, k=_NEAR)
        try:
            pictures = seat.side.pictures(found.rows)
        except InputError as error:
            self.problem(error)
            return {"rows": [], "texts": []}
        texts = [
            f"code {row:,}, at distance {distance:.2f}"
            for row, distance in zip(found.rows, found.distances, strict=True)
        ]
        return {
            "rows": found.rows.tolist(),
            "texts": texts,
            **thumbnails(pictures),
        }

    def _tell_strip(self) -> None:
        """The strip and the pins, if they have changed; pictures only that were not sent yet."""
        strip = tuple(
            (seat.view, state.strip, state.pins)
            for seat, state in zip(self.seats, self.states, strict=True)
        )
        if strip == self._strip:
            return
        self._strip = strip
        for side, (seat, state) in enumerate(zip(self.seats, self.states, strict=True)):
            there = [kept for kept in (*state.strip, *state.pins) if kept is not None]
            fresh = {kept.number: kept for kept in there if kept.number not in self._sent}
            told: dict[str, Any] = {}
            if fresh:
                points = np.stack([kept.z for kept in fresh.values()])
                told = thumbnails(seat.side.strip(points, sharpen=state.sharpen))
            self._sent |= set(fresh)
            self.tell(
                "strip", side=side, kept=[_identified(kept) for kept in state.strip],
                pins=[None if kept is None else {
                    **_identified(kept), "place": seat.view.from_z(kept.z).tolist()}
                    for kept in state.pins],
                fresh=list(fresh), **told,
            )  # fmt: skip


def _identified(kept: Kept) -> dict[str, Any]:
    return {"id": kept.number, "text": _sentence(kept.source)}


def _found_again(kept: Kept, *, seat: Seat, side: Side) -> Kept:
    """The same image's code in a newer model; any other point stays where it is."""
    if kept.row is not None:
        row = side.row_of(int(seat.side.codes.index[kept.row]))
        if row is not None:
            return Kept.of(side.code(row), kept.source, row=row)
    if len(kept.z) == side.latent_size:
        return Kept.of(kept.z, kept.source)
    return Kept.of(side.moments.mean, "the mean code")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith("?") else ".")


def _at_once(work: Callable[[], Any], then: Callable[[Future[Any]], None], _line: str) -> None:
    with ThreadPoolExecutor(1) as worker:
        done = worker.submit(work)
    then(done)
