"""Answers to the page: plain dicts, and pictures as raw pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import UInt8

from zspace.explorer.handles import radius_of
from zspace.explorer.seat import PLANES, Seat
from zspace.explorer.state import History
from zspace.explorer.uploads import MOST_BYTES
from zspace.generation.traversals import most_active

__all__ = ["drawn", "joined", "models_told", "state_told", "thumbnails"]

_GAP = 4


def drawn(image: UInt8[np.ndarray, "height width channels"]) -> dict[str, Any]:
    """Raw pixels: a browser puts them on a canvas at once, without decoding a file."""
    height, width, channels = image.shape
    pixels = np.ascontiguousarray(image).tobytes()
    return {"pixels": pixels, "height": height, "width": width, "channels": channels}


def thumbnails(images: UInt8[np.ndarray, "count height width channels"]) -> dict[str, Any]:
    """Several pictures in one piece: each piece would be a message of its own."""
    count, height, width, channels = images.shape
    return {**drawn(images.reshape(count * height, width, channels)), "height": height}


def joined(
    sides: Sequence[UInt8[np.ndarray, "count height width channels"]],
) -> UInt8[np.ndarray, "count height wide channels"]:
    """Pictures of several models side by side, with a white gap."""
    first = sides[0]
    gap = np.full((*first.shape[:2], _GAP, first.shape[3]), 255, np.uint8)
    parts = [part for side in sides for part in (gap, side)][1:]
    found: np.ndarray = np.concatenate(parts, axis=2)
    return found


def models_told(seats: Sequence[Seat]) -> list[dict[str, Any]]:
    """What each model has to choose from."""
    return [_model_told(seat) for seat in seats]


def _model_told(seat: Seat) -> dict[str, Any]:
    side = seat.side
    one, other, *_ = most_active(side.moments.deviations, 2)
    maps = PLANES | {name: view.title for name, view in side.maps.items()}
    return {
        "name": side.name,
        "split": side.split,
        "random": side.codes.log_variance is not None,
        "highest": 1.5 * float(side.density.own.radius.max()),
        "axes": [int(one), int(other)],
        "maps": [{"name": name, "title": title} for name, title in maps.items()],
        "colors": [
            {"name": name, "title": "KL" if name == "kl" else name.replace("_", " ")}
            for name in side.colors.names
        ],
        "sliders": [
            {"name": name, "low": handle.limits[0], "high": handle.limits[1]}
            for name, handle in seat.handles.items()
        ],
        "directions": list(seat.directions),
        "notes": list(seat.notes),
        "methods": list(side.random.methods),
        "uploads": side.preparation is not None and side.coding.encoder is not None,
        "most": MOST_BYTES,
    }


def state_told(seat: Seat, history: History) -> dict[str, Any]:
    """Where sliders and buttons stand."""
    state = history.now
    z = state.now.z
    return {
        "values": {name: handle.value(z) for name, handle in seat.handles.items()},
        "radius": radius_of(z),
        "factors": dict(state.factors),
        "sharpen": state.sharpen,
        "epsilon": state.epsilon_scale,
        "row": state.now.row,
        "anchor": None if state.anchor is None else state.anchor.source,
        "undo": history.can_undo,
        "redo": history.can_redo,
    }
