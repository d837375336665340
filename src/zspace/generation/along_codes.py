"""Paths that keep to where codes are: shortest ways over the graph of nearest neighbors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Real

from zspace.errors import InputError, ShapeError
from zspace.generation.paths import Walk, as_stops, joined, resampled

__all__ = ["along_codes"]

_LEAST = 1e-9
_MOST_POWER = 64.0


def along_codes(
    stops: Real[np.ndarray, "stops latent"],
    codes: Real[np.ndarray, "codes latent_of_codes"],
    *,
    steps: int | Sequence[int] = 10,
    neighbors: int = 10,
    power: float = 3.0,
    most: int = 20_000,
    seed: int = 1,
) -> Walk:
    """Walk from stop to stop along the density of the codes.

    Stops and codes become a graph, in which each is joined to its nearest neighbors. A join of
    length d costs d^power, the cheapest way is found by Dijkstra's algorithm, and walked along at
    constant speed. With power 1 it is the shortest way over the joins, as Isomap takes it. A
    higher power makes many short joins cheaper than a long one, so that the way bends to where
    codes are dense: the power-weighted or Fermat distance.

    Each corner of the way is the code of an image of the data. So it leads past real images,
    where `line` and `sphere` blend the two ends; with few codes for many axes it is jagged.

    Source: S. J. Hwang, S. B. Damelin, A. O. Hero, Shortest path through random points, Annals of
    Applied Probability 26 (2016), 2791, https://doi.org/10.1214/15-AAP1162.

    Args:
        stops: two or more z-points, (stops, latent).
        codes: (N, latent), memory-mapped or not.
        steps: from each stop to the next, at least 1; or a number for each leg.
        neighbors: of each point that it is joined to, at least 1.
        power: of the cost, at least 1.
        most: how many codes to take at most; more are drawn from. 20,000 in 256 dimensions take
            about 5 s.
        seed: of their choice.

    Returns:
        The walk; its notes say how many codes each leg passes.

    Raises:
        InputError: if there is no way, there are too few codes, or a value is out of its range.
        ShapeError: if the codes have another latent size than the stops.

    Example:
        >>> angles = np.linspace(0, 2 * np.pi, 200)
        >>> ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        >>> walk = along_codes(ring[[0, 100]], ring, steps=8)
        >>> bool(np.allclose(np.linalg.norm(walk.points, axis=1), 1, atol=1e-3))
        True
    """
    stops = as_stops(stops)
    _check(stops, codes, neighbors=neighbors, power=power, most=most)
    everything = np.concatenate([stops, _drawn(codes, most, seed=seed)])
    ways = _ways(everything, len(stops), neighbors=neighbors, power=power)

    def leg(number: int, t: np.ndarray) -> tuple[np.ndarray, str | None]:
        way = ways[number]
        passed = sum(row >= len(stops) for row in way)
        note = f"leg {number + 1} passes {passed:,} of {len(everything) - len(stops):,} codes"
        return resampled(everything[way], t), note

    return joined(stops, steps, leg=leg)


def _ways(
    points: Float64[np.ndarray, "points latent"], stops: int, *, neighbors: int, power: float
) -> list[list[int]]:
    """Rows of the points on the cheapest way of each leg; the stops are the first rows."""
    from scipy.sparse.csgraph import dijkstra
    from sklearn.neighbors import kneighbors_graph

    graph = kneighbors_graph(points, min(neighbors, len(points) - 1), mode="distance")
    # A cost of 0, as between duplicates, would be no join at all; and a power of large numbers
    # overflows, so that distances are taken in units of a typical one.
    usual = float(np.median(graph.data)) or 1.0
    graph.data = np.maximum(graph.data / usual, _LEAST ** (1 / power)) ** power
    costs, before = dijkstra(
        graph, directed=False, indices=np.arange(stops - 1), return_predecessors=True
    )
    ways = []
    for start in range(stops - 1):
        end = start + 1
        if not np.isfinite(costs[start, end]):
            raise InputError(
                f"there is no way from stop {start + 1} to stop {end + 1} over the {neighbors} "
                f"nearest neighbors of {len(points) - stops:,} codes, which fall into pieces; "
                "pass more neighbors"
            )
        way = [end]
        while way[-1] != start:
            way.append(int(before[start, way[-1]]))
        ways.append(way[::-1])
    return ways


def _drawn(
    codes: Real[np.ndarray, "codes latent"], most: int, *, seed: int
) -> Float64[np.ndarray, "drawn latent"]:
    """At most so many codes, in order, checked."""
    if len(codes) > most:
        codes = codes[np.sort(np.random.default_rng(seed).choice(len(codes), most, replace=False))]
    drawn = np.asarray(codes, np.float64)
    finite = np.isfinite(drawn).all(axis=1)
    if not finite.all():
        raise InputError(
            f"codes must be finite, {np.count_nonzero(~finite)} of {len(drawn)} are not; leave "
            "those images out, or train with a smaller learning rate"
        )
    return drawn


def _check(
    stops: Float64[np.ndarray, "stops latent"],
    codes: Real[np.ndarray, "codes latent_of_codes"],
    *,
    neighbors: int,
    power: float,
    most: int,
) -> None:
    if codes.shape[1] != stops.shape[1]:
        raise ShapeError(
            f"codes of the latent size {stops.shape[1]} were expected, {codes.shape[1]} came; "
            "take stops and codes of one run"
        )
    if len(codes) < 2 or most < 2:
        raise InputError(
            f"at least 2 codes are needed for a way along them, {min(len(codes), most)} came; "
            "encode more images"
        )
    if neighbors < 1:
        raise InputError(f"neighbors must be at least 1, {neighbors} came; try 10")
    if not 1 <= power <= _MOST_POWER:
        raise InputError(f"power must be from 1 to {_MOST_POWER:g}, {power} came; try 3")
