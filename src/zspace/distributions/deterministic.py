"""The distribution that has only one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keras import ops

from zspace.distributions.distribution import AbstractDistribution, sum_event

__all__ = ["Deterministic"]


@dataclass(frozen=True, eq=False)
class Deterministic(AbstractDistribution):
    """All probability on one point: the "posterior" of a plain autoencoder.

    Attributes:
        center: the point, (batch, …).
    """

    center: Any

    def log_prob(self, x: Any) -> Any:
        """0 where x is the point, −∞ elsewhere, (batch,)."""
        off = sum_event(ops.cast(ops.not_equal(x, self.center), "float32"))
        return ops.where(off > 0, -float("inf"), 0.0)

    def mean(self) -> Any:
        """The point."""
        return self.center

    def mode(self) -> Any:
        """The point."""
        return self.center

    def sample(self, seed: Any) -> Any:
        """The point, whatever the seed."""
        del seed
        return self.center

    def reparameterize(self, epsilon: Any) -> Any:
        """The point, whatever the noise."""
        del epsilon
        return self.center
