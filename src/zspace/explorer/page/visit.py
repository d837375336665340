"""One visitor: what the page asks becomes a new state, and what is known of it goes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from zspace.errors import InputError, ZspaceError
from zspace.explorer.handles import Handle, component_handles, radius_of, with_radius
from zspace.explorer.side import Side
from zspace.explorer.state import History, Kept, State
from zspace.explorer.views import AbstractView

__all__ = ["Visit"]

_NEAR = 8


class Visit:
    """Answers one visitor's questions; the page is nothing but two functions to it.

    Args:
        side: the model.
        tell: sends to the stage: ``image``, ``told``, ``glance``, ``problem``.
        follow: sends to the sliders.
    """

    def __init__(
        self, side: Side, *, tell: Callable[..., None], follow: Callable[..., None]
    ) -> None:
        self.side, self.tell, self.follow = side, tell, follow
        self.view: AbstractView = side.pca_view()
        self.history = History(State(Kept.of(side.moments.mean, "the mean code")))
        self.handles: dict[str, Handle] = {
            handle.title: handle for handle in component_handles(side.pca)
        }
        self._answers: dict[str, Callable[[dict[str, Any]], None]] = {
            "begin": self._begin,
            "place": self._place,
            "row": self._row,
            "glance": self._glance,
            "slider": self._slider,
            "undo": self._undo,
            "redo": self._redo,
        }

    def answer(self, question: Any) -> None:
        """Answer a question of the page; whatever is wrong with it becomes a message there."""
        number = question.get("number") if isinstance(question, dict) else None
        try:
            self._answers[question["kind"]](question)
        except (ZspaceError, KeyError, TypeError, ValueError) as error:
            known = isinstance(error, ZspaceError)
            self.problem(str(error) if known else "the page asked for what is not known", number)

    def problem(self, text: str, number: int | None = None) -> None:
        """Show a message where the image is."""
        self.tell("problem", text=text, number=number)
        self.follow(number=number)

    @property
    def z(self) -> np.ndarray:
        """The current point."""
        return self.history.now.now.z

    def go_to_row(self, row: int, number: int | None = None) -> None:
        """Go to a code."""
        z = self.side.code(row)
        image = int(self.side.codes.index[row])
        state = self.history.now.at(z, f"code {row:,} (image {image:,} of the data set)", row=row)
        self._show(self.history.done(state), number)

    def look_at(self, view: AbstractView) -> None:
        """Show the map by another view."""
        self.view = view
        self._show(self.history, None)

    def _begin(self, question: dict[str, Any]) -> None:
        self._show(self.history, question.get("number"))

    def _undo(self, question: dict[str, Any]) -> None:
        self._show(self.history.undo(), question.get("number"))

    def _redo(self, question: dict[str, Any]) -> None:
        self._show(self.history.redo(), question.get("number"))

    def _row(self, question: dict[str, Any]) -> None:
        self.go_to_row(int(question["row"]), question.get("number"))

    def _place(self, question: dict[str, Any]) -> None:
        place, number, phase = _place_of(question), question.get("number"), question.get("phase")
        state = self.history.now
        row = (
            self.view.row_at(place, within=_number(question, "within")) if phase == "tap" else None
        )
        if row is not None:
            self.go_to_row(row, number)
            return
        anchor = state.anchor.z if state.anchor is not None else None
        z = self.view.to_z(place, anchor)
        state = state.at(z, f"a place on the map ({place[0]:.2f}, {place[1]:.2f})")
        along = phase in ("move", "end")
        self._show(self.history.passing(state) if along else self.history.done(state), number)

    def _slider(self, question: dict[str, Any]) -> None:
        name, value = str(question["name"]), _number(question, "value")
        if name == "radius":
            z = with_radius(self.z, value)
        elif name in self.handles:
            z = self.handles[name].moved(self.z, value)
        else:
            raise InputError(f"no slider {name!r}; reload the page")
        state = self.history.now.edited(z, f"moved by hand: {name}")
        history = self.history
        history = history.done(state) if question.get("begins") else history.passing(state)
        self._show(history, question.get("number"))

    def _glance(self, question: dict[str, Any]) -> None:
        place, number = _place_of(question), question.get("number")
        row = self.view.row_at(place, within=_number(question, "within"))
        if row is None or self.side.images is None:
            self.tell("glance", number=number, row=None)
            return
        picture = self.side.pictures(np.array([row]))[0]
        at = [float(each) for each in question["at"]][:2]
        text = f"code {row:,}"
        self.tell("glance", number=number, row=row, text=text, at=at, **_drawn(picture))

    def _show(self, history: History, number: int | None) -> None:
        """Decode, send the image, and only then find out the rest."""
        state = history.now
        place = [float(each) for each in self.view.from_z(state.now.z)]
        image = self.side.image(state.now.z, sharpen=state.sharpen)
        self.history = history
        self.tell("image", number=number, place=place, **_drawn(image))
        self.follow(number=number, values=self.values())
        self._tell_more(state)

    def values(self) -> dict[str, float]:
        """Where the sliders stand."""
        found = {name: handle.value(self.z) for name, handle in self.handles.items()}
        return {"radius": radius_of(self.z), **found}

    def _tell_more(self, state: State) -> None:
        reading = self.side.reading(state.now.z)
        self.tell(
            "told", source=_sentence(state.now.source), text=reading.text, warning=reading.warning,
            off=reading.is_off, near=self._near(state.now.z),
        )  # fmt: skip

    def _near(self, z: np.ndarray) -> dict[str, Any]:
        if self.side.images is None:
            return {"rows": [], "texts": []}
        found = self.side.nearest(z, k=_NEAR)
        texts = [
            f"code {row:,}, at distance {distance:.2f}"
            for row, distance in zip(found.rows, found.distances, strict=True)
        ]
        pictures = self.side.pictures(found.rows)
        count, height, width, channels = pictures.shape
        one = pictures.reshape(count * height, width, channels)
        return {"rows": found.rows.tolist(), "texts": texts, **_drawn(one), "height": height}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _number(question: dict[str, Any], name: str) -> float:
    value = question[name]
    if not isinstance(value, int | float) or isinstance(value, bool) or not np.isfinite(value):
        raise InputError(f"{name}: a finite number was expected; click on the map again")
    return float(value)


def _place_of(question: dict[str, Any]) -> np.ndarray:
    return np.array([_number(question, "x"), _number(question, "y")])


def _drawn(image: np.ndarray) -> dict[str, Any]:
    """Raw pixels: a browser puts them on a canvas at once, without decoding a file."""
    height, width, channels = image.shape
    pixels = np.ascontiguousarray(image).tobytes()
    return {"pixels": pixels, "height": height, "width": width, "channels": channels}
