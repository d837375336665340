"""Codes: an encoded data set on disk, and the only thing the analyses read.

A folder of codes holds memory-mappable NumPy arrays and one JSON file, and never a pickle:

    mean.npy           float32 (N, latent)   posterior means
    log_variance.npy   float32 (N, latent)   log-variance of each axis; absent for a plain AE
    scale_tril.npy     float32 (N, latent, latent)  L of the covariance L·Lᵀ, where it is full
    index.npy          int64 (N,)            which image of the prepared data set
    labels.npy         int64 (N,)            present where the data set has labels
    attributes.npy     int8 (N, A)           present where the data set has attributes (1 / -1)
    codes.json         split, data set, names of labels and attributes, seed, epsilon's limit, scale

and the prior as a mixture of K ≥ 1 normals with diagonal covariances. Where its three files are
absent, as in older folders, it is N(0, I):

    prior_log_weights.npy   float32 (K,)
    prior_mean.npy          float32 (K, latent)
    prior_log_variance.npy  float32 (K, latent)
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
_ROW_ARRAYS = ("mean", "index", "log_variance", "scale_tril", "labels", "attributes")
_PRIOR_ARRAYS = ("prior_log_weights", "prior_mean", "prior_log_variance")
_MATRIX_ENTRIES = 1 << 22


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
            With a full covariance these are those of each axis by itself.
        scale_tril: lower-triangular factor L of each posterior's covariance L·Lᵀ,
            (N, latent, latent), or None where that is diagonal.
        index: for each code, the row of its image in the prepared data set, (N,).
        labels: class of each image, (N,), or None.
        attributes: 1 or -1 for each image and attribute, (N, A), or None.
        prior_log_weights: logarithms of the weights of the prior's K components, (K,), or None for
            the prior N(0, I).
        prior_mean: means of the components, (K, latent), or None.
        prior_log_variance: log-variances of the components, (K, latent), or None.
        information: the rest of codes.json: `split`, `dataset`, `label_names`,
            `attribute_names`, `epsilon_limit`, `epsilon_scale`, `seed`.

    Example:
        >>> codes = Codes(mean=np.zeros((3, 2), np.float32), index=np.arange(3))
        >>> codes.count, codes.latent_size, codes.z().shape
        (3, 2, (3, 2))
    """

    mean: Float32[np.ndarray, "count latent"]
    index: Int[np.ndarray, " count"]
    log_variance: Float32[np.ndarray, "count latent"] | None = None
    scale_tril: Float32[np.ndarray, "count latent latent"] | None = None
    labels: Int[np.ndarray, " count"] | None = None
    attributes: Int8[np.ndarray, "count attributes"] | None = None
    prior_log_weights: Float32[np.ndarray, " components"] | None = None
    prior_mean: Float32[np.ndarray, "components latent"] | None = None
    prior_log_variance: Float32[np.ndarray, "components latent"] | None = None
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
        self, *, seed: int | None = None, epsilon_scale: float | None = None
    ) -> Iterator[Float32[np.ndarray, "rows latent"]]:
        """Draw z = mean + scale·σ·ε, a block of rows at a time.

        σ is exp(log_variance / 2), or L where the covariance is full.

        Args:
            seed: of the noise; None takes the one in codes.json (0 where there is none).
            epsilon_scale: 0 gives the means, 1 the posterior; None takes the scale in codes.json,
                which is that of the model (1 where there is none).

        Yields:
            Arrays (rows, latent) in order. For a deterministic posterior these are the means.
        """
        seed = int(self.information.get("seed", 0)) if seed is None else seed
        limit = self.information.get("epsilon_limit")
        if epsilon_scale is None:
            epsilon_scale = float(self.information.get("epsilon_scale", 1.0))
        for block, start in enumerate(range(0, self.count, _BLOCK)):
            mean = np.asarray(self.mean[start : start + _BLOCK], np.float32)
            if self.log_variance is None or epsilon_scale == 0:
                yield mean
                continue
            epsilon = draw_epsilon(seed, block, shape=mean.shape, limit=limit)
            if self.scale_tril is not None:
                deviation = _products(self.scale_tril[start : start + _BLOCK], epsilon)
            else:
                deviation = np.exp(0.5 * np.asarray(self.log_variance[start : start + _BLOCK]))
                deviation *= epsilon
            yield mean + np.float32(epsilon_scale) * deviation

    def z(
        self, *, seed: int | None = None, epsilon_scale: float | None = None
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
                for name in (*_ROW_ARRAYS, *_PRIOR_ARRAYS)
                if name in ("mean", "index") or (folder / f"{name}.npy").exists()
            }
        except (OSError, ValueError, json.JSONDecodeError) as error:
            raise DataError(
                f"{folder} holds no readable codes ({error}); make them with: zspace encode RUN"
            ) from error
        _check(folder, arrays)
        return cls(information=information, **arrays)


def _products(
    matrices: Float32[np.ndarray, "rows latent latent"], points: Float32[np.ndarray, "rows latent"]
) -> Float32[np.ndarray, "rows latent"]:
    """Each matrix times its point, few at a time: all may be too many for the memory."""
    step = max(1, _MATRIX_ENTRIES // points.shape[1] ** 2)
    parts = [
        np.einsum("rij,rj->ri", matrices[row : row + step], points[row : row + step])
        for row in range(0, len(points), step)
    ]
    return np.concatenate(parts)


def _check(folder: Path, arrays: dict[str, Any]) -> None:
    """Raise a `DataError` for arrays that do not fit each other."""
    again = "encode again with: zspace encode RUN --overwrite"
    lengths = {name: array.shape[0] for name, array in arrays.items() if name in _ROW_ARRAYS}
    if len(set(lengths.values())) != 1 or arrays["mean"].ndim != 2:
        raise DataError(f"{folder}: arrays of one length were expected, found {lengths}; {again}")
    latent = arrays["mean"].shape[1]
    found = {
        name: array.shape
        for name, array in arrays.items()
        if name == "scale_tril" or name in _PRIOR_ARRAYS
    }
    components = found.get("prior_log_weights", ())[:1]
    fitting = {
        "scale_tril": (lengths["mean"], latent, latent),
        "prior_log_weights": components,
        "prior_mean": (*components, latent),
        "prior_log_variance": (*components, latent),
    }
    needed = set(found) | (set(_PRIOR_ARRAYS) if set(_PRIOR_ARRAYS) & set(found) else set())
    expected = {name: shape for name, shape in fitting.items() if name in needed}
    if found != expected:
        raise DataError(
            f"{folder}: arrays of shapes {expected} were expected, found {found}; {again}"
        )
