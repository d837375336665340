"""The rows of a comparison: what is held against each other, and who does better at it."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping

from zspace.analysis.radius import normal_mean_radius
from zspace.analysis.random_kinds import ELLIPSOID, NORMAL
from zspace.report.gathered import Gathered
from zspace.report.verdicts import Row, best, row
from zspace.report.wording import number, percent

__all__ = ["verdict_rows"]

_REACHED, _MISSED = 0.5, 0.05
_CLOSE = 1.5

Values = Mapping[str, float | None]


def verdict_rows(measured: Mapping[str, Gathered]) -> list[Row]:
    """All rows, from the loss to the map.

    Args:
        measured: what was found for each run, by its name.
    """
    rows = [*_loss_rows(measured), *_cloud_rows(measured), *_random_rows(measured)]
    return [each for each in rows if set(each.values) != {"–"}]


def _values(
    measured: Mapping[str, Gathered], value: Callable[[Gathered], float | None]
) -> dict[str, float | None]:
    return {name: value(found) for name, found in measured.items()}


def _loss_rows(measured: Mapping[str, Gathered]) -> list[Row]:
    reconstruction = _values(measured, lambda found: found.facts.term("reconstruction"))
    kl = _values(measured, lambda found: found.facts.term("kl") if found.facts.is_vae else None)
    width = _values(
        measured,
        lambda found: (
            None if found.deviations is None else math.exp(0.5 * found.deviations.log_variance_mean)
        ),
    )
    lowest = functools.partial(best, lowest=True, what="reconstructs best")
    quality = _values(measured, lambda found: found.quality.to_dict()["psnr"])
    alike = _values(measured, lambda found: found.quality.to_dict()["ssim"])
    nearest = functools.partial(best, lowest=False, what="keeps the most of an image")
    return [
        row("PSNR of held-out images, decoded from their means, dB", quality, verdict=_about_psnr),
        row("SSIM of held-out images", alike, verdict=nearest),
        row("reconstruction term, nats per image", reconstruction, verdict=lowest),
        row("KL, nats per image", kl, verdict=_about_kl),
        row("width of the posteriors (prior: 1)", width, verdict=_about_width),
    ]


def _about_psnr(values: Values) -> str:
    known = {name: value for name, value in values.items() if value is not None}
    order = sorted(known, key=known.__getitem__, reverse=True)
    if len(order) < 2:
        return "Only one run has it." if order else "No run has it."
    ahead = [f"{known[order[0]] - known[name]:.1f} dB ahead of {name}" for name in order[1:]]
    return f"{order[0]} keeps the most of an image, {', '.join(ahead)}."


def _about_kl(values: Values) -> str:
    known = {name: value for name, value in values.items() if value is not None}
    if len(known) < 2:
        return "A plain autoencoder has none." if len(known) < len(values) else "One run only."
    least, most = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    return (
        f"Codes of {most} hold up to {number(known[most])} nats about an image, those of {least} "
        f"{number(known[least])}."
    )


def _about_width(values: Values) -> str:
    known = {name: value for name, value in values.items() if value is not None}
    points = [name for name, value in known.items() if value < 0.1]
    if points:
        return f"{_listed(points)}: hardly more than points, a plain autoencoder in disguise."
    return "None has collapsed to points."


def _cloud_rows(measured: Mapping[str, Gathered]) -> list[Row]:
    expected = {name: normal_mean_radius(found.z.latent_size) for name, found in measured.items()}
    radius = _values(measured, lambda found: found.z.mean)
    spread = _values(measured, lambda found: found.z.deviation)
    origin = _values(measured, lambda found: found.ellipsoid.origin_deviations)
    dimension = _values(measured, lambda found: found.pca.effective_dimension)
    pieces = _values(measured, lambda found: float(found.filaments.codes.large_pieces))
    agreement = _values(
        measured, lambda found: None if found.clusters is None else found.clusters.best_agreement
    )
    return [
        row("mean radius of z", radius, verdict=lambda values: _about_radius(values, expected)),
        row("spread of the radius (N(0, I): 0.71)", spread, verdict=_about_spread),
        row("center to origin, in deviations along that line", origin, verdict=_about_origin),
        row("effective dimension of the means", dimension, verdict=_about_dimension),
        row("pieces of the cloud", pieces, verdict=_about_pieces),
        row(
            "agreement of clusters with labels (adjusted Rand)",
            agreement,
            verdict=functools.partial(best, lowest=False, what="keeps classes apart best"),
        ),
    ]


def _about_radius(values: Values, expected: Mapping[str, float]) -> str:
    said = []
    for name, value in values.items():
        away = (value or 0.0) / expected[name] - 1
        if abs(away) < 0.05:
            said.append(f"{name} is where N(0, I) is")
        else:
            where = "outside" if away > 0 else "inside"
            said.append(f"{name} {percent(abs(away))} {where} of it")
    return "; ".join(said) + "."


def _about_spread(values: Values) -> str:
    thin = [name for name, value in values.items() if value is not None and value < 1.5 * 0.71]
    if not thin:
        return "No cloud is a thin shell."
    if len(thin) == len(values):
        return "All are thin shells."
    return f"Only {_listed(thin)} is a thin shell."


def _about_origin(values: Values) -> str:
    off = [name for name, value in values.items() if value is not None and value > 2]
    if not off:
        return "All clouds lie around the origin."
    return f"The cloud of {_listed(off)} lies to one side of the origin."


def _about_dimension(values: Values) -> str:
    known = {name: value for name, value in values.items() if value is not None}
    most = max(known, key=known.__getitem__)
    return f"{most} spreads its codes over the most directions." if len(known) > 1 else ""


def _about_pieces(values: Values) -> str:
    many = [name for name, value in values.items() if value is not None and value > 1]
    return f"{_listed(many)} is in pieces." if many else "Each cloud is one piece."


def _random_rows(measured: Mapping[str, Gathered]) -> list[Row]:
    rows = []
    for kind, words in ((NORMAL, "points of N(0, I)"), (ELLIPSOID, "points of the ellipsoid")):
        among = _values(measured, functools.partial(_among, kind=kind))
        times = _values(measured, functools.partial(_times, kind=kind))
        rows += [
            row(f"{words} among the codes", among, verdict=_about_among, share=True),
            row(
                f"{words}, decoded and encoded: distance, over that of codes",
                times,
                verdict=_about_times,
            ),
        ]
    return rows


def _among(found: Gathered, *, kind: str) -> float | None:
    return next((each.shares[0] for each in found.density.kinds if each.name == kind), None)


def _times(found: Gathered, *, kind: str) -> float | None:
    asked = found.consistency.kind(kind)
    return None if asked is None else found.consistency.times(asked)


def _about_among(values: Values) -> str:
    good = [name for name, value in values.items() if value is not None and value > _REACHED]
    bad = [name for name, value in values.items() if value is not None and value < _MISSED]
    if good and bad:
        return f"They land among the codes of {_listed(good)}, and miss those of {_listed(bad)}."
    if good:
        return "They land among the codes of all." if len(good) == len(values) else _mixed(good)
    return "They miss the codes of all." if len(bad) == len(values) else "They land at the borders."


def _mixed(good: list[str]) -> str:
    return f"They land among the codes of {_listed(good)}, at the border of the rest."


def _about_times(values: Values) -> str:
    near = [name for name, value in values.items() if value is not None and value <= _CLOSE]
    far = [name for name, value in values.items() if value is not None and value > 3]
    said = []
    if near:
        said.append(f"Images of {_listed(near)} are encoded back as codes are")
    if far:
        said.append(f"those of {_listed(far)} come back as something else")
    if not said:
        return "None comes back quite as codes do."
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}."


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
