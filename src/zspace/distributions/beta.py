"""The beta distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from zspace.distributions.distribution import AbstractDistribution, sum_event

__all__ = ["Beta"]

_SHIFT = 4
_SERIES = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680)


def _stirling_error(z: Any) -> Any:
    """log Γ(z) − [(z − ½)·log z − z + ½·log 2π] for z > 0, to 1e-7 or better.

    Keras has no log Γ. And as a difference of three of them a beta function would lose its digits
    for large concentrations, where these remainders are small. The recurrence
    δ(z) = δ(z + 1) + (z + ½)·log(1 + 1/z) − 1 leads to where the series holds
    (https://dlmf.nist.gov/5.11, eq. 5.11.1).
    """
    total = z * 0.0
    for step in range(_SHIFT):
        total = total + (z + (step + 0.5)) * ops.log1p(1 / (z + step)) - 1
    inverse = 1 / (z + _SHIFT)
    square = ops.square(inverse)
    series = square * 0.0
    for coefficient in reversed(_SERIES):
        series = series * square + coefficient
    return total + series * inverse


@dataclass(frozen=True, eq=False)
class Beta(AbstractDistribution):
    """Independent components between 0 and 1, by two concentrations.

    log p(x) = Σ [(alpha − 1)·log x + (beta − 1)·log(1 − x) − log B(alpha, beta)]. Both
    concentrations above 1 give a hill, both below 1 two peaks at the ends.

    At 0 and 1 a density can be 0 or infinite: x counts as at least 1e-30 and at most 1 − 6e-8, so
    that values and gradients stay finite.

    Attributes:
        alpha: concentration towards 1, above 0, (batch, …).
        beta: concentration towards 0, above 0, of the same shape.
    """

    alpha: Any
    beta: Any

    def log_prob(self, x: Any) -> Any:
        """Log-density of each event in nats, (batch,)."""
        x = ops.clip(x, 1e-30, 1 - 2.0**-24)
        total = self.alpha + self.beta
        log_x, log_rest = ops.log(x), ops.log1p(-x)
        # Stirling's formula for the three Γ, put together: what is left of the large terms are
        # the logarithms of x and 1 − x relative to their means.
        peaks = self.alpha * (log_x + ops.log1p(self.beta / self.alpha))
        peaks = peaks + self.beta * (log_rest + ops.log1p(self.alpha / self.beta))
        width = ops.log(self.alpha) + ops.log(self.beta) - ops.log(total) - math.log(2 * math.pi)
        errors = _stirling_error(self.alpha) + _stirling_error(self.beta) - _stirling_error(total)
        return sum_event(peaks + 0.5 * width - errors - log_x - log_rest)

    def mean(self) -> Any:
        """alpha / (alpha + beta)."""
        return self.alpha / (self.alpha + self.beta)

    def mode(self) -> Any:
        """(alpha − 1) / (alpha + beta − 2) of a hill, else the end with more probability.

        ½ where both ends have the same, as in the uniform distribution.
        """
        hill = ops.logical_and(self.alpha > 1, self.beta > 1)
        over = ops.where(hill, self.alpha + self.beta - 2, 1.0)
        end = 0.5 + 0.5 * ops.sign(self.alpha - self.beta)
        return ops.where(hill, (self.alpha - 1) / over, end)

    def sample(self, seed: Any) -> Any:
        """One draw of each event: G(alpha) / (G(alpha) + G(beta)) of two gamma draws.

        In logarithms, with G(a) = G(a + 1)·U^(1/a): for concentrations near 0 both draws would
        be 0 in float32.
        """
        both = ops.stack([self.alpha, self.beta])
        shape = ops.shape(both)
        # With one and the same whole number the two draws would not be independent.
        other = (seed + 2**30) % 2**31 if isinstance(seed, int) else seed
        gamma = keras.random.gamma(shape, both + 1, dtype="float32", seed=seed)
        uniform = keras.random.uniform(shape, dtype="float32", seed=other)
        log_gamma = ops.log(gamma) + ops.log(ops.maximum(uniform, 2.0**-25)) / both
        return ops.sigmoid(log_gamma[0] - log_gamma[1])
