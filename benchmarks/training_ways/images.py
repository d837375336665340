"""Images for the ways that do not read a prepared data set by themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np

MOST = 2560
"""How many images a way is given at most: 20 batches. Those in float32 fit into memory then."""


def as_bytes(data: Path) -> np.ndarray:
    """The first images of a prepared data set, uint8 (n, H, W, C), in memory."""
    return np.array(np.load(data / "images.npy", mmap_mode="r")[:MOST])


def as_unit(data: Path) -> np.ndarray:
    """The same as float32 in 0…1."""
    return as_bytes(data).astype(np.float32) / np.float32(255)
