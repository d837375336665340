"""Maps of a latent space: its points laid out in two dimensions, and how far to believe that.

PCA shows the plane along which points differ most, and distorts nothing in it. t-SNE and UMAP keep
neighbors together and give up everything else: distances between islands, their sizes and how dense
they are mean nothing. Trustworthiness and continuity say how well neighbors were kept.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import openTSNE
from jaxtyping import Float, Float32, Float64, Int64
from openTSNE import affinity, initialization, nearest_neighbors
from sklearn.manifold import trustworthiness

from zspace.analysis.blocks import point_blocks
from zspace.analysis.near_clusters import NearClusters
from zspace.analysis.neighbors import nearest
from zspace.analysis.pca import pca
from zspace.errors import InputError, did_you_mean

__all__ = ["METHODS", "WARNING", "Map", "maps"]

METHODS: dict[str, dict[str, float]] = {
    "pca": {},
    "tsne-30": {"perplexity": 30, "early_exaggeration": 12},
    "tsne-10": {"perplexity": 10, "early_exaggeration": 16},
    "umap": {"neighbors": 15, "minimum_distance": 0.1},
}
"""The maps by name, with their parameters."""

WARNING = (
    "Near each other on the map means alike; far apart, the size of an island and its density mean "
    "nothing."
)
"""How to read a map that keeps neighbors only."""

_FEWEST = 8
_EARLY, _LATE = 250, 750
_FINE = 500
"""Of the late iterations, how many end it on the finer grid."""
_EXACT_UP_TO = 30_000
_FFT_FROM = 15_000
_THREADS_FROM = 2000
_JUDGED = 3000
_NEIGHBORS = 15


@dataclass(frozen=True, eq=False)
class Map:
    """Points laid out in two dimensions.

    Attributes:
        method: a key of `METHODS`.
        parameters: those that were used; a perplexity is lowered where points are few for it.
        coordinates: the place of each point, (count, 2).
        trustworthiness: 1 if all neighbors on the map are neighbors in the latent space, about ½
            at random; of up to 3,000 points, 15 neighbors each. None for too few points.
        continuity: 1 if all neighbors in the latent space are neighbors on the map.
        kl_divergence: of the neighbor distributions in both spaces, which t-SNE lowers, in nats;
            None for the other methods.
        explained: share of the variance that PCA's plane holds; None for the other methods.
    """

    method: str
    parameters: dict[str, float]
    coordinates: Float32[np.ndarray, "count 2"]
    trustworthiness: float | None
    continuity: float | None
    kl_divergence: float | None = None
    explained: float | None = None

    @property
    def title(self) -> str:
        """The method with its parameters."""
        if self.method == "pca":
            return "PCA"
        if self.method == "umap":
            return f"UMAP, {self.parameters['neighbors']:g} neighbors"
        return (
            f"t-SNE, perplexity {self.parameters['perplexity']:.3g}, early exaggeration "
            f"{self.parameters['early_exaggeration']:g}"
        )

    @property
    def warning(self) -> str:
        """What not to read from it."""
        if self.method == "pca":
            return "Points that lie together may be far apart in all other directions."
        return WARNING

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows, without the coordinates."""
        return {
            "method": self.method,
            "title": self.title,
            "parameters": self.parameters,
            "count": len(self.coordinates),
            "trustworthiness": self.trustworthiness,
            "continuity": self.continuity,
            "kl_divergence": self.kl_divergence,
            "explained": self.explained,
            "warning": self.warning,
        }


def maps(
    points: Float[np.ndarray, "count latent"],
    *,
    methods: Sequence[str] = ("pca", "tsne-30", "tsne-10"),
    seed: int = 1,
) -> tuple[Map, ...]:
    """Lay points out in two dimensions, by several methods.

    t-SNE (L. van der Maaten, G. Hinton, JMLR 9 (2008), 2579) is openTSNE's: 250 iterations with
    early exaggeration and 750 without, from the plane of the first two principal components (D.
    Kobak, P. Berens, 2019, https://doi.org/10.1038/s41467-019-13056-x), by interpolation with FFT
    from 15,000 points on (G. Linderman et al., 2019, https://doi.org/10.1038/s41592-018-0308-4),
    on a grid of half the density up to the last 500. Neighbors are exact up to 30,000 points, most
    of them right beyond (`NearClusters`), and found once for all perplexities. Trustworthiness
    and continuity: J. Venna, S. Kaski, 2001, https://doi.org/10.1007/3-540-44668-0_68.

    Args:
        points: (N, latent), in memory, at least 8.
        methods: keys of `METHODS`; ``"umap"`` needs the extra ``zspace[umap]``.
        seed: of all random choices.

    Returns:
        A map for each method, in order.

    Raises:
        InputError: if a value is not finite, there are fewer than 8 points, all are one point, a
            method is unknown, or UMAP is not installed.
        ShapeError: if the points are not (N, latent).

    Example:
        >>> points = np.random.default_rng(1).standard_normal((60, 5))
        >>> (plane,) = maps(points, methods=["pca"])
        >>> plane.coordinates.shape
        (60, 2)
    """
    for method in methods:
        if method not in METHODS:
            raise InputError(f"no map {method!r}; {did_you_mean(method, METHODS)}")
    whole = np.concatenate(list(point_blocks(points)))
    if len(whole) < _FEWEST:
        raise InputError(
            f"a map needs at least {_FEWEST} points, {len(whole)} came; encode more images"
        )
    plane, explained = _plane(whole)
    layout = _Layout(whole.astype(np.float32), plane, seed)
    judge = _Judge(whole, seed)
    found = []
    for method in methods:
        if method == "pca":
            made = Map(method, {}, plane.astype(np.float32), *judge(plane), explained=explained)
        elif method == "umap":
            coordinates, parameters = layout.umap()
            made = Map(method, parameters, coordinates, *judge(coordinates))
        else:
            coordinates, parameters, divergence = layout.tsne(METHODS[method], methods)
            quality = judge(coordinates)
            made = Map(method, parameters, coordinates, *quality, kl_divergence=divergence)
        found.append(made)
    return tuple(found)


def _plane(points: Float64[np.ndarray, "count latent"]) -> tuple[np.ndarray, float]:
    """Coordinates along the first two principal components; the second is 0 for one axis."""
    measured = pca(points)
    if not measured.variances[0] > 0:
        raise InputError(
            "points that differ were expected, but all are one point; the encoder gives the same "
            "for every image: train it, or look at its KL term"
        )
    coordinates = np.zeros((len(points), 2))
    first = min(2, measured.latent_size)
    coordinates[:, :first] = measured.transform(points)[:, :first]
    return coordinates, float(measured.shares[:first].sum())


class _Judge:
    """How well neighbors were kept, on some of the points."""

    def __init__(self, points: Float64[np.ndarray, "count latent"], seed: int) -> None:
        chosen = np.random.default_rng(seed).permutation(len(points))[:_JUDGED]
        self.rows = np.sort(chosen)
        self.points = points[self.rows]
        self.neighbors = min(_NEIGHBORS, (len(self.rows) - 1) // 2)

    def __call__(self, coordinates: Float[np.ndarray, "count 2"]) -> tuple[float, float]:
        place = coordinates[self.rows]
        trusted = trustworthiness(self.points, place, n_neighbors=self.neighbors)
        continuous = trustworthiness(place, self.points, n_neighbors=self.neighbors)
        return float(trusted), float(continuous)


class _Layout:
    """What t-SNE and UMAP share: points, where they begin, and neighbors, found once."""

    def __init__(
        self, points: Float32[np.ndarray, "count latent"], plane: np.ndarray, seed: int
    ) -> None:
        self.points, self.plane, self.seed = points, plane, seed
        self._known: tuple[np.ndarray, Int64[np.ndarray, "count near"]] | None = None

    @cached_property
    def clusters(self) -> NearClusters | None:
        """Of points too many for exact neighbors."""
        many = len(self.points) > _EXACT_UP_TO
        return NearClusters(self.points, seed=self.seed) if many else None

    def tsne(
        self, asked: dict[str, float], methods: Sequence[str]
    ) -> tuple[Float32[np.ndarray, "count 2"], dict[str, float], float]:
        """Coordinates, the parameters used, and the KL divergence reached."""
        count = len(self.points)
        perplexity = min(asked["perplexity"], (count - 1) / 3)
        exaggeration = asked["early_exaggeration"]
        largest = max(METHODS[method].get("perplexity", 0) for method in methods)
        distances, rows = self._neighbors(min(count - 1, int(3 * largest)))
        near = min(count - 1, int(3 * perplexity))
        # Rows of near points side by side are read and written in half the time.
        order = np.arange(count) if self.clusters is None else self.clusters.order
        rows = np.argsort(order)[rows[order, :near]]
        index = nearest_neighbors.PrecomputedNeighbors(rows, distances[order, :near])
        # Threads cost few points more than they save, and sum up in an order of their own.
        jobs = -1 if count >= _THREADS_FROM else 1
        similar = affinity.PerplexityBasedNN(
            perplexity=perplexity, knn_index=index, n_jobs=jobs, random_state=self.seed
        )
        begin = initialization.rescale(self.plane[order])
        if not self.plane[:, 1].any():  # on a line t-SNE could never leave it
            begin = initialization.jitter(begin, scale=0.01, random_state=self.seed)
        embedding = openTSNE.TSNEEmbedding(
            begin,
            similar,
            negative_gradient_method="fft" if count >= _FFT_FROM else "bh",
            n_jobs=jobs,
            random_state=self.seed,
        )
        coarse, fine = {"ints_in_interval": 2}, {"ints_in_interval": 1}
        embedding = embedding.optimize(_EARLY, exaggeration=exaggeration, momentum=0.5, **coarse)
        embedding = embedding.optimize(_LATE - _FINE, momentum=0.8, **coarse)
        embedding = embedding.optimize(_FINE, momentum=0.8, **fine)
        parameters = {"perplexity": float(perplexity), "early_exaggeration": float(exaggeration)}
        coordinates = np.empty((count, 2), np.float32)
        coordinates[order] = embedding
        return coordinates, parameters, float(embedding.kl_divergence)

    def _neighbors(self, near: int) -> tuple[np.ndarray, Int64[np.ndarray, "count near"]]:
        """Distances and rows of the nearest points, without the point itself."""
        if self._known is None:
            found = self.clusters
            self._known = nearest(self.points, k=near) if found is None else found.nearest(near)
        return self._known

    def umap(self) -> tuple[Float32[np.ndarray, "count 2"], dict[str, float]]:
        """Coordinates and the parameters used. L. McInnes et al., arXiv:1802.03426."""
        try:
            with warnings.catch_warnings():
                # umap says that TensorFlow is missing, which only its parametric kind needs.
                warnings.simplefilter("ignore")
                import umap
        except ImportError as error:
            raise InputError(
                'UMAP needs umap-learn, which is not installed; pip install "zspace[umap]"'
            ) from error
        asked = METHODS["umap"]
        neighbors = min(int(asked["neighbors"]), len(self.points) - 1)
        begin = 10 * self.plane / np.abs(self.plane).max()
        if not self.plane[:, 1].any():  # umap divides by the spread of each axis
            begin[:, 1] = 0.01 * np.random.default_rng(self.seed).standard_normal(len(begin))
        model = umap.UMAP(
            n_neighbors=neighbors,
            min_dist=asked["minimum_distance"],
            init=begin.astype(np.float32),
            random_state=self.seed,
            n_jobs=1,
        )
        coordinates = np.asarray(model.fit_transform(self.points), np.float32)
        parameters = {"neighbors": float(neighbors), "minimum_distance": asked["minimum_distance"]}
        return coordinates, parameters
