"""Route "outputs": mean and log_variance are outputs with losses of their own.

For independent normals KL is a sum of two terms, one of the means and one of the log-variances:

    ½ Σ μ² / s²    and    ½ Σ [σ² / s² − 1 − log (σ² / s²)],    prior N(0, s²·I)

so each can be the loss of one output. Neither has a target.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from zspace.distributions import Normal, kl_divergence
from zspace.distributions.distribution import sum_event

__all__ = ["CODE_OUTPUTS", "output_losses"]

CODE_OUTPUTS = ("mean", "log_variance")


class _OutputLoss(keras.losses.Loss):
    """The loss of one output: a function of target and output, one number for each image."""

    def __init__(self, name: str, of_images: Callable[[Any, Any], Any]) -> None:
        super().__init__(name=name, reduction="sum_over_batch_size")
        self._of_images = of_images

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """(batch,) of two batches."""
        return self._of_images(y_true, y_pred)


def output_losses(model: Any) -> dict[str, keras.losses.Loss]:
    """What `compile` takes as the losses of `output`, `mean` and `log_variance`.

    Args:
        model: an `Autoencoder` with independent normals as posterior and prior.
    """

    def weight() -> Any:
        return model.objective.beta * model.kl_schedule.pull().factor

    def of_output(images: Any, output: Any) -> Any:
        likelihood = model.likelihood.distribution(output)
        # One value for each image would be divided by the batch by Keras; so is this one.
        count = ops.shape(images)[0]
        return ops.broadcast_to(model.objective.distortion(images, likelihood), (count,))

    def of_mean(target: Any, mean: Any) -> Any:
        del target
        precision = ops.exp(-model.prior.distribution().log_variance)
        return weight() * 0.5 * sum_event(ops.square(mean) * precision)

    def of_log_variance(target: Any, log_variance: Any) -> Any:
        del target
        prior = model.prior.distribution()
        # With the prior's own means what is left of KL is the part of the variances.
        return weight() * kl_divergence(Normal(prior.center, log_variance), prior)

    losses = {"output": of_output, "mean": of_mean, "log_variance": of_log_variance}
    return {name: _OutputLoss(name, function) for name, function in losses.items()}
