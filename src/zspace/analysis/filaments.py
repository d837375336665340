"""Whether a cloud of points is one piece, and how many dimensions it has close by.

What the nearest neighbors of points tell: the intrinsic dimension, how near the nearest one is, and
what is connected with what. In many dimensions each of these depends on the number of points, so
that all of it is measured beside a normal cloud of as many points with the same mean and
covariance.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64
from scipy import stats
from scipy.cluster.hierarchy import linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from zspace.analysis.blocks import Points, replayable
from zspace.analysis.moments import moments
from zspace.analysis.neighbors import nearest, some_points
from zspace.errors import InputError

__all__ = ["Filaments", "Grain", "filaments"]

_FEWEST_NEIGHBORS, _MOST_NEIGHBORS = 10, 20
_GRAPH_NEIGHBORS = 10
_TREE_POINTS = 2000
_PIECE_SHARE = 0.01
_KEPT_RATIOS = 0.9
_QUANTILES = (5, 25, 50, 75, 95)
_BINS = 60
_FEWEST_PARTED = 3
_WIDE_GAP = 1.25
_LINE = 1.5
_OUTSKIRTS = 20
_LEAST_VARIANCE = 1e-12
_LEAST_DISTANCE = 1e-150


@dataclass(frozen=True)
class Grain:
    """What the nearest neighbors of points tell about their cloud.

    Attributes:
        dimension: intrinsic dimension by maximum likelihood (Levina and Bickel), the inverses
            averaged over points and over k = 10 … 20 (MacKay and Ghahramani). None where all
            neighbors are equally far away.
        dimension_quantiles: what 5, 25, 50, 75 and 95 % of the points stay below, each with the
            inverses averaged over k alone; even in a normal cloud they spread by a quarter. None
            as above.
        two_nearest: intrinsic dimension from the ratio of the two nearest distances (TwoNN).
        distance_quantiles: distances to the nearest neighbor that 5, 25, 50, 75 and 95 % of the
            points stay below.
        pieces: sizes of the connected pieces of the graph that joins each point and its ten nearest
            neighbors, the largest first.
        gap: longest edge of the minimum spanning tree of 2,000 points that parts at least 1 % of
            them from the rest, relative to the tree's median edge.
    """

    dimension: float | None
    dimension_quantiles: dict[int, float | None]
    two_nearest: float | None
    distance_quantiles: dict[int, float]
    pieces: tuple[int, ...]
    gap: float

    @property
    def largest_share(self) -> float:
        """Share of the points in the largest piece."""
        return self.pieces[0] / sum(self.pieces)

    @property
    def large_pieces(self) -> int:
        """Pieces with at least 1 % of the points."""
        return sum(size >= _PIECE_SHARE * sum(self.pieces) for size in self.pieces)

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        return asdict(self) | {
            "dimension_quantiles": _with_text_keys(self.dimension_quantiles),
            "distance_quantiles": _with_text_keys(self.distance_quantiles),
            "pieces": list(self.pieces),
            "largest_share": self.largest_share,
            "large_pieces": self.large_pieces,
        }


@dataclass(frozen=True)
class Filaments:
    """The grain of a cloud beside that of a normal cloud with its mean and covariance.

    Attributes:
        count: number of points N.
        used: how many different ones of them were looked at.
        repeated: points among these that are the same as another, and were left out.
        latent_size: number of axes.
        codes: what was found for the points.
        normal: the same for as many points of the normal cloud.
        distance_ratio: median distance to the nearest neighbor over the normal cloud's: below 1
            the points lie closer together than their spread alone accounts for.
        distance_apart: Kolmogorov's D of the two distributions of that distance.
        chance_ratio: the distance ratio of a normal cloud that is measured likewise: above 1 where
            points are few for the axes, as their covariance then seems more drawn out than it is.
        chance_apart: D of the same.
        distance_edges: edges of the bins of that distance.
        distance_counts: points in each of them.
        normal_distance_counts: points of the normal cloud in each of them.
        dimension_edges: edges of the bins of the local dimension; the last takes what lies beyond.
        dimension_counts: points in each of them.
        normal_dimension_counts: points of the normal cloud in each of them.
    """

    count: int
    used: int
    repeated: int
    latent_size: int
    codes: Grain
    normal: Grain
    distance_ratio: float
    distance_apart: float
    chance_ratio: float
    chance_apart: float
    distance_edges: tuple[float, ...]
    distance_counts: tuple[int, ...]
    normal_distance_counts: tuple[int, ...]
    dimension_edges: tuple[float, ...]
    dimension_counts: tuple[int, ...]
    normal_dimension_counts: tuple[int, ...]

    @property
    def reading(self) -> str:
        """``"one piece"`` or ``"several pieces"``.

        Several, if the neighbor graph has more pieces with at least 1 % of the points than that of
        the normal cloud, or the gap is wider than `gap_limit`. Along lines the gap alone decides,
        since there ten neighbors often do not reach across one that is due to chance.
        """
        is_line = self.codes.dimension is not None and self.codes.dimension < _LINE
        parted = self.codes.large_pieces > self.normal.large_pieces and not is_line
        return "several pieces" if parted or self.codes.gap > self.gap_limit else "one piece"

    @property
    def gap_limit(self) -> float:
        """What a gap in one piece stays below: (20·log₂ n)^(1/d) for n points of dimension d.

        Along a line spacings are exponential, the longest of n about log₂ n times the median; in d
        dimensions this holds for their d-th powers. Twenty times that, since in the outskirts,
        where the last 1 % of a cloud are, points are that much thinner; and at least 1.25.
        """
        dimension = self.codes.dimension or np.inf
        spacings = _OUTSKIRTS * np.log2(min(self.used, _TREE_POINTS))
        return max(_WIDE_GAP, float(spacings ** (1 / dimension)))

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows, with the reading."""
        numbers = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in vars(self).items()
        }
        return numbers | {
            "codes": self.codes.to_dict(),
            "normal": self.normal.to_dict(),
            "gap_limit": self.gap_limit,
            "reading": self.reading,
        }


def filaments(points: Points, *, sample: int = 10_000, seed: int = 1) -> Filaments:
    """Measure local dimension, nearest distances and connectivity, beside a normal cloud.

    Sources: E. Levina, P. J. Bickel, "Maximum likelihood estimation of intrinsic dimension", NIPS
    2004; D. J. C. MacKay, Z. Ghahramani, comments on it, 2005,
    http://www.inference.org.uk/mackay/dimension; E. Facco, M. d'Errico, A. Rodriguez, A. Laio,
    Scientific Reports 7 (2017), 12140, https://doi.org/10.1038/s41598-017-11873-y.

    Of many dimensions, far too few are found from as many points as there are: of N(0, I) in 256
    dimensions and 10,000 points about 80. So compare with `normal`.

    Args:
        points: an array (N, latent), memory-mapped or not, or blocks of one that can be read more
            than once; at least 22 different ones.
        sample: how many points to look at, drawn at random; the time grows with its square.
        seed: of this choice, and of the normal cloud.

    Returns:
        The numbers.

    Raises:
        InputError: if a value is not finite, there are fewer than 22 different points, or a
            generator came.
        ShapeError: if the points are not (N, latent).

    Example:
        >>> t = np.random.default_rng(1).uniform(0, 3, 2000)
        >>> curve = np.stack([np.cos(t), np.sin(t), t], axis=1)
        >>> found = filaments(curve)
        >>> round(found.codes.dimension, 1), round(found.normal.dimension, 1), found.reading
        (1.0, 2.8, 'one piece')
    """
    measured = moments(replayable(points))
    chosen = some_points(points, sample, seed=seed)
    different = np.unique(chosen, axis=0)
    if len(different) < _MOST_NEIGHBORS + 2:
        raise InputError(
            f"at least {_MOST_NEIGHBORS + 2} different points are needed for the local dimension, "
            f"{len(different)} came; encode more images"
        )
    generator = np.random.default_rng(seed)
    variances = np.linalg.eigvalsh(measured.covariance)
    # Distances do not depend on where the cloud is, nor on how it is turned.
    spread = np.sqrt(variances[variances > _LEAST_VARIANCE * variances[-1]])
    shape = (len(different), len(spread))
    codes = _Near(different, generator)
    normal = _Near(generator.standard_normal(shape) * spread, generator)
    root = _estimated_root(measured.count, len(spread), generator) * spread
    again = generator.standard_normal((len(different), len(root))) @ root
    chance = nearest(again, k=1)[0].ravel()
    reach = max(codes.nearest.max(), normal.nearest.max())
    distance_edges = np.linspace(0, reach * (1 + 1e-9), _BINS + 1)
    wide = 2 * np.quantile(np.concatenate([codes.local, normal.local]), 0.9)
    dimension_edges = np.linspace(0, min(wide, 1e6), _BINS + 1)
    return Filaments(
        count=measured.count,
        used=len(different),
        repeated=len(chosen) - len(different),
        latent_size=measured.latent_size,
        codes=codes.grain(),
        normal=normal.grain(),
        distance_ratio=float(np.median(codes.nearest) / np.median(normal.nearest)),
        distance_apart=float(stats.ks_2samp(codes.nearest, normal.nearest).statistic),
        chance_ratio=float(np.median(normal.nearest) / np.median(chance)),
        chance_apart=float(stats.ks_2samp(normal.nearest, chance).statistic),
        distance_edges=tuple(distance_edges.tolist()),
        distance_counts=_counts(codes.nearest, distance_edges),
        normal_distance_counts=_counts(normal.nearest, distance_edges),
        dimension_edges=tuple(dimension_edges.tolist()),
        dimension_counts=_counts(codes.local, dimension_edges),
        normal_dimension_counts=_counts(normal.local, dimension_edges),
    )


class _Near:
    """Points, all different, and their nearest neighbors."""

    def __init__(
        self, points: Float64[np.ndarray, "count latent"], generator: np.random.Generator
    ) -> None:
        distances, self.rows = nearest(points, k=_MOST_NEIGHBORS)
        distances = np.maximum(distances, _LEAST_DISTANCE)
        self.nearest = distances[:, 0]
        self.ratios = distances[:, 1] / distances[:, 0]
        self.inverses = _inverse_dimensions(distances)
        self.local = 1 / np.maximum(self.inverses, 1e-6)
        chosen = generator.permutation(len(points))[:_TREE_POINTS]
        self.gap = _gap(points[chosen])

    def grain(self) -> Grain:
        mean = float(self.inverses.mean())
        high = np.quantile(self.inverses, [1 - each / 100 for each in _QUANTILES]).tolist()
        return Grain(
            dimension=_inverse(mean),
            dimension_quantiles={
                percent: _inverse(value) for percent, value in zip(_QUANTILES, high, strict=True)
            },
            two_nearest=_two_nearest(self.ratios),
            distance_quantiles={
                percent: float(np.percentile(self.nearest, percent)) for percent in _QUANTILES
            },
            pieces=_pieces(self.rows[:, :_GRAPH_NEIGHBORS]),
            gap=self.gap,
        )


def _estimated_root(
    count: int, size: int, generator: np.random.Generator
) -> Float64[np.ndarray, "rows {size}"]:
    """R such that RᵀR is the covariance that `count` points of N(0, I) are found to have.

    Source: M. S. Bartlett, Proceedings of the Royal Society of Edinburgh 53 (1933), 260,
    https://doi.org/10.1017/S0370164600015637.
    """
    freedom = count - 1
    if freedom <= size:
        return generator.standard_normal((freedom, size)) / np.sqrt(count)
    root = np.triu(generator.standard_normal((size, size)), 1)
    root[np.diag_indices(size)] = np.sqrt(generator.chisquare(freedom - np.arange(size)))
    return root / np.sqrt(count)


def _inverse_dimensions(
    distances: Float64[np.ndarray, "count neighbors"],
) -> Float64[np.ndarray, " count"]:
    """Mean of log(T_k / T_j) over j < k, averaged over k = 10 … 20, for each point."""
    logarithms = np.log(distances)
    before = np.cumsum(logarithms, axis=1)
    found = [
        logarithms[:, k - 1] - before[:, k - 2] / (k - 1)
        for k in range(_FEWEST_NEIGHBORS, _MOST_NEIGHBORS + 1)
    ]
    return np.maximum(np.mean(found, axis=0), 0.0)


def _two_nearest(ratios: Float64[np.ndarray, " count"]) -> float | None:
    """Slope through the origin of −log(1 − F) over log μ, without the largest tenth of the μ."""
    x = np.log(np.sort(ratios))
    y = -np.log1p(-np.arange(1, len(x) + 1) / (len(x) + 1))
    kept = int(_KEPT_RATIOS * len(x))
    square = float(x[:kept] @ x[:kept])
    return float(x[:kept] @ y[:kept]) / square if square > 1e-18 * kept else None


def _pieces(rows: Int64[np.ndarray, "count neighbors"]) -> tuple[int, ...]:
    """Sizes of the connected pieces of the neighbor graph."""
    count, k = rows.shape
    starts = np.repeat(np.arange(count), k)
    edges = coo_array((np.ones(count * k, np.int8), (starts, rows.ravel())), shape=(count, count))
    _, labels = connected_components(edges.tocsr(), directed=False)
    return tuple(np.sort(np.bincount(labels))[::-1].tolist())


def _gap(points: Float64[np.ndarray, "count latent"]) -> float:
    """The longest edge that parts 1 % of the points or more, over the median one.

    The merges of single linkage are the edges of the minimum spanning tree, the shortest first.
    """
    merges = linkage(points, "single")
    count = len(points)
    sizes = np.concatenate([np.ones(count), merges[:, 3]])
    smaller = sizes[merges[:, :2].astype(np.int64)].min(axis=1)
    lengths = merges[:, 2]
    parting = lengths[smaller >= max(_PIECE_SHARE * count, _FEWEST_PARTED)]
    median = max(float(np.median(lengths)), _LEAST_DISTANCE)
    return float(parting.max(initial=median) / median)


def _inverse(value: float) -> float | None:
    return 1 / value if value > 1e-9 else None


def _counts(
    values: Float64[np.ndarray, " count"], edges: Float64[np.ndarray, " edges"]
) -> tuple[int, ...]:
    """Values in each bin; the outermost bins take what lies beyond."""
    inside = np.clip(values, edges[0], edges[-1])
    return tuple(np.histogram(inside, edges)[0].tolist())


def _with_text_keys(quantiles: Any) -> dict[str, Any]:
    return {str(key): value for key, value in quantiles.items()}
