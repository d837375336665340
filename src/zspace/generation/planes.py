"""Sheets of z-points: the plane through three of them, and grids over two directions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float64, Real

from zspace.errors import InputError
from zspace.generation.paths import as_stops

__all__ = ["SPREADS", "latent_grid", "plane", "quantile_values", "square_values"]

_FLAT = 1e-9


def plane(
    corners: Real[np.ndarray, "corners latent"], *, columns: int = 9, rows: int | None = None
) -> Float64[np.ndarray, "count latent"]:
    """Spread a sheet of z-points over the plane through three: a + x·(b − a) + y·(c − a).

    x grows from left to right and y from top to bottom, each from 0 to 1, so that a is at the upper
    left, b at the upper right and c at the lower left. The lower right one, b + c − a, is what
    analogy makes of the three: a is to b as c is to it.

    Source: the "J-diagram" of T. White, Sampling generative networks, 2016,
    https://arxiv.org/abs/1609.04468.

    Args:
        corners: a, b and c, (3, latent).
        columns: points in a row, at least 2.
        rows: rows of points, at least 2; as many as columns unless given.

    Returns:
        Points (rows·columns, latent), row by row from the top.

    Raises:
        InputError: if there are not three corners, they lie on one line, a value is not finite, or
            a number is out of range.
        ShapeError: if the corners are not (3, latent).

    Example:
        >>> corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> plane(corners, columns=2).tolist()
        [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    """
    corners = as_stops(corners, least=3)
    if len(corners) > 3:
        raise InputError(f"three points make a plane, {len(corners)} came; leave some out")
    rows = columns if rows is None else rows
    for name, count in (("columns", columns), ("rows", rows)):
        if count < 2:
            raise InputError(f"{name} must be at least 2, {count} came; try 9")
    a, b, c = corners
    lengths = np.linalg.svd(np.stack([b - a, c - a]), compute_uv=False)
    if len(lengths) < 2 or lengths[1] <= _FLAT * lengths[0]:
        raise InputError(
            "three points that are not on one line were expected, these are; name another one"
        )
    x = np.tile(np.linspace(0, 1, columns), rows)[:, None]
    y = np.linspace(0, 1, rows).repeat(columns)[:, None]
    points = (1 - x - y) * a + x * b + y * c
    points[[0, columns - 1, (rows - 1) * columns]] = corners
    return points


def latent_grid(
    anchor: Real[np.ndarray, " latent"],
    directions: Real[np.ndarray, "2 latent"],
    *,
    across: Real[np.ndarray, " columns"],
    upward: Real[np.ndarray, " rows"],
    center: Real[np.ndarray, " latent"] | None = None,
    deviations: tuple[float, float] = (1.0, 1.0),
) -> Float64[np.ndarray, "count latent"]:
    """Spread a grid over two directions of the latent space, with all others held at the anchor.

    z = anchor + Σ (value·deviation − (anchor − center)·direction)·direction. Where the directions
    are latent axes, z has just these values on them, and those of the anchor on the others; in a
    space of two axes the anchor has no say.

    Args:
        anchor: (latent,).
        directions: two of length 1, at right angles, (2, latent).
        across: values along the first direction, from left to right.
        upward: values along the second one, from the lowest row to the highest.
        center: where values are 0; the origin unless given. With principal components it is theirs.
        deviations: the unit of each direction's values.

    Returns:
        Points (rows·columns, latent), row by row from the top.

    Raises:
        InputError: if a value is not finite, or the directions are not at right angles and of
            length 1.

    Example:
        >>> latent_grid(
        ...     np.array([7.0, 8.0, 9.0]), np.eye(3)[:2], across=np.array([1.0]),
        ...     upward=np.array([2.0, 3.0]),
        ... ).tolist()
        [[1.0, 3.0, 9.0], [1.0, 2.0, 9.0]]
    """
    anchor, directions = anchor.astype(np.float64), directions.astype(np.float64)
    if not np.allclose(directions @ directions.T, np.eye(2), atol=1e-6):
        raise InputError(
            "two directions of length 1 at right angles were expected, others came; take two "
            "different axes or components"
        )
    for part in (anchor, across, upward):
        if not np.isfinite(part).all():
            raise InputError(
                "a grid needs finite values, NaN or infinite ones came; name another anchor"
            )
    zero = np.zeros_like(anchor) if center is None else np.asarray(center, np.float64)
    base = anchor - directions.T @ (directions @ (anchor - zero))
    x = np.tile(across * deviations[0], len(upward))
    y = (upward[::-1] * deviations[1]).repeat(len(across))
    points: np.ndarray = base + np.stack([x, y], axis=1) @ directions
    return points


def square_values(count: int, *, limit: float = 1.0) -> Float64[np.ndarray, " {count}"]:
    """Values at equal steps from −limit to limit: a grid over the square [−limit, limit]².

    Args:
        count: how many, at least 2.
        limit: the largest one, above 0.

    Raises:
        InputError: if a number is out of range.

    Example:
        >>> square_values(3, limit=2.0).tolist()
        [-2.0, 0.0, 2.0]
    """
    _require_count(count)
    if not 0 < limit < np.inf:
        raise InputError(f"limit must be a positive number, {limit} came; try 1")
    return np.linspace(-limit, limit, count)


def quantile_values(count: int) -> Float64[np.ndarray, " {count}"]:
    """Values through the normal quantile function: Φ⁻¹((i + ½) / count).

    Each stands for the same share of N(0, 1), so that a grid of them shows what random z-points
    decode to, each kind of image as often as it comes up.

    Args:
        count: how many, at least 2.

    Raises:
        InputError: if `count` is less than 2.

    Example:
        >>> quantile_values(3).round(3).tolist()
        [-0.967, 0.0, 0.967]
    """
    from scipy.special import ndtri

    _require_count(count)
    values: np.ndarray = ndtri((np.arange(count) + 0.5) / count)
    return values


SPREADS: dict[str, Callable[..., Float64[np.ndarray, " count"]]] = {
    "square": square_values,
    "quantile": quantile_values,
}
"""How the values of a grid are spread, by the name the command line knows it under."""


def _require_count(count: int) -> None:
    if count < 2:
        raise InputError(f"a grid needs at least 2 columns, {count} came; try 20")
