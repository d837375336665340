"""The pictures of a comparison: every one shows all runs on the same axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import UInt8
from matplotlib.figure import Figure

from zspace.analysis.moments import moments
from zspace.analysis.radius import normal_mean_radius
from zspace.analysis.random_kinds import ELLIPSOID, NORMAL, random_kinds, uniform_name
from zspace.data.dataset import evenly_spaced
from zspace.errors import InputError
from zspace.figures.grids import image_grid
from zspace.figures.together import (
    bars_together,
    consistency_together,
    inertia_together,
    radii_together,
    spectra_together,
)
from zspace.report.compared_maps import maps_section
from zspace.report.gathered import Gathered
from zspace.report.page import Section
from zspace.report.pictures import Picture, picture_of_figure
from zspace.report.sides import Side
from zspace.report.wording import number, percent

__all__ = ["compared_sections"]

_SHOWN = 10
_LIMIT = 1.5


def compared_sections(
    found: Sequence[Side],
    measured: Mapping[str, Gathered],
    *,
    images: UInt8[np.ndarray, "count height width channels"],
) -> list[Section]:
    """All sections, in the order of the page.

    Args:
        found: the runs.
        measured: what was found for each, by name.
        images: some images of the data set, to be reconstructed by all.
    """
    return [
        _samples(found),
        _reconstructions(found, measured, images),
        _radii(measured),
        _landing(measured),
        _returning(measured),
        _spectra(measured),
        *_clusters(measured),
        maps_section(found),
    ]


def _picture(figure: Figure, caption: str = "") -> Picture:
    made = picture_of_figure(figure, "All runs in one figure, described above")
    return Picture(made.source, made.width, made.height, made.alternative, caption)


def _samples(found: Sequence[Side]) -> Section:
    """Random images of each run, by the same noise."""
    titles = {
        NORMAL: "z-points of N(0, I)",
        uniform_name(_LIMIT): f"z-points uniform in ±{_LIMIT:g}",
        ELLIPSOID: "z-points of the normal distribution fitted to each run’s codes",
    }
    drawn = {
        side.name: random_kinds(
            moments(side.material.all("z")),
            draws=_SHOWN,
            limits=(_LIMIT,),
            seed=side.material.seed,
        )
        for side in found
    }
    pictures = []
    for kind, title in titles.items():
        images = [_decoded(side, drawn[side.name][kind]) for side in found]
        grid = image_grid(
            np.concatenate(images), columns=_SHOWN, row_labels=[side.name for side in found],
            title=title,
        )  # fmt: skip
        pictures.append(_picture(grid))
    sizes = {side.material.codes.latent_size for side in found}
    same = "the same z-points" if len(sizes) == 1 else "z-points of the same seed"
    text = (
        f"In each picture a row shows what one run makes of {same}. In the first two all runs are "
        "asked about one distribution; in the last each is asked about the cloud that its own "
        "codes form."
    )
    return Section("samples", "Images from random z-points", text, pictures)


def _decoded(side: Side, z: np.ndarray) -> np.ndarray:
    if side.material.decode is None:
        raise InputError(f"{side.name} needs its model to be compared, none came; train it first")
    return side.material.decode(np.asarray(z, np.float32))


def _reconstructions(
    found: Sequence[Side],
    measured: Mapping[str, Gathered],
    images: UInt8[np.ndarray, "count height width channels"],
) -> Section:
    shown = images[evenly_spaced(len(images), _SHOWN)]
    rows = [shown.astype(np.float32) / 255]
    for side in found:
        if side.material.encode is None:
            raise InputError(f"{side.name} needs its model to be compared; train it first")
        rows.append(_decoded(side, side.material.encode(shown)))
    labels = ["original", *(side.name for side in found)]
    grid = image_grid(np.concatenate(rows), columns=len(shown), row_labels=labels)
    costs = {name: each.facts.term("reconstruction") for name, each in measured.items()}
    said = ", ".join(f"{number(cost)} nats in {name}" for name, cost in costs.items())
    near = ", ".join(
        f"{each.quality.psnr.mean():.1f} dB in {name}" for name, each in measured.items()
    )
    text = (
        "The same held-out images through each model, without noise. Describing an image given its "
        f"code costs {said}. The PSNR of {len(images)} of them is {near}; what is smoothed away "
        "here is what a run pays for the order of its codes."
    )
    return Section("reconstructions", "Reconstructions", text, [_picture(grid)])


def _radii(measured: Mapping[str, Gathered]) -> Section:
    said = "; ".join(
        f"{name} {number(each.z.mean)} ± {number(each.z.deviation)}, where N(0, I) has "
        f"{number(normal_mean_radius(each.z.latent_size))} ± 0.71"
        for name, each in measured.items()
    )
    text = (
        f"Mean radius and spread of the z-points: {said}. Where histogram and broken curve do not "
        "meet, random points of N(0, I) have radii that no code has."
    )
    figure = radii_together({name: each.z for name, each in measured.items()})
    return Section(
        "radius", "Where the codes lie", text, [_picture(figure)], theory="docs/theory/shell.md"
    )


def _landing(measured: Mapping[str, Gathered]) -> Section:
    shares = {
        name: {each.name: each.shares[0] for each in found.density.kinds}
        for name, found in measured.items()
    }
    kinds = set.intersection(*(set(each) for each in shares.values()))
    kept = {
        name: {kind: share for kind, share in each.items() if kind in kinds}
        for name, each in shares.items()
    }
    figure = bars_together(
        kept, title="Share of points that land among the codes", label="share of the points"
    )
    said = "; ".join(
        f"{name} {percent(each[NORMAL])} of N(0, I), {percent(each[ELLIPSOID])} of its ellipsoid"
        for name, each in kept.items()
    )
    text = (
        f"A point is among the codes if both its distance to the nearest codes and to their "
        f"center are ones that 95 % of the codes have. {said}."
    )
    return Section(
        "density", "Where random points land", text, [_picture(figure)],
        theory="docs/theory/random-points.md",
    )  # fmt: skip


def _returning(measured: Mapping[str, Gathered]) -> Section:
    found = {name: each.consistency for name, each in measured.items()}
    names = set.intersection(*({kind.name for kind in each.kinds} for each in found.values()))
    if any(len(each.kinds) != len(names) for each in found.values()):
        text = "The runs were asked about different kinds of points, so only the table tells."
        return Section("consistency", "Decoded and encoded again", text, [])
    said = "; ".join(
        f"{name} {_times(each.times(each.kind(NORMAL)))}"  # type: ignore[arg-type]
        for name, each in found.items()
    )
    text = (
        "How far the encoder puts an image from the z-point that it was decoded from, over the "
        f"same distance for codes. For points of N(0, I): {said}."
    )
    return Section(
        "consistency", "Decoded and encoded again", text, [_picture(consistency_together(found))],
        theory="docs/theory/random-points.md",
    )  # fmt: skip


def _times(value: float | None) -> str:
    return "–" if value is None else f"{number(value)} times"


def _spectra(measured: Mapping[str, Gathered]) -> Section:
    said = "; ".join(
        f"{name} {each.pca.axes_for(0.9)} of {each.pca.latent_size}"
        for name, each in measured.items()
    )
    text = (
        f"Components that hold 90 % of the variance of the means: {said}. A line that falls early "
        "is a cloud that is thin in most directions."
    )
    figure = spectra_together({name: each.pca for name, each in measured.items()})
    return Section(
        "pca", "Principal components", text, [_picture(figure)], theory="docs/theory/ellipsoid.md"
    )


def _clusters(measured: Mapping[str, Gathered]) -> list[Section]:
    found = {name: each.clusters for name, each in measured.items() if each.clusters is not None}
    if not found:
        return []
    said = "; ".join(
        f"{name} {'no clear elbow' if each.elbow is None else f'an elbow at k = {each.elbow}'}"
        for name, each in found.items()
    )
    figure = inertia_together(found)
    return [
        Section(
            "clusters", "Clusters", f"k-means finds in {said}.", [_picture(figure)],
            theory="docs/theory/maps.md",
        )
    ]  # fmt: skip
