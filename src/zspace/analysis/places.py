"""Where a point lies among codes: its distance to them, to their center, and to the origin.

The radius is the weakest of the three: a point may have that of the codes, in a direction where
there are none. Mahalanobis distance takes the cloud for one ellipsoid; the distance to the k-th
nearest code asks the codes themselves. Each is held against the same distance of the codes, none of
which has been seen by the fit, nor counts as its own neighbor.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64, Int64, Real

from zspace.analysis.blocks import Points, point_blocks
from zspace.analysis.held_out import LEVEL, held_out
from zspace.analysis.moments import Moments, NormalFit
from zspace.analysis.neighbors import nearest, some_points
from zspace.errors import InputError, ShapeError

__all__ = ["AMONG", "READINGS", "Density", "Place", "Places"]

READINGS = ("among the codes", "at the border", "off the data")
"""What is said of a point, from the worse of its two distances."""

AMONG = 0.95
"""Share of codes within which a distance counts as among them; up to 0.99 it is at the border."""

_SPARE = 8


@dataclass(frozen=True)
class Place:
    """Where one point lies.

    Attributes:
        mahalanobis: distance from the center of the codes, in units of their spread.
        mahalanobis_percentile: percentage of codes that are no farther out, 0 to 100.
        distance: to the k-th nearest code.
        distance_percentile: percentage of codes that are no farther from their k-th nearest.
        radius: distance from the origin.
        radius_percentile: percentage of codes that have no larger one.
        reading: one of `READINGS`, by the larger percentile of the two distances.
    """

    mahalanobis: float
    mahalanobis_percentile: float
    distance: float
    distance_percentile: float
    radius: float
    radius_percentile: float
    reading: str

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Places:
    """Where points lie: `Place`, with an array (count,) for each number.

    Attributes:
        mahalanobis: distances from the center, in units of the codes' spread.
        distance: distances to the k-th nearest code.
        radius: distances from the origin.
        readings: row of `READINGS` for each point.
    """

    mahalanobis: Float64[np.ndarray, " count"]
    distance: Float64[np.ndarray, " count"]
    radius: Float64[np.ndarray, " count"]
    readings: Int64[np.ndarray, " count"]

    def shares(self) -> tuple[float, ...]:
        """Share of points of each of `READINGS`."""
        found = np.bincount(self.readings, minlength=len(READINGS)) / len(self.readings)
        return tuple(found.tolist())


@dataclass(frozen=True, eq=False)
class Density:
    """Codes to ask about any point: `Density.of(codes)`, then ``place(z)``.

    Attributes:
        count: number of codes N.
        moments: mean and covariance of all of them.
        fit: normal distribution fitted to every other code.
        k: which nearest code is meant.
        codes: reference: up to 10,000 of the codes that the fit has not seen, (sample, latent).
        own: distances and radii of these, each judged without itself.
    """

    count: int
    moments: Moments
    fit: NormalFit
    k: int
    codes: Float64[np.ndarray, "sample latent"]
    own: Places

    @classmethod
    def of(cls, points: Points, *, k: int = 10, sample: int = 10_000, seed: int = 1) -> Density:
        """Make a reference of codes.

        Args:
            points: an array (N, latent), memory-mapped or not, or blocks of one that can be read
                more than once; at least 2·k + 2.
            k: which nearest code the distance is to.
            sample: how many codes to keep, at most; 10,000 in 256 dimensions take about 1 ms for
                each point asked about.
            seed: of their choice.

        Raises:
            InputError: if a value is not finite, there are fewer than 2·k + 2 points, or they come
                from a generator.
            ShapeError: if the points are not (N, latent).
        """
        found = held_out(points)
        count = found.whole.count
        if not 1 <= k < count // 2:
            raise InputError(
                f"at least 2·k + 2 codes are needed for the k-th nearest, k = {k} and {count} "
                "came; pass a smaller k of 1 or more, or encode more images"
            )
        codes = some_points(_others(points), max(sample, k + 1), seed=seed)
        own = Places(
            found.fit.distance(codes),
            nearest(codes, k=k)[0][:, -1],
            np.linalg.norm(codes, axis=1),
            np.zeros(len(codes), np.int64),
        )
        made = cls(count, found.whole, found.fit, k, codes, own)
        own.readings[:] = made.read(own.mahalanobis, own.distance)
        return made

    @property
    def latent_size(self) -> int:
        """Number of axes."""
        return self.codes.shape[1]

    def place(self, z: Real[np.ndarray, " latent"]) -> Place:
        """Say where one point lies.

        A code of the reference is judged without itself.

        Args:
            z: the point, (latent,).

        Raises:
            InputError: if it is not finite.
            ShapeError: if it has another latent size.

        Example:
            >>> density = Density.of(np.random.default_rng(1).standard_normal((2000, 8)))
            >>> density.place(np.ones(8)).reading, density.place(np.full(8, 3.0)).reading
            ('among the codes', 'off the data')
        """
        z = np.asarray(z)
        if z.ndim != 1:
            raise ShapeError(f"one point (latent,) was expected, {z.shape} came; ask `places`")
        mahalanobis = self.fit.distance(z[None])
        distance = np.array([self._distance(z.astype(np.float64))])
        radius = float(np.linalg.norm(z.astype(np.float64)))
        return Place(
            mahalanobis=float(mahalanobis[0]),
            mahalanobis_percentile=self._percentile("mahalanobis", float(mahalanobis[0])),
            distance=float(distance[0]),
            distance_percentile=self._percentile("distance", float(distance[0])),
            radius=radius,
            radius_percentile=self._percentile("radius", radius),
            reading=READINGS[int(self.read(mahalanobis, distance)[0])],
        )

    def places(self, points: Points) -> Places:
        """Say where many points lie.

        Args:
            points: an array (n, latent), or blocks of one, to be held in memory.

        Raises:
            InputError: if a value is not finite, or there is no point.
            ShapeError: if they have another latent size.
        """
        asked = np.concatenate(list(point_blocks(points)))
        mahalanobis = self.fit.distance(asked)
        found = nearest(self.codes, asked, k=self.k + 1)[0]
        distance = np.where(found[:, 0] == 0, found[:, -1], found[:, -2])
        radius = np.linalg.norm(asked, axis=1)
        return Places(mahalanobis, distance, radius, self.read(mahalanobis, distance))

    def read(
        self,
        mahalanobis: Float64[np.ndarray, " count"],
        distance: Float64[np.ndarray, " count"],
    ) -> Int64[np.ndarray, " count"]:
        """Row of `READINGS` for each point, from its two distances."""
        of_mahalanobis, of_distance = self._limits
        return np.maximum(
            np.searchsorted(of_mahalanobis, mahalanobis), np.searchsorted(of_distance, distance)
        )

    @functools.cached_property
    def _limits(self) -> Float64[np.ndarray, "2 2"]:
        """Mahalanobis distances, then distances, that 95 and 99 % of the codes stay within."""
        own = np.stack([self.own.mahalanobis, self.own.distance])
        return np.quantile(own, (AMONG, LEVEL), axis=1).T.copy()

    def _percentile(self, name: str, value: float) -> float:
        own = getattr(self.own, name)
        return 100 * np.count_nonzero(own <= value) / len(own)

    @functools.cached_property
    def _centered(self) -> tuple[Float32[np.ndarray, "sample latent"], np.ndarray]:
        """The reference around its mean in float32, and the squares of its lengths."""
        centered = (self.codes - self.moments.mean).astype(np.float32)
        return centered, np.einsum("ij,ij->i", centered, centered)

    def _distance(self, z: Float64[np.ndarray, " latent"]) -> float:
        """Distance to the k-th nearest code: found in float32, measured in float64."""
        centered, squares = self._centered
        asked = (z - self.moments.mean).astype(np.float32)
        # On one core: for so little, waiting for a second one may take longer than the rest.
        rough = squares - 2 * np.einsum("ij,j->i", centered, asked)
        few = min(self.k + 1 + _SPARE, len(rough))
        rows = np.argpartition(rough, few - 1)[:few]
        found = np.sort(np.linalg.norm(self.codes[rows] - z, axis=1))
        return float(found[self.k if found[0] == 0 else self.k - 1])


def _others(points: Points) -> Points:
    """Every other point, without those that the fit has seen."""
    return points[1::2] if isinstance(points, np.ndarray) else _Others(points)


class _Others:
    """Blocks with every other row of theirs, as often as wanted."""

    def __init__(self, points: Points) -> None:
        self.points = points

    def __iter__(self) -> Iterator[Float64[np.ndarray, "rows latent"]]:
        row = 0
        for block in point_blocks(self.points):
            yield block[(1 + row) % 2 :: 2]
            row += len(block)
