"""Hostile messages through a real socket: no file is read, nothing breaks, no one else notices."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("panel")

from PIL import Image
from served_page import Served, serving
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError
from wire import Wire, changed, mapped, message, visiting

from zspace.explorer.page.handlers import MOST_MESSAGE
from zspace.explorer.page.messages import is_plain, may_ask

EAR = "panel.models.esm.ReactiveESM"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as found:
        yield found


@pytest.fixture(autouse=True)
def _forget(served) -> None:
    served.heard.clear()


def test_what_the_page_needs_is_heard(served) -> None:
    async def visit() -> None:
        wire = await Wire.opened(served.place)
        ear = wire.model(EAR)
        infinite = {"type": "number", "value": "+inf"}
        sent = mapped(kind="place", x=1.5, z=[1, infinite], flag=True, none=None)
        assert (await wire.patch(message(ear, sent)))["header"]["msgtype"] == "OK"
        answers = await wire.patch(
            changed(wire.model("Range1d"), "start", -2.5),
            changed(wire.model("Selection"), "indices", [0, 1]),
            changed(wire.model("panel.models.widgets.CustomSelect"), "value", "b"),
        )
        assert answers["header"]["msgtype"] == "OK"

    visiting(visit())
    assert served.heard == [
        {"kind": "place", "x": 1.5, "z": [1, math.inf], "flag": True, "none": None}
    ]
    ranges = {one.start for one in served.visits[-1].document.select({"type": plain_range()})}
    assert -2.5 in ranges


def plain_range() -> Any:
    from bokeh.models import Range1d

    return Range1d


def whole(served: Served, number: int = -1) -> str:
    """A visit's document, written out."""
    return json.dumps(served.visits[number].document.to_json(), default=repr, sort_keys=True)


@pytest.mark.parametrize("name", ["secret.svg", "secret.png"])
def test_no_image_of_the_disk_is_read(served, name, tmp_path) -> None:
    path = tmp_path / name
    if name.endswith("svg"):
        path.write_text("<svg>the secret</svg>")
    else:
        Image.new("RGB", (3, 3), (1, 2, 3)).save(path)
    tool = {"type": "object", "id": "p900001", "name": "PanTool", "attributes": {"icon": str(path)}}

    async def visit() -> None:
        wire = await Wire.opened(served.place)
        before = whole(served)
        pan, toolbar = wire.model("PanTool"), wire.model("Toolbar")
        for event in (
            changed(pan, "icon", str(path)),
            changed(toolbar, "tools", [tool]),
            changed(toolbar, "active_drag", tool),
            changed(wire.model(EAR), "data", tool),
            changed(wire.model("Ear*"), "secret", "told"),
            message(wire.model(EAR), tool),
            message(wire.model(EAR), mapped(tool=tool)),
            {"kind": "RootAdded", "model": tool},
        ):
            assert (await wire.patch(event))["header"]["msgtype"] == "OK"
        assert whole(served) == before
        fresh = await Wire.opened(served.place)
        assert "the secret" not in str(fresh.document) and "data:image" not in whole(served)

    visiting(visit())
    assert served.heard == []


def forbidden(wire: Wire) -> list[Any]:
    """Events that Bokeh would carry out, if they were let through."""
    ear, source = wire.model(EAR), wire.model("ColumnDataSource")
    return [
        changed(source, "data", {"type": "map", "entries": [["x", [9]]]}),
        changed(ear, "esm", "export function render() { alert(1) }"),
        changed(ear, "class_name", "Other"),
        changed(ear, "stylesheets", ["* { display: none }"]),
        changed(wire.model("Figure"), "renderers", []),
        changed(wire.model("Figure"), "tags", ["x" * 100]),
        changed(wire.model("Range1d"), "js_property_callbacks", mapped()),
        changed(wire.model("Range1d"), "start", {"type": "number", "value": "nan"}),
        changed(wire.model("Range1d"), "start", float("nan")),
        changed(wire.model("Range1d"), "start", float("inf")),
        changed(wire.model("Range1d"), "start", "1"),
        changed(wire.model("Range1d"), "start", {"id": ear["id"]}),
        changed(wire.model("Selection"), "indices", {"type": "ndarray", "array": "x"}),
        changed(wire.model("Selection"), "indices", [1.5, "a"]),
        changed(wire.model("Selection"), "indices", [-1]),
        changed(wire.model("panel.models.widgets.CustomSelect"), "value", ["a"]),
        changed(wire.model("panel.models.widgets.CustomSelect"), "value", "x" * 20_000),
        {"kind": "TitleChanged", "title": "mine"},
        {"kind": "RootRemoved", "model": ear},
        {"kind": "ColumnsStreamed", "model": source, "attr": "data", "data": mapped(), "x": 1},
        {"kind": "ColumnsPatched", "model": source, "attr": "data", "patches": mapped()},
        {"kind": "ColumnDataChanged", "model": source, "attr": "data", "data": mapped()},
        {"kind": "MessageSent", "msg_type": "other", "msg_data": 1},
        message(ear, "x", name="connection_lost"),
        message(ear, {"type": "set", "entries": []}),
        message(ear, {"type": "bytes", "data": ZIPPED}),
        message(ear, {"type": "symbol", "name": "eval"}),
        message(ear, {"type": "number", "value": "abc"}),
        message(ear, {"type": "ndarray", "dtype": "object", "array": [], "shape": []}),
        message(ear, ear),
        message(ear, {"kind": "a dict that Bokeh would not write"}),
        message(ear, nested(40)),
        None, 1, "x", [], {}, {"kind": None}, {"kind": ["ModelChanged"]},
        {"kind": "ModelChanged", "model": 1, "attr": ["start"], "new": 1},
        {"kind": "ModelChanged", "model": ear, "attr": {"a": 1}, "new": 1, "more": 2},
    ]  # fmt: skip


ZIPPED = base64.b64encode(gzip.compress(bytes(10_000))).decode()  # Bokeh unzips such a text


def nested(depth: int) -> Any:
    found: Any = 1
    for _ in range(depth):
        found = mapped(a=[found])
    return found


def test_what_bokeh_would_carry_out_is_dropped(served) -> None:
    async def visit() -> None:
        other, wire = await Wire.opened(served.place), await Wire.opened(served.place)
        before = [whole(served, number) for number in (-1, -2)]
        for event in forbidden(wire):
            assert not may_ask(event), event
            answer = await wire.patch(event)
            assert answer["header"]["msgtype"] == "OK", event
        assert [whole(served, number) for number in (-1, -2)] == before
        await wire.patch(forbidden(wire)[0], message(wire.model(EAR), "still here"))
        await other.patch(message(other.model(EAR), "other"))

    visiting(visit())
    assert served.heard == ["still here", "other"]


GARBAGE: dict[str, tuple[str | bytes, ...]] = {
    "no JSON": ("hello", "{}", "{}"),
    "empty": ("", "", ""),
    "no object": ("[]", "{}", "{}"),
    "no fields": ("{}", "{}", "{}"),
    "unknown kind": ('{"msgid": "1", "msgtype": "NONE"}', "{}", "{}"),
    "a kind of the server": ('{"msgid": "1", "msgtype": "ACK"}', "{}", "{}"),
    "a whole document": (
        '{"msgid": "1", "msgtype": "PUSH-DOC"}',
        "{}",
        '{"doc": {"version": "3.9.2", "title": "mine", "roots": []}}',
    ),
    "server's information": ('{"msgid": "1", "msgtype": "SERVER-INFO-REQ"}', "{}", "{}"),
    "no events": ('{"msgid": "1", "msgtype": "PATCH-DOC"}', "{}", "{}"),
    "events that are none": ('{"msgid": "1", "msgtype": "PATCH-DOC"}', "{}", '{"events": 1}'),
    "content that is none": ('{"msgid": "1", "msgtype": "PATCH-DOC"}', "{}", "[]"),
    "a second document": ('{"msgid": "1", "msgtype": "PULL-DOC-REQ"}', "{}", "{}"),
    "deep": ('{"msgid": "1", "msgtype": "PATCH-DOC"}', "{}", "[" * 100_000),
    "deep and whole": (
        '{"msgid": "1", "msgtype": "PATCH-DOC"}', "{}",
        '{"events": ' + "[" * 50_000 + "]" * 50_000 + "}",
    ),
    "a long number": ('{"msgid": "1", "msgtype": "PATCH-DOC"}', "{}", "9" * 10_000),
    "bytes first": (b"\0\1\2",),
    "a buffer that is none": (
        '{"msgid": "1", "msgtype": "PATCH-DOC", "num_buffers": 1}', "{}", '{"events": []}', "{}",
    ),
    "long text": ('{"msgid": "1", "msgtype": "PATCH-DOC"}', "{}", "[" + "1," * 2_500_000 + "1]"),
}  # fmt: skip


@pytest.mark.parametrize("fragments", GARBAGE.values(), ids=GARBAGE)
def test_garbage_closes_its_own_socket_alone(served, fragments) -> None:
    async def visit() -> None:
        other, wire = await Wire.opened(served.place), await Wire.opened(served.place)
        for fragment in fragments:
            await wire.socket.write_message(fragment, binary=isinstance(fragment, bytes))
        while (answer := await asyncio.wait_for(wire.received(), 20)) is not None:
            assert answer["header"]["msgtype"] not in ("OK", "PULL-DOC-REPLY")
        assert wire.socket.close_code in (1008, 1009)
        assert (await other.patch(message(other.model(EAR), "other")))["content"] == {}

    visiting(visit())
    assert served.heard == ["other"]


def test_unknown_models_get_a_message_without_traceback(served) -> None:
    async def visit() -> None:
        wire = await Wire.opened(served.place)
        for event in (
            changed({"id": "p999999"}, "start", 1.0),
            changed(wire.model("PanTool"), "start", 1.0),
            message({"id": "p999999"}, "x"),
            message(wire.model(EAR), "fail"),
            message(wire.model(EAR), {"type": "bytes", "data": {"id": "b7"}}),
        ):
            answer = await wire.patch(event)
            assert "/" not in json.dumps(answer["content"])
        assert (await wire.patch(message(wire.model(EAR), "on")))["header"]["msgtype"] == "OK"

    visiting(visit())
    assert served.heard == ["fail", "on"]


def test_an_upload_passes(served) -> None:
    async def visit() -> None:
        wire = await Wire.opened(served.place)
        data = bytes(20 * 2**20)
        sent = {"type": "bytes", "data": {"id": "b0"}}
        answer = await wire.patch(message(wire.model(EAR), sent), buffers=(data,))
        assert answer["header"]["msgtype"] == "OK"

    visiting(visit())
    assert [len(one) for one in served.heard] == [20 * 2**20]


@pytest.mark.parametrize("parts", [(100 * 2**20,), (8 * 2**20,) * 4], ids=["one", "in parts"])
def test_too_much_closes_its_own_socket_alone(served, parts) -> None:
    async def visit() -> None:
        assert sum(parts) > MOST_MESSAGE
        other, wire = await Wire.opened(served.place), await Wire.opened(served.place)
        event = message(wire.model(EAR), {"type": "bytes", "data": {"id": "b0"}})
        with contextlib.suppress(WebSocketClosedError, StreamClosedError):
            await wire.patch(event, buffers=tuple(bytes(size) for size in parts))
        while not wire.is_closed:
            await wire.part()
        # One that is cut off while it sends may not see why.
        assert wire.socket.close_code in (1009, None)
        assert (await other.patch(message(other.model(EAR), "other")))["content"] == {}

    visiting(visit())
    assert served.heard == ["other"]


WORDS = (
    "kind", "model", "attr", "new", "type", "entries", "id", "data", "array", "dtype", "name",
    "values", "msg_type", "msg_data", "value",
)  # fmt: skip
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(WORDS) | st.text(max_size=4),
            inner | st.sampled_from(["ModelChanged", "MessageSent", "map", "bytes", "event"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(ANY)
def test_anything_at_all_is_judged(sent) -> None:
    assert may_ask(sent) in (True, False)
    assert is_plain(sent) in (True, False)
    if isinstance(sent, dict) and sent.get("type") in ("object", "ref", "slice", "event"):
        assert not is_plain(sent)
