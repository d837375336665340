"""The posteriors of all images, as the measurements read them: a block of rows at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int

from zspace.analysis.blocks import point_blocks
from zspace.codes import Codes
from zspace.errors import InputError

__all__ = ["Posteriors"]

_BLOCK_VALUES = 1 << 20


@dataclass(frozen=True, eq=False)
class Posteriors:
    """q(z | x) of N images: normals with a diagonal or a full covariance matrix.

    Attributes:
        mean: (N, latent), memory-mapped or not.
        log_variance: log of the variance of each axis by itself, (N, latent).
        scale_tril: lower-triangular L with covariance L·Lᵀ, (N, latent, latent); None where the
            axes are independent.

    Example:
        >>> some = Posteriors(np.zeros((5, 2)), np.zeros((5, 2)))
        >>> next(iter(some.blocks())).mean.shape
        (5, 2)
    """

    mean: Float[np.ndarray, "count latent"]
    log_variance: Float[np.ndarray, "count latent"]
    scale_tril: Float[np.ndarray, "count latent latent"] | None = None

    @classmethod
    def of_codes(cls, codes: Codes) -> Posteriors:
        """The posteriors of encoded images.

        Args:
            codes: of a variational autoencoder.

        Raises:
            InputError: if they are a plain autoencoder's, which has none.
        """
        if codes.log_variance is None:
            raise InputError(
                "codes with log-variances were expected, those of a plain autoencoder came: it has "
                "no posterior, and so no rate; train with latent.posterior = 'normal'"
            )
        return cls(codes.mean, codes.log_variance, codes.scale_tril)

    @property
    def count(self) -> int:
        """Number of images."""
        return int(self.mean.shape[0])

    @property
    def latent_size(self) -> int:
        """Number of latent axes."""
        return int(self.mean.shape[1])

    def rows(self, index: Int[np.ndarray, " chosen"]) -> Posteriors:
        """Those of some images, in memory, as float64."""
        tril = self.scale_tril
        return Posteriors(
            np.asarray(self.mean[index], np.float64),
            np.asarray(self.log_variance[index], np.float64),
            None if tril is None else np.asarray(tril[index], np.float64),
        )

    def subset(self, count: int, *, seed: int) -> Posteriors:
        """Those of `count` images at random (all, if there are not more), in memory."""
        if count >= self.count:
            return self.rows(np.arange(self.count))
        chosen = np.random.default_rng(seed).choice(self.count, count, replace=False)
        return self.rows(np.sort(chosen))

    def blocks(self) -> Iterator[Posteriors]:
        """All, in order, as float64 blocks of about 8 MB.

        Raises:
            InputError: if a value is not finite, or there is no image.
            ShapeError: if the arrays are not (N, latent).
        """
        size = self.latent_size
        rows = max(1, _BLOCK_VALUES // (size if self.scale_tril is None else size * size))
        start = 0
        pieces = zip(
            point_blocks(self._pieces(self.mean, rows)),
            point_blocks(self._pieces(self.log_variance, rows)),
            strict=True,
        )
        for mean, log_variance in pieces:
            tril = self.scale_tril
            if tril is not None:
                tril = np.asarray(tril[start : start + len(mean)], np.float64)
            start += len(mean)
            yield Posteriors(mean, log_variance, tril)

    @staticmethod
    def _pieces(array: np.ndarray, rows: int) -> Iterator[np.ndarray]:
        return (array[start : start + rows] for start in range(0, len(array), rows))

    def draw(self, generator: np.random.Generator) -> Float64[np.ndarray, "count latent"]:
        """One z-point of each image. For arrays in memory, such as a block."""
        return self.place(generator.standard_normal(self.mean.shape))

    def place(
        self, noise: Float64[np.ndarray, "count latent"]
    ) -> Float64[np.ndarray, "count latent"]:
        """z = mean + σ·ε, or mean + L·ε."""
        if self.scale_tril is None:
            moved = np.exp(self.log_variance / 2) * noise
        else:
            moved = np.einsum("nij,nj->ni", self.scale_tril, noise)
        z: np.ndarray = self.mean + moved
        return z

    @property
    def half_log_determinant(self) -> Float64[np.ndarray, " count"]:
        """½ log det of each covariance matrix, (N,)."""
        if self.scale_tril is None:
            half: np.ndarray = 0.5 * np.asarray(self.log_variance, np.float64).sum(axis=1)
            return half
        diagonal = np.diagonal(self.scale_tril, axis1=1, axis2=2)
        return np.log(np.abs(diagonal)).sum(axis=1)

    @property
    def entropy(self) -> Float64[np.ndarray, " count"]:
        """−E log q of each posterior in nats, (N,): ½·N·log(2πe) + ½ log det."""
        constant = 0.5 * self.latent_size * (1 + math.log(2 * math.pi))
        return constant + self.half_log_determinant
