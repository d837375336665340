"""Where the points of a walk lie among codes: radius and density, point by point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64, Real

from zspace.analysis.blocks import Points
from zspace.analysis.held_out import LEVEL
from zspace.analysis.places import AMONG, READINGS, Density
from zspace.analysis.radius import Radius, radius
from zspace.errors import InputError

__all__ = ["WalkPlaces", "walk_places"]

_MOST_K = 10
_BINS = 40
_BORDERS = (0.5, AMONG, LEVEL)


@dataclass(frozen=True, eq=False)
class WalkPlaces:
    """Where the points of a walk lie among codes.

    Attributes:
        codes_radius: the radii of all codes.
        k: distances are to the k-th nearest code.
        borders: distance to the k-th nearest code that 50, 95 and 99 % of the codes stay within.
        distance_counts: codes in each bin of `distance_edges`, of those that were asked.
        distance_edges: edges of bins of the distance, the first one 0.
        radius: of each point of the walk, (count,).
        radius_percentile: percentage of codes that have no larger one, (count,).
        distance: to the k-th nearest code, (count,).
        distance_percentile: percentage of codes that are no farther from theirs, (count,): above
            95 the point is at the border of the data, above 99 off it.
        mahalanobis_percentile: percentage of codes that are no farther from the center, in units
            of the codes' spread, (count,).
        readings: row of `zspace.analysis.places.READINGS` for each point, (count,).
    """

    codes_radius: Radius
    k: int
    borders: tuple[float, float, float]
    distance_counts: tuple[int, ...]
    distance_edges: tuple[float, ...]
    radius: Float64[np.ndarray, " count"]
    radius_percentile: Float64[np.ndarray, " count"]
    distance: Float64[np.ndarray, " count"]
    distance_percentile: Float64[np.ndarray, " count"]
    mahalanobis_percentile: Float64[np.ndarray, " count"]
    readings: Int64[np.ndarray, " count"]

    def to_dict(self) -> dict[str, Any]:
        """The numbers of each point as what JSON knows, and the k of the distance."""
        names = ("radius", "radius_percentile", "distance", "distance_percentile")
        numbers = {name: getattr(self, name).tolist() for name in names}
        return {
            "k": self.k,
            **numbers,
            "mahalanobis_percentile": self.mahalanobis_percentile.tolist(),
            "reading": [READINGS[row] for row in self.readings],
        }


def walk_places(
    points: Real[np.ndarray, "count latent"], codes: Points, *, seed: int = 1
) -> WalkPlaces:
    """Measure where the points of a walk lie among codes.

    Args:
        points: of the walk, in order, (count, latent).
        codes: an array (N, latent), memory-mapped or not, or blocks of one that can be read more
            than once; at least 4.
        seed: of the choice of the codes that are asked; see `zspace.analysis.places.Density`.

    Returns:
        The numbers.

    Raises:
        InputError: if a value is not finite, or there are too few codes.
        ShapeError: if latent sizes differ.

    Example:
        >>> draw = np.random.default_rng(1).standard_normal
        >>> ends = np.array([[2.0, 0.0], [0.0, 0.0], [9.0, 0.0]])
        >>> walk_places(ends, draw((2000, 2))).readings.tolist()
        [0, 0, 2]
    """
    measured = radius(codes)
    if measured.count < 4:
        raise InputError(
            f"at least 4 codes are needed to say where a walk goes, {measured.count} came; encode "
            "more images"
        )
    k = min(_MOST_K, measured.count // 2 - 1)
    density = Density.of(codes, k=k, seed=seed)
    found = density.places(points)
    edges = np.linspace(0, float(density.own.distance.max()) * 1.0001 or 1.0, _BINS + 1)
    borders = tuple(float(each) for each in np.quantile(density.own.distance, _BORDERS))
    return WalkPlaces(
        codes_radius=measured,
        k=k,
        borders=(borders[0], borders[1], borders[2]),
        distance_counts=tuple(np.histogram(density.own.distance, edges)[0].tolist()),
        distance_edges=tuple(edges.tolist()),
        radius=found.radius,
        radius_percentile=_percentiles(density.own.radius, found.radius),
        distance=found.distance,
        distance_percentile=_percentiles(density.own.distance, found.distance),
        mahalanobis_percentile=_percentiles(density.own.mahalanobis, found.mahalanobis),
        readings=found.readings,
    )


def _percentiles(
    own: Float64[np.ndarray, " codes"], values: Float64[np.ndarray, " count"]
) -> Float64[np.ndarray, " count"]:
    """Percentage of the codes' own values that are no larger than each."""
    return 100 * np.searchsorted(np.sort(own), values, side="right") / len(own)
