"""Which colorings the maps of a run get: what was asked for, or what tells most."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, Int64

from zspace.analysis.coloring import Coloring, attribute_names, coloring_names, coloring_of
from zspace.report.material import Material

__all__ = ["colorings"]

_RARE = 0.05


def colorings(material: Material, rows: Int64[np.ndarray, " chosen"]) -> dict[str, Coloring]:
    """Colorings of some codes, by name.

    Args:
        material: the codes; `material.colors` says by what, None takes the labels, or the attribute
            that the means tell apart best, then the radius, and KL for a VAE.
        rows: which of them.

    Raises:
        InputError: if there is nothing of a name that was asked for.

    Returns:
        At least one.
    """
    known = coloring_names(material.codes)
    asked = material.colors
    if asked is None:
        first = "label" if "label" in known else _telling_attribute(material)
        asked = tuple(name for name in (first, "radius", "kl") if name in known)
    found = {}
    for name in asked:
        found[name] = coloring_of(material.codes, name, rows=rows)
    return found


def _telling_attribute(material: Material) -> str:
    """The attribute whose two groups of means are farthest apart, in units of their spread."""
    names = attribute_names(material.codes)
    attributes = material.codes.attributes
    if not names or attributes is None:
        return ""
    rows = material.rows(5000)
    means = material.chosen("mean", rows).astype(np.float64)
    best, chosen = 0.0, names[0]
    for column, name in enumerate(names):
        has = np.asarray(attributes[rows, column]) > 0
        if not _RARE < has.mean() < 1 - _RARE:
            continue
        apart = _separation(means, has)
        if apart > best:
            best, chosen = apart, name
    return chosen


def _separation(means: Float64[np.ndarray, "chosen latent"], has: np.ndarray) -> float:
    """Distance of the groups along the line between their centers, over the spread on it."""
    line = means[has].mean(axis=0) - means[~has].mean(axis=0)
    length = float(np.linalg.norm(line))
    if not length > 0:
        return 0.0
    along = means @ (line / length)
    spread = np.sqrt(0.5 * (along[has].var() + along[~has].var()))
    return length / max(float(spread), 1e-12)
