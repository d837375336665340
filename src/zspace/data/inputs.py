"""What a model is given of the images of a data set: pixels, corrupted or not, and a condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32, Integer, UInt8

from zspace.data.conditions import condition_rows
from zspace.data.corruptions import NO_EPOCH, corrupted
from zspace.data.dataset import Dataset

if TYPE_CHECKING:
    from zspace.recipe import Condition, Recipe, Task

__all__ = ["Inputs"]


@dataclass(frozen=True, eq=False)
class Inputs:
    """A data set as a model sees it.

    Attributes:
        dataset: the images.
        task: what is done to them.
        condition: what the model is told beside them.
        seed: of what is done to them.
    """

    dataset: Dataset
    task: Task
    condition: Condition
    seed: int

    @classmethod
    def of_recipe(cls, recipe: Recipe, dataset: Dataset) -> Inputs:
        """As a recipe has it."""
        return cls(dataset, recipe.task, recipe.condition, recipe.training.seed)

    def images(
        self,
        images: UInt8[np.ndarray, "count height width channels"],
        index: Integer[np.ndarray, " count"],
        *,
        epoch: int = NO_EPOCH,
    ) -> UInt8[np.ndarray, "count height width channels"]:
        """The pixels that the encoder is given, see `zspace.data.corruptions.corrupted`."""
        return corrupted(images, self.task, index=index, seed=self.seed, epoch=epoch)

    def conditions(
        self, index: Integer[np.ndarray, " rows"], *, count: int | None = None
    ) -> Float32[np.ndarray, "count size"] | None:
        """What the model is told of images, see `zspace.data.conditions.condition_rows`.

        Args:
            index: image numbers.
            count: of vectors; the images are then taken over and over. None: one for each.
        """
        if count is not None:
            index = np.resize(index, count)
        return condition_rows(self.dataset, index, condition=self.condition)

    def of(
        self,
        images: UInt8[np.ndarray, "count height width channels"],
        index: Integer[np.ndarray, " count"],
        *,
        epoch: int,
    ) -> Any:
        """What the model is called with: pixels, or ``{"images": …, "condition": …}``."""
        given, told = self.images(images, index, epoch=epoch), self.conditions(index)
        return given if told is None else {"images": given, "condition": told}
