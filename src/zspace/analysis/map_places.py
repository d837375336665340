"""From the latent space to a map and back, by neighbors: for points that were not laid out."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float64

from zspace.analysis.blocks import point_blocks
from zspace.analysis.neighbors import nearest
from zspace.errors import ShapeError

__all__ = ["places_on_map", "points_on_map"]

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


def _mean_of_nearest(
    asked: Float[np.ndarray, "asked from_size"],
    known: Float[np.ndarray, "count from_size"],
    values: Float[np.ndarray, "count to_size"],
    *,
    k: int,
) -> Float64[np.ndarray, "asked to_size"]:
    if len(known) != len(values):
        raise ShapeError(
            f"one place for each point was expected, {len(known)} and {len(values)} came; give "
            "the points that are on the map"
        )
    checked = np.concatenate(list(point_blocks(values)))
    distances, rows = nearest(known, asked, k=min(k, len(known)))
    here = distances <= 1e-9 * max(float(np.abs(known).max()), 1e-300)
    with np.errstate(divide="ignore"):
        weights = np.where(here.any(axis=1, keepdims=True), here, 1 / distances)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return np.einsum("ak,akv->av", weights, checked[rows])
