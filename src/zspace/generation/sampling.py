"""Random points of a latent space, of which nothing is known but its size."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float32

from zspace.generation.draws import (
    allocated,
    generator,
    require_positive,
    require_whole,
    truncated,
)

__all__ = ["normal_points", "sphere_points", "uniform_points"]


def normal_points(
    count: int, size: int, *, scale: float = 1.0, truncation: float | None = None, seed: int = 1
) -> Float32[np.ndarray, "{count} {size}"]:
    """Draw z-points from N(0, scale²·I): the prior of a VAE, where its codes shall be.

    Their radii gather in a thin shell around scale·√size (`zspace.analysis.radius`).

    Args:
        count: how many points, at least 1.
        size: the latent size, at least 1.
        scale: standard deviation on each axis, above 0. Less than 1 gives more average images.
        truncation: each component stays within ± scale times this, see
            `zspace.generation.draws.truncated`; None bounds nothing.
        seed: of the random numbers, 0 or more; the same seed gives the same points, another scale
            or truncation the same points drawn out.

    Returns:
        Points (count, size), float32.

    Raises:
        InputError: if a value is out of its range, or the points do not fit into memory.

    Example:
        >>> normal_points(3, 2).shape
        (3, 2)
        >>> bool(abs(normal_points(100, 2, truncation=0.5)).max() <= 0.5)
        True
    """
    random = generator(count, seed)
    require_whole("size", size, least=1)
    require_positive("scale", scale)
    if truncation is not None:
        require_positive("truncation", truncation)

    def draw() -> Float32[np.ndarray, "count size"]:
        noise = random.standard_normal((count, size), np.float32)
        if truncation is not None:
            noise = truncated(noise, truncation).astype(np.float32)
        return noise * np.float32(scale)

    return allocated(count, size, draw=draw)


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
    random = generator(count, seed)
    require_whole("size", size, least=1)
    require_positive("limit", limit)
    return allocated(
        count,
        size,
        draw=lambda: (2 * random.random((count, size), np.float32) - 1) * np.float32(limit),
    )


def sphere_points(
    count: int, size: int, *, radius: float | None = None, seed: int = 1
) -> Float32[np.ndarray, "{count} {size}"]:
    """Draw z-points uniformly from the sphere of a radius: all exactly as far from the origin.

    z = radius·x / ‖x‖ of standard normal x, which prefers no direction (M. Muller, 1959,
    https://doi.org/10.1145/377939.377946). With one axis these are the two points ± radius.

    Args:
        count: how many points, at least 1.
        size: the latent size, at least 1.
        radius: above 0; None takes √size, where N(0, I) has its points.
        seed: of the random numbers, 0 or more; the same seed gives the same directions.

    Returns:
        Points (count, size), float32.

    Raises:
        InputError: if a value is out of its range, or the points do not fit into memory.

    Example:
        >>> np.linalg.norm(sphere_points(2, 9), axis=1).round(4).tolist()
        [3.0, 3.0]
    """
    random = generator(count, seed)
    require_whole("size", size, least=1)
    if radius is None:
        radius = math.sqrt(size)
    require_positive("radius", radius)

    def draw() -> Float32[np.ndarray, "count size"]:
        directions = random.standard_normal((count, size))
        directions *= radius / np.linalg.norm(directions, axis=1, keepdims=True)
        return directions.astype(np.float32)

    return allocated(count, size, draw=draw)
