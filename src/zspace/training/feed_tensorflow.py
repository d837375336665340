"""Batches as TensorFlow takes them with the least delay: a tf.data.Dataset."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

__all__ = ["Feed"]


class Feed:
    """Turns one sequence of batches after another into the same dataset.

    TensorFlow traces what makes a dataset. That takes 25 ms, and an interruption by the user that
    falls into it arrives as some other error; so it is not done for every epoch.
    """

    def __init__(self) -> None:
        self.batches: Any = ()
        self.dataset: tf.data.Dataset | None = None

    def __call__(self, batches: Any) -> tf.data.Dataset:
        """Batches one after the other, as iterating over them gives them.

        Args:
            batches: a sequence of nests of arrays that differ in length alone. Iterating over it is
                to read ahead. Whatever was fed before is over.
        """
        if self.dataset is None or len(batches) != len(self.batches):
            self.dataset = self._made(batches)
        self.batches = batches
        return self.dataset

    def _made(self, batches: Any) -> tf.data.Dataset:
        made = tf.data.Dataset.from_generator(
            lambda: iter(self.batches),
            output_signature=keras.tree.map_structure(_signature, batches[0]),
        )
        made = made.apply(tf.data.experimental.assert_cardinality(len(batches)))
        options = tf.data.Options()
        # Keras would leave tf.data's automatic tuning on, whose timer thread, waking after 10 ms ·
        # 2ⁿ, can hold up the end of an epoch by as long as the epoch took.
        options.autotune.enabled = False
        options.threading.private_threadpool_size = 1
        return made.with_options(options)


def _signature(column: np.ndarray) -> tf.TensorSpec:
    return tf.TensorSpec((None, *column.shape[1:]), column.dtype)
