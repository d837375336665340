"""Draw faces: the front door of the embedded data set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int8, UInt8

from zspace.data.faces.attributes import ATTRIBUTE_NAMES, attributes_of
from zspace.data.faces.render import render
from zspace.data.faces.sampling import sample_traits
from zspace.data.faces.traits import Traits
from zspace.errors import DataError

__all__ = ["ATTRIBUTE_NAMES", "LARGEST", "SMALLEST", "Faces", "draw_faces", "draw_from"]

SMALLEST, LARGEST = 32, 128


@dataclass(frozen=True, eq=False)
class Faces:
    """N drawn faces with the truth about each.

    Attributes:
        images: (N, size, size, 3), uint8 RGB.
        factors: (N, F), float32; columns `FACTOR_NAMES`, units and ranges in `FACTORS`.
        attributes: (N, A), int8, 1 or -1; columns `ATTRIBUTE_NAMES`.
    """

    images: UInt8[np.ndarray, "count size size 3"]
    factors: Float32[np.ndarray, "count factors"]
    attributes: Int8[np.ndarray, "count attributes"]

    def __len__(self) -> int:
        return len(self.images)


def draw_faces(count: int, *, size: int = 64, seed: int = 0, start: int = 0) -> Faces:
    """Faces `start` to `start + count - 1` of the endless row of faces of a seed.

    A face depends on (seed, index) alone: not on how many are drawn at once, and the same face
    at another size is the same picture, finer or coarser.

    Args:
        count: number of faces.
        size: width and height in pixels, from 32 to 128.
        seed: which row of faces.
        start: index of the first one.

    Returns:
        the images with their factors and attributes. Beside these, memory does not grow with
        `count`.

    Raises:
        DataError: the size is not from 32 to 128, or a number is negative.

    Example:
        >>> faces = draw_faces(2, size=32, seed=7)
        >>> faces.images.shape, faces.images.dtype.name
        ((2, 32, 32, 3), 'uint8')
        >>> later = draw_faces(1, size=32, seed=7, start=1)
        >>> bool(np.all(later.images[0] == faces.images[1]))
        True
    """
    _check_size(size)
    return draw_from(sample_traits(count, seed=seed, start=start), size=size)


def draw_from(traits: Traits, *, size: int = 64) -> Faces:
    """Faces from chosen traits, to see what one factor does while all others stay.

    Args:
        traits: from `sample_traits`, changed with its method `vary`.
        size: width and height in pixels, from 32 to 128.

    Raises:
        DataError: the size is not from 32 to 128.

    Example:
        >>> face = sample_traits(1, seed=3)
        >>> row = draw_from(face.vary("smile", [-1.0, 0.0, 1.0]), size=32)
        >>> row.images.shape
        (3, 32, 32, 3)
        >>> hats = draw_from(face.vary("hat", ["none", "cap"]), size=32)
        >>> hats.attributes[:, ATTRIBUTE_NAMES.index("Wearing_Hat")].tolist()
        [-1, 1]
    """
    _check_size(size)
    return Faces(render(traits, size=size), traits.factors, attributes_of(traits))


def _check_size(size: int) -> None:
    if not SMALLEST <= size <= LARGEST or int(size) != size:
        raise DataError(
            f"faces are drawn from {SMALLEST} to {LARGEST} pixels wide, not {size}; "
            "choose a size in that range, for example 64"
        )
