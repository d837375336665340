"""Checkpoints: all that a run needs to go on as if it had never stopped, whole or absent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from zspace.errors import NonFiniteLossError, RunError
from zspace.files import PARTIAL, whole_file
from zspace.run import RunFolder
from zspace.training.history import what_is_kept

__all__ = ["Checkpoint", "load_newest", "save_checkpoint"]

_STATE = "state"


@dataclass(frozen=True)
class Checkpoint:
    """What was restored.

    Attributes:
        epoch: number of finished epochs.
        history: one row for each of them.
        timings: seconds and images per second of each.
    """

    epoch: int
    history: list[dict[str, float]]
    timings: list[dict[str, float]]


def _variables(model: keras.Model) -> dict[str, Any]:
    """Weights, batch statistics, seeds of all random layers, and the optimizer's state.

    `model.variables` holds the seeds, which `model.weights` and Keras' own files leave out.
    """
    metrics = {id(variable) for variable in model.metrics_variables}
    kept = [variable for variable in model.variables if id(variable) not in metrics]
    named = {f"model/{number:04d}": variable for number, variable in enumerate(kept)}
    optimizer = getattr(model, "optimizer", None)
    for number, variable in enumerate(optimizer.variables if optimizer is not None else ()):
        named[f"optimizer/{number:04d}"] = variable
    return named


def save_checkpoint(
    run: RunFolder, model: keras.Model, *, checkpoint: Checkpoint, keep: int
) -> None:
    """Write a checkpoint, then remove all but the newest `keep`.

    Args:
        run: whose checkpoints.
        model: compiled, so that its optimizer's state is saved along.
        checkpoint: epoch, history and timings so far.
        keep: how many to keep.

    Raises:
        NonFiniteLossError: if a weight is NaN or infinite; nothing is written then.
        StorageError: if the disk is full; older checkpoints stay.
    """
    arrays = {name: ops.convert_to_numpy(value) for name, value in _variables(model).items()}
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise NonFiniteLossError(
                f"epoch {checkpoint.epoch}: {name} of the weights became NaN or infinite; "
                f"{what_is_kept(checkpoint.epoch)}; lower training.learning_rate"
            )
    state = {
        "epoch": checkpoint.epoch,
        "history": checkpoint.history,
        "timings": checkpoint.timings,
    }
    with whole_file(run.checkpoint(checkpoint.epoch)) as beside:
        np.savez(beside, allow_pickle=False, **{**arrays, _STATE: np.array(json.dumps(state))})
    for epoch in run.saved_epochs()[keep:]:
        run.checkpoint(epoch).unlink()
    for abandoned in run.checkpoints.glob(f".*{PARTIAL}*"):
        abandoned.unlink()


def load_newest(run: RunFolder, model: keras.Model) -> Checkpoint | None:
    """Restore the newest checkpoint into a model of the same recipe.

    Args:
        run: whose checkpoints.
        model: with its weights, and with its optimizer's state where the optimizer is wanted.

    Returns:
        What was restored, or None where there is no checkpoint.

    Raises:
        RunError: if the checkpoint was written for another model.
    """
    epochs = run.saved_epochs()
    if not epochs:
        return None
    path = run.checkpoint(epochs[0])
    variables = _variables(model)
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        state = json.loads(str(arrays[_STATE]))
        for name, variable in variables.items():
            if name not in arrays or arrays[name].shape != tuple(variable.shape):
                found = arrays[name].shape if name in arrays else "nothing"
                raise RunError(
                    f"{path} does not fit the recipe: expected {tuple(variable.shape)} for "
                    f"{variable.path}, found {found}; resume with the recipe it was made with"
                )
            variable.assign(arrays[name])
    return Checkpoint(state["epoch"], state["history"], state["timings"])
