"""Route "step" on JAX: the gradient by `jax.value_and_grad` of a function without side effects."""

from __future__ import annotations

from typing import Any

import jax
import keras

__all__ = ["train_step"]


def train_step(model: Any, state: Any, *, data: Any) -> tuple[dict[str, Any], Any]:
    """One step of gradient descent.

    Args:
        model: an `Autoencoder`.
        state: values of its trainable, other, optimizer and metric variables.
        data: a batch: images, (images,) or (images, targets).

    Returns:
        The loss and its terms, averaged over the epoch so far, and the new state.
    """
    weights, others, optimizer_variables, metrics = state
    x, y, _ = keras.utils.unpack_x_y_sample_weight(data)

    def scaled_loss(weights: Any, others: Any, metrics: Any) -> tuple[Any, Any]:
        """The loss as a function of all values; what else it changes comes out beside it."""
        given = [*weights, *others, *metrics]
        variables = [
            *model.trainable_variables,
            *model.non_trainable_variables,
            *model.metrics_variables,
        ]
        with keras.StatelessScope(state_mapping=zip(variables, given, strict=True)) as scope:
            # training=True, or batch normalization would not learn and dropout would be off.
            values = model(x, training=True)
            loss = model.compute_loss(x, y, values, training=True)
            model.track_loss(loss, x)
            logs = model.get_metrics_result()
        after = [scope.get_current_value(variable) for variable in variables]
        others_after = after[len(weights) : len(weights) + len(others)]
        metrics_after = after[len(weights) + len(others) :]
        with keras.StatelessScope(
            state_mapping=zip(model.optimizer.variables, optimizer_variables, strict=True)
        ):
            scaled = model.optimizer.scale_loss(loss)
        return scaled, (others_after, metrics_after, logs)

    slope = jax.value_and_grad(scaled_loss, has_aux=True)
    (_, (others, metrics, logs)), gradients = slope(weights, others, metrics)
    weights, optimizer_variables = model.optimizer.stateless_apply(
        optimizer_variables, gradients, weights
    )
    return logs, (weights, others, optimizer_variables, metrics)
