"""Batches of a prepared data set; their order is a pure function of (seed, epoch)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
from jaxtyping import Int64, UInt8

from zspace.data.corruptions import NO_EPOCH
from zspace.data.inputs import Inputs

__all__ = ["Batches", "binarized", "epoch_order", "make_feed", "own_part"]

_READERS, _AHEAD = 2, 8


def epoch_order(count: int, *, seed: int, epoch: int) -> Int64[np.ndarray, " count"]:
    """A permutation of 0 … count − 1, the same whenever it is asked for again."""
    return np.random.default_rng((seed, epoch)).permutation(count)


def binarized(
    images: UInt8[np.ndarray, "batch height width channels"],
    *,
    key: tuple[int, ...],
    part: tuple[int, int] = (0, 1),
) -> UInt8[np.ndarray, "batch height width channels"]:
    """Draw each pixel as 0 or 255, with probability value / 255 of the latter.

    Args:
        images: gray values.
        key: of the draw, which is a function of it: seed, epoch, batch.
        part: which of how many equal parts of the batch the images are.
    """
    number, parts = part
    count = len(images)
    drawn = (count * parts, *images.shape[1:])
    thresholds = np.random.default_rng(key).integers(0, 255, drawn, np.uint8)
    own = thresholds[number * count : (number + 1) * count]
    return np.where(images > own, np.uint8(255), np.uint8(0))


def own_part() -> tuple[int, int]:
    """Which of how many equal parts of each batch this process reads, (0, 1) if it is alone."""
    shared = keras.distribution.distribution()
    return (0, 1) if shared is None else (shared.data_shard_id, shared.num_processes)


class Batches:
    """Some images of a prepared data set as batches of uint8 (batch, H, W, C).

    Models take them by way of `make_feed`. The threads of Keras' own PyDataset would do, but it
    waits 0.1 s for them at the end of every epoch.

    Of several processes that share each batch, this one gives its own part.

    Args:
        inputs: the data set, read a batch at a time so that memory does not grow with it, and what
            the model is given of it.
        index: rows of the data set.
        batch_size: the last batch may be smaller.
        epoch: settles the order and what is done to the images; None keeps their order, and does
            the same to them every time.
        binarize: whether the pixels are drawn black or white.
    """

    def __init__(
        self,
        inputs: Inputs,
        index: Int64[np.ndarray, " count"],
        *,
        batch_size: int,
        epoch: int | None = None,
        binarize: bool = False,
    ) -> None:
        self.inputs = inputs
        if epoch is not None:
            index = index[epoch_order(len(index), seed=inputs.seed, epoch=epoch)]
        self.index = index
        self.batch_size = batch_size
        self.epoch = NO_EPOCH if epoch is None else epoch
        self.binarize = binarize
        self.part = own_part()

    def __len__(self) -> int:
        """Number of batches."""
        return -(-len(self.index) // self.batch_size)

    def __getitem__(self, number: int) -> tuple[Any, ...]:
        """Batch `number`: what the model is given, and the images themselves where they differ."""
        start = number * self.batch_size
        index = self.index[start : start + self.batch_size]
        part, parts = self.part
        index = index[len(index) * part // parts : len(index) * (part + 1) // parts]
        images = self.inputs.dataset.rows(index)
        if self.binarize:
            key = (self.inputs.seed, self.epoch, number)
            images = binarized(images, key=key, part=self.part)
        given = self.inputs.of(images, index, epoch=self.epoch)
        return (given, images) if self.inputs.task.corrupts else (given,)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """All batches in order; threads read ahead."""
        readers = ThreadPoolExecutor(_READERS)
        waiting: deque[Future[tuple[Any, ...]]] = deque()
        try:
            for number in range(len(self)):
                if len(waiting) == _AHEAD:
                    yield waiting.popleft().result()
                waiting.append(readers.submit(self.__getitem__, number))
            while waiting:
                yield waiting.popleft().result()
        finally:
            readers.shutdown(cancel_futures=True)


def make_feed() -> Callable[[Batches], Any]:
    """Make what turns the batches of an epoch, and of the next, into what `fit` takes."""
    if keras.backend.backend() != "tensorflow":
        return _Feed
    from zspace.training.feed_tensorflow import Feed

    return Feed()


class _Feed(keras.utils.PyDataset):
    """Batches for a single thread, which asks for one after the other."""

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self.batches = batches
        self.left = iter(batches)

    def __len__(self) -> int:
        """Number of batches."""
        return len(self.batches)

    def __getitem__(self, number: int) -> tuple[Any, ...]:
        """Batch `number`."""
        if number == 0:
            self.left = iter(self.batches)
        return next(self.left)
