"""Soft bounds: a free number kept between two limits, with a gradient everywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from keras import ops

__all__ = ["bounded_share", "soft_bound"]

_MOVED = 0.1


def soft_bound(x: Any, limits: Sequence[float]) -> Any:
    """x between the limits, drawn in smoothly as it nears or passes one.

    y = high − softplus(high − x), then low + softplus(y − low)

    It grows with x, and its slope is never 0 before float32 itself ends (some 85 past a limit), so
    that a value beyond a limit can be trained back; a hard clip has the slope 0 there. x is lowered
    by softplus(x − high) and raised by softplus(low − x): by 0.7 at the limit itself, 0.1 at 2.3
    from it, 5e-5 at 10 from it. With limits close together the result may lie above `high`, by at
    most log(1 + exp(low − high)).

    Args:
        x: a tensor of any shape.
        limits: low and high.

    Example:
        >>> [round(float(soft_bound(x, (-30, 10))), 3) for x in (-99.0, -30.0, -10.0, 10.0, 99.0)]
        [-30.0, -29.307, -10.0, 9.307, 10.0]
    """
    low, high = limits
    below = high - ops.softplus(high - x)
    return low + ops.softplus(below - low)


def bounded_share(bounded: Any, limits: Sequence[float]) -> Any:
    """Share of the values that `soft_bound` has moved by more than 0.1, a scalar in 0…1.

    Args:
        bounded: what it gave, of any shape.
        limits: its low and high.
    """
    low, high = limits
    lower, upper = (_value_where_moved(by, low, high) for by in (_MOVED, -_MOVED))
    outside = ops.logical_or(bounded < lower, bounded > upper)
    return ops.mean(ops.cast(outside, "float32"))


def _value_where_moved(by: float, low: float, high: float) -> float:
    """The bounded value of the x that was moved by that much, which falls as x grows."""

    def softplus(x: float) -> float:
        return max(x, 0.0) + math.log1p(math.exp(-abs(x)))

    def bounded(x: float) -> float:
        return low + softplus(high - softplus(high - x) - low)

    left, right = low - 1.0, high + 1.0
    for _ in range(60):
        middle = (left + right) / 2
        if bounded(middle) - middle > by:
            left = middle
        else:
            right = middle
    return bounded(left)
