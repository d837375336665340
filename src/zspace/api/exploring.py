"""A run as what the explorer explores."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from zspace.errors import DataError, RunError
from zspace.explorer.coding import Coding
from zspace.explorer.side import Side

if TYPE_CHECKING:
    from zspace.api.run import Run

__all__ = ["explored", "side_of"]


def side_of(run: Run, split: str = "train") -> Side:
    """One model to explore, with its codes; they are made first where they are missing.

    Args:
        run: opened.
        split: whose codes are on the map.

    Example:
        ``side_of(zspace.open_run("runs/faces-vae")).reading(z).text``
    """
    codes = run.codes(split)
    height, width, channels = run.model.image_shape
    coding = Coding(
        run.decode,
        run.encode_images,
        latent_size=codes.latent_size,
        image_shape=(height, width, channels),
    )
    return Side(
        run.folder.name,
        codes,
        coding,
        split=split,
        folder=run.folder,
        images=_images(run),
        preparation=run.preparation,
    )


def explored(run: Run, split: str = "train") -> Any:
    """The explorer of a run as a Panel object, for a notebook: `Run.explorer`."""
    from zspace.explorer.app import explorer_view

    return explorer_view(side_of(run, split))


def _images(run: Run) -> Callable[[np.ndarray], np.ndarray] | None:
    """What gives the run's images; None where the data set is gone."""
    try:
        return run.dataset.rows
    except (DataError, RunError):
        return None
