"""Random points of a latent space."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float32

from zspace.errors import InputError

__all__ = ["normal_points", "uniform_points"]


def normal_points(
    count: int, size: int, *, scale: float = 1.0, seed: int = 1
) -> Float32[np.ndarray, "{count} {size}"]:
    """Draw z-points from N(0, scale²·I): the prior of a VAE, where its codes shall be.

    Their radii gather in a thin shell around scale·√size (`zspace.analysis.radius`).

    Args:
        count: how many points, at least 1.
        size: the latent size, at least 1.
        scale: standard deviation on each axis, above 0. Less than 1 gives more average images.
        seed: of the random numbers, 0 or more; the same seed gives the same points.

    Returns:
        Points (count, size), float32.

    Raises:
        InputError: if a value is out of its range, or the points do not fit into memory.

    Example:
        >>> normal_points(3, 2).shape
        (3, 2)
    """
    generator = _generator(count, size, seed)
    _require_positive("scale", scale)
    return _allocated(
        count,
        size,
        lambda: generator.standard_normal((count, size), np.float32) * np.float32(scale),
    )


def uniform_points(
    count: int, size: int, *, limit: float = 1.0, seed: int = 1
) -> Float32[np.ndarray, "{count} {size}"]:
    """Draw z-points uniformly from the cube [-limit, limit]^size.

    Their radii gather in a thin shell around limit·√(size/3), so that the limit chooses a radius:
    see how an image changes with its distance from the origin.

    Args:
        count: how many points, at least 1.
        size: the latent size, at least 1.
        limit: half the edge of the cube, above 0.
        seed: of the random numbers, 0 or more; the same seed gives the same points, and another
            limit the same points drawn out.

    Returns:
        Points (count, size), float32.

    Raises:
        InputError: if a value is out of its range, or the points do not fit into memory.

    Example:
        >>> bool(abs(uniform_points(100, 2, limit=3.0)).max() <= 3)
        True
    """
    generator = _generator(count, size, seed)
    _require_positive("limit", limit)
    return _allocated(
        count,
        size,
        lambda: (2 * generator.random((count, size), np.float32) - 1) * np.float32(limit),
    )


def _generator(count: int, size: int, seed: int) -> np.random.Generator:
    """The random numbers for a seed, once all three whole numbers are checked."""
    for name, value, least in (("count", count, 1), ("size", size, 1), ("seed", seed, 0)):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < least:
            raise InputError(
                f"{name} must be a whole number of at least {least}, {value!r} came; "
                f"give for example {name}={max(least, 1)}"
            )
    return np.random.default_rng(int(seed))


def _require_positive(name: str, value: float) -> None:
    if not 0 < value <= float(np.finfo(np.float32).max) or math.isnan(value):
        raise InputError(
            f"{name} must be a positive number, {value!r} came; give for example {name}=1.0"
        )


def _allocated(
    count: int, size: int, draw: Callable[[], Float32[np.ndarray, "count size"]]
) -> Float32[np.ndarray, "count size"]:
    """What `draw` gives, unless there is no room for it."""
    try:
        return draw()
    except (MemoryError, ValueError) as error:  # NumPy's word for a shape beyond all addresses
        raise InputError(
            f"{count} points of {size} axes do not fit into memory; draw fewer at a time"
        ) from error
