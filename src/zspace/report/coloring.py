"""What the maps of a run are colored by: labels, attributes, radius, KL."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, Int64

from zspace.analysis.posteriors import Posteriors
from zspace.analysis.rate import image_rates
from zspace.errors import InputError, did_you_mean
from zspace.figures.maps import Coloring
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
    known = _names(material)
    asked = material.colors
    if asked is None:
        first = "label" if "label" in known else _telling_attribute(material)
        asked = tuple(name for name in (first, "radius", "kl") if name in known)
    found = {}
    for name in asked:
        if name not in known:
            raise InputError(f"maps cannot be colored by {name!r}; {did_you_mean(name, known)}")
        found[name] = _coloring(material, rows, name)
    return found


def _names(material: Material) -> list[str]:
    names = ["radius"]
    if material.codes.labels is not None:
        names.append("label")
    if material.is_vae and material.prior.is_normal:
        names.append("kl")
    return names + _attribute_names(material)


def _attribute_names(material: Material) -> list[str]:
    if material.codes.attributes is None:
        return []
    return [str(name) for name in material.codes.information.get("attribute_names") or []]


def _coloring(material: Material, rows: Int64[np.ndarray, " chosen"], name: str) -> Coloring:
    codes = material.codes
    if name == "radius":
        z = material.chosen("z", rows)
        return Coloring("radius of z", np.linalg.norm(z, axis=1))
    if name == "kl":
        values = image_rates(Posteriors.of_codes(codes).rows(rows), material.prior)
        return Coloring("KL of the image", values, unit="nats")
    if name == "label" and codes.labels is not None:
        labels = np.asarray(codes.labels[rows])
        classes = np.unique(np.asarray(codes.labels))
        given = codes.information.get("label_names") or []
        names = tuple(str(given[each]) if each < len(given) else str(each) for each in classes)
        return Coloring("label", np.searchsorted(classes, labels), names)
    column = _attribute_names(material).index(name)
    assert codes.attributes is not None
    has = (np.asarray(codes.attributes[rows, column]) > 0).astype(np.int64)
    words = name.replace("_", " ")
    return Coloring(words, has, ("without", f"with {words}"))


def _telling_attribute(material: Material) -> str:
    """The attribute whose two groups of means are farthest apart, in units of their spread."""
    names = _attribute_names(material)
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
