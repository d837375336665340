"""The same seed, the same weights: on one machine and backend, bit for bit."""

from __future__ import annotations

import keras

__all__ = ["make_reproducible"]


def make_reproducible(seed: int) -> None:
    """Seed Python, NumPy and the backend, and ask the backend for deterministic operations.

    Args:
        seed: of the initial weights, and of layers that were given no seed of their own.
    """
    keras.utils.set_random_seed(seed)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow

        tensorflow.config.experimental.enable_op_determinism()
    elif backend == "torch":
        import torch

        torch.use_deterministic_algorithms(True, warn_only=True)
