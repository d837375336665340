"""Optimizer and learning-rate schedule of a recipe."""

from __future__ import annotations

from typing import Any

import keras

from zspace.recipe import Training

__all__ = ["OPTIMIZERS", "make_optimizer"]

OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "adamax": keras.optimizers.Adamax,
    "nadam": keras.optimizers.Nadam,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
    "lion": keras.optimizers.Lion,
}


def make_optimizer(training: Training, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """The optimizer; its schedule is a function of the step count, which checkpoints hold.

    Args:
        training: the recipe's section.
        steps_per_epoch: batches in an epoch, to turn epochs into steps.
    """
    optimizer = OPTIMIZERS[training.optimizer](learning_rate=_schedule(training, steps_per_epoch))
    if keras.backend.backend() == "tensorflow" and training.optimizer in ("adam", "adamw"):
        from zspace.training.fused_tensorflow import fuse

        fuse(optimizer)
    return optimizer


def _schedule(training: Training, steps_per_epoch: int) -> Any:
    start = training.learning_rate
    if training.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(
            start, training.epochs * steps_per_epoch, alpha=training.decay_factor
        )
    if training.schedule == "step":
        # One boundary lies at or past the end, so that a run that has none yet is saved as one with
        # a schedule, and can be resumed with more epochs.
        every = training.decay_epochs
        epochs = range(every, training.epochs + every, every)
        values = [start * training.decay_factor**power for power in range(len(epochs) + 1)]
        # A boundary belongs to the piece ahead of it: step n·s is the first of epoch n.
        boundaries = [epoch * steps_per_epoch - 1 for epoch in epochs]
        return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)
    return start
