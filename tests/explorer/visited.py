"""A visit without a browser: questions go in, answers are put on record."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("panel", reason="Panel is not installed: pip install zspace[explorer]")

from zspace.explorer.live import Live
from zspace.explorer.page.visit import Visit
from zspace.explorer.side import Side


class Visited:
    """``ask(kind, …)`` gives what was answered; ``answer(kind, side)`` the latest of one kind."""

    def __init__(self, *sides: Side, **more: Any) -> None:
        self.told: list[dict[str, Any]] = []
        self.lives = [Live(side) for side in sides]
        self.visit = Visit(self.lives, tell=self.tell, **more)
        self.number = 0

    def tell(self, kind: str, **content: Any) -> None:
        self.told.append({"kind": kind, **content})

    def ask(self, kind: Any, **question: Any) -> list[dict[str, Any]]:
        before, self.number = len(self.told), self.number + 1
        self.visit.answer({"kind": kind, "number": self.number, **question})
        answers = self.told[before:]
        assert [each["number"] for each in answers if each["kind"] == "done"] == [self.number]
        return answers

    def fine(self, kind: str, **question: Any) -> list[dict[str, Any]]:
        answers = self.ask(kind, **question)
        assert [each["text"] for each in answers if each["kind"] == "problem"] == []
        return answers

    def refused(self, kind: Any, **question: Any) -> str:
        """The one message that a question brings, which leaves all as it was."""
        before = self.histories
        problems = [
            each["text"] for each in self.ask(kind, **question) if each["kind"] == "problem"
        ]
        assert self.histories == before, "nothing was done"
        (text,) = problems
        assert "\n" not in text and text[0] == text[0].upper() and text[-1] in ".?"
        return str(text[0].lower() + text[1:])

    def answer(self, kind: str, side: int | None = None) -> dict[str, Any]:
        for each in reversed(self.told):
            if each["kind"] == kind and side in (None, each.get("side")):
                return each
        raise LookupError(kind)

    @property
    def histories(self) -> list[tuple[Any, ...]]:
        return [(each.now, each.past, each.future) for each in self.visit.histories]

    def z(self, side: int = 0) -> np.ndarray:
        found: np.ndarray = self.visit.states[side].now.z
        return found


def pictures(answer: dict[str, Any]) -> np.ndarray:
    """The pictures of an answer, (n, height, width, channels)."""
    shape = answer["height"], answer["width"], answer["channels"]
    return np.frombuffer(answer["pixels"], np.uint8).reshape(-1, *shape)
