"""Several steps in one launch, on images that are on the device already.

An ordinary batch is a tuple of images. In its place a model can be given a block: all images, and
the row numbers of several batches. Each step then gathers its own batch on the device, so nothing
is copied there but numbers, and Python has a say only between blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

__all__ = ["block", "in_steps"]

_COLUMNS, _ROWS = "columns", "rows"


def block(columns: Any, rows: Any) -> dict[str, Any]:
    """What a model is given in the place of a batch.

    Args:
        columns: on the device, what a batch is a part of: a tuple of pixels (n, H·W·C) as uint8 and
            conditions (n, K). Pixels lie flat, so that no backend wants all of them in another
            layout than the one they came in.
        rows: numbers of the images in each batch, (steps, batch).
    """
    return {_COLUMNS: columns, _ROWS: rows}


def in_steps(step: Callable[..., Any], *given: Any, image_shape: Sequence[int]) -> Any:
    """One step on a batch, or several on a block.

    Args:
        step: Keras' own or the explicit one. On JAX from state and batch to logs and state, on
            PyTorch from batch to logs.
        given: what Keras gives to a step: the state, on JAX, and a batch or a block.
        image_shape: (H, W, C).

    Returns:
        What `step` returns; of a block the logs after each of its steps, (steps,) each.
    """
    *state, data = given
    if not (isinstance(data, dict) and _ROWS in data):
        return step(*given)

    def taken(column: Any, rows: Any) -> Any:
        found = ops.take(column, rows, axis=0)
        is_pixels = keras.backend.standardize_dtype(column.dtype) == "uint8"
        return ops.reshape(found, (-1, *image_shape)) if is_pixels else found

    def batch(rows: Any) -> Any:
        return keras.tree.map_structure(lambda column: taken(column, rows), data[_COLUMNS])

    def one(state: Any, rows: Any) -> tuple[Any, Any]:
        logs, after = step(state, batch(rows))
        return tuple(map(list, after)), logs

    if not state:
        logs = [step(batch(rows)) for rows in data[_ROWS]]
        return {name: ops.stack([each[name] for each in logs]) for name in logs[0]}
    last, found = ops.scan(one, tuple(map(list, state[0])), data[_ROWS])
    return found, last
