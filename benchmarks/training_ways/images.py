"""Images for the ways that do not read a prepared data set by themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from training_ways.shapes import BATCH


def most(image: tuple[int, ...]) -> int:
    """How many images of a shape a way is given at most: whole batches, 300 MB in float32."""
    batches = int(300e6 / (4 * np.prod(image)) / BATCH)
    return BATCH * min(batches, 64)


def as_bytes(data: Path) -> np.ndarray:
    """The first images of a prepared data set, uint8 (n, H, W, C), in memory."""
    images = np.load(data / "images.npy", mmap_mode="r")
    return np.array(images[: most(images.shape[1:])])


def as_unit(data: Path) -> np.ndarray:
    """The same as float32 in 0…1."""
    return as_bytes(data).astype(np.float32) / np.float32(255)
