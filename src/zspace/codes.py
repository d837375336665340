"""Codes: an encoded data set on disk, and the only thing the analyses read.

A folder of codes holds memory-mappable NumPy arrays and one JSON file, and never a pickle:

    mean.npy           float32 (N, latent)   posterior means
    log_variance.npy   float32 (N, latent)   posterior log-variances; absent for a plain AE
    index.npy          int64 (N,)            which image of the prepared data set
    labels.npy         int64 (N,)            present where the data set has labels
    attributes.npy     int8 (N, A)           present where the data set has attributes (1 / -1)
    codes.json         split, data set, names of labels and attributes, epsilon limit, seed
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32, Int, Int8

from zspace.errors import DataError
from zspace.files import read_json

__all__ = ["CODES_FORMAT", "Codes", "draw_epsilon"]

CODES_FORMAT = 1
_BLOCK = 4096


def draw_epsilon(
    seed: int, block: int, *, shape: tuple[int, ...], limit: float | None = None
) -> Float32[np.ndarray, "rows latent"]:
    """Standard normal noise, each component clipped to ±limit; a pure function of (seed, block)."""
    noise = np.random.default_rng((seed, block)).standard_normal(shape, dtype=np.float32)
    return noise if limit is None else np.clip(noise, -limit, limit)


@dataclass(frozen=True, eq=False)
class Codes:
    """The codes of N images in a latent space of size `latent`.

    Attributes:
        mean: posterior means, (N, latent), float32, memory-mapped when read from disk.
        log_variance: posterior log-variances, (N, latent), or None for a deterministic posterior.
        index: for each code, the row of its image in the prepared data set, (N,).
        labels: class of each image, (N,), or None.
        attributes: 1 or -1 for each image and attribute, (N, A), or None.
        information: the rest of codes.json: `split`, `dataset`, `label_names`,
            `attribute_names`, `epsilon_limit`, `seed`.

    Example:
        >>> codes = Codes(mean=np.zeros((3, 2), np.float32), index=np.arange(3))
        >>> codes.count, codes.latent_size, codes.z().shape
        (3, 2, (3, 2))
    """

    mean: Float32[np.ndarray, "count latent"]
    index: Int[np.ndarray, " count"]
    log_variance: Float32[np.ndarray, "count latent"] | None = None
    labels: Int[np.ndarray, " count"] | None = None
    attributes: Int8[np.ndarray, "count attributes"] | None = None
    information: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Count and latent size, not the numbers."""
        return f"Codes({self.count:,} of size {self.latent_size})"

    @property
    def count(self) -> int:
        """Number of images."""
        return int(self.mean.shape[0])

    @property
    def latent_size(self) -> int:
        """Number of latent axes."""
        return int(self.mean.shape[1])

    def z_blocks(
        self, *, seed: int | None = None, epsilon_scale: float = 1.0
    ) -> Iterator[Float32[np.ndarray, "rows latent"]]:
        """Draw z = mean + scale·exp(log_variance / 2)·ε, a block of rows at a time.

        Args:
            seed: of the noise; None takes the one in codes.json (0 where there is none).
            epsilon_scale: 0 gives the means, 1 the posterior.

        Yields:
            Arrays (rows, latent) in order. For a deterministic posterior these are the means.
        """
        seed = int(self.information.get("seed", 0)) if seed is None else seed
        limit = self.information.get("epsilon_limit")
        for block, start in enumerate(range(0, self.count, _BLOCK)):
            mean = np.asarray(self.mean[start : start + _BLOCK], np.float32)
            if self.log_variance is None or epsilon_scale == 0:
                yield mean
                continue
            deviation = np.exp(0.5 * np.asarray(self.log_variance[start : start + _BLOCK]))
            yield mean + epsilon_scale * deviation * draw_epsilon(
                seed, block, shape=mean.shape, limit=limit
            )

    def z(
        self, *, seed: int | None = None, epsilon_scale: float = 1.0
    ) -> Float32[np.ndarray, "count latent"]:
        """All blocks of `z_blocks` as one array (count, latent) in memory."""
        return np.concatenate(list(self.z_blocks(seed=seed, epsilon_scale=epsilon_scale)))

    @classmethod
    def load(cls, folder: Path | str) -> Codes:
        """Open a folder of codes, memory-mapped.

        Raises:
            DataError: if the folder holds no codes, or its arrays do not fit each other.
        """
        folder = Path(folder)
        try:
            information = read_json(folder / "codes.json")
            arrays = {
                name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
                for name in ("mean", "index", "log_variance", "labels", "attributes")
                if name in ("mean", "index") or (folder / f"{name}.npy").exists()
            }
        except (OSError, ValueError, json.JSONDecodeError) as error:
            raise DataError(
                f"{folder} holds no readable codes ({error}); make them with: zspace encode RUN"
            ) from error
        lengths = {name: array.shape[0] for name, array in arrays.items()}
        if len(set(lengths.values())) != 1 or arrays["mean"].ndim != 2:
            raise DataError(
                f"{folder}: arrays of one length were expected, found {lengths}; "
                "encode again with: zspace encode RUN --overwrite"
            )
        return cls(information=information, **arrays)
