"""What watches over the steps of an epoch."""

from __future__ import annotations

from typing import Any, NoReturn

import keras
import numpy as np
from keras import ops

from zspace.errors import NonFiniteLossError
from zspace.models.bounds import BOUNDS
from zspace.progress import Advance
from zspace.training.history import readable, what_is_kept

__all__ = ["StepWatch"]


class StepWatch(keras.callbacks.Callback):
    """Reports progress after each launch, and stops at a loss that is not finite.

    A launch is one step or, of resident images, several.

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
        self.steps = 0

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called by Keras.

        Args:
            batch: number of the launch.
            logs: the terms averaged over the epoch so far, after each of its steps.
        """
        terms = {
            name: np.atleast_1d(
                value if isinstance(value, float) else ops.convert_to_numpy(value).astype(float)
            )
            for name, value in (logs or {}).items()
            if name not in BOUNDS
        }
        finite: np.ndarray = np.isfinite(np.stack(list(terms.values()))).all(axis=0)
        if not finite.all():
            self._stop(terms, int(finite.argmin()))
        images = min(len(finite) * self.batch_size, self.images - self.steps * self.batch_size)
        self.steps += len(finite)
        self.advance(images, note=f"loss {readable(float(terms['loss'][-1]))}")

    def _stop(self, terms: dict[str, np.ndarray], step: int) -> NoReturn:
        text = ", ".join(f"{name} = {values[step]:.6g}" for name, values in terms.items())
        raise NonFiniteLossError(
            f"the loss is no longer finite in epoch {self.epoch}, step {self.steps + step + 1}: "
            f"{text}; {what_is_kept(self.epoch)}; lower training.learning_rate, or check beta and "
            "the images"
        )
