"""Where the codes lie, beside N(0, I)."""

from __future__ import annotations

from zspace.analysis.radius import Radius, normal_mean_radius, normal_radius_deviation
from zspace.report.sentences.subject import Subject
from zspace.report.wording import number, percent, with_spread

__all__ = ["about_radius"]

_NORMAL = "N(0,\u00a0I)"


def about_radius(z: Radius, mean: Radius | None, *, subject: Subject) -> str:
    """How far out the codes are, how thick their shell is, and what of it is noise.

    Args:
        z: radii of the z-points; of the codes, for a plain autoencoder.
        mean: radii of the posterior means, where there are any.
        subject: what was measured.
    """
    expected = normal_mean_radius(z.latent_size)
    deviation = normal_radius_deviation(z.latent_size)
    away = z.mean / expected - 1
    if abs(away) < 0.02:
        place = "as far out as"
    elif away > 1:
        place = f"{number(z.mean / expected)} times as far out as"
    else:
        place = f"{percent(abs(away))} {'farther out' if away > 0 else 'nearer'} than"
    name = "z-points" if subject.is_vae else "codes"
    first = (
        f"The {name} of the {subject.images} have radii of "
        f"{with_spread(z.mean, z.deviation)}, {place} those of {_NORMAL} "
        f"({with_spread(expected, deviation)}), and 98\u00a0% lie between "
        f"{number(z.quantiles[1])} and {number(z.quantiles[99])}."
    )
    if not subject.is_vae:
        times = z.deviation / deviation
        return first + (
            f" Their spread is {number(times)} times that of {_NORMAL}: without a KL term nothing "
            "holds them to a shell, or to the origin."
        )
    if mean is None:
        return first
    if mean.mean > 0.98 * z.mean:
        return first + (
            f" The means alone lie at {number(mean.mean)}, nearly the same: the posteriors have "
            "become so narrow that this is an autoencoder in all but name."
        )
    return first + (
        f" The posterior means alone lie at {number(mean.mean)}: noise that the posterior adds "
        f"makes up {percent(1 - (mean.mean / z.mean) ** 2)} of the squared radius."
    )
