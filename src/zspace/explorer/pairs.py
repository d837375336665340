"""The same point in two models, which have no axis in common but the images."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Real

from zspace.explorer.side import Side

__all__ = ["Counterpart", "counterpart"]


class Counterpart(NamedTuple):
    """What stands for a z-point of one model in another one.

    Attributes:
        z: the point in the other model, (latent,).
        row: of the same image's code there, where it has one.
        text: how it was found, for a person.
    """

    z: Float64[np.ndarray, " latent"]
    row: int | None
    text: str


def counterpart(
    z: Real[np.ndarray, " size"], row: int | None = None, *, side: Side, other: Side
) -> Counterpart:
    """Find the point of another model that shows the same.

    A code has the code of the same image for it. Any other point is decoded here and the image
    encoded there, which shows what the other model makes of it.

    Args:
        z: a point of the first model.
        row: of the code that it is, where it is one.
        side: the first model.
        other: the second, of images of the same shape.

    Raises:
        InputError: if the point is not finite, or the other model has no encoder at hand.
        ShapeError: if its images have another shape.
        BusyError: if too many ask at once.
    """
    if row is not None:
        there = other.row_of(int(side.codes.index[row])) if _same_images(side, other) else None
        if there is not None:
            text = f"the code of the same image in {other.name}"
            return Counterpart(other.code(there), there, text)
    image = side.image(z)
    found = other.coding.encode(image[None])[0]
    return Counterpart(found, None, f"the image of {side.name}, encoded by {other.name}")


def _same_images(side: Side, other: Side) -> bool:
    """Whether both are of one data set, so that image numbers mean the same."""
    ours, theirs = (each.codes.information.get("dataset_path") for each in (side, other))
    return ours is not None and ours == theirs
