"""Every measurement of a latent space as the report knows it: numbers, a picture, two sentences.

The order is that of the page, from single points to the whole cloud.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from zspace.analysis.axes import axes
from zspace.analysis.clusters import clusters
from zspace.analysis.consistency import consistency
from zspace.analysis.correlations import correlations
from zspace.analysis.density import density
from zspace.analysis.deviations import deviations
from zspace.analysis.ellipsoid import ellipsoid
from zspace.analysis.filaments import filaments
from zspace.analysis.maps import maps
from zspace.analysis.pca import pca
from zspace.analysis.radius import radius
from zspace.errors import InputError
from zspace.figures.axes import axes_histograms
from zspace.figures.clusters import clusters_curve
from zspace.figures.consistency import consistency_panels
from zspace.figures.correlations import correlation_matrix
from zspace.figures.density import density_panels
from zspace.figures.deviations import deviation_histograms
from zspace.figures.ellipsoid import ellipsoid_panels
from zspace.figures.filaments import filament_panels
from zspace.figures.maps import map_panels
from zspace.figures.pca import pca_spectrum
from zspace.figures.radius import radius_histogram
from zspace.report.asked import asked_points
from zspace.report.coloring import colorings
from zspace.report.material import Material
from zspace.report.sentences.axes import about_axes
from zspace.report.sentences.clusters import about_clusters
from zspace.report.sentences.consistency import about_consistency
from zspace.report.sentences.correlations import about_correlations
from zspace.report.sentences.density import about_density
from zspace.report.sentences.deviations import about_deviations
from zspace.report.sentences.ellipsoid import about_ellipsoid
from zspace.report.sentences.filaments import about_filaments
from zspace.report.sentences.maps import about_maps
from zspace.report.sentences.pca import about_pca
from zspace.report.sentences.radius import about_radius

__all__ = ["MEASUREMENTS", "Measured", "Measurement"]

_SHOWN = 4000


@dataclass(frozen=True, eq=False)
class Measured:
    """What a measurement found.

    Attributes:
        text: two sentences about this run.
        numbers: as what JSON knows.
        figures: by the end of their files' names, "" for the first one.
        arrays: what is kept for others to read, such as the places on a map.
    """

    text: str
    numbers: dict[str, Any]
    figures: dict[str, Figure]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Measurement:
    """One of `MEASUREMENTS`.

    Attributes:
        title: its heading.
        shows: what its picture shows, for who cannot see it.
        theory: the page of the documentation that says why.
        own: the points it looks at unless told otherwise: ``"mean"``, ``"z"`` or ``"both"``.
        measure: does it; raises an `InputError` for what it does not apply to.
    """

    title: str
    shows: str
    theory: str
    own: str
    measure: Callable[[Material], Measured]


def _radius(material: Material) -> Measured:
    of_z, of_mean = radius(material.all("z")), radius(material.codes.mean)
    numbers = {"z": of_z.to_dict(), "mean": of_mean.to_dict()}
    text = about_radius(of_z, of_mean, subject=material.subject("z"))
    return Measured(text, numbers, {"": radius_histogram(of_z, of_mean)})


def _deviations(material: Material) -> Measured:
    codes = material.codes
    if codes.log_variance is None:
        raise InputError(
            "deviations are of a VAE's posteriors, a plain autoencoder has none; leave them out"
        )
    found = deviations(codes.mean, codes.log_variance, z=codes.z_blocks())
    text = about_deviations(found, material.subject("z"))
    return Measured(text, found.to_dict(), {"": deviation_histograms(found)})


def _axes(material: Material) -> Measured:
    found = axes(material.all("z"))
    text = about_axes(found, material.subject("z"))
    return Measured(text, found.to_dict(), {"": axes_histograms(found)})


def _pca(material: Material) -> Measured:
    found = pca(material.all("mean"))
    text = about_pca(found, material.subject("mean"))
    return Measured(text, found.to_dict(), {"": pca_spectrum(found)})


def _correlations(material: Material) -> Measured:
    found = correlations(material.all("mean"))
    text = about_correlations(found, material.subject("mean"))
    return Measured(text, found.to_dict(), {"": correlation_matrix(found)})


def _ellipsoid(material: Material) -> Measured:
    found = ellipsoid(material.all("z"), seed=material.seed)
    shown = material.chosen("z", material.rows(_SHOWN))
    text = about_ellipsoid(found, material.subject("z"))
    return Measured(text, found.to_dict(), {"": ellipsoid_panels(found, shown)})


def _density(material: Material) -> Measured:
    found = density(material.all("z"), asked_points(material), seed=material.seed)
    text = about_density(found, material.subject("z"))
    return Measured(text, found.to_dict(), {"": density_panels(found)})


def _consistency(material: Material) -> Measured:
    if material.decode is None or material.encode is None:
        raise InputError("consistency needs the model itself, none came; pass decode and encode")
    found = consistency(
        asked_points(material),
        codes=material.all("z"),
        decode=material.decode,
        encode=material.encode,
        means=material.codes.mean,
        seed=material.seed,
    )
    text = about_consistency(found, material.subject("z"))
    return Measured(text, found.to_dict(), {"": consistency_panels(found)})


def _filaments(material: Material) -> Measured:
    found = filaments(material.all("mean"), seed=material.seed)
    text = about_filaments(found, material.subject("mean"))
    return Measured(text, found.to_dict(), {"": filament_panels(found)})


def _clusters(material: Material) -> Measured:
    found = clusters(material.all("mean"), labels=material.codes.labels, seed=material.seed)
    text = about_clusters(found, material.subject("mean"))
    return Measured(text, found.to_dict(), {"": clusters_curve(found)})


def _maps(material: Material) -> Measured:
    rows = material.rows(material.map_count)
    found = maps(material.chosen("mean", rows), seed=material.seed)
    colors = colorings(material, rows)
    figures = {
        name if place else "": map_panels(found, colors=color)
        for place, (name, color) in enumerate(colors.items())
    }
    arrays = {"rows": rows} | {each.method: each.coordinates for each in found}
    numbers = {"count": len(rows), "maps": [each.to_dict() for each in found]}
    text = about_maps(found, material.subject("mean"))
    return Measured(text, numbers, figures, arrays)


MEASUREMENTS: dict[str, Measurement] = {
    "radius": Measurement(
        "Where the codes lie",
        "Histogram of the distances of the codes from the origin, beside the curves of N(0, I) "
        "and of a cube",
        "shell",
        "both",
        _radius,
    ),
    "deviations": Measurement(
        "What the noise does",
        "Histograms of the distance of z from its mean, and of the log-variances",
        "random-points",
        "both",
        _deviations,
    ),
    "axes": Measurement(
        "Axis by axis",
        "Histograms of the components on single axes, with normal curves",
        "ellipsoid",
        "z",
        _axes,
    ),
    "pca": Measurement(
        "Principal components",
        "Variance of each principal component, and their cumulative share",
        "ellipsoid",
        "mean",
        _pca,
    ),
    "correlations": Measurement(
        "Correlations between axes",
        "Matrix of the correlations of all axes, and the histogram of its coefficients",
        "ellipsoid",
        "mean",
        _correlations,
    ),
    "ellipsoid": Measurement(
        "The codes as one ellipsoid",
        "Mahalanobis radii beside what a normal distribution gives, and the cloud in two planes",
        "ellipsoid",
        "z",
        _ellipsoid,
    ),
    "density": Measurement(
        "Where random points land",
        "Distances of codes and of random points to the nearest codes",
        "random-points",
        "z",
        _density,
    ),
    "consistency": Measurement(
        "Decoded and encoded again",
        "How far z-points of several kinds come back when decoded and encoded again",
        "random-points",
        "z",
        _consistency,
    ),
    "filaments": Measurement(
        "One piece or many",
        "Distances to the nearest neighbor, local dimensions, and the sizes of the pieces",
        "random-points",
        "mean",
        _filaments,
    ),
    "clusters": Measurement(
        "Clusters",
        "Inertia of k-means over the number of clusters",
        "maps",
        "mean",
        _clusters,
    ),
    "maps": Measurement(
        "Maps of the codes",
        "The codes on maps by PCA and t-SNE, colored",
        "maps",
        "mean",
        _maps,
    ),
}
"""By the name that ``--only`` and the files in analysis/ have."""
