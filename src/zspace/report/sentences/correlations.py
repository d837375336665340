"""What the correlations of the axes say: whether axes are coordinates on their own."""

from __future__ import annotations

import math

from zspace.analysis.correlations import Correlations
from zspace.report.sentences.subject import Subject
from zspace.report.wording import number, percent

__all__ = ["about_correlations"]

_CHANCE = 1.05
_SCATTER = 0.756  # of abs(r) by chance: its standard deviation over its mean
_WEAK = 0.05
_COPY = 0.9


def about_correlations(measured: Correlations, subject: Subject) -> str:
    """How strongly axes correlate beside chance, and what that means for drawing axis by axis."""
    what = f"the {subject.name} of the {subject.images}"
    if (
        measured.mean_absolute is None
        or measured.largest is None
        or measured.chance_mean is None
        or measured.chance_largest is None
        or measured.share_beyond is None
    ):
        axes = "No axis varies" if not measured.axes else "Only one axis varies"
        return f"{axes} among {what}, so there is nothing to correlate."
    times = measured.mean_absolute / measured.chance_mean
    first = (
        f"Among {what} a pair of axes correlates with abs(r)\u00a0= "
        f"{number(measured.mean_absolute)} on average, where independent axes would show "
        f"{number(measured.chance_mean)} in {measured.count:,} points"
    )
    if measured.constant:
        number_of = len(measured.constant)
        first += f" ({number_of:,} constant {'axis' if number_of == 1 else 'axes'} left out)"
    most = _CHANCE + 3 * _SCATTER / math.sqrt(measured.pairs)
    if times < most and measured.largest < 1.5 * measured.chance_largest:
        return (
            f"{first}. The largest, {number(measured.largest)}, is about what chance reaches "
            f"({number(measured.chance_largest)}): the axes are uncorrelated as far as so many "
            "points can tell."
        )
    one, other, r = measured.strongest[0]
    strongest = f"axes {one} and {other} the most (r\u00a0= {r:.2f})".replace("-", "−")
    if measured.mean_absolute < _WEAK:
        end = (
            "real, but weak: axis by axis the cloud is described well enough."
            if measured.largest < _COPY
            else "single pairs say nearly the same, the rest next to nothing of each other."
        )
    elif measured.largest >= _COPY:
        end = (
            "some axes all but repeat others, so points drawn axis by axis do not follow the cloud."
        )
    else:
        end = "the cloud is turned against its axes, so drawing axis by axis does not follow it."
    return (
        f"{first}. {percent(measured.share_beyond)} of the pairs exceed "
        f"{number(measured.chance_largest)}, the most that chance would reach, {strongest}: {end}"
    )
