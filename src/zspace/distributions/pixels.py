"""Images as they are stored: pixels in 0…1, in 256 levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keras import ops

from zspace.distributions.distribution import AbstractDistribution

__all__ = ["LEVELS", "Pixels", "nearest_level"]

LEVELS = 256
"""Values that a channel of an 8-bit image can take."""


def nearest_level(x: Any) -> Any:
    """The level 0, 1, …, 255 that is nearest to each pixel in 0…1, as float32."""
    top = LEVELS - 1
    return ops.clip(ops.round(ops.cast(x, "float32") * top), 0.0, float(top))


@dataclass(frozen=True, eq=False)
class Pixels(AbstractDistribution):
    """Another distribution, seen as one over images in 0…1.

    A pixel x of an image stands at x·scale + offset in the coordinates of the other distribution.
    Whatever that gives is moved back and clipped to 0…1, as a screen would show it: a draw from a
    normal distribution may lie outside.

    Attributes:
        inner: the distribution, over (batch, H, W, C).
        scale: what pixels are multiplied with.
        offset: what is then added.
    """

    inner: AbstractDistribution
    scale: float = 1.0
    offset: float = 0.0

    def _moved_back(self, values: Any) -> Any:
        return ops.clip((values - self.offset) / self.scale, 0.0, 1.0)

    def log_prob(self, x: Any) -> Any:
        """Log-density of the *moved* pixels in nats, (batch,); −log(scale) is not added."""
        return self.inner.log_prob(x * self.scale + self.offset)

    def mean(self) -> Any:
        """The other distribution's mean, in 0…1."""
        return self._moved_back(self.inner.mean())

    def mode(self) -> Any:
        """The other distribution's mode, in 0…1."""
        return self._moved_back(self.inner.mode())

    def sample(self, seed: Any) -> Any:
        """A draw from the other distribution, in 0…1."""
        return self._moved_back(self.inner.sample(seed))
