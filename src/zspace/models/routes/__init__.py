"""The routes by which the KL term enters training. All train the same weights in the same way.

    loss        the model's compute_loss adds reconstruction and KL term (the default)
    layer       a layer behind mean and log_variance calls add_loss
    outputs     the outputs mean and log_variance have losses of their own
    step        an explicit training step takes the gradient: one file for each backend

From the same weights, batch and noise they give equal losses and equal gradients, so the choice is
one of taste; docs/guide/kl-routes.md shows each in ten lines.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import keras

from zspace.models.routes.layer import RateLayer
from zspace.models.routes.outputs import output_losses

__all__ = ["RateLayer", "explicit_step", "output_losses"]


def explicit_step(model: Any) -> Callable[..., Any]:
    """The explicit training step of a model, on the backend in use; it takes what Keras' own does.

    Args:
        model: an `Autoencoder`.
    """
    module = importlib.import_module(f"zspace.models.routes.{keras.backend.backend()}")
    return lambda *given: module.train_step(model, *given[:-1], data=given[-1])
