"""Traversals: from one z-point along single directions, one row of images for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64, Real

from zspace.errors import InputError, ShapeError

__all__ = ["axis_directions", "most_active", "traversals"]


def traversals(
    anchor: Real[np.ndarray, " latent"],
    directions: Real[np.ndarray, "rows latent_of_directions"],
    *,
    deviations: Real[np.ndarray, " rows"],
    values: Real[np.ndarray, " columns"],
) -> Float64[np.ndarray, "count latent"]:
    """Walk through the anchor along each direction: anchor + value·deviation·direction.

    With latent axes it shows what each axis does by itself; with principal components, what the
    codes vary in most.

    Args:
        anchor: the z-point that all rows go through, where the value is 0, (latent,).
        directions: of length 1, one a row, (rows, latent).
        deviations: standard deviation of the codes along each, (rows,).
        values: where to go, in standard deviations, from left to right, (columns,).

    Returns:
        Points (rows·columns, latent), row by row.

    Raises:
        InputError: if a point would not be finite, or there is no direction.
        ShapeError: if latent sizes differ.

    Example:
        >>> traversals(
        ...     np.zeros(2), np.eye(2), deviations=np.array([1.0, 0.5]),
        ...     values=np.array([-2.0, 0.0, 2.0]),
        ... ).tolist()
        [[-2.0, 0.0], [0.0, 0.0], [2.0, 0.0], [0.0, -1.0], [0.0, 0.0], [0.0, 1.0]]
    """
    if not len(directions):
        raise InputError("at least one direction was expected, none came; name an axis")
    if directions.shape[1] != len(anchor):
        raise ShapeError(
            f"directions of the latent size {len(anchor)} were expected, {directions.shape[1]} "
            "came; take those of this latent space"
        )
    each = (deviations[:, None] * directions).astype(np.float64)[:, None, :]
    points: np.ndarray = anchor.astype(np.float64) + values[None, :, None] * each
    if not np.isfinite(points).all():
        raise InputError("z-points must be finite, others came of this anchor; name another one")
    return points.reshape(-1, len(anchor))


def axis_directions(
    axes: Sequence[int] | Int64[np.ndarray, " rows"], size: int
) -> Float64[np.ndarray, "rows {size}"]:
    """Latent axes as directions, one a row.

    Args:
        axes: their numbers, from 0.
        size: the latent size.

    Raises:
        InputError: if there is no such axis, or one comes twice.

    Example:
        >>> axis_directions([2, 0], 3).tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    for axis in axes:
        if not 0 <= axis < size:
            raise InputError(f"axes are numbered from 0 to {size - 1}, {axis} came; name another")
    if len({int(axis) for axis in axes}) < len(axes):
        raise InputError(f"each axis once, {', '.join(map(str, axes))} came; leave one out")
    return np.eye(size)[np.asarray(axes, np.int64)]


def most_active(
    deviations: Real[np.ndarray, " latent"], count: int
) -> Int64[np.ndarray, " chosen"]:
    """The axes on which the means of the posteriors vary most, the first one most of all.

    Args:
        deviations: standard deviation of the means on each axis.
        count: how many, at least 1; all there are if there are fewer.

    Raises:
        InputError: if `count` is less than 1.

    Example:
        >>> most_active(np.array([0.1, 0.9, 0.5]), 2).tolist()
        [1, 2]
    """
    if count < 1:
        raise InputError(f"count must be at least 1, {count} came; try 8")
    return np.argsort(-deviations, kind="stable")[:count].astype(np.int64)
