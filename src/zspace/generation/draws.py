"""What all ways to draw points share: checked numbers, seeded noise, room in memory."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Float32, Float64

from zspace.errors import InputError

__all__ = ["allocated", "generator", "require_positive", "require_whole", "truncated"]


def generator(count: int, seed: int) -> np.random.Generator:
    """The random numbers for a seed, once both whole numbers are checked.

    Raises:
        InputError: if `count` is below 1, `seed` below 0, or one is no whole number.
    """
    require_whole("count", count, least=1)
    require_whole("seed", seed, least=0)
    return np.random.default_rng(int(seed))


def require_whole(name: str, value: int, *, least: int) -> None:
    """Raise an `InputError` unless `value` is a whole number of at least `least`."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:
        raise InputError(
            f"{name} must be a whole number of at least {least}, {value!r} came; "
            f"give for example {name}={max(least, 1)}"
        )


def require_positive(name: str, value: float, *, most: float = math.inf) -> None:
    """Raise an `InputError` unless 0 < `value` ≤ `most`, and float32 holds it."""
    if isinstance(value, bool) or not 0 < value <= min(most, float(np.finfo(np.float32).max)):
        within = "a positive number" if most == math.inf else f"above 0 and at most {most:g}"
        raise InputError(
            f"{name} must be {within}, {value!r} came; give for example {name}={min(most, 1.0)}"
        )


def allocated(
    count: int, size: int, *, draw: Callable[[], Float[np.ndarray, "count size"]]
) -> Float32[np.ndarray, "count size"]:
    """What `draw` gives, as float32, unless there is no room for it.

    Raises:
        InputError: if the points do not fit into memory.
    """
    try:
        return np.asarray(draw(), np.float32)
    except (MemoryError, ValueError) as error:  # NumPy's word for a shape beyond all addresses
        raise InputError(
            f"{count} points of {size} axes do not fit into memory; draw fewer at a time"
        ) from error


def truncated(
    normal: Float[np.ndarray, "count size"], limit: float
) -> Float64[np.ndarray, "count size"]:
    """Standard normal numbers moved so that they follow the normal truncated to ±limit.

    x becomes √2·erf⁻¹(erf(x/√2)·erf(limit/√2)): the number at the same quantile of the truncated
    normal. Nothing is drawn again, so a row of limits gives the same points, drawn out.

    The truncation trick of BigGAN (https://arxiv.org/abs/1809.11096, section 3.1), which draws
    components anew until they are within the limit: less variety, more typical images.

    Args:
        normal: standard normal numbers.
        limit: above 0.

    Raises:
        InputError: if the limit is no positive number.

    Example:
        >>> truncated(np.array([[-9.0, 0.0, 0.5, 9.0]]), 1.0).round(2).tolist()
        [[-1.0, 0.0, 0.33, 1.0]]
    """
    require_positive("truncation", limit)
    from scipy import special

    inside = special.erf(np.asarray(normal, np.float64) / math.sqrt(2))
    moved = math.sqrt(2) * special.erfinv(inside * math.erf(limit / math.sqrt(2)))
    return np.clip(moved, -limit, limit)
