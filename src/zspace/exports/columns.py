"""What is known about each code besides its numbers, as columns of a table."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
from jaxtyping import Float, Int64, Shaped, UInt8

from zspace.codes import Codes

__all__ = ["Images", "Places", "columns", "image_blocks_rows"]

Images = Callable[[Int64[np.ndarray, " rows"]], UInt8[np.ndarray, "rows height width channels"]]
"""Gives the images of some numbers of the data set, as ``Dataset.rows`` does."""

Places = dict[str, Shaped[np.ndarray, "..."]]
"""Places on maps: ``rows`` (n,) of the codes that have one, and an array (n, 2) for each map."""

_BLOCK = 1024
_OWN = ("index", "label", "radius", "kl", "z", "image")


def image_blocks_rows(count: int) -> list[slice]:
    """Rows in pieces that are small enough to hold images of."""
    return [slice(start, min(start + _BLOCK, count)) for start in range(0, count, _BLOCK)]


def columns(
    codes: Codes,
    rows: slice,
    *,
    z: Float[np.ndarray, "rows latent"],
    taken: Collection[str] = (),
) -> dict[str, np.ndarray]:
    """Columns of some codes: image number, label, attributes, radius, and KL to N(0, I).

    Args:
        codes: to write.
        rows: which of them.
        z: their z-points.
        taken: names of other columns of the table, beside those that every table may have.

    Returns:
        Arrays of one length by name. A label is its class's name, where classes have names, or its
        number as text if it has none; an attribute is 1 or 0, and named ``attribute_NAME`` where
        NAME is that of another column.

    Example:
        >>> codes = Codes(mean=np.ones((2, 4), np.float32), index=np.array([7, 9]))
        >>> found = columns(codes, slice(0, 2), z=codes.mean)
        >>> {name: column.tolist() for name, column in found.items()}
        {'index': [7, 9], 'radius': [2.0, 2.0]}
    """
    found: dict[str, np.ndarray] = {"index": np.asarray(codes.index[rows])}
    if codes.labels is not None:
        labels = np.asarray(codes.labels[rows])
        known = dict(enumerate(map(str, codes.information.get("label_names") or [])))
        named = [known.get(each, str(each)) for each in labels.tolist()]
        found["label"] = np.array(named) if known else labels
    if codes.attributes is not None:
        names = _attribute_names(codes, codes.attributes.shape[1], taken)
        for column, name in enumerate(names):
            found[name] = (np.asarray(codes.attributes[rows, column]) > 0).astype(np.int8)
    found["radius"] = np.linalg.norm(z, axis=1).astype(np.float32)
    if codes.log_variance is not None and codes.scale_tril is None:
        mean = np.asarray(codes.mean[rows], np.float64)
        width = np.asarray(codes.log_variance[rows], np.float64)
        kl = 0.5 * (mean**2 + np.expm1(width) - width).sum(axis=1)
        found["kl"] = kl.astype(np.float32)
    return found


def _attribute_names(codes: Codes, count: int, taken: Collection[str]) -> list[str]:
    """One name for each attribute that no other column has.

    Upper and lower case count as the same, as they do for DuckDB, which embedding-atlas asks.
    """
    given = codes.information.get("attribute_names") or []
    used = {name.casefold() for name in (*_OWN, *taken)}
    found = []
    for column in range(count):
        name = str(given[column]) if column < len(given) else f"attribute_{column}"
        while name.casefold() in used:
            name = f"attribute_{name}"
        used.add(name.casefold())
        found.append(name)
    return found
