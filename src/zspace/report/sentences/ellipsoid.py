"""What the ellipsoid says: whether the cloud is one, where it lies, and who lands in it."""

from __future__ import annotations

import numpy as np

from zspace.analysis.ellipsoid import Ellipsoid
from zspace.report.sentences.subject import Subject
from zspace.report.wording import number, percent

__all__ = ["about_ellipsoid"]

_GOOD, _FAIR = 0.05, 0.15
_WIDE = 1.5
_NORMAL = "N(0,\u00a0I)"


def about_ellipsoid(measured: Ellipsoid, subject: Subject) -> str:
    """How well one normal cloud describes the points, and where the origin lies beside it."""
    what = f"the {subject.name} of the {subject.images}"
    if not measured.rank:
        away = number(measured.center_radius)
        return f"All {what} are one and the same point, {away} from the origin."
    return f"{_fit(measured, what)} {_origin(measured, subject)}"


def _fit(measured: Ellipsoid, what: str) -> str:
    expected, found = measured.expected_quantiles(), measured.radii.quantiles
    if measured.distance is None or expected is None:
        return (
            f"{measured.count:,} points are too few to see how a cloud in {measured.latent_size:,} "
            "axes is turned, so the axes were taken as independent and the fit was not judged."
        )
    spread = (
        f"98\u00a0% of their radii, in units of the cloud’s own spread, are {number(found[1])} to "
        f"{number(found[99])}, and a normal cloud’s would be {number(expected[1])} to "
        f"{number(expected[99])}"
    )
    if measured.distance <= max(_GOOD, 1.5 * measured.chance):
        well = f"well (D\u00a0= {number(measured.distance)})"
        return f"One normal cloud describes {what} {well}: {spread}."
    ratio = (found[99] - found[1]) / (expected[99] - expected[1])
    why = (
        "many are far nearer to the center and many far farther out"
        if ratio > 1.5
        else (
            f"half of them are within {number(found[50])} of the center, of a normal cloud’s "
            f"within {number(expected[50])}"
        )
    )
    how = "only roughly" if measured.distance <= _FAIR else "poorly"
    return (
        f"As one normal cloud {what} are described {how} (D\u00a0= {number(measured.distance)}): "
        f"{spread}; {why}."
    )


def _origin(measured: Ellipsoid, subject: Subject) -> str:
    share = percent(measured.center_share)
    center = (
        f"The center lies {number(measured.center_radius)} from the origin "
        f"({share} of the mean squared radius)"
    )
    off = measured.origin_deviations
    if off is not None and off > 0:
        center += f", {number(off)} standard deviations along that line"
    place = {
        "inside": "the origin is inside the cloud",
        "border": "the origin is near the cloud’s border",
        "outside": "the origin is outside the cloud",
    }[measured.origin_place]
    if measured.origin_distance is not None:
        place += (
            f" (at {number(measured.origin_distance)} of its units, where 99\u00a0% of points are "
            f"within {number(measured.border)})"
        )
    return f"{center}; {place}, and {_who_lands(measured, subject)}."


def _who_lands(measured: Ellipsoid, subject: Subject) -> str:
    inside = percent(measured.normal_inside)
    if measured.normal_inside >= 0.9:
        lands = f"{inside} of the points of {_NORMAL} land in it"
        wide = float(np.exp(np.log(measured.semi_axes[: measured.rank]).mean()))
        if wide > _WIDE:
            return f"{lands}, but fill only a spot, as it is {number(wide)} times as wide as these"
        return f"{lands}, as they should"
    few = f"only {inside} of the points" if measured.normal_inside > 0 else "no point"
    land = f"{few} of {_NORMAL} {'land' if measured.normal_inside > 0 else 'lands'} in it"
    if subject.is_vae and subject.points == "mean":
        return f"{land}; but means lack the posteriors’ noise, so z-points have the last word"
    return land + (": draw from the ellipsoid instead" if measured.normal_inside < 0.5 else "")
