"""Route "step" on TensorFlow: the gradient by `tf.GradientTape`."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

__all__ = ["train_step"]


def train_step(model: Any, *, data: Any) -> dict[str, Any]:
    """One step of gradient descent.

    Args:
        model: an `Autoencoder`.
        data: a batch: images, (images,) or (images, targets).

    Returns:
        The loss and its terms, averaged over the epoch so far.
    """
    x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
    with tf.GradientTape() as tape:
        # training=True, or batch normalization would not learn and dropout would be off.
        values = model(x, training=True)
        loss = model.compute_loss(x, y, values, training=True)
        scaled = model.optimizer.scale_loss(loss)
    model.track_loss(loss, x)
    weights = model.trainable_variables
    model.optimizer.apply_gradients(zip(tape.gradient(scaled, weights), weights, strict=True))
    return dict(model.get_metrics_result())
