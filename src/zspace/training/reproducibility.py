"""The same seed, the same weights: on one machine and backend, bit for bit."""

from __future__ import annotations

import random

import keras

__all__ = ["make_reproducible"]


def make_reproducible(seed: int) -> None:
    """Seed what Keras draws its seeds from, and ask the backend for deterministic operations.

    Args:
        seed: of the initial weights, and of layers that were given no seed of their own.
    """
    # Keras draws the default seeds of initializers and random layers from here. Its own
    # set_random_seed would also load TensorFlow, where it is installed, on any backend.
    random.seed(seed)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow

        tensorflow.config.experimental.enable_op_determinism()
        # From now on TensorFlow refuses to draw anything at random without a seed, also in a model
        # of the user's own that is trained in this process later.
        tensorflow.random.set_seed(seed)
    elif backend == "torch":
        import torch

        torch.use_deterministic_algorithms(True, warn_only=True)
        # It would fill all new memory, a fifth of a training step, for code that reads what it has
        # not written.
        torch.utils.deterministic.fill_uninitialized_memory = False
