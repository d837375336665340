"""What an objective is."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Any, Self

from zspace.distributions import AbstractDistribution

__all__ = ["AbstractObjective", "LossTerms"]


@dataclass(frozen=True, eq=False)
class LossTerms:
    """The terms of one batch, each a scalar averaged over its images.

    Attributes:
        reconstruction: reduced negative log-likelihood (the distortion).
        kl: KL of posterior and prior in nats per image (the rate), unweighted.
        weighted_kl: what of it enters the loss. total = reconstruction + weighted_kl.
    """

    reconstruction: Any
    kl: Any
    weighted_kl: Any

    @property
    def total(self) -> Any:
        """What is minimized."""
        return self.reconstruction + self.weighted_kl


class AbstractObjective(abc.ABC):
    """Scores a batch: images, the distributions a model gave for them, and its prior."""

    @abc.abstractmethod
    def terms(
        self,
        images: Any,
        *,
        likelihood: AbstractDistribution,
        posterior: AbstractDistribution,
        prior: AbstractDistribution,
    ) -> LossTerms:
        """The loss terms.

        Args:
            images: targets in 0…1, (batch, H, W, C).
            likelihood: over images, given z.
            posterior: over z, given the images.
            prior: over z.
        """

    @abc.abstractmethod
    def get_config(self) -> dict[str, Any]:
        """Constructor arguments, for saving."""

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The objective that `get_config` described."""
        return cls(**config)
