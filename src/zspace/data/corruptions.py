"""What restoration tasks do to images: noise, dropped pixels, masks, gray instead of color.

What happens to an image is a pure function of (seed, epoch, its number in the data set): new in
every epoch, the same in a resumed run, whatever batch it comes in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Bool, Integer, UInt8

from zspace.recipe.task import Task

__all__ = ["CORRUPTIONS", "NO_EPOCH", "corrupted", "gray", "kept_pixels"]

NO_EPOCH = 2**31 - 1
"""Stands for the epoch where nothing is trained, as in validation: beyond all of them."""

_CORRUPTION = 7
"""Sets these draws apart from others of the same seed and epoch."""


def corrupted(
    images: UInt8[np.ndarray, "count height width channels"],
    task: Task,
    *,
    index: Integer[np.ndarray, " count"],
    seed: int,
    epoch: int = NO_EPOCH,
) -> UInt8[np.ndarray, "count height width channels"]:
    """What the encoder is given of images.

    Args:
        images: pixels, uint8.
        task: what is done to them.
        index: number of each image in its data set.
        seed: of the run.
        epoch: counted from 0.

    Returns:
        As many images of the same shape, uint8. For "recolor" all three channels are the same.

    Example:
        >>> images = np.full((2, 4, 4, 1), 255, np.uint8)
        >>> task = Task(kind="drop_pixels", amount=0.75)
        >>> float(corrupted(images, task, index=np.arange(2), seed=1).mean()) / 255
        0.25
    """
    if not task.corrupts:
        return images
    corrupt = CORRUPTIONS[task.kind]
    return np.stack(
        [
            corrupt(image, task, np.random.default_rng((seed, epoch, int(number), _CORRUPTION)))
            for image, number in zip(images, index, strict=True)
        ]
    )


def kept_pixels(
    images: UInt8[np.ndarray, "count height width channels"],
    task: Task,
    **key: Any,
) -> Bool[np.ndarray, "count height width"]:
    """Which pixels `corrupted` leaves as they are, for tasks that take pixels away.

    Args:
        images: of which only the shape counts.
        task: "drop_pixels" or "mask".
        key: index, seed and epoch as for `corrupted`.
    """
    kept = corrupted(np.full_like(images, 255), task, **key)
    return kept[..., 0] == 255


def gray(
    images: UInt8[np.ndarray, "*shape channels"],
) -> UInt8[np.ndarray, "*shape channels"]:
    """The luma of RGB images in all three channels: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).

    In the whole numbers of Pillow's conversion to gray, so that gray files fit what was trained on.
    """
    red, green, blue = np.moveaxis(images.astype(np.uint32), -1, 0)
    luma = (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16
    return np.repeat(luma.astype(np.uint8)[..., None], 3, axis=-1)


def _noisy(
    image: UInt8[np.ndarray, "height width channels"], task: Task, generator: np.random.Generator
) -> UInt8[np.ndarray, "height width channels"]:
    if task.noise == "salt_and_pepper":
        draw = generator.random(image.shape[:2], np.float32)[..., None]
        white_or_same = np.where(draw < task.amount, np.uint8(255), image)
        return np.where(draw < task.amount / 2, np.uint8(0), white_or_same)
    noise = generator.standard_normal(image.shape, np.float32)
    return np.rint(np.clip(image + 255 * task.amount * noise, 0, 255)).astype(np.uint8)


def _thinned(
    image: UInt8[np.ndarray, "height width channels"], task: Task, generator: np.random.Generator
) -> UInt8[np.ndarray, "height width channels"]:
    """The share is exact in every image, as near as whole pixels come to it."""
    height, width, channels = image.shape
    dropped = generator.permutation(height * width)[: round(task.amount * height * width)]
    pixels = image.reshape(height * width, channels).copy()
    pixels[dropped] = 0
    return pixels.reshape(image.shape)


def _masked(
    image: UInt8[np.ndarray, "height width channels"], task: Task, generator: np.random.Generator
) -> UInt8[np.ndarray, "height width channels"]:
    masked = image.copy()
    sides = [max(1, round(task.amount * extent)) for extent in image.shape[:2]]
    for _ in range(task.boxes):
        top, left = (
            int(generator.integers(0, extent - side + 1))
            for extent, side in zip(image.shape[:2], sides, strict=True)
        )
        masked[top : top + sides[0], left : left + sides[1]] = 0
    return masked


def _uncolored(
    image: UInt8[np.ndarray, "height width channels"], *_nothing: Any
) -> UInt8[np.ndarray, "height width channels"]:
    return gray(image)


CORRUPTIONS: dict[str, Callable[..., UInt8[np.ndarray, "height width channels"]]] = {
    "denoise": _noisy,
    "drop_pixels": _thinned,
    "mask": _masked,
    "recolor": _uncolored,
}
"""By the names of `task.kind`: from image, task and random numbers to what is left of the image."""
