"""Batches as TensorFlow takes them with the least delay: a tf.data.Dataset."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

__all__ = ["as_dataset"]


def as_dataset(batches: Any) -> tf.data.Dataset:
    """Batches one after the other, as iterating over them gives them.

    Args:
        batches: a sequence of nests of arrays that differ in length alone. Iterating over it is to
            read ahead.
    """
    feed = tf.data.Dataset.from_generator(
        batches.__iter__, output_signature=keras.tree.map_structure(_signature, batches[0])
    )
    options = tf.data.Options()
    # Keras would leave tf.data's automatic tuning on, whose timer thread, waking after 10 ms · 2ⁿ,
    # can hold up the end of an epoch by as long as the epoch took.
    options.autotune.enabled = False
    options.threading.private_threadpool_size = 1
    return feed.apply(tf.data.experimental.assert_cardinality(len(batches))).with_options(options)


def _signature(column: np.ndarray) -> tf.TensorSpec:
    return tf.TensorSpec((None, *column.shape[1:]), column.dtype)
