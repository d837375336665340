"""What a model is called with: images, and labels or attributes beside them.

Of these the encoder sees further channels, each of one value all over the image, the decoder as
further components of its z-point (Sohn et al. 2015, https://papers.nips.cc/paper/5775). So every
kind of network can be conditional, and z is left with what the condition does not say.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from zspace.errors import ShapeError

__all__ = ["beside", "checked_condition", "split_input", "unit_images", "with_planes"]


def unit_images(images: Any) -> Any:
    """Images as float32 in 0…1; whole numbers are taken as 0…255."""
    if "float" in keras.backend.standardize_dtype(images.dtype):
        return ops.cast(images, "float32")
    return ops.cast(images, "float32") / 255.0


def split_input(x: Any) -> tuple[Any, Any]:
    """Images and condition of what a model is called with: images, or a dict of both."""
    if isinstance(x, dict):
        return x["images"], x["condition"]
    return x, None


def with_planes(images: Any, condition: Any) -> Any:
    """Images (n, H, W, C) and a condition (n, K) as (n, H, W, C + K)."""
    if condition is None:
        return images
    height, width = images.shape[1:3]
    planes = ops.cast(condition, images.dtype)[:, None, None, :]
    return ops.concatenate([images, ops.tile(planes, (1, height, width, 1))], axis=-1)


def beside(z: Any, condition: Any) -> Any:
    """z-points (m, N) and a condition (n, K) as (m, N + K).

    Where m is a multiple of n, each image has m / n z-points, one behind the other.
    """
    if condition is None:
        return z
    return ops.concatenate([z, ops.cast(condition, z.dtype)], axis=-1)


def checked_condition(condition: Any, *, count: int, size: int) -> np.ndarray | None:
    """A condition as float32 (count, size), or None for a model without one.

    Args:
        condition: (count, size), or (size,) for all alike.
        count: of images or z-points.
        size: what the model expects; 0 for none.

    Raises:
        ShapeError: for another shape, and for a condition that is missing or not expected.
    """
    if not size:
        if condition is not None:
            raise ShapeError("the model is not conditional, but a condition came; leave it out")
        return None
    if condition is None:
        raise ShapeError(
            f"the model is conditional: expected a condition of shape ({count}, {size}), got None"
        )
    array = np.asarray(condition, np.float32)
    if array.shape == (size,):
        array = np.repeat(array[None], count, axis=0)
    if array.shape != (count, size):
        raise ShapeError(f"expected a condition of shape ({count}, {size}), got {array.shape}")
    return array
