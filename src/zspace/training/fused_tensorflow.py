"""Adam's step on TensorFlow as one kernel for each weight."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from keras import ops

__all__ = ["fuse"]


def fuse(optimizer: Any) -> None:
    """Let an Adam or AdamW update each weight and its two moments in one pass over memory.

    Keras' own step is a dozen operations, each of which reads and writes whole arrays of the size
    of the weights. The formula is the same, Kingma and Ba 2014 with ε beside the bias-corrected
    step (https://arxiv.org/abs/1412.6980, end of section 2); results differ by rounding.

    The step is set on this one optimizer, not in a class of its own, so that a saved model names
    Keras' optimizer and opens on any backend.

    Args:
        optimizer: a `keras.optimizers.Adam` or `AdamW`.
    """
    of_keras = optimizer.update_step

    def update_step(gradient: Any, variable: Any, learning_rate: Any) -> None:
        if variable.dtype != tf.float32 or isinstance(gradient, tf.IndexedSlices):
            of_keras(gradient, variable, learning_rate)
            return
        # Keras' own step finds its moments in the same way; there is no public one.
        index = optimizer._get_variable_index(variable)  # noqa: SLF001
        step = ops.cast(optimizer.iterations + 1, "float32")
        tf.raw_ops.ResourceApplyAdam(
            var=_handle(variable),
            m=_handle(optimizer._momentums[index]),  # noqa: SLF001
            v=_handle(optimizer._velocities[index]),  # noqa: SLF001
            beta1_power=ops.power(optimizer.beta_1, step),
            beta2_power=ops.power(optimizer.beta_2, step),
            lr=ops.cast(learning_rate, "float32"),
            beta1=optimizer.beta_1,
            beta2=optimizer.beta_2,
            epsilon=optimizer.epsilon,
            grad=gradient,
        )

    optimizer.update_step = update_step


def _handle(variable: Any) -> Any:
    """Of TensorFlow's variable, which Keras hands over bare or wrapped in one of its own."""
    return variable.handle if hasattr(variable, "handle") else variable.value.handle
