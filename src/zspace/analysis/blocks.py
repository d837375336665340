"""Walk through points, a block of rows at a time, whether they fit into memory or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from jaxtyping import Float64, Shaped

from zspace.errors import InputError, ShapeError

__all__ = ["Points", "point_blocks", "replayable"]

Points = Shaped[np.ndarray, "*_points"] | Iterable[Shaped[np.ndarray, "*_points"]]
"""Points of a latent space: one array (N, latent), memory-mapped or not, or blocks of one."""

_BLOCK_VALUES = 1 << 20


def point_blocks(points: Points) -> Iterator[Float64[np.ndarray, "rows latent"]]:
    """Yield points in order, as float64 blocks of at most 8 MB (one row, if that is longer).

    Args:
        points: an array (N, latent) of real numbers, possibly memory-mapped, or an iterable of
            such arrays, for example ``codes.z_blocks()``.

    Yields:
        Arrays (rows, latent), finite throughout.

    Raises:
        ShapeError: if an array is not (rows, latent), or blocks differ in their latent size.
        InputError: if values are not real numbers, not finite, or there is no point at all.

    Example:
        >>> [block.shape for block in point_blocks(np.zeros((3, 2), np.float32))]
        [(3, 2)]
    """
    pieces: Iterable[np.ndarray] = [points] if isinstance(points, np.ndarray) else points
    first = 0
    latent: int | None = None
    for piece in pieces:
        latent = _latent_size(piece, latent)
        rows = max(1, _BLOCK_VALUES // latent)
        for start in range(0, len(piece), rows):
            block = np.asarray(piece[start : start + rows], np.float64)
            _require_finite(block, first)
            first += len(block)
            yield block
    if first == 0:
        raise InputError("at least one point was expected, none came; encode some images first")


def replayable(points: Points) -> Points:
    """The same points, if they can be walked through more than once.

    Args:
        points: an array (N, latent), or an iterable of blocks of one, such as a list.

    Raises:
        InputError: if they are a generator, which would be empty the second time.

    Example:
        >>> replayable([np.zeros((3, 2))])
        [array([[0., 0.],
               [0., 0.],
               [0., 0.]])]
    """
    if not isinstance(points, np.ndarray) and iter(points) is points:
        raise InputError(
            "points that can be read twice were expected, a generator came; pass an array, or a "
            "list of blocks"
        )
    return points


def _latent_size(piece: object, before: int | None) -> int:
    """The latent size of a piece, which is checked."""
    if not isinstance(piece, np.ndarray) or piece.ndim != 2 or piece.shape[1] == 0:
        came = f"shape {piece.shape}" if isinstance(piece, np.ndarray) else type(piece).__name__
        raise ShapeError(f"points must be an array (rows, latent size), {came} came; reshape them")
    if piece.dtype.kind not in "fiu":
        raise InputError(
            f"points must be real numbers, an array of {piece.dtype} came; convert them to float32"
        )
    if before is not None and piece.shape[1] != before:
        raise ShapeError(
            f"all blocks of points must have the same latent size, {before} and then "
            f"{piece.shape[1]} came; give blocks of one array"
        )
    return int(piece.shape[1])


def _require_finite(block: Float64[np.ndarray, "rows latent"], first: int) -> None:
    """Refuse NaN and infinities, naming the first row that has one."""
    # A sum is NaN or infinite if one of its terms is; an overflow is sorted out below.
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(block.sum()):
            return
    finite = np.isfinite(block).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        axis = int(np.argmin(np.isfinite(block[row])))
        raise InputError(
            f"points must be finite, but row {first + row} has {block[row, axis]} on axis {axis}; "
            "leave that image out, or train with a smaller learning rate"
        )
