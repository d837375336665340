"""Images to codes: whole splits into the run folder, and images of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zspace.codes import Codes
from zspace.data import Dataset
from zspace.data.conditions import require_conditions
from zspace.data.inputs import Inputs
from zspace.errors import OutputExistsError

if TYPE_CHECKING:
    from zspace.api.run import Run

__all__ = ["as_dataset", "encoded", "encoded_images"]


def as_dataset(data: Dataset | Path | str) -> Dataset:
    """A prepared data set, opened where its folder is given."""
    return data if isinstance(data, Dataset) else Dataset.load(data)


def encoded(
    run: Run,
    split: str,
    *,
    data: Dataset | Path | str | None,
    epsilon_scale: float | None,
    overwrite: bool,
) -> Codes:
    """A split, encoded into the run folder: see `zspace.api.Run.encode`."""
    dataset = run.dataset if data is None else as_dataset(data)
    out = run.folder.codes(split)
    if out.exists() and not overwrite:
        raise OutputExistsError(f"{out} exists already; pass --overwrite to replace it")
    chosen = {"train": run.recipe.data.train, "validation": run.recipe.data.validation}
    require_conditions(dataset, run.recipe.condition)
    model = run.model
    from zspace.models import encode_dataset

    if epsilon_scale is not None:
        model.epsilon_scale = epsilon_scale
    return encode_dataset(
        model,
        Inputs.of_recipe(run.recipe, dataset),
        out=out,
        split=split,
        limit=chosen.get(split, 0),
        overwrite=overwrite,
        show_progress=run.show_progress,
    )


def encoded_images(run: Run, images: np.ndarray) -> np.ndarray:
    """Posterior means of images: see `zspace.api.Run.encode_images`."""
    given = images
    if run.recipe.task.corrupts:
        if images.dtype.kind == "f":
            images = np.rint(255 * np.clip(images, 0, 1)).astype(np.uint8)
        given = run.inputs.images(images, np.arange(len(images)))
    mean: np.ndarray = run.model.encode(given, condition=run.condition)["mean"]
    return mean
