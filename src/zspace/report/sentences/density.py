"""Which random points land among the codes."""

from __future__ import annotations

from zspace.analysis.density import Densities, Kind
from zspace.analysis.random_kinds import ELLIPSOID, NORMAL
from zspace.report.sentences.subject import Subject
from zspace.report.wording import number, percent

__all__ = ["about_density"]

_MOST, _HALF, _FEW = 0.8, 0.5, 0.05
_CUBE = "uniform ±"
_NAMES = {NORMAL: "N(0,\u00a0I)", ELLIPSOID: "the fitted ellipsoid"}


def about_density(measured: Densities, subject: Subject) -> str:
    """Where points of N(0, I) land and what gives them away; which other kinds do better.

    Args:
        measured: from `zspace.analysis.density`.
        subject: what was measured.
    """
    asked = measured.kind(NORMAL) or measured.kinds[0]
    first = _lands(asked, measured, subject)
    rest = _rest(measured, asked)
    return f"{first} {rest}" if rest else first


def _lands(kind: Kind, measured: Densities, subject: Subject) -> str:
    name = _NAMES.get(kind.name, kind.name)
    what = f"the {subject.name} of the {subject.images}"
    among = kind.shares[0]
    if among >= _MOST * measured.codes.shares[0]:
        return (
            f"Of the points of {name} {percent(among)} land among {what}, of which "
            f"{percent(measured.codes.shares[0])} are counted so themselves: the decoder is asked "
            "about places that it knows."
        )
    first = f"Only {percent(among)} of" if among > 0 else "None of"
    return f"{first} the points of {name} land among {what}: {_why(kind, measured)}."


def _why(kind: Kind, measured: Densities) -> str:
    """Which of the distances gives them away."""
    out = kind.mahalanobis[50] / measured.mahalanobis_border
    far = kind.distance[50] / measured.distance_border
    center = (
        f"they lie at {number(kind.mahalanobis[50])} from the center in units of the codes’ own "
        f"spread, where 99\u00a0% of codes stay within {number(measured.mahalanobis_border)}"
    )
    near = (
        f"the nearest codes (the {measured.k} nearest) are {number(kind.distance[50])} away, where "
        f"99\u00a0% of codes have theirs within {number(measured.distance_border)}"
    )
    if out > 1 and far > 1:
        return f"{center}, and {near}"
    if out > 1:
        return (
            f"{center}, though the distance to the {measured.k} nearest codes, "
            f"{number(kind.distance[50])}, is one that codes have among themselves"
        )
    if far > 1:
        return f"{near}, though the ellipsoid around all codes holds them"
    return (
        f"{number(kind.distance[50])} from the {measured.k} nearest codes is more than the "
        f"{number(measured.codes.distance[50])} usual among codes, in gaps between them"
    )


def _rest(measured: Densities, asked: Kind) -> str:
    """The cubes, the ellipsoid, and codes of other images, as far as they were asked for."""
    parts = []
    cubes = [kind for kind in measured.kinds if kind.name.startswith(_CUBE) and kind is not asked]
    good = [kind.name.removeprefix("uniform ") for kind in cubes if kind.shares[0] >= _HALF]
    if good:
        named = good[0] if len(good) == 1 else f"{', '.join(good[:-1])} and {good[-1]}"
        does, limit = ("does", "limit") if len(good) == 1 else ("do", "limits")
        parts.append(f"of the cubes most points of the {limit} {named} {does}")
    elif cubes:
        parts.append("no cube puts most of its points there")
    fitted = measured.kind(ELLIPSOID)
    if fitted is not None and fitted is not asked:
        share = percent(fitted.shares[0]) if fitted.shares[0] > 0 else "none"
        better = fitted.shares[0] > asked.shares[0] + 0.2
        end = ", so that is where to draw from" if better else ""
        parts.append(f"of the fitted ellipsoid’s {share} do{end}")
    others = [
        kind
        for kind in measured.kinds
        if kind not in cubes and kind not in (asked, fitted)
        if kind.shares[0] < _MOST * measured.codes.shares[0]
    ]
    parts += [
        f"of the {kind.name} points only {percent(kind.shares[0])} do, which the encoder places "
        "apart from those it was trained on"
        for kind in others[:1]
    ]
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "." if text else ""
