"""Batches of a prepared data set; their order is a pure function of (seed, epoch)."""

from __future__ import annotations

import keras
import numpy as np
from jaxtyping import Int64, UInt8

from zspace.data import Dataset

__all__ = ["Batches", "binarized", "epoch_order"]


def epoch_order(count: int, *, seed: int, epoch: int) -> Int64[np.ndarray, " count"]:
    """A permutation of 0 … count − 1, the same whenever it is asked for again."""
    return np.random.default_rng((seed, epoch)).permutation(count)


def binarized(
    images: UInt8[np.ndarray, "batch height width channels"], *, key: tuple[int, ...]
) -> UInt8[np.ndarray, "batch height width channels"]:
    """Draw each pixel as 0 or 255, with probability value / 255 of the latter.

    Args:
        images: gray values.
        key: of the draw, which is a function of it: seed, epoch, batch.
    """
    thresholds = np.random.default_rng(key).integers(0, 255, images.shape, np.uint8)
    return np.where(images > thresholds, np.uint8(255), np.uint8(0))


class Batches(keras.utils.PyDataset):
    """Some images of a prepared data set as uint8 batches (batch, H, W, C).

    Args:
        dataset: read a batch at a time, so that memory does not grow with it.
        index: rows of the data set.
        batch_size: the last batch may be smaller.
        shuffle: (seed, epoch) to mix the images, None to keep their order.
        binarize: (seed, epoch) to draw the pixels black or white, None to take them as they are.
    """

    def __init__(
        self,
        dataset: Dataset,
        index: Int64[np.ndarray, " count"],
        *,
        batch_size: int,
        shuffle: tuple[int, int] | None = None,
        binarize: tuple[int, int] | None = None,
    ) -> None:
        # Two threads read ahead, in order. With one, Keras on TensorFlow has tf.data do it with
        # automatic tuning, whose timer thread, waking after 10 ms · 2ⁿ, can hold up the end of an
        # epoch by as long as the epoch took.
        super().__init__(workers=2, max_queue_size=8)
        self.dataset = dataset
        if shuffle is not None:
            seed, epoch = shuffle
            index = index[epoch_order(len(index), seed=seed, epoch=epoch)]
        self.index = index
        self.batch_size = batch_size
        self.binarize = binarize

    def __len__(self) -> int:
        """Number of batches."""
        return -(-len(self.index) // self.batch_size)

    def __getitem__(self, number: int) -> tuple[UInt8[np.ndarray, "batch height width channels"]]:
        """Batch `number`, as the tuple that Keras expects."""
        start = number * self.batch_size
        images = self.dataset.rows(self.index[start : start + self.batch_size])
        return (
            images if self.binarize is None else binarized(images, key=(*self.binarize, number)),
        )
