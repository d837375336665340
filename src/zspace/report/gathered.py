"""What is measured of each run that is compared, on the same kinds of points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt8

from zspace.analysis.clusters import Clusters, clusters
from zspace.analysis.consistency import Consistency, consistency
from zspace.analysis.density import Densities, density
from zspace.analysis.deviations import Deviations, deviations
from zspace.analysis.ellipsoid import Ellipsoid, ellipsoid
from zspace.analysis.filaments import Filaments, filaments
from zspace.analysis.pca import PCA, pca
from zspace.analysis.quality import Quality, image_quality
from zspace.analysis.radius import Radius, radius
from zspace.errors import InputError
from zspace.report.asked import asked_points
from zspace.report.facts import Facts
from zspace.report.material import Material, require_finite
from zspace.report.sides import Side

__all__ = ["Gathered", "gather_side"]


@dataclass(frozen=True, eq=False)
class Gathered:
    """The measurements of one run.

    Attributes:
        facts: its recipe, environment and history.
        z: radii of its z-points.
        mean: radii of its means.
        deviations: z beside the means; None for a plain autoencoder.
        pca: principal components of the means.
        ellipsoid: normal fit of the z-points.
        density: where random points land.
        consistency: how far they come back.
        filaments: whether the means are one piece.
        clusters: inertia of the means; None where they are too few.
        quality: of held-out images, encoded and decoded.
    """

    facts: Facts
    z: Radius
    mean: Radius
    deviations: Deviations | None
    pca: PCA
    ellipsoid: Ellipsoid
    density: Densities
    consistency: Consistency
    filaments: Filaments
    clusters: Clusters | None
    quality: Quality

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        parts = {name: value for name, value in vars(self).items() if name != "facts"}
        return {name: None if part is None else part.to_dict() for name, part in parts.items()}


def gather_side(side: Side, images: UInt8[np.ndarray, "count height width channels"]) -> Gathered:
    """Measure a run.

    Args:
        side: with decode and encode in its material.
        images: held out, to be reconstructed.

    Raises:
        InputError: if codes are not finite or too few, or there is no model.
    """
    material: Material = side.material
    require_finite(material.codes, material.split)
    if material.decode is None or material.encode is None:
        raise InputError(f"{side.name} needs its model to be compared, none came; train it first")
    codes, asked = material.codes, asked_points(material)
    return Gathered(
        facts=side.facts,
        z=radius(material.all("z")),
        mean=radius(codes.mean),
        deviations=None
        if codes.log_variance is None
        else deviations(codes.mean, codes.log_variance, z=codes.z_blocks()),
        pca=pca(material.all("mean")),
        ellipsoid=ellipsoid(material.all("z"), seed=material.seed),
        density=density(material.all("z"), asked, seed=material.seed),
        consistency=consistency(
            asked,
            codes=material.all("z"),
            decode=material.decode,
            encode=material.encode,
            means=codes.mean,
            seed=material.seed,
        ),
        filaments=filaments(material.all("mean"), seed=material.seed),
        clusters=_clusters(material),
        quality=image_quality(material.decode(material.encode(images)), images),
    )


def _clusters(material: Material) -> Clusters | None:
    try:
        return clusters(material.all("mean"), labels=material.codes.labels, seed=material.seed)
    except InputError:
        return None
