"""The continuous Bernoulli distribution: binary cross entropy as a true density on 0…1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from zspace.distributions.distribution import AbstractDistribution, sum_event

__all__ = ["ContinuousBernoulli"]

# Closer to 0 than this the closed forms lose digits, and these series hold: they are those of
# log(sinh(l/2) / (l/2)) and of its derivative, and the terms left out are below 1e-8 there.
_NEAR = 1.0
_SERIES = (1 / 24, -1 / 2880, 1 / 181440, -1 / 9676800)


def _log_mass(logits: Any) -> Any:
    """log ∫ exp((x − origin)·l) dx over x in 0…1.

    Away from 0 the origin is the end where the density is highest, and this is
    log((1 − exp(−a)) / a), a = abs(l). Near 0 it is ½, and this is the series.
    """
    near = ops.abs(logits) < _NEAR
    # A gradient flows through both branches, so that each must be given what it can stand.
    square = ops.square(ops.where(near, logits, 0.0))
    series = square * 0.0
    for coefficient in reversed(_SERIES):
        series = (series + coefficient) * square
    a = ops.where(near, 1.0, ops.abs(logits))
    return ops.where(near, series, ops.log(-ops.expm1(-a) / a))


@dataclass(frozen=True, eq=False)
class ContinuousBernoulli(AbstractDistribution):
    """Independent pixels in 0…1 with a density proportional to exp(x·logits).

    log p(x) = Σ [x·l − log((exp(l) − 1) / l)], l the logits. This is the negative binary cross
    entropy plus the logarithm of the constant that makes it a density, l / tanh(l/2)
    (https://arxiv.org/abs/1907.06845). That constant is at least 2, so images that are nearly
    black and white have high densities, and the loss is often negative.

    Attributes:
        logits: slope of each pixel's log-density, (batch, …).
    """

    logits: Any

    def log_prob(self, x: Any) -> Any:
        """Log-density of each event in nats, (batch,)."""
        # x·l − max(l, 0) as one product: as a difference it would lose all digits for large l.
        near = ops.abs(self.logits) < _NEAR
        above = ops.where(self.logits > 0, 1.0, 0.0)
        origin = ops.where(near, 0.5, above)
        return sum_event((x - origin) * self.logits - _log_mass(self.logits))

    def mean(self) -> Any:
        """½ + l/12 − l³/720 + … near 0, else 1/(1 − exp(−l)) − 1/l; in 0…1."""
        near = ops.abs(self.logits) < _NEAR
        inside = ops.where(near, self.logits, 0.0)
        square = ops.square(inside)
        series = square * 0.0
        for order, coefficient in reversed(list(enumerate(_SERIES, 1))):
            series = series * square + 2 * order * coefficient
        a = ops.where(near, 1.0, ops.abs(self.logits))
        # Of −abs(l), below ½, where nothing cancels; the other side is its mirror image.
        low = 1 / a - ops.exp(-a) / -ops.expm1(-a)
        outside = ops.where(self.logits > 0, 1 - low, low)
        return ops.where(near, 0.5 + inside * series, outside)

    def mode(self) -> Any:
        """1 where the logits are positive, 0 where negative; ½ at 0, where all are alike."""
        return 0.5 + 0.5 * ops.sign(self.logits)

    def sample(self, seed: Any) -> Any:
        """Pixels in 0…1, by the inverse of the cumulative distribution."""
        uniform = keras.random.uniform(ops.shape(self.logits), dtype="float32", seed=seed)
        # Below 1e-6 the density is flat to float32.
        a = ops.maximum(ops.abs(self.logits), 1e-6)
        low = ops.clip(-ops.log1p(uniform * ops.expm1(-a)) / a, 0.0, 1.0)
        return ops.where(self.logits > 0, 1 - low, low)
