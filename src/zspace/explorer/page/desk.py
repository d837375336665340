"""The page as one component: its script, its style, and the maps that Bokeh draws in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.custom import Children, JSComponent

from zspace.explorer.live import Live
from zspace.explorer.page.visit import Visit

__all__ = ["HINT", "Desk", "document_of", "page_of"]

HINT = "Click anywhere, on a point or on empty space: the model draws what lies there."
_HERE = Path(__file__).parent
_SCRIPTS = (
    "turns", "map", "bar", "stage", "sliders", "random", "walk", "directions", "own", "take",
    "strip", "gauges", "analysis", "desk",
)  # fmt: skip


def _joined(*names: str) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


# All visitors share them. A hostile upload holds up uploads, a long measurement measurements.
_lines = {
    name: ThreadPoolExecutor(count, thread_name_prefix=f"explorer-{name}")
    for name, count in {"work": 2, "upload": 1, "figure": 1}.items()
}


class Desk(JSComponent):
    """All that a visitor sees; what is done on it arrives as messages.

    Attributes:
        maps: the figures.
        hint: what to do first.
    """

    maps = Children(default=[])
    hint = param.String(default=HINT)

    _esm = _joined(*(f"{name}.js" for name in _SCRIPTS))
    _stylesheets = [_joined("desk.css", "analysis.css")]  # noqa: RUF012 (so Panel wants it)

    def listen(self, answer: Callable[[dict[str, Any]], None]) -> None:
        """Hand each question of the page to a function."""
        self.on_msg(lambda event: answer(event.data))

    def tell(self, kind: str, **content: Any) -> None:
        """Send an answer to the page at once, ahead of what the callback does next."""
        self._send_msg({"kind": kind, **content})


def page_of(lives: Sequence[Live], *, is_own: bool = True) -> Desk:
    """A new page for one visitor, as a Panel object.

    Args:
        lives: one model or two; all visitors share them.
        is_own: whether the visitor sits at this machine.
    """
    desk = Desk(sizing_mode="stretch_both", min_height=600)
    document = pn.state.curdoc

    def soon(does: Callable[[], None]) -> None:
        if document is None:
            pn.state.execute(does)
        else:
            document.add_next_tick_callback(does)

    def later(work: Callable[[], Any], then: Callable[[Future[Any]], None], line: str) -> None:
        _lines[line].submit(work).add_done_callback(lambda done: soon(lambda: then(done)))

    visit = Visit(lives, tell=desk.tell, later=later, is_own=is_own)
    desk.maps = [pn.pane.Bokeh(each.figure, sizing_mode="stretch_both") for each in visit.scatters]
    desk.listen(visit.answer)
    deaf = [live.listen(lambda: soon(visit.renew)) for live in lives]
    if document is not None:
        document.on_session_destroyed(lambda context: [stop() for stop in deaf])
    return desk


def document_of(lives: Sequence[Live], *, is_own: bool = True) -> Any:
    """A whole page of a browser."""
    pn.config.reconnect = True  # of this visit: a lost line is tried again
    page = pn.Template(_joined("page.html"))
    page.add_panel("page", page_of(lives, is_own=is_own))
    return page
