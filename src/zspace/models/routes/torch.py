"""Route "step" on PyTorch: the gradient by `backward`."""

from __future__ import annotations

from typing import Any

import keras
import torch

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
    # training=True, or batch normalization would not learn and dropout would be off.
    values = model(x, training=True)
    loss = model.compute_loss(x, y, values, training=True)
    model.track_loss(loss, x)
    model.zero_grad()
    model.optimizer.scale_loss(loss).backward()
    weights = model.trainable_weights
    with torch.no_grad():
        model.optimizer.apply([weight.value.grad for weight in weights], weights)
    return dict(model.get_metrics_result())
