"""What an objective is."""

from __future__ import annotations

import abc
from dataclasses import dataclass, field
from typing import Any, Self

from zspace.distributions import AbstractDistribution

__all__ = ["FULL_PULL", "AbstractObjective", "Latents", "LossTerms", "Pull"]


@dataclass(frozen=True, eq=False)
class Latents:
    """What a model gave for a batch on its way through the z-space.

    Attributes:
        posterior: q(z | x), one row for each image: (batch, latent).
        prior: p(z), over (1, latent).
        drawn: the posterior of each draw: (batch·draws, latent), the draws of an image one behind
            the other. The same as `posterior` for one draw.
        epsilon: the noise of each draw, (batch·draws, latent); None for a deterministic posterior.
        z: the draws, (batch·draws, latent).
        prior_z: draws from the prior, (batch, latent), where the objective asks for them.
    """

    posterior: Any
    prior: AbstractDistribution
    drawn: Any = None
    epsilon: Any = None
    z: Any = None
    prior_z: Any = None


@dataclass(frozen=True, eq=False)
class Pull:
    """How strongly the KL term acts at this step; a schedule gives it.

    Attributes:
        factor: multiplies beta.
        capacity: nats per image that KL shall have; None for the usual minimization.
    """

    factor: Any = 1.0
    capacity: Any = None


FULL_PULL = Pull()
"""The whole beta, as without a schedule."""


@dataclass(frozen=True, eq=False)
class LossTerms:
    """The terms of one batch, each a scalar averaged over its images.

    Attributes:
        reconstruction: reduced negative log-likelihood (the distortion).
        kl: KL of posterior and prior in nats per image (the rate), unweighted.
        weighted_kl: what of it enters the loss.
        extras: further terms by name; those called ``weighted_…`` enter the loss, the others are
            reported alone.
    """

    reconstruction: Any
    kl: Any
    weighted_kl: Any
    extras: dict[str, Any] = field(default_factory=dict)

    @property
    def rate(self) -> Any:
        """What enters the loss beside the reconstruction term."""
        return self.weighted_kl + sum(
            value for name, value in self.extras.items() if name.startswith("weighted_")
        )

    @property
    def total(self) -> Any:
        """What is minimized: reconstruction + all weighted terms."""
        return self.reconstruction + self.rate

    def named(self) -> dict[str, Any]:
        """All terms but the total, by the names that training reports."""
        return {
            "reconstruction": self.reconstruction,
            "kl": self.kl,
            "weighted_kl": self.weighted_kl,
            **self.extras,
        }


class AbstractObjective(abc.ABC):
    """Scores a batch: images, and what a model gave for them."""

    beta: float
    """Weight of the KL term, where a schedule does not change it."""
    draws: int
    """How many z-points are drawn for each image."""
    decodes: str
    """Which of them are decoded: "first", "all", or "twice": all, then all again as constants."""
    compares_with_prior: bool
    """Whether it wants draws from the prior."""
    splits: bool
    """Whether the loss is a reconstruction term plus terms of the z-space alone."""
    extra_names: tuple[str, ...]
    """Names of the extras of its `LossTerms`."""

    @abc.abstractmethod
    def terms(
        self, images: Any, *, likelihood: AbstractDistribution, latents: Latents, pull: Pull
    ) -> LossTerms:
        """The loss terms.

        Args:
            images: targets in 0…1, (batch, H, W, C).
            likelihood: over images, given the decoded z-points.
            latents: posterior, prior and draws.
            pull: weight of the KL term at this step.
        """

    @abc.abstractmethod
    def rate_terms(self, latents: Latents, *, pull: Pull) -> LossTerms:
        """The terms of the z-space alone, with a reconstruction term of 0.

        Raises:
            TypeError: if the loss does not split so.
        """

    @abc.abstractmethod
    def distortion(self, images: Any, likelihood: AbstractDistribution) -> Any:
        """The reduced reconstruction term alone, averaged over the batch."""

    @abc.abstractmethod
    def get_config(self) -> dict[str, Any]:
        """Constructor arguments, for saving."""

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The objective that `get_config` described."""
        return cls(**config)
