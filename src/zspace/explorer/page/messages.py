"""What a page may ask of its server. Everything else that Bokeh's protocol offers is dropped.

That protocol is made for programs that trust each other. By it a visitor may replace the document,
make any model and set any attribute; and an attribute that holds an image, such as a tool's icon,
takes the path of a file, reads it, and gives its content back. So nothing of it is decoded but what
the page needs: its scripts' questions, the choices of its widgets, the map's range and selection.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

__all__ = ["CHANGES", "EVENTS", "is_plain", "may_ask"]

_MOST_TEXT = 10_000
_MOST_ROWS = 5_000_000
_DEEPEST = 12
_NUMBERS = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
_NO_NUMBERS = ("nan", "+inf", "-inf")  # what JSON has no words for


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < 1e300 and math.isfinite(value)


def _is_choice(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _MOST_TEXT
    return value is None or isinstance(value, bool) or _is_number(value)


def _are_rows(value: Any) -> bool:
    if not isinstance(value, list) or len(value) > _MOST_ROWS:
        return False
    return all(type(row) is int and 0 <= row < _MOST_ROWS for row in value)


CHANGES: dict[str, Callable[[Any], bool]] = {
    "active": _is_choice,
    "value": _is_choice,
    "value_input": _is_choice,
    "value_throttled": _is_choice,
    "start": _is_number,
    "end": _is_number,
    "inner_width": _is_number,
    "inner_height": _is_number,
    "outer_width": _is_number,
    "outer_height": _is_number,
    "indices": _are_rows,
}
"""Attributes of models that a page may change, and to what."""

EVENTS = ("button_click", "data_event", "document_ready")
"""Events that a page may report; ``data_event`` carries what a component's script sends."""


def may_ask(event: Any) -> bool:
    """Whether one event of a patch is among those that the page needs.

    Args:
        event: as it came, not yet decoded.

    Example:
        >>> changed = {"kind": "ModelChanged", "model": {"id": "p1"}, "attr": "start", "new": 0.5}
        >>> may_ask(changed), may_ask({**changed, "attr": "icon", "new": "/etc/logo.svg"})
        (True, False)
    """
    if not isinstance(event, dict):
        return False
    if event.get("kind") == "ModelChanged" and set(event) == {"kind", "model", "attr", "new"}:
        attribute = event["attr"]
        fits = CHANGES.get(attribute) if isinstance(attribute, str) else None
        return fits is not None and _is_model(event["model"]) and fits(event["new"])
    if event.get("kind") == "MessageSent" and set(event) == {"kind", "msg_type", "msg_data"}:
        return event["msg_type"] == "bokeh_event" and _is_event(event["msg_data"])
    return False


def is_plain(sent: Any, depth: int = _DEEPEST) -> bool:
    """Whether something sent is made of numbers, texts, bytes, lists and maps alone, not deep.

    Args:
        sent: as it came, not yet decoded.
        depth: how deep it may go.

    Example:
        >>> is_plain({"type": "map", "entries": [["x", 1.5]]}), is_plain({"id": "p1001"})
        (True, False)
    """
    if sent is None or isinstance(sent, bool | int | float | str):
        return True
    if depth == 0:
        return False
    if isinstance(sent, list):
        return all(is_plain(one, depth - 1) for one in sent)
    if not isinstance(sent, dict):
        return False
    kind = sent.get("type")
    if kind == "map":
        return _has_entries(sent, depth)
    if kind == "number":
        return sent.get("value") in _NO_NUMBERS
    if kind == "bytes":  # beside the message; a text would be unzipped, to any size
        return _is_model(sent.get("data"))
    if kind == "typed_array":
        inner, width = sent.get("array"), sent.get("dtype")
        is_bytes = isinstance(inner, dict) and inner.get("type") == "bytes"
        return isinstance(width, str) and width in _NUMBERS and is_bytes and is_plain(inner, 1)
    return False


def _has_entries(sent: dict[str, Any], depth: int) -> bool:
    entries = sent.get("entries", [])
    return isinstance(entries, list) and all(
        isinstance(entry, list)
        and len(entry) == 2
        and isinstance(entry[0], str)
        and is_plain(entry[1], depth - 1)
        for entry in entries
    )


def _is_model(sent: Any) -> bool:
    return isinstance(sent, dict) and set(sent) == {"id"} and isinstance(sent["id"], str)


def _is_event(sent: Any) -> bool:
    if not isinstance(sent, dict) or set(sent) != {"type", "name", "values"}:
        return False
    if sent["type"] != "event" or sent["name"] not in EVENTS:
        return False
    values = sent["values"]
    if not isinstance(values, dict) or values.get("type") != "map":
        return False
    entries = values.get("entries", [])
    if not isinstance(entries, list):
        return False
    rest = [
        entry
        for entry in entries
        if not (isinstance(entry, list) and entry[:-1] == ["model"] and _is_model(entry[-1]))
    ]
    return _has_entries({"entries": rest}, _DEEPEST)
