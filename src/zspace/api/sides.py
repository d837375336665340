"""A run as a model to explore: one that has ended, and one that is still being trained."""

from __future__ import annotations

import dataclasses
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zspace.api.attributes import model_checksum
from zspace.api.exhibits import RunExhibits
from zspace.codes import Codes
from zspace.data.conditions import require_conditions
from zspace.data.dataset import evenly_spaced
from zspace.data.inputs import Inputs
from zspace.errors import DataError, RunError, ZspaceError
from zspace.explorer.coding import Coding
from zspace.explorer.gate import Gate
from zspace.explorer.side import Side
from zspace.run import RunFolder

if TYPE_CHECKING:
    from zspace.api.run import Run

__all__ = ["Underway", "side_of", "side_underway"]

_FEW = 5_000
_MOST_ENTRIES = 1 << 26
_BROKEN = (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error)


class Underway(NamedTuple):
    """A model in the middle of its training.

    Attributes:
        side: the model.
        epoch: how many epochs are behind it.
        epochs: how many there are to be.
    """

    side: Side
    epoch: int
    epochs: int


def side_of(run: Run, split: str = "train", *, gate: Gate | None = None) -> Side:
    """One model to explore, with its codes; they are made first where they are missing.

    Args:
        run: opened.
        split: whose codes are on the map.
        gate: turns to decode and encode; models on one page share one. None makes one.

    Example:
        ``side_of(zspace.open_run("runs/faces-vae")).reading(z).text``
    """
    return _side(run, run.codes(split), split=split, folder=run.folder, gate=gate)


def side_underway(run: Run, split: str = "train", *, gate: Gate | None = None) -> Underway:
    """The model of the newest checkpoint, with codes of up to 5,000 images spread over the split.

    They are made anew and kept in memory, so that nothing is written beside a training. Maps and
    directions of the run are left alone: they are of all codes, and of an older model.

    Args:
        run: opened just now, as its recipe changes where a run is resumed with more epochs.
        split: whose codes are on the map.
        gate: as for `side_of`.

    Raises:
        RunError: if there is no checkpoint yet, or it cannot be read.
        DataError: if the images are gone, or there is no such split.
    """
    from zspace.training.devices import select_backend

    select_backend()
    from zspace.assemble import assemble
    from zspace.training.checkpoints import load_newest

    model = assemble(run.recipe)
    try:
        restored = load_newest(run.folder, model)
    except ZspaceError:
        raise
    except _BROKEN as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise RunError(
            f"the newest checkpoint in {run.folder.checkpoints} cannot be read ({reason}); remove "
            "it, and the one before is taken"
        ) from error
    if restored is None:
        raise RunError(
            f"{run.folder.path} holds no checkpoint yet; wait for the first one, or start its "
            f"training with: zspace train --resume --out {run.folder.path}"
        )
    run.__dict__["model"] = model
    side = _side(run, _few_codes(run, split), split=split, folder=None, gate=gate)
    return Underway(side, restored.epoch, run.recipe.training.epochs)


def _side(
    run: Run, codes: Codes, *, split: str, folder: RunFolder | None, gate: Gate | None
) -> Side:
    height, width, channels = run.model.image_shape
    coding = Coding(
        run.decode,
        run.encode_images,
        latent_size=codes.latent_size,
        image_shape=(height, width, channels),
        gate=Gate() if gate is None else gate,
    )
    return Side(
        run.folder.name,
        codes,
        coding,
        split=split,
        folder=folder,
        images=_images(run),
        preparation=run.preparation,
        condition=run.condition,
        exhibits=RunExhibits(run.folder, codes, coding, split=split),
        model=None if folder is None else model_checksum(run),
        is_passing=folder is None,
    )


def _few_codes(run: Run, split: str) -> Codes:
    """Codes of images evenly spaced over a split, in memory."""
    from zspace.models import encode_dataset

    recipe, dataset = run.recipe, run.dataset
    require_conditions(dataset, recipe.condition)
    limits = {"train": recipe.data.train, "validation": recipe.data.validation}
    index = dataset.indices(split, limit=limits.get(split, 0))
    most = _FEW
    if recipe.latent.posterior == "full_normal":  # each has a matrix: 256 MB of them are enough
        most = min(most, max(1_000, _MOST_ENTRIES // recipe.latent.size**2))
    chosen = index[evenly_spaced(len(index), most)]
    few = dataclasses.replace(dataset, splits={**dataset.splits, split: chosen})
    with tempfile.TemporaryDirectory(prefix="zspace-") as folder:
        inputs = Inputs.of_recipe(recipe, few)
        codes = encode_dataset(run.model, inputs, out=Path(folder) / split, split=split)
        return _in_memory(codes)


def _in_memory(codes: Codes) -> Codes:
    """The same codes without their files."""
    values: dict[str, Any] = {
        each.name: getattr(codes, each.name) for each in dataclasses.fields(codes)
    }
    copied = {
        name: np.array(value) for name, value in values.items() if isinstance(value, np.ndarray)
    }
    return Codes(**{**values, **copied})


def _images(run: Run) -> Callable[[np.ndarray], np.ndarray] | None:
    """What gives the run's images; None where the data set is gone."""
    try:
        return run.dataset.rows
    except (DataError, RunError):
        return None
