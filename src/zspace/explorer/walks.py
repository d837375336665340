"""Walks between two pins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Real

from zspace.codes import Codes
from zspace.errors import InputError, did_you_mean
from zspace.explorer.coding import MOST_AT_ONCE, as_z
from zspace.generation.along_codes import along_codes
from zspace.generation.paths import Walk, line, sphere

__all__ = ["WALKS", "walk_between"]

_ALONG = 5000


def _density(stops: np.ndarray, *, codes: np.ndarray, steps: int) -> Walk:
    # 5,000 codes instead of 20,000: a person waits for it.
    return along_codes(stops, codes, steps=steps, most=_ALONG)


WALKS: dict[str, Callable[..., Walk]] = {
    "line": lambda stops, *, codes, steps: line(stops, steps=steps),
    "sphere": lambda stops, *, codes, steps: sphere(stops, steps=steps),
    "density": _density,
}
"""The kinds of walks, by the names that ``zspace walk`` has for them."""


def walk_between(
    a: Real[np.ndarray, " size"],
    b: Real[np.ndarray, " size"],
    *,
    codes: Codes,
    kind: str = "line",
    steps: int = 20,
) -> Walk:
    """z-points from pin A to pin B; a slider along it picks one of them.

    Args:
        a: where it begins.
        b: where it ends.
        codes: that a walk by density keeps to: their means, up to 5,000 of them.
        kind: a key of `WALKS`.
        steps: from A to B, so that there is one z-point more.

    Raises:
        InputError: if there is no such kind, a point is not finite, steps are out of range, or
            there is no way.
        ShapeError: if a point has another latent size.

    Example:
        >>> codes = Codes(np.zeros((3, 2), np.float32), index=np.arange(3))
        >>> walk = walk_between(np.zeros(2), np.array([2.0, 4.0]), codes=codes, steps=2)
        >>> walk.points.tolist()
        [[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]]
    """
    if kind not in WALKS:
        raise InputError(f"no walk {kind!r}; {did_you_mean(kind, WALKS)}")
    is_whole: Any = isinstance(steps, int | np.integer) and not isinstance(steps, bool)
    if not is_whole or not 1 <= steps < MOST_AT_ONCE:
        raise InputError(f"1 to {MOST_AT_ONCE - 1} steps were expected, {steps!r} came")
    stops = np.stack([as_z(stop, size=codes.latent_size) for stop in (a, b)])
    return WALKS[kind](stops, codes=codes.mean, steps=int(steps))
