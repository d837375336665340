"""What a run wrote down of the data set that it was trained on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zspace.data import Dataset
from zspace.errors import DataError, RunError
from zspace.files import read_json

if TYPE_CHECKING:
    from zspace.api.run import Run

__all__ = ["recorded_dataset", "recorded_preparation"]


def recorded_dataset(run: Run) -> Dataset:
    """The prepared data set: see `zspace.api.Run.dataset`."""
    path = run.preparation["path"]
    if not Path(path).is_dir():
        raise DataError(
            f"the images of {run.folder.path} are no longer at {path}; prepare them there "
            f"again, or say where they are: zspace train --resume --out {run.folder.path} "
            "--data DIR"
        )
    return Dataset.load(path)


def recorded_preparation(run: Run) -> dict[str, Any]:
    """Place, size, channels and crop: see `zspace.api.Run.preparation`."""
    environment = run.folder.environment
    try:
        found: dict[str, Any] = read_json(environment)["dataset"]
    except (OSError, json.JSONDecodeError, KeyError) as error:
        raise RunError(f"{environment} is missing or broken ({error!r}); train again") from None
    return found
