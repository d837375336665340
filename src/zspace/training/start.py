"""What comes ahead of the first epoch: checks, and the run folder with its record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from zspace.data import Dataset
from zspace.errors import BackendError, DataError, RecipeError, RunError
from zspace.files import read_json, write_json
from zspace.recipe import Recipe, Training, load_recipe, save_recipe
from zspace.run import RunFolder
from zspace.training.devices import describe_environment

__all__ = ["backend_of", "check_dataset", "check_sharing", "resume_run", "start_run"]

CHANGEABLE = (
    "epochs",
    "early_stopping",
    "samples_every",
    "checkpoints",
    "tensorboard",
    "resident",
    "devices",
)
"""Keys of [training] that may differ when a run is resumed: they leave the epochs as they are."""


def check_dataset(recipe: Recipe, dataset: Dataset) -> None:
    """Make sure that a data set has the image shape that a recipe expects.

    Raises:
        DataError: naming both shapes and what to do.
    """
    if dataset.shape == recipe.data.shape:
        return
    height, width, channels = dataset.shape
    size = str(height) if height == width else f"[{height},{width}]"
    raise DataError(
        f"the recipe expects images of {_times(recipe.data.shape)}, {dataset.path} has "
        f"{_times(dataset.shape)}; prepare them anew, or train with --set data.size={size} "
        f"--set data.channels={channels}"
    )


def check_sharing(recipe: Recipe, dataset: Dataset) -> None:
    """Make sure that the last batches can be shared evenly by the devices, as all others are.

    Raises:
        DataError: naming how many images would do.
    """
    training = recipe.training
    for split, limit in {"train": recipe.data.train, "validation": recipe.data.validation}.items():
        count = len(dataset.indices(split, limit=limit))
        last = count % training.batch_size
        if last % training.devices:
            raise DataError(
                f"training.devices = {training.devices} share each batch evenly, but the last one "
                f"of the {count:,} {split} images has {last}; set data.{split} = "
                f"{count - last % training.devices}"
            )


def start_run(
    recipe: Recipe,
    dataset: Dataset,
    *,
    out: Path,
    overwrite: bool = False,
    record: dict[str, Any] | None = None,
) -> RunFolder:
    """A new run folder with the recipe and the environment written down.

    Args:
        recipe: what is trained.
        dataset: the images.
        out: the folder.
        overwrite: whether a run that is there already is replaced.
        record: what else is to be known of the environment.

    Raises:
        DataError: if the data set does not fit the recipe.
        OutputExistsError: if `out` is there and `overwrite` is false.
    """
    check_dataset(recipe, dataset)
    identity = _identity(recipe, dataset)
    environment = {"dataset": identity, **describe_environment(), **(record or {})}
    run = RunFolder.create(out, overwrite=overwrite)
    save_recipe(recipe, run.recipe)
    write_json(run.environment, environment)
    return run


def resume_run(run: RunFolder, *, recipe: Recipe, dataset: Dataset) -> None:
    """Make sure that going on means going on with the same recipe, data and backend.

    Args:
        run: what is resumed; its recipe.toml is brought up to date.
        recipe: may differ from the run's own in `CHANGEABLE` keys alone.
        dataset: the images.

    Raises:
        RecipeError, DataError, BackendError: if something else differs.
    """
    started = load_recipe(run.recipe)
    _check_epochs(run, started.training, recipe.training)
    before, now = started.model_dump(), recipe.model_dump()
    for section, keys in now.items():
        for key, value in keys.items():
            may_differ = section == "training" and key in CHANGEABLE
            if value != before[section][key] and not may_differ:
                raise RecipeError(
                    f"cannot resume {run.path} with {section}.{key} = {value!r}: it was started "
                    f"with {before[section][key]!r}; leave it so, or start another run"
                )
    record = _environment(run)
    if record["dataset"]["sha256"] != _identity(recipe, dataset)["sha256"]:
        raise DataError(
            f"{run.path} was started on other images ({record['dataset']['path']}) than those in "
            f"{dataset.path}; resume with the same --data"
        )
    current = describe_environment()["backend"]
    if record["backend"] != current:
        raise BackendError(
            f"{run.path} was started on {record['backend']}, this is {current}; "
            f"resume with --backend {record['backend']}"
        )
    save_recipe(recipe, run.recipe)
    write_json(run.environment, {**record, "dataset": _identity(recipe, dataset)})


def _check_epochs(run: RunFolder, before: Training, now: Training) -> None:
    if now.epochs == before.epochs:
        return
    if now.schedule == "cosine":
        raise RecipeError(
            f"cannot resume {run.path} with training.epochs = {now.epochs}: its cosine schedule "
            f"was laid out for {before.epochs}; leave it so, or start another run"
        )
    done = max(run.saved_epochs(), default=0)
    if now.epochs < done:
        raise RecipeError(
            f"cannot resume {run.path} with training.epochs = {now.epochs}: {done} epochs are "
            "done already"
        )


def backend_of(run: RunFolder) -> str:
    """The backend that a run was started on."""
    return str(_environment(run)["backend"])


def _environment(run: RunFolder) -> dict[str, Any]:
    try:
        record: dict[str, Any] = read_json(run.environment)
    except (OSError, json.JSONDecodeError) as error:
        raise RunError(
            f"{run.environment} is missing or broken ({error}); start the run again"
        ) from None
    return record


def _identity(recipe: Recipe, dataset: Dataset) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "path": str(dataset.path.resolve()),
        "shape": list(dataset.shape),
        "size": dataset.information["size"],
        "channels": dataset.information["channels"],
        "crop": dataset.information.get("crop"),
        "train": len(dataset.indices("train", limit=recipe.data.train)),
        "validation": len(dataset.indices("validation", limit=recipe.data.validation)),
        "sha256": dataset.information["sha256"]["images.npy"],
    }


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
