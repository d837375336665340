"""Pictures that a run makes, and where they go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zspace.errors import DataError, OutputExistsError

if TYPE_CHECKING:
    from zspace.api.run import Run

__all__ = ["SUFFIXES", "Pictures", "picture_path", "said"]

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_MOST_LETTERS = 150


class Pictures(NamedTuple):
    """Images that were made, and the file that shows them.

    Attributes:
        images: (n, H, W, C), float32 in 0…1.
        path: the picture, or the folder of single ones.
    """

    images: np.ndarray
    path: Path


def picture_path(run: Run, out: Path | str | None, *, name: str, overwrite: bool) -> Path:
    """`out`, if it may be written, or a file in the run's own folder of samples.

    Raises:
        OutputExistsError: if there is a file at `out`, and it may not be overwritten.
        DataError: if `out` is no name of a picture.
    """
    if out is None:
        return run.folder.samples / name
    path = Path(out)
    if path.exists() and not overwrite:
        raise OutputExistsError(f"{path} exists already; pass --overwrite to replace it")
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(f"--out {path}: expected a .png, .jpg or .webp file")
    return path


def said(options: dict[str, Any], defaults: dict[str, Any]) -> str:
    """The options that are not the default, as the end of a file's name.

    Example:
        >>> said({"limit": [0.5, 2.0], "seed": 1}, {"limit": 1.0, "seed": 1})
        '-limit-0.5-2'
    """
    parts = []
    for name, value in options.items():
        if value != defaults.get(name):
            several = value if isinstance(value, list | tuple) else [value]
            texts = [one if isinstance(one, str) else f"{one:g}" for one in several]
            parts.append("-".join([name.replace("_", "-"), *texts]))
    text = "".join(f"-{part}" for part in parts)
    return text if len(text) <= _MOST_LETTERS else text[:_MOST_LETTERS].rstrip("-.") + "-etc"
