"""Signed distances, coverage and the other smooth functions that all parts of a face are made of.

A signed distance is negative inside a shape, zero on its outline and positive outside, in the
units of the coordinates. `cover` turns it into the share of a pixel that the shape covers, which is
what makes the outlines free of steps.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

__all__ = [
    "Array",
    "Number",
    "box",
    "bump",
    "cover",
    "ellipse",
    "mix",
    "ramp",
    "rotate",
    "segment",
    "smooth_max",
    "smooth_min",
]

Array = Float32[np.ndarray, "..."]
Number = Array | float


def cover(distance: Array, pixel: Number) -> Array:
    """Share of each pixel inside a shape: 1 inside, 0 outside, linear over `pixel` between.

    Args:
        distance: signed distance to the outline.
        pixel: width of the edge; the size of a pixel, or more for a soft edge.

    Example:
        >>> cover(np.array([-1.0, 0.0, 1.0], np.float32), 0.5).tolist()
        [1.0, 0.5, 0.0]
    """
    share = distance / pixel
    np.subtract(0.5, share, out=share)
    return np.clip(share, 0.0, 1.0, out=share)


def ramp(value: Array, span: tuple[Number, Number]) -> Array:
    """Smooth step: 0 at or before the start of the span, 1 from its end on, flat at both.

    The span may fall: ``ramp(x, (1.0, 0.0))`` is 1 for x at or below 0.
    """
    low, high = span
    share: Array = np.clip((value - low) / (high - low), 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)


def mix(share: Array, ends: tuple[Number, Number]) -> Array:
    """The first of two values where share is 0, the second where it is 1."""
    start, end = ends
    return start + (end - start) * share


def bump(x: Array, y: Array, *, width: Number, height: Number) -> Array:
    """A Gaussian of height 1 at the origin with these standard deviations."""
    across, down = x / width, y / height
    return np.exp(-0.5 * (across * across + down * down))


def rotate(x: Array, y: Array, *, angle: Array) -> tuple[Array, Array]:
    """Coordinates in a frame turned by `angle` radians (clockwise, as y points down)."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return x * cosine + y * sine, y * cosine - x * sine


def ellipse(x: Array, y: Array, *, width: Number, height: Number) -> Array:
    """Distance to an ellipse around the origin with these half axes; first order at the outline."""
    across, down = x / width, y / height
    level = np.sqrt(across * across + down * down + 1e-6)
    slope_x, slope_y = across / width, down / height
    return (level - 1.0) * level / np.sqrt(slope_x * slope_x + slope_y * slope_y + 1e-6)


def box(x: Array, y: Array, *, width: Number, height: Number) -> Array:
    """Distance to a rectangle around the origin with these half sides; corners are sharp."""
    return np.maximum(np.abs(x) - width, np.abs(y) - height)


def segment(
    x: Array, y: Array, *, start: tuple[Array, Array], end: tuple[Array, Array]
) -> tuple[Array, Array, Array]:
    """Offsets (x, y) from the nearest point of a segment, and how far along it that point is."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    from_x, from_y = x - start[0], y - start[1]
    length = along_x * along_x + along_y * along_y + 1e-9
    share = np.clip((from_x * along_x + from_y * along_y) / length, 0.0, 1.0)
    return from_x - along_x * share, from_y - along_y * share, share


def smooth_min(first: Array, second: Array, *, blend: float) -> Array:
    """Union of two shapes with a rounded seam `blend` wide."""
    near = np.clip(0.5 + 0.5 * (second - first) / blend, 0.0, 1.0)
    return mix(near, (second, first)) - blend * near * (1.0 - near)


def smooth_max(first: Array, second: Array, *, blend: float) -> Array:
    """Intersection of two shapes with a rounded seam `blend` wide."""
    return -smooth_min(-first, -second, blend=blend)
