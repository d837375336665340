"""A server with a small page of its own, in a thread: what it lets in does not depend on ours."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import panel as pn
import param
from bokeh.plotting import figure
from panel.custom import JSComponent

from zspace.explorer.page.serving import server_of


class Ear(JSComponent):
    """Keeps what it is sent, and sends back how much that was."""

    secret = param.String(default="nothing")

    _esm = "export function render() {}"

    def __init__(self, heard: list[Any], **more: Any) -> None:
        super().__init__(**more)

        def hear(event: Any) -> None:
            heard.append(event.data)
            if event.data == "fail":
                raise RuntimeError("/a/place/on/the/disk")
            size = len(event.data) if isinstance(event.data, bytes) else -1
            self._send_msg({"size": size})

        self.on_msg(hear)


class Served(NamedTuple):
    """A server that runs, and what its pages were sent."""

    place: str
    server: Any
    heard: list[Any]

    @property
    def port(self) -> int:
        return int(self.server.port)

    @property
    def visits(self) -> list[Any]:
        (context,) = self.server._tornado.applications.values()
        return list(context.sessions)


@contextlib.contextmanager
def serving(**more: Any) -> Iterator[Served]:
    """A server on a free port of 127.0.0.1, while inside."""
    ready, made = threading.Event(), []

    def serve() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        heard: list[Any] = []

        def page() -> Any:
            plot = figure(name="map", tools="pan", x_range=(0, 5), y_range=(0, 5))
            plot.scatter([1, 2], [3, 4])
            return pn.Column(Ear(heard), pn.widgets.Select(options=["a", "b"]), pn.pane.Bokeh(plot))

        server = server_of(page, **more)
        server.start()
        made.append(Served(f"http://127.0.0.1:{server.port}/", server, heard))
        ready.set()
        server.io_loop.start()
        server.stop()
        loop.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(30)
    yield made[0]
    loop = made[0].server.io_loop
    loop.add_callback(loop.stop)
    thread.join(20)
