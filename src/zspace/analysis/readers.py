"""Linear readers of many attributes: how probable each is, for any code.

Fisher's linear discriminants, all from one covariance, so that forty attributes of many codes take
two passes and one solved system. They judge directions, so they are made in another way than those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Shaped
from scipy.special import expit

from zspace.analysis.blocks import Points, point_blocks, replayable
from zspace.analysis.moments import Moments, moments
from zspace.errors import InputError, ShapeError

__all__ = ["FEWEST", "Readers", "linear_readers", "shrunk_covariance"]

FEWEST = 10
"""Codes with, and codes without, that an attribute must have to be read at all."""


@dataclass(frozen=True, eq=False)
class Readers:
    """One reader for each attribute: probability = 1 / (1 + exp(−(z·w + offset))).

    Attributes:
        names: of the attributes that could be read.
        left_out: names of those that too few codes have, or too few lack.
        normals: w of each, (latent, attributes).
        offsets: of each, (attributes,).
        differences: mean code with less mean code without, (latent, attributes).
    """

    names: tuple[str, ...]
    left_out: tuple[str, ...]
    normals: Float64[np.ndarray, "latent attributes"]
    offsets: Float64[np.ndarray, " attributes"]
    differences: Float64[np.ndarray, "latent attributes"]

    def scores(
        self, points: Shaped[np.ndarray, "*_points"]
    ) -> Float64[np.ndarray, "count attributes"]:
        """Logarithms of the odds of each attribute, (count, attributes)."""
        if points.ndim != 2 or points.shape[1] != len(self.normals):
            raise ShapeError(
                f"points (count, {len(self.normals)}) were expected, {points.shape} came; ask for "
                "points of the same latent space"
            )
        found: np.ndarray = points.astype(np.float64) @ self.normals + self.offsets
        return found

    def probabilities(
        self, points: Shaped[np.ndarray, "*_points"]
    ) -> Float64[np.ndarray, "count attributes"]:
        """Probability of each attribute, with and without held for equally frequent."""
        found: np.ndarray = expit(self.scores(points))
        return found


def linear_readers(
    points: Points, has: Bool[np.ndarray, "count attributes"], *, names: Sequence[str]
) -> Readers:
    """Fit a linear discriminant to each attribute.

    w = a·S⁻¹·d with the covariance S of all codes, shrunk (`shrunk_covariance`), and the difference
    d of the means with and without. On the line z·w both groups are then taken for normal with one
    variance, that within the groups, which settles a and the offset; both are held for equally
    frequent, so that a rare attribute can be found probable, too.

    Args:
        points: codes, an array (N, latent), memory-mapped or not, or blocks of one that can be read
            more than once.
        has: whether each has each attribute, (N, attributes).
        names: of the attributes.

    Raises:
        InputError: if a value is not finite, there is no code, or they come from a generator.
        ShapeError: if there is another number of names or of rows.

    Example:
        >>> draw = np.random.default_rng(1).standard_normal((2000, 3))
        >>> has = np.arange(2000) % 2 == 0
        >>> draw[has, 0] += 2
        >>> found = linear_readers(draw, has[:, None], names=["hat"])
        >>> bool(abs(found.normals[:, 0] - [2, 0, 0]).max() < 0.2)
        True
    """
    if has.ndim != 2 or has.shape[1] != len(names):
        raise ShapeError(f"(codes, {len(names)}) attributes were expected, {has.shape} came")
    measured = moments(replayable(points))
    if len(has) != measured.count:
        raise ShapeError(f"attributes of {measured.count} codes were expected, {len(has)} came")
    with_it = has.sum(axis=0)
    read = (with_it >= FEWEST) & (len(has) - with_it >= FEWEST)
    chosen = np.asarray(has)[:, read]
    with_it = with_it[read]
    differences = _differences(points, chosen, measured)
    normals = np.linalg.solve(shrunk_covariance(measured), differences)
    centers, variances = _on_the_line(points, chosen, normals)
    apart = centers[0] - centers[1]
    # An attribute that no axis tells apart at all has no variance and no distance on its line.
    slopes = np.divide(apart, variances, out=np.zeros_like(apart), where=variances > 0)
    return Readers(
        names=tuple(name for name, keep in zip(names, read, strict=True) if keep),
        left_out=tuple(name for name, keep in zip(names, read, strict=True) if not keep),
        normals=normals * slopes,
        offsets=-0.5 * slopes * centers.sum(axis=0),
        differences=differences,
    )


def shrunk_covariance(measured: Moments) -> Float64[np.ndarray, "latent latent"]:
    """The covariance, pulled toward independent axes of one variance as far as N points ask for.

    (1 − r)·S + r·m·I with the mean variance m, and r by the oracle approximating shrinkage of
    Y. Chen, A. Wiesel, Y. C. Eldar, A. O. Hero, IEEE Transactions on Signal Processing 58 (2010),
    5016, https://doi.org/10.1109/TSP.2010.2053029. With few points it can be inverted still.

    Raises:
        InputError: if the points do not vary at all.

    Example:
        >>> few = moments(np.array([[0.0, 0.0], [2.0, 2.0], [1.0, 1.0]]))
        >>> bool(np.linalg.det(shrunk_covariance(few)) > 0.01)
        True
    """
    size = measured.latent_size
    mean = float(np.trace(measured.covariance)) / size
    if not mean > 0:
        raise InputError("codes must differ, but all are the same; train the run for longer")
    square = float(np.mean((measured.covariance / mean) ** 2))
    rest = (measured.count + 1) * (square - 1 / size)
    shrinkage = 1.0 if rest <= 0 else min(1.0, (square + 1) / rest)
    return (1 - shrinkage) * measured.covariance + shrinkage * mean * np.eye(size)


def _differences(
    points: Points, has: Bool[np.ndarray, "count attributes"], measured: Moments
) -> Float64[np.ndarray, "latent attributes"]:
    """Mean with less mean without: the sums with it are enough, as the mean of all is known."""
    sums = np.zeros((measured.latent_size, has.shape[1]))
    row = 0
    for block in point_blocks(points):
        sums += (block - measured.mean).T @ has[row : row + len(block)].astype(np.float64)
        row += len(block)
    with_it = has.sum(axis=0)
    differences: np.ndarray = sums / with_it + sums / (measured.count - with_it)
    return differences


def _on_the_line(
    points: Points, has: Bool[np.ndarray, "count attributes"], normals: np.ndarray
) -> tuple[Float64[np.ndarray, "2 attributes"], Float64[np.ndarray, " attributes"]]:
    """Means with and without of z·w, and the variance within the groups."""
    along = np.concatenate([block @ normals for block in point_blocks(points)])
    counts = np.stack([has.sum(axis=0), (~has).sum(axis=0)])
    centers = np.stack([(along * has).sum(axis=0), (along * ~has).sum(axis=0)]) / counts
    apart = along - np.where(has, centers[0], centers[1])
    return centers, (apart**2).mean(axis=0)
