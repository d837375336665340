"""The logistic distribution, put into the 256 bins of a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from zspace.distributions.distribution import AbstractDistribution, sum_event
from zspace.distributions.pixels import LEVELS, nearest_level

__all__ = ["DiscretizedLogistic"]

_TOP = LEVELS - 1
_WINDOW = 12


@dataclass(frozen=True, eq=False)
class DiscretizedLogistic(AbstractDistribution):
    """Independent pixels in 256 levels: the probability that a logistic draw rounds to a level.

    log P(k/255) = Σ log[σ((k + ½ − 255·center) / s) − σ((k − ½ − 255·center) / s)], σ the
    sigmoid, s = 255·exp(log_scale). The lowest and the highest level take the whole tails, so
    that the 256 probabilities add up to 1 (PixelCNN++, https://arxiv.org/abs/1701.05517). Pixels
    in 0…1 are rounded to the nearest level.

    Attributes:
        center: center of the logistic distribution of each pixel, (batch, …).
        log_scale: natural logarithm of its scale, on 0…1 as the center, of a shape that
            broadcasts to it.
    """

    center: Any
    log_scale: Any

    def _log_probabilities(self, level: Any) -> Any:
        """Log-probability of a level 0, 1, …, 255 for each pixel, of the shape of `level`."""
        per_scale = ops.exp(-self.log_scale) / _TOP
        middle = (level - _TOP * self.center) * per_scale
        # σ(b) − σ(a) = σ(b)·σ(−a)·(1 − exp(a − b)): three logarithms, none of them of 0.
        below_upper = -ops.softplus(-(middle + 0.5 * per_scale))
        above_lower = -ops.softplus(middle - 0.5 * per_scale)
        width = ops.log(-ops.expm1(-per_scale))
        inner = below_upper + above_lower + width
        return ops.where(
            level < 0.5, below_upper, ops.where(level > _TOP - 0.5, above_lower, inner)
        )

    def log_prob(self, x: Any) -> Any:
        """Log-probability of each event in nats, (batch,); never above 0."""
        return sum_event(self._log_probabilities(nearest_level(x)))

    def mean(self) -> Any:
        """Expected pixel, in 0…1: the sum of P(level ≥ k) over k = 1, …, 255, by 255."""
        broad = self.log_scale + ops.zeros_like(self.center)
        is_narrow = _TOP * ops.exp(broad) < 1
        return ops.where(is_narrow, self._narrow_mean(), self._broad_mean())

    def _broad_mean(self) -> Any:
        """∫ σ((center − t) / scale) dt over t in 0…1, and what a sum at midpoints differs by.

        For scales from one level on, the next term of Euler and Maclaurin's formula
        (https://dlmf.nist.gov/2.10) is below 1e-6.
        """
        scale = ops.exp(ops.maximum(self.log_scale, -8.0)) + ops.zeros_like(self.center)
        upper, lower = self.center / scale, (self.center - 1) / scale
        sharp = scale * (ops.softplus(upper) - ops.softplus(lower))
        # The same, without the difference that cancels where the scale is large.
        flat_scale = ops.maximum(scale, 1.0)
        odds = ops.expm1(1 / flat_scale) * ops.sigmoid((self.center - 1) / flat_scale)
        integral = ops.where(scale > 1, flat_scale * ops.log1p(odds), sharp)
        slopes = ops.sigmoid(lower) * ops.sigmoid(-lower) - ops.sigmoid(upper) * ops.sigmoid(-upper)
        return integral + slopes / (24 * _TOP**2 * scale)

    def _narrow_mean(self) -> Any:
        """The sum itself, over the few levels around the center whose terms are neither 0 nor 1."""
        per_scale = ops.exp(-self.log_scale) / _TOP
        position = _TOP * self.center
        nearest = ops.round(ops.clip(position, -2.0 * _TOP, 2.0 * _TOP))
        total = ops.clip(nearest - _WINDOW, 0.0, float(_TOP))
        middle = (position - nearest + 0.5) * per_scale
        for step in range(1 - _WINDOW, _WINDOW + 1):
            # Levels are 1, …, 255.
            counts = ops.cast(ops.abs(nearest + (step - LEVELS / 2)) < _TOP / 2, "float32")
            total = total + counts * ops.sigmoid(middle - step * per_scale)
        return total / _TOP

    def mode(self) -> Any:
        """The most likely level k/255: the one nearest to the center, or an end with its tail."""
        inner = ops.clip(ops.round(_TOP * self.center), 1.0, _TOP - 1.0)
        best, highest = inner, self._log_probabilities(inner)
        for end in (0.0, float(_TOP)):
            level = ops.full_like(inner, end)
            candidate = self._log_probabilities(level)
            best = ops.where(candidate > highest, level, best)
            highest = ops.maximum(candidate, highest)
        return best / _TOP

    def sample(self, seed: Any) -> Any:
        """A logistic draw, by the inverse of its cumulative distribution, rounded to k/255."""
        uniform = keras.random.uniform(ops.shape(self.center), dtype="float32", seed=seed)
        uniform = ops.clip(uniform, 2.0**-25, 1 - 2.0**-24)
        logit = ops.log(uniform) - ops.log1p(-uniform)
        return nearest_level(self.center + ops.exp(self.log_scale) * logit) / _TOP
