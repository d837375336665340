"""The embedded data set `faces`: drawn, not photographed; no download and no license."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from zspace.data.parallel import ordered
from zspace.data.preparation import Preparation
from zspace.data.source import Picture, Source
from zspace.errors import DataError

__all__ = ["open_faces"]

_COUNT = 10_000
_SMALLEST, _LARGEST = 32, 128
_BLOCK = 32


def open_faces(path: Path | None, preparation: Preparation) -> Source:
    """Faces drawn when they are read, with their true factors and binary attributes.

    Face i is a pure function of (seed, i, size). Square sizes from 32 to 128 are drawn as they
    are wanted; others are drawn at the nearest of these and resized.

    Args:
        path: must be None.
        preparation: its limit is how many are drawn (0: 10,000), its seed theirs.

    Raises:
        DataError: if a path is given.
    """
    if path is not None:
        raise DataError("faces are drawn, not read: leave out --from")
    from zspace.data.faces import ATTRIBUTE_NAMES, FACTOR_NAMES, draw_faces

    count = preparation.limit or _COUNT
    size = preparation.shape or (64, 64)
    side = _LARGEST if preparation.crop else min(max(*size, _SMALLEST), _LARGEST)
    attributes = np.zeros((count, len(ATTRIBUTE_NAMES)), np.int8)
    factors = np.zeros((count, len(FACTOR_NAMES)), np.float32)

    def draw(start: int) -> np.ndarray:
        end = min(start + _BLOCK, count)
        faces = draw_faces(end - start, size=side, seed=preparation.seed, start=start)
        attributes[start:end] = faces.attributes
        factors[start:end] = faces.factors
        return np.asarray(faces.images)

    def read(indices: Sequence[int]) -> Iterator[Picture]:
        wanted = set(indices)
        starts = range(0, count, _BLOCK)
        for start, images in zip(starts, ordered(draw, starts), strict=True):
            for offset, image in enumerate(images):
                if start + offset in wanted:
                    yield image

    return Source(
        name="faces",
        count=count,
        name_of=lambda index: f"face {index}",
        read=read,
        attributes=attributes,
        attribute_names=tuple(ATTRIBUTE_NAMES),
        factors=factors,
        factor_names=tuple(FACTOR_NAMES),
    )
