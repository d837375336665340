"""Points like the codes of a plain autoencoder, as many as are wanted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

CLUSTERS = 10
_BLOCK = 10_000


def code_blocks(count: int, latent: int, *, seed: int = 1) -> Iterator[np.ndarray]:
    """Blocks (rows, latent), float32, of a rotated ellipsoid that is not around the origin.

    Its standard deviations fall from 4 with the power −0.6 of the axis' number, as those of real
    codes do; 60 % of its variance lies between the centers of ten clusters, the rest within them.
    """
    generator = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(generator.standard_normal((latent, latent)))
    deviations = 4 * np.arange(1, latent + 1) ** -0.6
    turned = (deviations[:, None] * rotation.T).astype(np.float32)
    middle = generator.standard_normal(latent).astype(np.float32)
    centers = generator.standard_normal((CLUSTERS, latent), dtype=np.float32)
    for number, start in enumerate(range(0, count, _BLOCK)):
        block = np.random.default_rng((seed, number))
        rows = min(_BLOCK, count - start)
        within = block.standard_normal((rows, latent), dtype=np.float32)
        among = centers[block.integers(CLUSTERS, size=rows)]
        yield middle + (np.float32(0.6**0.5) * among + np.float32(0.4**0.5) * within) @ turned


def synthetic_codes(count: int, latent: int, *, seed: int = 1) -> np.ndarray:
    """All of them (count, latent), in memory."""
    return np.concatenate(list(code_blocks(count, latent, seed=seed)))


def synthetic_log_variances(count: int, latent: int, *, seed: int = 1) -> np.ndarray:
    """Log-variances (count, latent) around −3, in memory."""
    noise = np.random.default_rng(seed).random((count, latent), dtype=np.float32)
    noise -= np.float32(3.5)
    return noise


def write_codes(folder: Path, count: int, latent: int) -> None:
    """mean.npy and log_variance.npy, a block at a time."""
    shape = (count, latent)
    for name in ("mean", "log_variance"):
        array = np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.float32, shape)
        start = 0
        for number, block in enumerate(code_blocks(count, latent)):
            rows = slice(start, start + len(block))
            if name == "log_variance":
                block = synthetic_log_variances(*block.shape, seed=number)
            array[rows] = block
            start = rows.stop
        array.flush()
