"""A prior as numbers: a mixture of K ≥ 1 diagonal normals, which every prior here can be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int
from scipy.special import logsumexp

from zspace.analysis.radius import normal_mean_radius, normal_radius_deviation
from zspace.codes import Codes
from zspace.errors import InputError

__all__ = ["NormalMixture", "normal_log_density"]

_BLOCK_VALUES = 1 << 21


@dataclass(frozen=True, eq=False)
class NormalMixture:
    """p(z) = Σₖ wₖ·N(z; mₖ, diag vₖ), each component with its own mean and variances.

    Attributes:
        log_weights: log wₖ, (K,); the weights add up to 1.
        mean: mₖ, (K, latent).
        log_variance: log vₖ, (K, latent).

    Example:
        >>> prior = NormalMixture.standard(2)
        >>> prior.log_prob(np.zeros((1, 2))).round(4).tolist()
        [-1.8379]
    """

    log_weights: Float[np.ndarray, " components"]
    mean: Float[np.ndarray, "components latent"]
    log_variance: Float[np.ndarray, "components latent"]

    def __post_init__(self) -> None:
        total = float(np.exp(np.asarray(self.log_weights, np.float64)).sum())
        if not abs(total - 1) < 1e-3:
            raise InputError(
                f"the weights of a mixture must add up to 1, {total:.6g} came; pass log-weights "
                "less their logsumexp"
            )

    @classmethod
    def standard(cls, size: int, *, scale: float = 1.0) -> NormalMixture:
        """N(0, scale²·I) in `size` dimensions."""
        log_variance = np.full((1, size), 2 * math.log(scale))
        return cls(np.zeros(1), np.zeros((1, size)), log_variance)

    @classmethod
    def of_codes(cls, codes: Codes) -> NormalMixture:
        """The prior that is stored beside codes; N(0, I) where none is.

        Args:
            codes: with the arrays of the prior, or without.
        """
        stored = (codes.prior_log_weights, codes.prior_mean, codes.prior_log_variance)
        if any(array is None for array in stored):
            return cls.standard(codes.latent_size)
        log_weights, mean, log_variance = (np.asarray(each, np.float64) for each in stored)
        return cls(log_weights, mean, log_variance)

    @property
    def components(self) -> int:
        """Number of components K."""
        return len(self.log_weights)

    @property
    def latent_size(self) -> int:
        """Number of latent axes."""
        return int(self.mean.shape[1])

    @property
    def is_normal(self) -> bool:
        """Whether it is one normal distribution, so that KL to it has a closed form."""
        return self.components == 1

    @property
    def scale(self) -> float | None:
        """s where the prior is N(0, s²·I), else None."""
        is_round = self.is_normal and not self.mean.any() and np.ptp(self.log_variance) < 1e-9
        return math.exp(self.log_variance[0, 0] / 2) if is_round else None

    @property
    def is_standard(self) -> bool:
        """Whether it is N(0, I)."""
        return self.scale is not None and abs(self.scale - 1) < 1e-6

    @property
    def moments(self) -> tuple[Float64[np.ndarray, " latent"], Float64[np.ndarray, " latent"]]:
        """Mean and variance of each axis, (latent,) each: Σ w·m, and Σ w·(v + m²) less its square.

        Example:
            >>> NormalMixture.standard(2, scale=3.0).moments[1].round(6).tolist()
            [9.0, 9.0]
        """
        weights = np.exp(self.log_weights.astype(np.float64))[:, None]
        mean = (weights * self.mean).sum(axis=0)
        variance = (weights * (np.exp(self.log_variance) + (self.mean - mean) ** 2)).sum(axis=0)
        return mean, variance

    def log_prob(self, z: Float[np.ndarray, "count latent"]) -> Float64[np.ndarray, " count"]:
        """log p(z) of each point, in nats."""
        step = max(1, _BLOCK_VALUES // max(self.components, self.latent_size))
        parts = [
            logsumexp(
                normal_log_density(
                    z[start : start + step], self.mean, log_variance=self.log_variance
                )
                + self.log_weights,
                axis=1,
            )
            for start in range(0, len(z), step)
        ]
        return np.concatenate(parts)

    def axis_log_prob(
        self, z: Float[np.ndarray, "count latent"]
    ) -> Float64[np.ndarray, "count latent"]:
        """log of the density that the prior gives each axis by itself, in nats."""
        total = np.full(z.shape, -np.inf)
        for log_weight, mean, log_variance in zip(
            self.log_weights, self.mean, self.log_variance, strict=True
        ):
            square = (z - mean) ** 2 * np.exp(-log_variance)
            density = -0.5 * (square + log_variance + math.log(2 * math.pi))
            np.logaddexp(total, log_weight + density, out=total)
        return total

    def sample(self, count: int, *, seed: int) -> Float64[np.ndarray, "{count} latent"]:
        """Draw points, (count, latent); a pure function of the seed."""
        generator = np.random.default_rng(seed)
        weights = np.exp(self.log_weights.astype(np.float64))
        which: Int[np.ndarray, " {count}"]
        which = generator.choice(self.components, count, p=weights / weights.sum())
        noise = generator.standard_normal((count, self.latent_size))
        z: np.ndarray = self.mean[which] + np.exp(self.log_variance[which] / 2) * noise
        return z.astype(np.float64)

    def radius(self, *, count: int = 20_000, seed: int = 1) -> tuple[float, float]:
        """Mean and standard deviation of the radius of its points.

        Exact for N(0, s²·I); else from `count` points.
        """
        if self.scale is not None:
            size = self.latent_size
            return self.scale * normal_mean_radius(size), self.scale * normal_radius_deviation(size)
        step = max(1, _BLOCK_VALUES // self.latent_size)
        sizes = [min(step, count - start) for start in range(0, count, step)]
        radii = np.concatenate(
            [
                np.linalg.norm(self.sample(size, seed=seed + number), axis=1)
                for number, size in enumerate(sizes)
            ]
        )
        return float(radii.mean()), float(radii.std())


def normal_log_density(
    z: Float[np.ndarray, "points latent"],
    mean: Float[np.ndarray, "normals latent"],
    *,
    log_variance: Float[np.ndarray, "normals latent"],
) -> Float64[np.ndarray, "points normals"]:
    """log N(z; mean, diag exp(log_variance)) of every point under every normal, in nats.

    −½ Σ [(z − m)²/v + log v + log 2π], with the square multiplied out, so that it is two matrix
    products: exact to about 1e-16·(z − c)²/v, c the center of all m.

    Args:
        z: (points, latent).
        mean: (normals, latent).
        log_variance: (normals, latent).

    Returns:
        (points, normals).
    """
    center = np.asarray(mean, np.float64).mean(axis=0)
    z, mean = z - center, mean - center
    precision = np.exp(-np.asarray(log_variance, np.float64))
    square = z**2 @ precision.T - 2 * z @ (mean * precision).T + (mean**2 * precision).sum(axis=1)
    constant = np.asarray(log_variance, np.float64).sum(axis=1) + mean.shape[1] * math.log(
        2 * math.pi
    )
    result: np.ndarray = -0.5 * (np.maximum(square, 0.0) + constant)
    return result
