"""From the latent space to a map and back, by neighbors: for points that were not laid out."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float64, Int64, Real

from zspace.analysis.blocks import point_blocks
from zspace.analysis.nearest_codes import NearestCodes
from zspace.analysis.neighbors import nearest
from zspace.errors import InputError, ShapeError

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

__all__ = ["MapPlaces", "places_on_map", "points_on_map"]

_NEAREST = 5


def places_on_map(
    new: Float[np.ndarray, "asked latent"],
    *,
    points: Float[np.ndarray, "count latent"],
    coordinates: Float[np.ndarray, "count 2"],
    k: int = _NEAREST,
) -> Float64[np.ndarray, "asked 2"]:
    """Where points would be on a map: the mean place of their nearest points, weighted by nearness.

    The weights are 1 / distance, so that a point of the map is put where it is. A map by t-SNE or
    UMAP has no formula for other points; this is the usual stand-in, and no better than its
    neighbors.

    Args:
        new: points of the latent space.
        points: those on the map.
        coordinates: their places.
        k: how many of them to look at.

    Raises:
        InputError: if a value is not finite.
        ShapeError: if latent sizes or counts differ.

    Example:
        >>> points, places = np.array([[0.0], [1.0], [9.0]]), np.array([[0, 0], [2, 0], [9, 9.0]])
        >>> places_on_map(np.array([[0.5]]), points=points, coordinates=places, k=2).tolist()
        [[1.0, 0.0]]
    """
    return _mean_of_nearest(new, points, coordinates, k=k)


def points_on_map(
    places: Float[np.ndarray, "asked 2"],
    *,
    points: Float[np.ndarray, "count latent"],
    coordinates: Float[np.ndarray, "count 2"],
    k: int = _NEAREST,
) -> Float64[np.ndarray, "asked latent"]:
    """A z-point for any place on a map: the mean of the points nearest there, weighted by nearness.

    Args:
        places: on the map.
        points: those on the map.
        coordinates: their places.
        k: how many of them to look at.

    Raises:
        InputError: if a value is not finite.
        ShapeError: if counts differ.

    Example:
        >>> points, places = np.array([[0.0], [1.0], [9.0]]), np.array([[0, 0], [2, 0], [9, 9.0]])
        >>> points_on_map(np.array([[2.0, 0.0]]), points=points, coordinates=places).tolist()
        [[1.0]]
    """
    return _mean_of_nearest(places, coordinates, points, k=k)


@dataclass(frozen=True, eq=False)
class MapPlaces:
    """A map that is asked about one place or point at a time: what is searched is made once.

    It says what `places_on_map` and `points_on_map` say.

    Attributes:
        points: those on the map, (count, latent).
        coordinates: their places, (count, 2).
        k: how many of the nearest to look at.

    Example:
        >>> points, places = np.array([[0.0], [1.0], [9.0]]), np.array([[0, 0], [2, 0], [9, 9.0]])
        >>> asked = MapPlaces(points, places)
        >>> asked.point(np.array([2.0, 0.0])).tolist(), asked.place(np.array([9.0])).tolist()
        ([1.0], [9.0, 9.0])
    """

    points: Float[np.ndarray, "count latent"]
    coordinates: Float[np.ndarray, "places 2"]
    k: int = _NEAREST

    def __post_init__(self) -> None:
        _require_one_each(self.points, self.coordinates)

    @functools.cached_property
    def tree(self) -> cKDTree:
        """The places, to be searched."""
        from scipy.spatial import cKDTree

        return cKDTree(np.concatenate(list(point_blocks(self.coordinates))))

    @functools.cached_property
    def index(self) -> NearestCodes:
        """The points, to be searched."""
        return NearestCodes.of(self.points)

    def point(self, place: Real[np.ndarray, "2"]) -> Float64[np.ndarray, " latent"]:
        """A z-point for any place.

        Raises:
            InputError: if the place is not finite.
        """
        if not np.isfinite(place).all():
            raise InputError("a finite place was expected, NaN or infinity came; click on the map")
        distances, rows = self.tree.query(place, k=np.arange(1, min(self.k, len(self.points)) + 1))
        return self._mean(distances, rows, known=self.coordinates, values=self.points)

    def place(self, z: Real[np.ndarray, " size"]) -> Float64[np.ndarray, "2"]:
        """The place of any z-point.

        Raises:
            InputError: if the point is not finite.
            ShapeError: if it has another latent size.
        """
        distances, rows = self.index.find(z, k=min(self.k, len(self.points)))
        return self._mean(distances, rows, known=self.points, values=self.coordinates)

    def _mean(
        self,
        distances: Float64[np.ndarray, " near"],
        rows: Int64[np.ndarray, " near"],
        *,
        known: Float[np.ndarray, "count from_size"],
        values: Float[np.ndarray, "count to_size"],
    ) -> Float64[np.ndarray, " to_size"]:
        weights = _weights(distances[None], known=known)[0]
        found: np.ndarray = weights @ values[rows].astype(np.float64)
        return found


def _mean_of_nearest(
    asked: Float[np.ndarray, "asked from_size"],
    known: Float[np.ndarray, "count from_size"],
    values: Float[np.ndarray, "count to_size"],
    *,
    k: int,
) -> Float64[np.ndarray, "asked to_size"]:
    _require_one_each(known, values)
    checked = np.concatenate(list(point_blocks(values)))
    distances, rows = nearest(known, asked, k=min(k, len(known)))
    weights = _weights(distances, known=known)
    return np.einsum("ak,akv->av", weights, checked[rows])


def _weights(
    distances: Float64[np.ndarray, "asked near"], *, known: Float[np.ndarray, "count from_size"]
) -> Float64[np.ndarray, "asked near"]:
    """1 / distance, in sum 1; all on those that the asked one lies on, where there are any."""
    here = distances <= 1e-9 * max(float(np.abs(known).max()), 1e-300)
    with np.errstate(divide="ignore"):
        weights = np.where(here.any(axis=1, keepdims=True), here, 1 / distances)
    found: np.ndarray = weights / weights.sum(axis=1, keepdims=True)
    return found


def _require_one_each(
    known: Float[np.ndarray, "*_known"], values: Float[np.ndarray, "*_values"]
) -> None:
    if len(known) != len(values):
        raise ShapeError(
            f"one place for each point was expected, {len(known)} and {len(values)} came; give "
            "the points that are on the map"
        )
