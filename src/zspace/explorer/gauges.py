"""What of the analysis moves along with the current point: four pictures, as numbers.

How far from the origin it lies, how far from the images, how far out of their cloud, and where on
the first principal components. The second and the third are what a warning off the data is made of.
`gauges` gives what stays, `marks` what each point changes.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float64, Real

from zspace.analysis.held_out import LEVEL
from zspace.analysis.mixture import NormalMixture
from zspace.analysis.neighbors import rows_of, some_rows
from zspace.analysis.places import AMONG, READINGS, Place
from zspace.analysis.radius import (
    normal_mean_radius,
    normal_radius_density,
    normal_radius_deviation,
)
from zspace.explorer.coding import as_z
from zspace.explorer.once import Once

if TYPE_CHECKING:
    from zspace.explorer.side import Side

__all__ = ["COMPONENTS", "gauges", "marks"]

COMPONENTS = 8
"""Principal components that are shown."""

_ASKED = 1000
_FEWEST_BINS, _MOST_BINS = 6, 36
_CURVE = 160
_NOTHING = 0.05
_REACH = 3.0
"""Standard deviations to both sides of the mean in which nearly all random points are."""

_lock = threading.Lock()
_made: weakref.WeakKeyDictionary[Side, Once[dict[str, Any]]] = weakref.WeakKeyDictionary()


def gauges(side: Side) -> dict[str, Any]:
    """The pictures without a point, as what JSON knows; made once for each model.

    ``radius``, ``distance`` and ``cloud`` are histograms: `title`, `label` of the axis, `text`,
    `filled` (the z-points of the images: `name`, `edges`, `counts`, `total`), and `outlines` to
    compare with (`name`, `style`, and either `edges`, `counts` and `total`, or the points `x`, `y`
    of a density). The last two have `limits` too: beyond the first a point is at the border, beyond
    the second off the data. ``components`` has `names`.

    Args:
        side: the model. Takes less than a second for 170,000 codes of 256 axes, once its density
            is there.

    Raises:
        InputError: if there are fewer than four codes.
    """
    with _lock:
        once = _made.setdefault(side, Once(most=1))
    return once.get("gauges", lambda: _all_gauges(side))


def marks(side: Side, z: Real[np.ndarray, " size"], *, place: Place) -> dict[str, Any]:
    """Where the current point stands in each of `gauges`, as what JSON knows.

    Args:
        side: the model.
        z: the point.
        place: of this point, as in the reading that is made anyway: ``side.reading(z).place``.

    Returns:
        For each of `gauges` its `text`, `zone` (0 among the codes, 1 at their border, 2 off the
        data), and `value`, or the `scores` in standard deviations.

    Raises:
        InputError: if the point is not finite.
        ShapeError: if it has another latent size.
    """
    own = side.density.own
    scores = _scores(side, as_z(z, size=side.latent_size))
    return {
        "radius": {
            "value": place.radius,
            "text": _beside(place.radius_percentile, "farther out than", "nearer than"),
            "zone": 0,
        },
        "distance": {
            "value": place.distance,
            "text": _beside(place.distance_percentile, "lonelier than", "less lonely than"),
            "zone": _zone(own.distance, place.distance),
        },
        "cloud": {
            "value": place.mahalanobis,
            "text": _beside(place.mahalanobis_percentile, "farther out than", "nearer than"),
            "zone": _zone(own.mahalanobis, place.mahalanobis),
        },
        "components": {"scores": scores, "text": _about_scores(scores), "zone": 0},
    }


def _all_gauges(side: Side) -> dict[str, Any]:
    prior = NormalMixture.of_codes(side.codes)
    compared = {"random": prior.sample(_ASKED, seed=1)}
    names = {"random": "N(0, I)" if prior.is_standard else "the model’s prior"}
    if side.codes.log_variance is not None:
        rows = some_rows(side.codes.count, _ASKED)
        compared["means"] = rows_of(side.codes.mean, rows)
        names["means"] = "images’ means"
    places = {style: side.density.places(points) for style, points in compared.items()}
    own = side.density.own

    def histograms(kind: str) -> dict[str, Any]:
        outlines = [
            {"name": names[style], "style": style, **_histogram(getattr(found, kind))}
            for style, found in places.items()
        ]
        filled = "images" if len(places) == 1 else "images’ z-points"
        return {
            "filled": {"name": filled, **_histogram(getattr(own, kind))},
            "outlines": outlines,
        }

    radius = histograms("radius")
    if prior.is_standard:
        radius["outlines"][0] = {"name": names["random"], "style": "random", **_chi(side)}
    radii = {style: found.radius for style, found in places.items()}
    nearest = f"{_ordinal(side.density.k)} nearest image"
    return {
        "radius": {
            "title": "How far from the origin",
            "label": "radius",
            "text": _about_radius(side, prior, radii, name=names["random"]),
            **radius,
        },
        "distance": {
            "title": "How far from the images",
            "label": f"distance to the {nearest}",
            "text": f"The {nearest} is "
            + _about_limits(own.distance, places["random"].distance, name=names["random"]),
            "limits": list(_limits(own.distance)),
            **histograms("distance"),
        },
        "cloud": {
            "title": "How far out of their cloud",
            "label": "distance from the center, in units of spread",
            "text": "Each direction counts by how far images spread along it. The center is "
            + _about_limits(own.mahalanobis, places["random"].mahalanobis, name=names["random"]),
            "limits": list(_limits(own.mahalanobis)),
            **histograms("mahalanobis"),
        },
        "components": _components(side),
    }


def _chi(side: Side) -> dict[str, Any]:
    """The density of the radii of N(0, I), which is known."""
    middle, spread = _shell(side)
    x = np.linspace(max(0.0, middle - 5 * spread), middle + 5 * spread, _CURVE)
    return {"x": x.tolist(), "y": normal_radius_density(x, side.latent_size).tolist()}


def _shell(side: Side) -> tuple[float, float]:
    return normal_mean_radius(side.latent_size), normal_radius_deviation(side.latent_size)


def _about_radius(
    side: Side,
    prior: NormalMixture,
    radii: dict[str, Float64[np.ndarray, " points"]],
    *,
    name: str,
) -> str:
    own = side.density.own.radius
    middle, spread = float(radii["random"].mean()), float(radii["random"].std())
    if prior.is_standard:
        middle, spread = _shell(side)
    low, high = max(0.0, middle - _REACH * spread), middle + _REACH * spread
    share = 100 * float(((low <= own) & (own <= high)).mean())
    subject = "Images’ z-points" if "means" in radii else "Images"
    text = (
        f"{subject} lie {own.mean():.2f} ± {own.std():.2f} from the origin, points of {name} "
        f"{middle:.2f} ± {spread:.2f}; {_percent(share)} of the images are where nearly all of "
        "these are."
    )
    if "means" in radii:
        means = radii["means"]
        text += f" A click on a code leads to its mean, {means.mean():.2f} ± {means.std():.2f} out."
    return text


def _about_limits(
    own: Float64[np.ndarray, " sample"], random: Float64[np.ndarray, " asked"], *, name: str
) -> str:
    near, far = _limits(own)
    share = _percent(100 * float((random > far).mean()))
    beyond = {"none": f"no point of {name} lies", "all": f"all points of {name} lie"}
    beyond_it = beyond.get(share, f"{share} of the points of {name} lie")
    return (
        f"within {near:.2f} for {100 * AMONG:.0f} % of the images, within {far:.2f} for "
        f"{100 * LEVEL:.0f} %; {beyond_it} beyond, {READINGS[2]}."
    )


def _components(side: Side) -> dict[str, Any]:
    pca = side.pca
    count = min(COMPONENTS, pca.rank)
    share = 100 * float(pca.shares[:count].sum())
    text = (
        f"Along the first {count} of {pca.latent_size} principal components, which hold "
        f"{_percent(share)} of what the codes differ in. Most codes lie within two standard "
        "deviations."
    )
    if count == 0:
        text = "All codes are one point, so there is nothing along which they differ."
    return {
        "title": "Where on the principal components",
        "label": "standard deviations of the codes, from their mean",
        "text": text,
        "names": [str(number + 1) for number in range(count)],
    }


def _histogram(values: Float64[np.ndarray, " count"]) -> dict[str, Any]:
    """Counts in bins of one width, from the smallest value to the largest."""
    wanted = int(np.clip(2 * np.cbrt(len(values)), _FEWEST_BINS, _MOST_BINS))
    counts, edges = np.histogram(values, bins=wanted)
    return {"edges": edges.tolist(), "counts": counts.tolist(), "total": len(values)}


def _scores(side: Side, z: Float64[np.ndarray, " latent"]) -> list[float]:
    """The first principal components of a point, in standard deviations of the codes."""
    pca = side.pca
    count = min(COMPONENTS, pca.rank)
    found = pca.components[:count] @ (z - pca.center) / np.sqrt(pca.variances[:count])
    scores: list[float] = found.tolist()
    return scores


def _about_scores(scores: list[float]) -> str:
    row = int(np.argmax(np.abs(scores))) if scores else 0
    if not scores or abs(scores[row]) < _NOTHING:
        return "at the mean code"
    text = f"{scores[row]:+.1f}".replace("-", "−")
    return f"farthest out on component {row + 1}: {text}"


def _limits(own: Float64[np.ndarray, " sample"]) -> tuple[float, float]:
    """What 95 and 99 % of the codes stay within, as `Density.read` has it."""
    near, far = np.quantile(own, (AMONG, LEVEL))
    return float(near), float(far)


def _zone(own: Float64[np.ndarray, " sample"], value: float) -> int:
    return int(np.searchsorted(_limits(own), value))


def _beside(percentile: float, more: str, less: str) -> str:
    """How a point compares with the images."""
    if percentile <= 0:
        return f"{less} any image"
    return f"{more} " + (
        "every image" if percentile >= 100 else f"{_percent(percentile)} of the images"
    )


def _percent(value: float) -> str:
    """Whole percents, but never 100 where it is not all, nor 0 where it is not none."""
    if value <= 0 or value >= 100:
        return "none" if value <= 0 else "all"
    if 1 <= value <= 99:
        return f"{value:.0f} %"
    return f"{min(value, 99.9):.1f} %" if value >= 0.05 else "less than 0.1 %"


def _ordinal(number: int) -> str:
    teens = 10 <= number % 100 <= 20
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
