"""A direction judged on codes that it was not made of: what it tells apart, what it takes along.

separation   the area under the ROC curve of the projections on it, with an interval
leakage      how the other attributes change when codes move along it
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Shaped
from scipy.special import expit, logit
from scipy.stats import norm, rankdata

from zspace.analysis.readers import FEWEST, Readers
from zspace.errors import InputError, ShapeError

__all__ = ["Leak", "Leakage", "Separation", "leakage", "separation"]


@dataclass(frozen=True)
class Separation:
    """How well a number tells codes with a property from those without.

    Attributes:
        auc: probability that it is larger for a code with it than for one without: 0.5 tells
            nothing, 1 all.
        low: lower end of the interval of `auc`.
        high: its upper end.
        level: probability of the interval.
        count_with: codes with the property.
        count_without: codes without it.
    """

    auc: float
    low: float
    high: float
    level: float
    count_with: int
    count_without: int

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        return asdict(self)


def separation(
    scores: Shaped[np.ndarray, " count"],
    has: Bool[np.ndarray, " count"],
    *,
    level: float = 0.95,
) -> Separation:
    """The area under the ROC curve, with an interval.

    A = P(score with > score without), ties counting one half. Its variance is V₁/m + V₀/n, with the
    variances of the shares of codes of the other group that each code has on its side, and the
    interval is normal on the scale of log(A / (1 − A)), so that it stays between 0 and 1. Where A
    is 0 or 1 and says nothing of the spread, the end inside is α^(1/min(m, n)), α = 1 − level.

    Source: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988), 837,
    https://doi.org/10.2307/2531595. For two normal clouds of one covariance S and means apart by d,
    the best direction has A = Φ(√(dᵀ·S⁻¹·d / 2)).

    Args:
        scores: a number for each code, such as its projection on a direction, (count,).
        has: whether each has the property, (count,); two at least do, and two do not.
        level: of the interval, between 0 and 1.

    Raises:
        InputError: if a group has fewer than two codes, or a score is not finite.
        ShapeError: if there are as many of the one as of the other.

    Example:
        >>> found = separation(np.array([1.0, 2, 3, 4, 5, 6]), np.array([0, 0, 1, 0, 1, 1]) > 0)
        >>> round(found.auc, 3)
        0.889
    """
    if len(scores) != len(has):
        raise ShapeError(f"a score for each of {len(has)} codes was expected, {len(scores)} came")
    values = scores.astype(np.float64)
    count_with, count_without = int(has.sum()), int((~has).sum())
    if min(count_with, count_without) < 2 or not np.isfinite(values).all():
        raise InputError(
            "finite scores of at least two codes with and two without were expected, "
            f"{count_with} with and {count_without} without came; hold more images out"
        )
    if not 0 < level < 1:
        raise InputError(f"level must be between 0 and 1, {level!r} came; give for example 0.95")
    ranks = rankdata(values)
    above = (ranks[has] - rankdata(values[has])) / count_without
    below = 1 - (ranks[~has] - rankdata(values[~has])) / count_with
    auc = float(above.mean())
    variance = above.var(ddof=1) / count_with + below.var(ddof=1) / count_without
    low, high = _interval(auc, float(np.sqrt(variance)), level, min(count_with, count_without))
    return Separation(auc, low, high, level, count_with, count_without)


def _interval(auc: float, deviation: float, level: float, fewer: int) -> tuple[float, float]:
    if not 0 < auc < 1:
        inside = (1 - level) ** (1 / fewer)
        return (inside, 1.0) if auc == 1 else (0.0, 1 - inside)
    half = norm.ppf(0.5 + level / 2) * deviation / (auc * (1 - auc))
    center = logit(auc)
    return float(expit(center - half)), float(expit(center + half))


@dataclass(frozen=True)
class Leak:
    """How much an attribute changes when held-out codes are moved along a direction by factor 1.

    Attributes:
        name: of the attribute.
        change: of its mean probability, read off the moved codes.
        image_change: the same where codes are decoded and encoded again, so read off the images;
            None where no model was asked.
        in_data: share that has it among held-out codes with the property the direction stands for,
            less the share among those without; None where that property is not known of them.
        cosine: of the angle between the direction and the attribute's own difference of means.
        reader_auc: how well its reader does on held-out codes; None where too few have it.
    """

    name: str
    change: float
    image_change: float | None
    in_data: float | None
    cosine: float
    reader_auc: float | None

    @property
    def seen(self) -> float:
        """The change in images where that is known, else the one in codes."""
        return self.change if self.image_change is None else self.image_change

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        return asdict(self)


@dataclass(frozen=True)
class Leakage:
    """What a direction changes, by attribute.

    Attributes:
        count: held-out codes that were moved.
        leaks: one for each attribute that can be read, the largest change seen first.
        left_out: attributes that too few codes have, or too few lack, to be read.
    """

    count: int
    leaks: tuple[Leak, ...]
    left_out: tuple[str, ...]

    def of(self, name: str) -> Leak | None:
        """The change of the attribute of this name, if it can be read."""
        return next((leak for leak in self.leaks if leak.name == name), None)

    def others(self, name: str | None) -> tuple[Leak, ...]:
        """All but the attribute of this name, the largest change first."""
        return tuple(leak for leak in self.leaks if leak.name != name)

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        return {
            "count": self.count,
            "leaks": [leak.to_dict() for leak in self.leaks],
            "left_out": list(self.left_out),
        }


def leakage(
    vector: Float64[np.ndarray, " latent"],
    points: Shaped[np.ndarray, "*_points"],
    *,
    readers: Readers,
    has: Bool[np.ndarray, "count attributes"],
    target: Bool[np.ndarray, " count"] | None = None,
    recode: Callable[[np.ndarray], np.ndarray] | None = None,
    most: int = 500,
) -> Leakage:
    """How much every attribute changes when codes move along a direction by factor 1.

    The change of attribute b is mean p_b(z + v) − p_b(z) over the held-out codes z, with the
    probability p_b of a reader fitted to other codes. In images it is mean p_b(r(z + v)) −
    p_b(r(z)), where r decodes a code and encodes the image. The two can be far apart: readers look
    at directions in which codes hardly vary, too, and these a decoder hardly shows.

    Args:
        vector: the direction, (latent,).
        points: held-out codes, (count, latent).
        readers: of the attributes, fitted to other codes.
        has: whether each held-out code has each of the readers' attributes, (count, attributes).
        target: which codes have the property that the direction stands for, (count,); those
            without it are moved. None, where it is not known, moves all.
        recode: decodes points (n, latent) and encodes the images; None leaves that out.
        most: how many are moved at most, evenly spaced; all are asked about the rest.

    Raises:
        InputError: if there is no code to move.
        ShapeError: if arrays do not fit each other.

    Example:
        >>> from zspace.analysis.readers import linear_readers
        >>> draw = np.random.default_rng(1).standard_normal((2000, 2))
        >>> has = draw > 0
        >>> readers = linear_readers(draw, has, names=["right", "up"])
        >>> found = leakage(np.array([1.0, 0.0]), draw, readers=readers, has=has)
        >>> {leak.name: abs(round(leak.change, 1)) for leak in found.leaks}
        {'right': 0.3, 'up': 0.0}
    """
    if vector.shape != readers.normals.shape[:1] or has.shape != (len(points), len(readers.names)):
        raise ShapeError(
            f"a direction of {len(readers.normals)} axes and ({len(points)}, {len(readers.names)}) "
            f"attributes were expected, {vector.shape} and {has.shape} came"
        )
    rows = np.arange(len(points)) if target is None else np.flatnonzero(~target)
    if len(rows) > most:
        rows = rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]
    start = np.asarray(points[rows], np.float64)
    if not len(start):
        raise InputError("at least one code to move was expected, none came; hold more images out")
    pairs = [(start, start + vector)]
    if recode is not None:
        pairs.append((recode(pairs[0][0]), recode(pairs[0][1])))
    changes = [
        (readers.probabilities(after) - readers.probabilities(before)).mean(axis=0)
        for before, after in pairs
    ]
    lengths = np.linalg.norm(readers.differences, axis=0) * np.linalg.norm(vector)
    cosines = (vector @ readers.differences) / np.maximum(lengths, 1e-300)
    scores = readers.scores(points)
    shares = None
    if target is not None and target.any():
        shares = has[target].mean(axis=0) - has[~target].mean(axis=0)
    leaks = [
        Leak(
            name=name,
            change=float(changes[0][column]),
            image_change=float(changes[1][column]) if recode is not None else None,
            in_data=None if shares is None else float(shares[column]),
            cosine=float(cosines[column]),
            reader_auc=_auc(scores[:, column], has[:, column]),
        )
        for column, name in enumerate(readers.names)
    ]
    leaks.sort(key=lambda leak: -abs(leak.seen))
    return Leakage(len(start), tuple(leaks), readers.left_out)


def _auc(scores: Float64[np.ndarray, " count"], has: Bool[np.ndarray, " count"]) -> float | None:
    if min(has.sum(), (~has).sum()) < FEWEST:
        return None
    return separation(scores, has).auc
