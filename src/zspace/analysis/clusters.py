"""Whether points fall into clusters: the inertia of k-means over k, and an elbow if there is one.

Every inertia curve is bent, that of one normal cloud too, so a bend alone says nothing. A clear
elbow is a k up to which inertia falls much more steeply than beyond it, as no smooth cloud's does.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64, Int
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import (
    adjusted_rand_score,
    normalized_mutual_info_score,
    pairwise_distances,
    silhouette_score,
)

from zspace.analysis.blocks import Points, point_blocks, replayable
from zspace.analysis.moments import Moments, NormalFit, moments
from zspace.analysis.neighbors import rows_of, some_rows
from zspace.errors import InputError, ShapeError

__all__ = ["KS", "Agreement", "Clusters", "clusters", "kneedle"]

KS = tuple(range(2, 81, 2))
"""The numbers of clusters that are tried: 2, 4, … 80."""

_FITTED = 20_000
_SILHOUETTE = 2000
_STARTED, _STARTED_FOR_A_CLUSTER = 4000, 40
"""How many points k-means starts on, at least so many for each cluster."""
_FEW, _MANY_STARTS = 10, 4
_SHARP = 2.5
_OF_NORMAL = 30
"""Iterations for a normal cloud, on which k-means is long in settling and gains 0.3 % by it."""
_POINTS_FOR_A_CLUSTER = 2
_BLOCK_VALUES = 1 << 22


@dataclass(frozen=True)
class Agreement:
    """How clusters go along with labels.

    Attributes:
        k: number of clusters.
        adjusted_rand: 1 if clusters are the classes, 0 as by chance.
        mutual_information: normalized, 1 if they are the classes, 0 if they tell nothing of them.
    """

    k: int
    adjusted_rand: float
    mutual_information: float


@dataclass(frozen=True)
class Clusters:
    """What k-means found for each k.

    Attributes:
        count: number of points N.
        latent_size: number of axes.
        used: how many points the centers were fitted to; inertia is of all N.
        ks: numbers of clusters, ascending.
        inertia: mean squared distance of a point to the nearest center, for each k.
        total: the same for k = 1: the sum of all variances.
        silhouette: mean silhouette of up to 2,000 points for each k; None where fewer than two
            clusters have points among them.
        knee: where kneedle finds the bend of the curve; None for fewer than three k.
        normal_knee: where it finds that of a normal cloud with the same mean and covariance, whose
            curve is smooth and taken at fewer k.
        elbow: k of a clear elbow; None if there is none.
        sharpness: at the elbow, or where it is greatest: how many times more steeply inertia falls
            from k/2 to k than from k to 2k, in logarithms; None where no k has both.
        normal_sharpness: the greatest one of the normal cloud.
        classes: agreement with the labels at k = number of classes; None without labels.
        best: agreement at the k where it is greatest.
    """

    count: int
    latent_size: int
    used: int
    ks: tuple[int, ...]
    inertia: tuple[float, ...]
    total: float
    silhouette: tuple[float | None, ...]
    knee: int | None
    normal_knee: int | None
    elbow: int | None
    sharpness: float | None
    normal_sharpness: float | None
    classes: Agreement | None
    best: Agreement | None

    @property
    def best_agreement(self) -> float | None:
        """The greatest adjusted Rand index, where there are labels."""
        return None if self.best is None else self.best.adjusted_rand

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        lists = {name: list(getattr(self, name)) for name in ("ks", "inertia", "silhouette")}
        return asdict(self) | lists


def clusters(
    points: Points,
    *,
    ks: Sequence[int] = KS,
    labels: Int[np.ndarray, " count"] | None = None,
    seed: int = 1,
) -> Clusters:
    """Run k-means for several k, and look for an elbow.

    Centers are fitted to 4,000 points, the best of four starts up to k = 10, and from there to up
    to 20,000 until they settle. The inertia is that of all points, in one pass for all k.

    The elbow: kneedle (V. Satopaa, J. Albrecht, D. Irwin, B. Raghavan, "Finding a kneedle in a
    haystack", 2011, https://doi.org/10.1109/ICDCSW.2011.20) finds a bend in every curve, so its k
    is given beside that of a normal cloud with the same covariance. A *clear* elbow needs more:
    from k/2 to k inertia falls at least 2.5 times as steeply as from k to 2k, and so much more
    than the normal cloud's at any k. On a normal cloud in d dimensions both slopes are about 2/d,
    on a uniform one and on a curve likewise, whatever k is.

    Args:
        points: an array (N, latent), memory-mapped or not, or blocks of one that can be read more
            than once.
        ks: numbers of clusters, at least 2 each; those for which there are fewer than two points
            for each cluster are left out.
        labels: class of each point.
        seed: of all random choices.

    Returns:
        The numbers.

    Raises:
        InputError: if a value is not finite, a k is below 2, points are too few for all of them, or
            all are one point.
        ShapeError: if there is not one label for each point.

    Example:
        >>> centers = np.repeat(np.eye(3) * 50, 100, axis=0)
        >>> points = centers + np.random.default_rng(1).standard_normal((300, 3))
        >>> clusters(points, ks=range(2, 13)).elbow
        3
    """
    measured = moments(replayable(points))
    total = float(np.trace(measured.covariance))
    chosen = _chosen_ks(ks, measured.count)
    if not total > 0:
        raise InputError(
            "points that differ were expected, but all are one point; the encoder gives the same "
            "for every image: train it, or look at its KL term"
        )
    if labels is not None and len(labels) != measured.count:
        raise ShapeError(
            f"one label for each of {measured.count} points was expected, {len(labels)} came"
        )
    rows = some_rows(measured.count, _FITTED, seed=seed)
    sample = rows_of(points, rows).astype(np.float32)
    curve = _Curve(sample, total, seed)
    normal = _Curve(_normal_points(measured, len(rows), seed), None, seed)
    smooth = _thinned(chosen)
    for k in chosen:
        curve.fit(k)
    for k in smooth:
        normal.fit(k, most_iterations=_OF_NORMAL)
    elbow, sharpness, normal_sharpness = _elbow(curve, normal, chosen)
    names = None if labels is None else np.asarray(labels)[rows]
    classes, best = _agreements(curve, names)
    return Clusters(
        count=measured.count,
        latent_size=measured.latent_size,
        used=len(rows),
        ks=chosen,
        inertia=_inertia(points, [curve.centers[k] for k in chosen], measured.count),
        total=total,
        silhouette=_silhouettes(curve, chosen, seed),
        knee=kneedle(chosen, [curve.inertia[k] for k in chosen]),
        normal_knee=kneedle(smooth, [normal.inertia[k] for k in smooth]),
        elbow=elbow,
        sharpness=sharpness,
        normal_sharpness=normal_sharpness,
        classes=classes,
        best=best,
    )


def kneedle(ks: Sequence[int], inertia: Sequence[float]) -> int | None:
    """Where a falling curve bends most: the k that is farthest below the chord of its ends.

    Both axes are scaled to 0 … 1 and the difference of curve and diagonal is taken, as kneedle does
    for a convex, decreasing curve.

    Args:
        ks: ascending.
        inertia: one for each.

    Returns:
        The k, or None for fewer than three, or a curve that does not fall.

    Example:
        >>> kneedle([1, 2, 3, 4, 5], [10.0, 5.0, 1.0, 0.9, 0.8])
        3
    """
    x, y = np.asarray(ks, np.float64), np.asarray(inertia, np.float64)
    if len(x) < 3 or not y[0] > y[-1]:
        return None
    below = (1 - (x - x[0]) / (x[-1] - x[0])) - (y - y[-1]) / (y[0] - y[-1])
    place = int(np.argmax(below))
    return int(ks[place]) if below[place] > 0 else None


class _Curve:
    """k-means of some points, for one k after the other."""

    def __init__(
        self, points: Float32[np.ndarray, "fitted latent"], total: float | None, seed: int
    ) -> None:
        self.points, self.seed = points, seed
        whole = float(points.astype(np.float64).var(axis=0).sum())
        self.inertia: dict[int, float] = {1: whole if total is None else total}
        self.centers: dict[int, np.ndarray] = {}
        self.labels: dict[int, Int[np.ndarray, " fitted"]] = {}

    def fit(self, k: int, *, most_iterations: int = 300) -> None:
        starts = _MANY_STARTS if k <= _FEW else 1
        few = max(_STARTED, _STARTED_FOR_A_CLUSTER * k)
        options = {"max_iter": most_iterations, "random_state": self.seed}
        with warnings.catch_warnings():
            # Of points that are the same there may be fewer than k; some clusters are empty then.
            warnings.simplefilter("ignore", ConvergenceWarning)
            rows = some_rows(len(self.points), few, seed=self.seed)
            found = KMeans(k, n_init=starts, **options).fit(self.points[rows])
            if len(rows) < len(self.points):
                found = KMeans(k, init=found.cluster_centers_, **options).fit(self.points)
        self.inertia[k] = float(found.inertia_) / len(self.points)
        self.centers[k], self.labels[k] = found.cluster_centers_, found.labels_

    def sharpness(self, k: int) -> float | None:
        """Slope of the logarithms from k/2 to k over that from k to 2k."""
        known = sorted(self.inertia)
        if 2 * k > known[-1]:
            return None
        tiny = 1e-12 * self.inertia[1]
        values = np.log(np.maximum([self.inertia[each] for each in known], tiny))
        at = np.interp(np.log([k / 2, k, 2 * k]), np.log(known), values)
        before, after = at[0] - at[1], at[1] - at[2]
        return float(max(before, 0.0) / max(after, 1e-3 * max(before, 0.0), 1e-9))


def _elbow(
    curve: _Curve, normal: _Curve, ks: Sequence[int]
) -> tuple[int | None, float | None, float | None]:
    """The k of a clear elbow, its sharpness or the greatest one, and the normal cloud's."""
    found = {k: sharp for k in ks if (sharp := curve.sharpness(k)) is not None}
    usual = [sharp for k in sorted(normal.labels) if (sharp := normal.sharpness(k)) is not None]
    if not found:
        return None, None, None
    elbow = _first_greatest(found)
    if found[elbow] < _SHARP * max(1.0, *usual):
        return None, found[elbow], max(usual)
    # The k between those of the grid were not tried; one of them may be the true one.
    for near in (elbow - 1, elbow + 1):
        if near not in curve.inertia and near > 1:
            curve.fit(near)
    close = [k for k in (elbow - 1, elbow, elbow + 1) if k in curve.inertia and k > 1]
    sharp_near = {k: curve.sharpness(k) or 0.0 for k in close}
    best = _first_greatest(sharp_near)
    return best, sharp_near[best], max(usual)


def _first_greatest(sharpness: dict[int, float]) -> int:
    """The smallest k whose sharpness is the greatest but for rounding."""
    enough = (1 - 1e-9) * max(sharpness.values())
    return min(k for k, value in sharpness.items() if value >= enough)


def _chosen_ks(ks: Sequence[int], count: int) -> tuple[int, ...]:
    if not ks or min(ks) < 2:
        raise InputError(f"k must be at least 2, {sorted(ks)[:1]} came; try 2, 4, … 80")
    kept = tuple(sorted({int(k) for k in ks if _POINTS_FOR_A_CLUSTER * k <= count}))
    if not kept:
        raise InputError(
            f"k-means with k = {min(ks)} needs at least {_POINTS_FOR_A_CLUSTER * min(ks)} points, "
            f"{count} came; encode more images"
        )
    return kept


def _thinned(ks: tuple[int, ...]) -> tuple[int, ...]:
    """Some of the k, the first and the last too, each about √2 times the one before."""
    steps = round(2 * float(np.log2(ks[-1] / ks[0]))) + 1
    wanted = np.geomspace(ks[0], ks[-1], steps)
    places = np.abs(np.log(ks)[:, None] - np.log(wanted)).argmin(axis=0)
    return tuple(ks[place] for place in np.unique(places))


def _normal_points(measured: Moments, count: int, seed: int) -> Float32[np.ndarray, "count latent"]:
    """As many points of the normal distribution with the same mean and covariance."""
    fit = NormalFit.of(measured, full=measured.count > measured.latent_size)
    noise = np.random.default_rng(seed).standard_normal((count, measured.latent_size))
    return fit.place(noise).astype(np.float32)


def _inertia(points: Points, centers: list[np.ndarray], count: int) -> tuple[float, ...]:
    """Mean squared distance of all points to the nearest center, for each set of centers."""
    stacked = np.concatenate(centers).astype(np.float64)
    middle = stacked.mean(axis=0)
    turned = (stacked - middle).T
    norms = np.einsum("ij,ij->j", turned, turned)
    ends = np.cumsum([len(each) for each in centers])
    starts = ends - [len(each) for each in centers]
    sums: Float64[np.ndarray, " ks"] = np.zeros(len(centers))
    step = max(1, _BLOCK_VALUES // len(stacked))
    for block in point_blocks(points):
        for first in range(0, len(block), step):
            # Around the centers, as distances far from the origin would cancel.
            near = block[first : first + step] - middle
            squares = norms - 2 * (near @ turned)
            least = np.minimum.reduceat(squares, starts, axis=1)
            sums += np.maximum(least + np.einsum("ij,ij->i", near, near)[:, None], 0).sum(axis=0)
    return tuple((sums / count).tolist())


def _silhouettes(curve: _Curve, ks: Sequence[int], seed: int) -> tuple[float | None, ...]:
    """P. Rousseeuw, 1987, https://doi.org/10.1016/0377-0427(87)90125-7."""
    chosen = np.random.default_rng(seed).permutation(len(curve.points))[:_SILHOUETTE]
    distances = pairwise_distances(curve.points[chosen])
    np.fill_diagonal(distances, 0)
    found: list[float | None] = []
    for k in ks:
        labels = curve.labels[k][chosen]
        several = 2 <= len(np.unique(labels)) < len(labels)
        score = silhouette_score(distances, labels, metric="precomputed") if several else None
        found.append(None if score is None else float(score))
    return tuple(found)


def _agreements(
    curve: _Curve, names: Int[np.ndarray, " fitted"] | None
) -> tuple[Agreement | None, Agreement | None]:
    """At k = number of classes, and at the best of all k."""
    classes = 0 if names is None else len(np.unique(names))
    if names is None or classes < 2:
        return None, None
    if classes not in curve.labels and classes <= len(names) // _POINTS_FOR_A_CLUSTER:
        curve.fit(classes)
    found = [
        Agreement(
            k,
            float(adjusted_rand_score(names, labels)),
            float(normalized_mutual_info_score(names, labels)),
        )
        for k, labels in sorted(curve.labels.items())
    ]
    best = max(found, key=lambda each: each.adjusted_rand)
    return next((each for each in found if each.k == classes), None), best
