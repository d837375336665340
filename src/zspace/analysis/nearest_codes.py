"""The nearest of many codes to one point at a time, exactly, for who asks again and again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64, Real, Shaped

from zspace.analysis.blocks import point_blocks
from zspace.errors import InputError, ShapeError

__all__ = ["NearestCodes"]

_BLOCK_ROWS = 8192
_UNIT = 2.0**-24
"""Rounding of one float32 step."""


@dataclass(frozen=True, eq=False)
class NearestCodes:
    """Codes to ask for their nearest to any point: ``NearestCodes.of(codes)``, then ``find(z)``.

    `zspace.analysis.neighbors.nearest` is for many points at once: it looks at all codes anew to
    check and square them. Here that is done once, so that a question is one product of the codes
    with the point, in float32 and on one core: about 12 ms for 170,000 codes of 256 axes.

    With the center c of the codes and w = z − c is |x − z|² = |x − c|² − 2·x·w + what all codes
    share. The product is off by no more than (latent + 4)·2⁻²⁴·|x|·|w|, so all codes are taken that
    could be among the k nearest, and measured anew in float64. No tree is faster in so many axes.

    Attributes:
        points: the codes, (N, latent), memory-mapped or not; they are not copied.
        center: their mean.
        squares: squared distance of each from the center.
        longest: distance of the farthest from the origin.
    """

    points: Shaped[np.ndarray, "count latent"]
    center: Float64[np.ndarray, " latent"]
    squares: Float64[np.ndarray, " count"]
    longest: float

    @classmethod
    def of(cls, points: Shaped[np.ndarray, "*_points"]) -> NearestCodes:
        """Prepare codes, in two passes.

        Args:
            points: (N, latent), float32, or float64, which takes twice as long.

        Raises:
            InputError: if a value is not finite, or there is no code.
            ShapeError: if they are not (N, latent).
        """
        total: np.ndarray | float = 0.0
        for block in point_blocks(points):
            total = total + block.sum(axis=0)
        center = np.asarray(total / len(points), np.float64)
        squares, longest = [], 0.0
        for block in point_blocks(points):
            longest = max(longest, float(np.einsum("ij,ij->i", block, block).max()))
            block = block - center
            squares.append(np.einsum("ij,ij->i", block, block))
        return cls(points, center, np.concatenate(squares), float(np.sqrt(longest)))

    @property
    def count(self) -> int:
        """Number of codes."""
        return len(self.points)

    def find(
        self, z: Real[np.ndarray, " size"], *, k: int
    ) -> tuple[Float64[np.ndarray, " {k}"], Int64[np.ndarray, " {k}"]]:
        """The k codes nearest to a point.

        Args:
            z: the point, (latent,).
            k: how many, at most as many as there are codes.

        Returns:
            Distances, the smallest first, and the rows of the codes; among equal distances the
            smallest row first.

        Raises:
            InputError: if the point is not finite, or there are fewer codes than k.
            ShapeError: if it has another latent size.

        Example:
            >>> codes = NearestCodes.of(np.array([[0.0], [1.0], [5.0]], np.float32))
            >>> distances, rows = codes.find(np.array([4.0]), k=2)
            >>> distances.tolist(), rows.tolist()
            ([1.0, 3.0], [2, 1])
        """
        self._require(z, k)
        away = z.astype(np.float64) - self.center
        with np.errstate(over="ignore", invalid="ignore"):
            apart = self.squares - 2 * self._products(away)
        rows = np.arange(self.count)
        if np.isfinite(apart).all():  # else float32 does not hold it, and all are measured
            size = len(away)
            off = 2 * (size + 4) * _UNIT * self.longest * float(np.linalg.norm(away))
            limit = np.partition(apart, k - 1)[k - 1] + 2 * off
            rows = np.flatnonzero(apart <= limit)
        distances = self._measured(z.astype(np.float64), rows)
        order = np.argsort(distances, kind="stable")[:k]
        return distances[order], rows[order].astype(np.int64)

    def _products(self, away: Float64[np.ndarray, " latent"]) -> Float64[np.ndarray, " count"]:
        # On one core: a second one may be busy, and waiting for it takes longer than the product.
        product = np.einsum("ij,j->i", self.points, away.astype(self.points.dtype))
        return np.asarray(product, np.float64)

    def _measured(
        self, z: Float64[np.ndarray, " latent"], rows: Int64[np.ndarray, " chosen"]
    ) -> Float64[np.ndarray, " chosen"]:
        """Distances in float64, a block of rows at a time."""
        parts = []
        for start in range(0, len(rows), _BLOCK_ROWS):
            block = self.points[rows[start : start + _BLOCK_ROWS]].astype(np.float64) - z
            parts.append(np.linalg.norm(block, axis=1))
        return np.concatenate(parts)

    def _require(self, z: Real[np.ndarray, " size"], k: int) -> None:
        if len(z) != len(self.center):
            raise ShapeError(
                f"a point of {len(self.center)} axes was expected, {len(z)} came; ask for one of "
                "the same latent space"
            )
        if not np.isfinite(z).all():
            raise InputError("a finite point was expected, NaN or infinite values came; move it")
        if not 1 <= k <= self.count:
            raise InputError(
                f"k must be at least 1 and at most {self.count:,}, as many as there are codes, "
                f"{k} came; pass another k"
            )
