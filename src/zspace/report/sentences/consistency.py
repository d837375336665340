"""How far random points come back, beside codes."""

from __future__ import annotations

from zspace.analysis.consistency import Consistency, Return
from zspace.analysis.random_kinds import ELLIPSOID, NORMAL
from zspace.report.sentences.subject import Subject
from zspace.report.wording import number, percent

__all__ = ["about_consistency"]

_AS_WELL, _NEARLY = 1.25, 3.0
_LOST = 0.5
_CUBE = "uniform ±"
_NAMES = {NORMAL: "N(0,\u00a0I)", ELLIPSOID: "the fitted ellipsoid"}


def about_consistency(measured: Consistency, subject: Subject) -> str:
    """How far codes come back, how much farther random points do, and of which kind the least.

    Args:
        measured: from `zspace.analysis.consistency`.
        subject: what was measured.
    """
    asked = measured.kind(NORMAL) or (measured.kinds[0] if measured.kinds else None)
    first = f"{_codes(measured, subject)}"
    if asked is None:
        return f"{first}."
    rest = _rest(measured, asked)
    return f"{first}{_verdict(measured, asked)}" + (f" {rest}" if rest else "")


def _codes(measured: Consistency, subject: Subject) -> str:
    typical = measured.codes.spreads[50]
    name = "z-points" if subject.is_vae else "codes"
    text = (
        f"Decoded and encoded again, {name} of the {subject.images} come back {number(typical)} of "
        "their spread away from where they were"
    )
    if subject.is_vae and typical > _LOST:
        text += " (the posteriors’ noise is lost, and the decoder makes little use of it)"
    return text


def _verdict(measured: Consistency, asked: Return) -> str:
    name = _NAMES.get(asked.name, asked.name)
    times = measured.times(asked)
    if times is None:
        away = number(asked.spreads[50])
        return f", and points of {name} {away}."
    if times <= _AS_WELL:
        how = "as near" if times >= 1 / _AS_WELL else "nearer still"
        return (
            f", points of {name} {how} ({number(times)} times as far): what the decoder makes of "
            "them, the encoder recognizes as it does images of the data."
        )
    if times <= _NEARLY:
        return (
            f", points of {name} {number(times)} times as far: their images are near to those of "
            "the data, but not of their kind."
        )
    cosine = ""
    if asked.cosine is not None:
        cosine = f", with a cosine of {number(asked.cosine[50])}"
    return (
        f", points of {name} {number(times)} times as far{cosine}: the encoder does not find in "
        "their images what they were made from."
    )


def _rest(measured: Consistency, asked: Return) -> str:
    """The ellipsoid and the cubes, as far as they were asked for."""
    parts = []
    fitted = measured.kind(ELLIPSOID)
    times = None if fitted is None or fitted is asked else measured.times(fitted)
    if times is not None:
        parts.append(f"points of the fitted ellipsoid come back {number(times)} times as far")
    cubes = [
        (each.name.removeprefix("uniform "), measured.times(each))
        for each in measured.kinds
        if each.name.startswith(_CUBE) and each is not asked
    ]
    known = [(limit, times) for limit, times in cubes if times is not None]
    if len(known) > 1:
        (low, near), (high, far) = known[0], known[-1]
        parts.append(f"those of cubes {number(near)} times ({low}) to {number(far)} times ({high})")
    if not parts:
        return ""
    told, codes = percent(asked.identified), percent(measured.codes.identified)
    name = _NAMES.get(asked.name, asked.name)
    text = ", ".join(parts)
    return (
        f"{text[:1].upper()}{text[1:]}; {told} of the points of {name} come back nearer to their "
        f"own place than to any other of {asked.count:,}, of codes {codes}."
    )
