"""What the principal components say: how many directions count, and how unlike they are."""

from __future__ import annotations

import math

from zspace.analysis.pca import PCA
from zspace.report.sentences.subject import Subject
from zspace.report.wording import number, percent

__all__ = ["about_pca"]

_ALIKE = 2.0
_PRIOR = 3.0
_DOMINANT = 0.5
_FLAT = 30.0
_POINTS_FOR_AN_AXIS = 3


def about_pca(measured: PCA, subject: Subject) -> str:
    """How many components hold the variance, and what that means for latent size and sampling."""
    size, dimension = measured.latent_size, measured.effective_dimension
    what = f"the {subject.name} of the {subject.images}"
    if dimension is None:
        return f"Along no direction do {what} vary at all: the encoder gives the same for all."
    if size == 1:
        return (
            f"There is one axis only, on which {what} have the variance {number(_first(measured))}."
        )
    ninety, all_but_one = measured.axes_for(0.9), measured.axes_for(0.99)
    first = (
        f"Of the variance of {what} 90\u00a0% lies along {ninety:,} of {size:,} components and "
        f"99\u00a0% along {all_but_one:,}; together they count as {number(dimension)} equal ones "
        "(participation ratio)."
    )
    return f"{first} {_judgment(measured, subject, all_but_one)}"


def _first(measured: PCA) -> float:
    return float(measured.variances[0])


def _judgment(measured: PCA, subject: Subject, needed: int) -> str:
    size = measured.latent_size
    top, last = _first(measured), float(measured.variances[-1])
    if measured.rank < size:
        reason = (
            f" (no more than {measured.count:,} points can span)"
            if measured.rank >= measured.count - 1
            else ""
        )
        return f"Along {size - measured.rank:,} of them nothing varies{reason}."
    # Even of a ball so many points show widths that differ (Marchenko and Pastur).
    ratio = math.sqrt(size / measured.count)
    if math.sqrt(top / last) < _ALIKE * (1 + ratio) / max(1 - ratio, 0.01):
        if measured.count < _POINTS_FOR_AN_AXIS * size:
            return f"Whether the cloud is round cannot be told from {measured.count:,} points."
        width = math.sqrt(float(measured.variances.mean()))
        near = (
            "as N(0,\u00a0I) asks for" if 0.8 < width < 1.25 else f"with a width of {number(width)}"
        )
        return f"No direction is preferred: the cloud is nearly round, {near}."
    if measured.shares[0] > _DOMINANT:
        share = percent(float(measured.shares[0]))
        return f"The first alone holds {share}: nearly one line of points."
    # Where KL counts, means have a variance of at most about 1, and next to none on other axes.
    if subject.is_vae and subject.points == "mean" and needed < 0.5 * size and top < _PRIOR:
        return (
            f"On the other {size - needed:,} the images hardly differ: KL has switched them off, "
            f"and a latent size of about {needed:,} would hold the same."
        )
    times = math.sqrt(top / last)
    shape = "a thin slice of the space" if times > _FLAT else "an ellipsoid, not a ball"
    return (
        f"The cloud is {number(times)} times as wide along the first as along the last, {shape}: "
        "points drawn alike in all directions are not spread as these are."
    )
