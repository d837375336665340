"""A visitor without a browser: asks for the page, opens its socket, and sends what it likes."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

TOKEN = re.compile(r'"token":"([^"]+)"')
MOST = 200 * 2**20
_OPEN: list[Wire] = []


def visiting(visit: Coroutine[Any, Any, Any]) -> Any:
    """Run a visit, and close what it left open."""

    async def whole() -> Any:
        try:
            return await asyncio.wait_for(visit, 60)
        finally:
            for wire in _OPEN:
                wire.socket.close()
                while not wire.is_closed:
                    await wire.part()
            _OPEN.clear()

    # In a thread: where a browser is driven too, this one's event loop is running already.
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(asyncio.run, whole()).result()


async def fetched(place: str, path: str = "", **more: Any) -> HTTPResponse:
    """An answer, whatever its status; redirects are not followed."""
    request = HTTPRequest(place + path, follow_redirects=False, request_timeout=20, **more)
    return await AsyncHTTPClient(force_instance=True).fetch(request, raise_error=False)


class Wire:
    """An open socket of a page, and the models that its document has."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.socket = socket
        self.numbers = itertools.count(1)
        self.document: dict[str, Any] = {}
        self.is_closed = False

    @classmethod
    async def opened(cls, place: str, *, headers: dict[str, str] | None = None) -> Wire:
        page = await fetched(place, headers=headers)
        assert page.code == 200, page.body
        wire = await cls.joined(place, TOKEN.search(page.body.decode()).group(1), headers=headers)
        await wire.pull()
        return wire

    @classmethod
    async def joined(cls, place: str, token: str, *, headers: Any = None) -> Wire:
        request = HTTPRequest(place.replace("http", "ws", 1) + "ws", headers=headers)
        socket = await websocket_connect(
            request, subprotocols=["bokeh", token], max_message_size=MOST
        )
        wire = cls(socket)
        _OPEN.append(wire)
        assert (await wire.received())["header"]["msgtype"] == "ACK"
        return wire

    async def part(self) -> Any:
        """The next fragment; None, and only once, when the socket was closed."""
        if self.is_closed:
            return None
        found = await asyncio.wait_for(self.socket.read_message(), 10)
        self.is_closed = found is None
        return found

    async def received(self) -> dict[str, Any] | None:
        """The next message; None if the socket was closed."""
        parts: list[Any] = []
        while len(parts) < 3:
            parts.append(await self.part())
            if self.is_closed:
                return None
        header, _, content = (json.loads(part) for part in parts)
        buffers = {}
        for _ in range(header.get("num_buffers", 0)):
            told = json.loads(await self.part())
            buffers[told["id"]] = await self.part()
        return {"header": header, "content": content, "buffers": buffers}

    async def answered(self, number: str) -> dict[str, Any] | None:
        """The answer to a message, past all that comes before; None if the socket was closed."""
        while True:
            message = await self.received()
            if message is None or message["header"].get("reqid") == number:
                return message

    async def send(self, kind: str, content: Any, *, buffers: tuple[bytes, ...] = ()) -> str:
        """Send a message whose content names its buffers b0, b1, …; gives its number."""
        number = f"n{next(self.numbers)}"
        header = {"msgid": number, "msgtype": kind, "num_buffers": len(buffers)}
        for part in (header, {}, content):
            await self.socket.write_message(json.dumps(part))
        for place, data in enumerate(buffers):
            await self.socket.write_message(json.dumps({"id": f"b{place}"}))
            await self.socket.write_message(data, binary=True)
        return number

    async def ask(self, kind: str, content: Any, **more: Any) -> dict[str, Any] | None:
        """Send a message and wait for its answer."""
        return await self.answered(await self.send(kind, content, **more))

    async def patch(self, *events: Any, **more: Any) -> dict[str, Any] | None:
        return await self.ask("PATCH-DOC", {"events": list(events)}, **more)

    async def pull(self) -> None:
        reply = await self.ask("PULL-DOC-REQ", {})
        assert reply is not None
        self.document = reply["content"]["doc"]

    def model(self, name: str, **attributes: Any) -> dict[str, str]:
        """A reference to the first model of a kind, with such attributes."""
        for one in models_in(self.document):
            own = one.get("attributes", {})
            # Panel numbers the model that holds a component's own attributes: Ear1, Ear2, …
            if name in (one["name"], one["name"].rstrip("0123456789") + "*") and (
                attributes.items() <= own.items()
            ):
                return {"id": one["id"]}
        raise LookupError(name)


def models_in(part: Any):
    """All models of a document, as they are written out in it."""
    if isinstance(part, dict):
        if part.get("type") == "object" and "id" in part:
            yield part
        for one in part.values():
            yield from models_in(one)
    elif isinstance(part, list):
        for one in part:
            yield from models_in(one)


def changed(model: dict[str, str], attribute: str, new: Any) -> dict[str, Any]:
    return {"kind": "ModelChanged", "model": model, "attr": attribute, "new": new}


def message(model: dict[str, str], data: Any, name: str = "data_event") -> dict[str, Any]:
    """What a component's script sends; data is written as Bokeh writes it."""
    values = {"type": "map", "entries": [["model", model], ["data", data]]}
    told = {"type": "event", "name": name, "values": values}
    return {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": told}


def mapped(**entries: Any) -> dict[str, Any]:
    return {"type": "map", "entries": [list(each) for each in entries.items()]}
