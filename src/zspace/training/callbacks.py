"""What watches over the steps of an epoch."""

from __future__ import annotations

import math
from typing import Any

import keras

from zspace.errors import NonFiniteLossError
from zspace.models.bounds import BOUNDS
from zspace.progress import Advance
from zspace.training.history import readable, what_is_kept

__all__ = ["StepWatch"]


class StepWatch(keras.callbacks.Callback):
    """Reports progress after each step, and stops at a loss that is not finite.

    Args:
        epoch: counted from 1, for the message.
        images: in the epoch.
        batch_size: images per step.
        advance: of the progress display.
    """

    def __init__(self, epoch: int, *, images: int, batch_size: int, advance: Advance) -> None:
        super().__init__()
        self.epoch = epoch
        self.images = images
        self.batch_size = batch_size
        self.advance = advance

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called by Keras; `logs` holds the terms averaged over the epoch so far."""
        values = (logs or {}).items()
        terms = {name: float(value) for name, value in values if name not in BOUNDS}
        if not all(map(math.isfinite, terms.values())):
            text = ", ".join(f"{name} = {value:.6g}" for name, value in terms.items())
            raise NonFiniteLossError(
                f"the loss is no longer finite in epoch {self.epoch}, step {batch + 1}: {text}; "
                f"{what_is_kept(self.epoch)}; lower training.learning_rate, or check beta and "
                "the images"
            )
        done = min(self.batch_size, self.images - batch * self.batch_size)
        self.advance(done, note=f"loss {readable(terms['loss'])}")
