"""The normal distribution with a full covariance, by its triangular factor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from zspace.distributions.distribution import AbstractReparameterized

__all__ = ["FullNormal", "diagonal_of", "marginal_log_variance"]


def diagonal_of(scale_tril: Any) -> Any:
    """(batch, N) of (batch, N, N)."""
    return ops.diagonal(scale_tril, axis1=-2, axis2=-1)


def marginal_log_variance(scale_tril: Any) -> Any:
    """log Σ_k L_jk²: the log-variance of each axis by itself, (batch, N) of (batch, N, N)."""
    return ops.log(ops.sum(ops.square(scale_tril), axis=-1))


@dataclass(frozen=True, eq=False)
class FullNormal(AbstractReparameterized):
    """A normal distribution whose axes may be correlated, with covariance L·Lᵀ.

    log p(x) = −½ |L⁻¹(x − mean)|² − Σ log L_jj − N/2 · log 2π

    Attributes:
        center: the mean, (batch, N).
        scale_tril: L, lower-triangular with a positive diagonal (zeros above it), (batch, N, N).
    """

    center: Any
    scale_tril: Any

    def log_prob(self, x: Any) -> Any:
        """Log-density of each event in nats, (batch,), by forward substitution.

        For a draw of this distribution itself use `log_prob_at`: where variances are tiny, L⁻¹
        blows the rounding of x − mean up, and may overflow where L is near singular.
        """
        distance = (x - self.center)[..., None]
        return self.log_prob_at(ops.solve_triangular(self.scale_tril, distance, lower=True)[..., 0])

    def log_prob_at(self, epsilon: Any) -> Any:
        square = ops.sum(ops.square(epsilon) + math.log(2 * math.pi), axis=-1)
        return -0.5 * square - ops.sum(ops.log(diagonal_of(self.scale_tril)), axis=-1)

    def mean(self) -> Any:
        """The centers."""
        return self.center

    def mode(self) -> Any:
        """The centers."""
        return self.center

    def sample(self, seed: Any) -> Any:
        """One draw of each event."""
        shape = ops.shape(self.center)
        return self.reparameterize(keras.random.normal(shape, dtype="float32", seed=seed))

    def reparameterize(self, epsilon: Any) -> Any:
        """mean + L·ε."""
        # A sum, as GPUs may round the factors of a matrix product to 10 bits.
        return self.center + ops.sum(self.scale_tril * epsilon[..., None, :], axis=-1)
