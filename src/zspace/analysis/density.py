"""Where random points of several kinds lie among codes, and where codes of new images do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64

from zspace.analysis.blocks import Points
from zspace.analysis.held_out import LEVEL
from zspace.analysis.places import AMONG, READINGS, Density, Place, Places
from zspace.errors import InputError

__all__ = ["AMONG", "READINGS", "Densities", "Density", "Kind", "Place", "Places", "density"]

_BINS = 60
_QUANTILES = (5, 25, 50, 75, 95)


@dataclass(frozen=True)
class Kind:
    """Where the points of one kind lie.

    Attributes:
        name: of the kind, for example ``"N(0, I)"``.
        count: number of points.
        shares: share of them among the codes, at the border, and off the data.
        mahalanobis: Mahalanobis distance that 5, 25, 50, 75 and 95 % of them stay below.
        distance: the same of the distance to the k-th nearest code.
        radius: the same of the radius.
        distance_counts: points in each bin of `Densities.distance_edges`.
    """

    name: str
    count: int
    shares: tuple[float, ...]
    mahalanobis: dict[int, float]
    distance: dict[int, float]
    radius: dict[int, float]
    distance_counts: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        numbers = asdict(self)
        for name in ("mahalanobis", "distance", "radius"):
            numbers[name] = {str(key): value for key, value in numbers[name].items()}
        return numbers | {
            "shares": list(self.shares),
            "distance_counts": list(self.distance_counts),
        }


@dataclass(frozen=True)
class Densities:
    """Where random points of several kinds lie among codes.

    Attributes:
        count: number of codes N.
        latent_size: number of axes.
        used: codes that were asked, of those that the normal fit has not seen.
        k: the distance is to the k-th nearest of them.
        is_full: whether the fit knows how the cloud is turned.
        mahalanobis_border: Mahalanobis distance that 99 % of the codes stay within.
        distance_border: distance to the k-th nearest code that 99 % of the codes stay within.
        codes: these codes themselves, each judged without itself.
        kinds: the kinds that were asked for, in order.
        distance_edges: edges of the bins of the distance, at equal steps of its logarithm.
    """

    count: int
    latent_size: int
    used: int
    k: int
    is_full: bool
    mahalanobis_border: float
    distance_border: float
    codes: Kind
    kinds: tuple[Kind, ...]
    distance_edges: tuple[float, ...]

    def kind(self, name: str) -> Kind | None:
        """Where the points of the kind of this name lie, if it was asked for."""
        return next((each for each in self.kinds if each.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        return {
            **vars(self),
            "codes": self.codes.to_dict(),
            "kinds": [kind.to_dict() for kind in self.kinds],
            "distance_edges": list(self.distance_edges),
        }


def density(
    points: Points,
    asked: Mapping[str, Points],
    *,
    k: int = 10,
    sample: int = 10_000,
    seed: int = 1,
) -> Densities:
    """Measure where points of several kinds lie among codes.

    Args:
        points: the codes: an array (N, latent), memory-mapped or not, or blocks of one that can be
            read more than once.
        asked: points (n, latent) by the name of their kind: `zspace.analysis.random_kinds`, and
            codes of images that the model has not seen.
        k: which nearest code the distance is to.
        sample: how many codes to ask, at most.
        seed: of their choice.

    Returns:
        The numbers.

    Raises:
        InputError: if a value is not finite, there are too few points, or nothing is asked.
        ShapeError: if latent sizes differ.

    Example:
        >>> draw = np.random.default_rng(1).standard_normal
        >>> found = density(draw((2000, 8)), {"same": draw((500, 8)), "wide": 3 * draw((500, 8))})
        >>> tuple(round(kind.shares[0], 1) for kind in found.kinds)
        (1.0, 0.0)
    """
    if not asked:
        raise InputError("at least one kind of points was expected, none came; ask for random ones")
    reference = Density.of(points, k=k, sample=sample, seed=seed)
    found = {name: reference.places(each) for name, each in asked.items()}
    everything = np.concatenate([each.distance for each in (reference.own, *found.values())])
    edges = _logarithmic(everything)
    return Densities(
        count=reference.count,
        latent_size=reference.latent_size,
        used=len(reference.codes),
        k=k,
        is_full=reference.fit.is_full,
        mahalanobis_border=float(np.quantile(reference.own.mahalanobis, LEVEL)),
        distance_border=float(np.quantile(reference.own.distance, LEVEL)),
        codes=_kind("codes", reference.own, edges),
        kinds=tuple(_kind(name, each, edges) for name, each in found.items()),
        distance_edges=tuple(edges.tolist()),
    )


def _kind(name: str, places: Places, edges: Float64[np.ndarray, " edges"]) -> Kind:
    inside = np.clip(places.distance, edges[0], edges[-1])
    return Kind(
        name=name,
        count=len(inside),
        shares=places.shares(),
        mahalanobis=_quantiles(places.mahalanobis),
        distance=_quantiles(places.distance),
        radius=_quantiles(places.radius),
        distance_counts=tuple(np.histogram(inside, edges)[0].tolist()),
    )


def _logarithmic(distances: Float64[np.ndarray, " count"]) -> Float64[np.ndarray, " edges"]:
    """Edges from the smallest distance to the largest; 0 counts with the first bin."""
    high = max(float(distances.max()) * 1.0001, 1e-6)
    positive = distances[distances > 1e-6 * high]
    low = float(positive.min(initial=high)) * 0.9999
    return np.geomspace(min(low, 0.9 * high), high, _BINS + 1)


def _quantiles(values: Float64[np.ndarray, " count"]) -> dict[int, float]:
    return dict(zip(_QUANTILES, np.percentile(values, _QUANTILES).tolist(), strict=True))
