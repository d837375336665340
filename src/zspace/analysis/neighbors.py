"""The nearest neighbors of points, exactly, and some rows of many.

A thin layer over scikit-learn's brute force, which in hundreds of dimensions no tree beats and
which holds a part of the distances at a time; beside it checks, and distances to the last digit.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, Int64, Shaped
from sklearn.neighbors import NearestNeighbors

from zspace.analysis.blocks import Points, point_blocks, replayable
from zspace.errors import InputError, ShapeError

__all__ = ["nearest", "rows_of", "some_points", "some_rows"]

_BLOCK_VALUES = 1 << 22


def nearest(
    points: Points, queries: Points | None = None, *, k: int
) -> tuple[Float64[np.ndarray, "asked {k}"], Int64[np.ndarray, "asked {k}"]]:
    """Find the k points nearest to each query, by Euclidean distance.

    Exact: every distance is looked at, and those found are taken anew in float64 from the
    difference of the points, so that a duplicate is at distance 0. It takes asked·N·latent steps:
    5 s for 20,000 points among themselves in 256 dimensions on two cores.

    Args:
        points: an array (N, latent), memory-mapped or not, or blocks of one, which are put together
            in memory. float32 stays float32.
        queries: likewise (asked, latent); None asks for the neighbors of the points themselves,
            none of which is its own neighbor. A duplicate of it is.
        k: number of neighbors, fewer than there are points, or as many where queries are given.

    Returns:
        Distances, the smallest first, and the rows of the points that they belong to, both
        (asked, k).

    Raises:
        InputError: if a value is not finite, or there are too few points for `k`.
        ShapeError: if points and queries have different latent sizes.

    Example:
        >>> distances, rows = nearest(np.array([[0.0], [1.0], [5.0]]), k=1)
        >>> distances.ravel().tolist(), rows.ravel().tolist()
        ([1.0, 1.0, 4.0], [1, 0, 1])
    """
    held = _in_memory(points)
    asked = held if queries is None else _in_memory(queries)
    if asked.shape[1] != held.shape[1]:
        raise ShapeError(
            f"points and queries of one latent size were expected, {held.shape[1]} and "
            f"{asked.shape[1]} came; ask for points of the same latent space"
        )
    most = len(held) - (queries is None)
    if not 1 <= k <= most:
        raise InputError(
            f"k must be at least 1 and at most {most} with {len(held):,} points, {k} came; pass "
            "another k, or encode more images"
        )
    if asked.dtype != held.dtype:
        held, asked = held.astype(np.float64), asked.astype(np.float64)
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(held)
    rows = search.kneighbors(None if queries is None else asked, return_distance=False)
    rows = np.asarray(rows, np.int64)
    distances = _distances(held, asked, rows=rows)
    order = np.argsort(distances, axis=1, kind="stable")
    return np.take_along_axis(distances, order, 1), np.take_along_axis(rows, order, 1)


def some_points(
    points: Points, count: int, *, seed: int = 1
) -> Float64[np.ndarray, "chosen latent"]:
    """Some of the points, drawn without replacement, in order; all where there are no more.

    Args:
        points: an array (N, latent), memory-mapped or not, or blocks of one that can be read more
            than once.
        count: how many, at least 1.
        seed: of the choice.

    Returns:
        Points (chosen, latent), float64.

    Raises:
        InputError: if `count` is less than 1, a point that was read is not finite, there is none,
            or they come from a generator.
        ShapeError: if the points are not (N, latent).

    Example:
        >>> some_points(np.arange(6.0)[:, None], 3).ravel().tolist()
        [1.0, 2.0, 4.0]
    """
    if count < 1:
        raise InputError(f"at least 1 point has to be drawn, {count} came; try 10000")
    points = replayable(points)
    if isinstance(points, np.ndarray) and points.ndim == 2:
        total = len(points)
    else:
        total = sum(len(block) for block in point_blocks(points))
    return rows_of(points, some_rows(total, count, seed=seed))


def some_rows(total: int, count: int, *, seed: int = 1) -> Int64[np.ndarray, " chosen"]:
    """Some of all rows, drawn without replacement, in order; all where there are no more.

    Args:
        total: how many rows there are.
        count: how many to draw.
        seed: of the choice.

    Example:
        >>> some_rows(6, 3).tolist(), some_rows(2, 3).tolist()
        ([1, 2, 4], [0, 1])
    """
    if count >= total:
        return np.arange(total)
    return np.sort(np.random.default_rng(seed).choice(total, count, replace=False))


def rows_of(
    points: Points, rows: Int64[np.ndarray, " chosen"]
) -> Float64[np.ndarray, "chosen latent"]:
    """The points of some rows, in memory.

    Args:
        points: an array (N, latent), memory-mapped or not, or blocks of one.
        rows: ascending.

    Returns:
        Points (chosen, latent), float64.

    Raises:
        InputError: if a point that was read is not finite.
        ShapeError: if the points are not (N, latent).
    """
    if isinstance(points, np.ndarray) and points.ndim == 2:
        return np.concatenate(list(point_blocks(np.asarray(points[rows]))))
    parts, start = [], 0
    for block in point_blocks(points):
        first, last = np.searchsorted(rows, (start, start + len(block)))
        parts.append(block[rows[first:last] - start])
        start += len(block)
    return np.concatenate(parts)


def _in_memory(points: Points) -> Shaped[np.ndarray, "count latent"]:
    """All points as one array of float32 or float64, checked."""
    if not isinstance(points, np.ndarray):
        return np.concatenate(list(point_blocks(points)))
    for _ in point_blocks(points):
        pass
    dtype = np.float32 if points.dtype == np.float32 else np.float64
    return np.ascontiguousarray(points, dtype)


def _distances(
    held: Shaped[np.ndarray, "count latent"],
    asked: Shaped[np.ndarray, "asked latent"],
    *,
    rows: Int64[np.ndarray, "asked k"],
) -> Float64[np.ndarray, "asked k"]:
    """Distance of each query and the points in its row."""
    found = np.empty(rows.shape)
    step = max(1, _BLOCK_VALUES // (rows.shape[1] * held.shape[1]))
    for start in range(0, len(asked), step):
        part = slice(start, start + step)
        apart = held[rows[part]].astype(np.float64)
        apart -= asked[part, None, :]
        found[part] = np.sqrt(np.einsum("akl,akl->ak", apart, apart))
    return found
