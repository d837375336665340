"""zspace: train autoencoders on images, and study, measure and use their latent space.

The names below are loaded when they are first used: importing zspace costs next to nothing, and
loads no Keras and no backend.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zspace.api import Run, compare, open_run, train
    from zspace.codes import Codes
    from zspace.data import Dataset, prepare
    from zspace.recipe import Recipe, load_recipe, shipped_recipes

__version__ = "0.1.0"

__all__ = [
    "Codes",
    "Dataset",
    "Recipe",
    "Run",
    "compare",
    "load_recipe",
    "open_run",
    "prepare",
    "shipped_recipes",
    "train",
]

_HOMES = {
    "Codes": "zspace.codes",
    "Dataset": "zspace.data",
    "Recipe": "zspace.recipe",
    "Run": "zspace.api",
    "compare": "zspace.api",
    "load_recipe": "zspace.recipe",
    "open_run": "zspace.api",
    "prepare": "zspace.data",
    "shipped_recipes": "zspace.recipe",
    "train": "zspace.api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zspace' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
