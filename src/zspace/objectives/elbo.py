"""The evidence lower bound, with a weight on its KL term."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from zspace.distributions import AbstractDistribution, kl_divergence
from zspace.objectives.objective import AbstractObjective, LossTerms
from zspace.objectives.terms import reduction_divisor

__all__ = ["ELBO"]


@keras.saving.register_keras_serializable(package="zspace")
class ELBO(AbstractObjective):
    """loss = −log p(x | z) / divisor + beta·KL(q(z | x) ‖ p(z)), averaged over the batch.

    With reduction "sum" and beta 1 this is minus the evidence lower bound
    (https://arxiv.org/abs/1312.6114); another beta makes it a β-VAE
    (https://openreview.net/forum?id=Sy2fzU9gl). A deterministic posterior has no KL term.

    Args:
        image_shape: (H, W, C), which settles the divisor.
        beta: weight of the KL term against the reduced reconstruction term.
        reduction: see `zspace.objectives.terms.reduction_divisor`.
    """

    def __init__(
        self, image_shape: Sequence[int], *, beta: float = 1.0, reduction: str = "sum"
    ) -> None:
        self.image_shape = list(image_shape)
        self.beta = beta
        self.reduction = reduction

    def terms(
        self,
        images: Any,
        *,
        likelihood: AbstractDistribution,
        posterior: AbstractDistribution,
        prior: AbstractDistribution,
    ) -> LossTerms:
        """Reconstruction and KL term."""
        divisor = reduction_divisor(self.reduction, self.image_shape)
        kl = ops.mean(kl_divergence(posterior, prior))
        return LossTerms(
            reconstruction=ops.mean(-likelihood.log_prob(images)) / divisor,
            kl=kl,
            weighted_kl=self.beta * kl,
        )

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {"image_shape": self.image_shape, "beta": self.beta, "reduction": self.reduction}
