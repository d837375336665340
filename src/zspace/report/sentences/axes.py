"""What the distributions on single axes say: how nearly normal, how wide, how far off zero."""

from __future__ import annotations

import numpy as np

from zspace.analysis.axes import AxisShapes
from zspace.report.sentences.subject import Subject
from zspace.report.wording import number, percent

__all__ = ["about_axes"]

_MOST, _FEW = 0.9, 0.5


def about_axes(measured: AxisShapes, subject: Subject) -> str:
    """How many axes are nearly normal, and how their centers and widths compare with N(0, 1)."""
    what = f"the {subject.name} of the {subject.images}"
    varying = len(measured.order)
    median = measured.median_distance
    if median is None:
        return f"On none of {measured.latent_size:,} axes do {what} vary: there is no shape to see."
    if measured.chance > measured.threshold - 1e-12:
        first = (
            f"So few points ({measured.count:,}) look up to {percent(measured.chance)} off any "
            f"normal distribution by chance, which {measured.nearly_normal:,} of {varying:,} axes "
            "do not exceed: their shape cannot be told yet."
        )
        return f"{first} {_places(measured)}"
    first = (
        f"On {measured.nearly_normal:,} of {varying:,} axes {what} are nearly normal, with no "
        f"share off by more than {percent(measured.threshold)}; the median distance D is "
        f"{number(median)}, and chance alone gives up to {number(measured.chance)}"
    )
    share = measured.nearly_normal / varying
    if median <= measured.chance and share >= _MOST:
        first += ": the axes look as normal as so many points can show."
    elif share >= _MOST:
        first += "."
    elif share >= _FEW:
        first += ": a good part of the axes has a shape of its own."
    else:
        first += ": most axes are of another shape, so a normal draw on each misses what they do."
    return f"{first} {_places(measured)}"


def _places(measured: AxisShapes) -> str:
    order = list(measured.order)
    deviation = np.array(measured.deviation)[order]
    off = float(np.mean(np.abs(np.array(measured.mean)[order]) / deviation))
    low, high = float(deviation.min()), float(deviation.max())
    center = (
        "Centers lie at zero"
        if off < 0.1
        else f"Centers lie {number(off)} standard deviations off zero on average"
    )
    if low > 0.8 and high < 1.25:
        width = "and all are about as wide as N(0,\u00a01)"
    elif len(order) == 1:
        width = f"and the standard deviation is {number(low)}"
    else:
        width = (
            f"and standard deviations go from {number(low)} to {number(high)}, where those of "
            "N(0,\u00a01) are 1"
        )
    still = len(measured.constant)
    end = f"; {still:,} {'axis does' if still == 1 else 'axes do'} not vary" if still else ""
    return f"{center}, {width}{end}."
