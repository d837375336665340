"""Images that stay on the device: only the order of each epoch goes there.

The batches are those of `zspace.training.batches`, in the same order, so the numbers are the same
up to rounding. What an epoch costs beside the arithmetic is copying images to the device and
starting each step from Python; both fall away.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from jaxtyping import Int32, Int64
from keras import ops

from zspace.data import Dataset
from zspace.data.corruptions import NO_EPOCH
from zspace.data.inputs import Inputs
from zspace.errors import BackendError, DataError
from zspace.models.resident import block
from zspace.recipe import Recipe
from zspace.recipe.combinations import not_resident
from zspace.training.batches import epoch_order
from zspace.training.devices import backend_in_use, free_memory

__all__ = ["Resident", "is_resident", "step_blocks"]

BACKENDS = ("jax", "torch")
"""Where a step is a function of its batch. TensorFlow brings each batch to it by way of the CPU."""
STEPS_PER_LAUNCH = 128
"""At most: a few images' time is lost between two launches, and none of them should be felt."""
COMFORTABLE = 0.5
"""Share of the free memory that "auto" takes for images; the step needs the rest."""


def is_resident(recipe: Recipe, dataset: Dataset) -> bool:
    """Whether the images of a run stay on the device, by its `training.resident`.

    Raises:
        BackendError: if they shall, and the backend is none of `BACKENDS`.
        DataError: if they shall, and the GPU has too little memory for them.
    """
    wanted, backend = recipe.training.resident, backend_in_use()
    if not wanted:
        return False
    needed, free = _bytes(recipe, dataset), free_memory()
    if wanted == "auto":
        fits = free is not None and needed <= COMFORTABLE * free
        return fits and backend in BACKENDS and not any(not_resident(recipe))
    if backend not in BACKENDS:
        raise BackendError(
            f"training.resident = true runs on {' and '.join(BACKENDS)}, this is {backend}; start "
            "the run with --backend jax, or set training.resident = false"
        )
    if free is not None and needed > free:
        raise DataError(
            f"training.resident = true needs {needed / 1e9:.1f} GB of the GPU for the images, "
            f"{free / 1e9:.1f} GB are free; set training.resident = false, or data.train to fewer"
        )
    return True


def _bytes(recipe: Recipe, dataset: Dataset) -> int:
    """Of the images on the device, twice where the encoder gets others than the decoder gives."""
    limits = {"train": recipe.data.train, "validation": recipe.data.validation}
    count = sum(len(dataset.indices(split, limit=most)) for split, most in limits.items())
    return count * int(np.prod(dataset.shape)) * (2 if recipe.task.corrupts else 1)


def step_blocks(count: int, batch_size: int) -> list[tuple[int, int]]:
    """How the batches of an epoch go into launches, as (steps, batch) of each.

    Few different shapes, as each is compiled: of one length where the number of steps allows it,
    otherwise of two; what is left of the images is a batch by itself.

    Args:
        count: of images.
        batch_size: of all batches but the last.

    Example:
        >>> step_blocks(1000, 4)[:2], step_blocks(1003, 4)[-1]
        ([(125, 4), (125, 4)], (1, 3))
    """
    steps, rest = divmod(count, batch_size)
    fewest = -(-steps // STEPS_PER_LAUNCH)
    even = [number for number in range(fewest, 2 * fewest) if steps % number == 0]
    launches = even[0] if even else fewest
    blocks = [(steps + number) // launches for number in range(launches)]
    return [(length, batch_size) for length in blocks] + ([(1, rest)] if rest else [])


class Resident:
    """Some images of a data set, and what the model is told beside them, on the device.

    Args:
        inputs: the data set, and what the model is given of it.
        index: rows of the data set.
        batch_size: the last batch may be smaller.
    """

    def __init__(
        self, inputs: Inputs, index: Int64[np.ndarray, " count"], *, batch_size: int
    ) -> None:
        self.seed = inputs.seed
        self.count = len(index)
        self.batch_size = batch_size
        images = inputs.dataset.rows(index)
        given = inputs.of(images, index, epoch=NO_EPOCH)
        columns = (given, images) if inputs.task.corrupts else (given,)
        self.columns = keras.tree.map_structure(_on_device, columns)

    def blocks(self, epoch: int | None) -> _Blocks:
        """The batches of an epoch, counted from 0; None keeps the order of the images."""
        order = np.arange(self.count)
        if epoch is not None:
            order = epoch_order(self.count, seed=self.seed, epoch=epoch)
        return _Blocks(self.columns, order.astype(np.int32), batch_size=self.batch_size)


def _on_device(column: np.ndarray) -> Any:
    return ops.convert_to_tensor(column.reshape(len(column), -1))


class _Blocks(keras.utils.PyDataset):
    """The batches of an epoch, several in each item."""

    def __init__(
        self, columns: Any, order: Int32[np.ndarray, " count"], *, batch_size: int
    ) -> None:
        super().__init__()
        self.columns = columns
        shapes = step_blocks(len(order), batch_size)
        ends = np.cumsum([steps * batch for steps, batch in shapes])[:-1]
        parts = np.split(order, ends)
        self.rows = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]

    def __len__(self) -> int:
        """Number of launches."""
        return len(self.rows)

    def __getitem__(self, number: int) -> dict[str, Any]:
        """Block `number`."""
        return block(self.columns, self.rows[number])
