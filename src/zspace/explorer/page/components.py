"""The parts of the page that are more than a widget: each a small script and its messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

__all__ = ["Sliders", "Stage"]

_HERE = Path(__file__).parent


def _script(name: str) -> str:
    return "\n".join((_HERE / each).read_text(encoding="utf-8") for each in ("turns.js", name))


_LOOK = (_HERE / "parts.css").read_text(encoding="utf-8")


class Stage(JSComponent):
    """The image of the current point, what is known of it, and the ear on the map."""

    _esm = _script("stage.js")
    _stylesheets = [_LOOK]  # noqa: RUF012 (so Panel wants it)

    def listen(self, answer: Callable[[dict[str, Any]], None]) -> None:
        """Hand each question of the page to a function."""
        self.on_msg(lambda event: answer(event.data))

    def tell(self, kind: str, **content: Any) -> None:
        """Send an answer to the page at once, ahead of what the callback does next."""
        self._send_msg({"kind": kind, **content})


class Sliders(JSComponent):
    """One slider for each handle.

    Attributes:
        handles: name, title, low, high and value of each.
    """

    handles = param.List(default=[])

    _esm = _script("sliders.js")
    _stylesheets = [_LOOK]  # noqa: RUF012 (so Panel wants it)

    def listen(self, answer: Callable[[dict[str, Any]], None]) -> None:
        """Hand each question of the page to a function."""
        self.on_msg(lambda event: answer(event.data))

    def tell(self, **content: Any) -> None:
        """Send an answer to the page at once."""
        self._send_msg(content)
