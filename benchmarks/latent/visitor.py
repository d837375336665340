"""A visitor of the explorer without a browser: opens the page's socket and clicks on its map."""

from __future__ import annotations

import itertools
import json
import re
import time
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

# What the page's script sends for a click, and what it waits for.
COMPONENT = "panel.models.esm.ReactiveESM"
BEGIN: dict[str, Any] = {"kind": "begin", "side": 0, "follow": "action"}
CLICK = {"kind": "place", "side": 0, "follow": "action", "within": 0.0, "phase": "tap"}
IMAGE, PROBLEM = '["kind","image"]', '["kind","problem"]'

_TOKEN = re.compile(r'"token":"([^"]+)"')


class Visitor:
    """One page that is open.

    Attributes:
        seconds: from each question to its image.
        problems: messages that came instead of an image.
    """

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.socket = socket
        self.seconds: list[float] = []
        self.problems = 0
        self._numbers = itertools.count(1)
        self._model = ""

    @classmethod
    async def opened(cls, place: str) -> Visitor:
        """Open the page, its socket and its document, as a browser does, and see its first image.

        Raises:
            HTTPError: if there is no place for one more.
        """
        fetched = await AsyncHTTPClient().fetch(HTTPRequest(place, request_timeout=120))
        found = _TOKEN.search(fetched.body.decode())
        assert found is not None
        request = HTTPRequest(place.replace("http", "ws", 1) + "ws", connect_timeout=120)
        socket = await websocket_connect(
            request, subprotocols=["bokeh", found[1]], max_message_size=1 << 30
        )
        visitor = cls(socket)
        await visitor._message()
        await visitor._send("PULL-DOC-REQ", {})
        while "PULL-DOC-REPLY" not in (told := await visitor._message())[0]:
            pass
        visitor._model = _component_of(json.loads(told[1]))
        await visitor.ask(**BEGIN)
        visitor.seconds.clear()
        return visitor

    async def click(self, x: float, y: float) -> None:
        """Click on a place of the map, and wait for the image."""
        await self.ask(**CLICK, x=x, y=y)

    async def ask(self, **question: Any) -> None:
        """Ask what the page's script asks, and wait for an image or a message."""
        began = time.perf_counter()
        entries = [[name, value] for name, value in question.items()]
        entries.append(["number", f"points {next(self._numbers)}"])
        data = {"type": "map", "entries": entries}
        values = {"type": "map", "entries": [["model", {"id": self._model}], ["data", data]]}
        told = {"type": "event", "name": "data_event", "values": values}
        event = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": told}
        await self._send("PATCH-DOC", {"events": [event]})
        while True:
            header, content = await self._message()
            if json.loads(header)["msgtype"] == "ERROR":
                raise RuntimeError(content)
            if IMAGE in content:
                self.seconds.append(time.perf_counter() - began)
                return
            if PROBLEM in content:
                self.problems += 1
                return

    def close(self) -> None:
        """Leave, as a page does that is closed."""
        self.socket.close()

    async def _send(self, kind: str, content: Any) -> None:
        header = {"msgid": f"n{next(self._numbers)}", "msgtype": kind, "num_buffers": 0}
        for part in (header, {}, content):
            await self.socket.write_message(json.dumps(part))

    async def _message(self) -> tuple[str, str]:
        """Header and content of the next message; its pixels are read and thrown away."""
        header, _, content = [await self._part() for _ in range(3)]
        for _ in range(2 * json.loads(header).get("num_buffers", 0)):
            await self._part()
        return header, content

    async def _part(self) -> Any:
        part = await self.socket.read_message()
        if part is None:
            raise ConnectionError("the explorer closed the connection")
        return part


def _component_of(document: Any) -> str:
    """The number of the component that answers."""
    waiting = [document]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if part.get("name") == COMPONENT and "id" in part:
                return str(part["id"])
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    raise LookupError(COMPONENT)
