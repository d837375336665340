"""Whether the cloud is one piece, and how filled it is."""

from __future__ import annotations

from zspace.analysis.filaments import Filaments
from zspace.report.sentences.subject import Subject
from zspace.report.wording import number, percent

__all__ = ["about_filaments"]

_ALIKE = 0.04
_THIN = 0.85
_MOST_NAMED = 3


def about_filaments(measured: Filaments, subject: Subject) -> str:
    """What is connected, and local dimension and distances beside a normal cloud's.

    Args:
        measured: from `zspace.analysis.filaments`.
        subject: what was measured.
    """
    return f"{_pieces(measured, subject)} {_filled(measured)}"


def _pieces(measured: Filaments, subject: Subject) -> str:
    what = f"the {subject.name} of the {subject.images}"
    if measured.repeated:
        what += f" ({measured.repeated:,} repeated ones left out)"
    codes = measured.codes
    if measured.reading == "one piece":
        reached = (
            f"all {measured.used:,} points"
            if len(codes.pieces) == 1
            else f"{percent(codes.largest_share)} of {measured.used:,} points"
        )
        return (
            f"As far as neighbors tell, {what} are one piece: steps from a point to one of its ten "
            f"nearest lead through {reached}, and no gap in it is wider than chance would leave."
        )
    if codes.large_pieces < 2:
        return (
            f"Through {what} runs a gap {number(codes.gap)} times as wide as neighbors are apart, "
            f"where one piece would have {number(measured.gap_limit)} at most: there are several "
            "groups, though a few points bridge them."
        )
    shares = [percent(size / measured.used) for size in codes.pieces[:_MOST_NAMED]]
    named = ", ".join(shares[:-1]) + f" and {shares[-1]}"
    more = "the largest with " if codes.large_pieces > _MOST_NAMED else "with "
    named = f"{more}{named} of {measured.used:,} points"
    return (
        f"The cloud is not one: {what} fall into {codes.large_pieces:,} pieces, {named}, and no "
        "step from a point to one of its ten nearest leads across."
    )


def _filled(measured: Filaments) -> str:
    codes, normal = measured.codes.dimension, measured.normal.dimension
    if codes is None or normal is None:
        return "All neighbors are equally far away, so a dimension cannot be told."
    ratio = measured.distance_ratio / measured.chance_ratio
    close = f"Close by they have {codes:.3g} dimensions"
    if abs(ratio - 1) <= _ALIKE and abs(codes / normal - 1) < 1 - _THIN:
        return (
            f"{close}, a normal cloud of the same extent seen likewise {normal:.3g}, and "
            "neighbors are as far apart as there: nothing finer than the ellipsoid is in them."
        )
    near = percent(abs(1 - ratio))
    if ratio > 1 + _ALIKE:
        return (
            f"{close}, a normal cloud of the same extent {normal:.3g}, and the nearest neighbor is "
            f"{near} farther away than there: they are spread more evenly than a normal cloud."
        )
    distance = (
        f"and the nearest neighbor is {near} nearer than there"
        if ratio < 1 - _ALIKE
        else "though neighbors are as far apart as there"
    )
    end = (
        "the cloud is curved or thin within its ellipsoid, and does not fill it"
        if codes < _THIN * normal
        else "they are denser in places, with emptier ones between"
    )
    return f"{close} where a normal cloud of the same extent has {normal:.3g}, {distance}: {end}."
