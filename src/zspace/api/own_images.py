"""Images of one's own, read as the data set was; one that cannot be does not spoil the rest."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zspace.data import read_image_like
from zspace.errors import ImageError

if TYPE_CHECKING:
    from zspace.api.run import Run

__all__ = ["own_images"]


def own_images(run: Run, paths: Sequence[Path | str]) -> tuple[np.ndarray, list[Path]]:
    """Read image files, cropped and scaled as the data set of a run was.

    Those that cannot be read are left out, with a line each on standard error.

    Returns:
        Pixels (n, H, W, C), uint8, and the files they are of.

    Raises:
        ImageError: if none can be read.
    """
    how = run.preparation
    images, read = [], []
    for path in map(Path, paths):
        try:
            images.append(read_image_like(path, how))
        except ImageError as error:
            if len(paths) == 1:
                raise
            print(f"zspace: left out {error}", file=sys.stderr)
        else:
            read.append(path)
    if not images:
        raise ImageError(f"none of the {len(paths)} files could be read; expected image files")
    return np.stack(images), read
