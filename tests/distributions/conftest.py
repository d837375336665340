"""Gradients on whatever backend the tests run."""

import keras
import numpy as np
import pytest
from keras import ops


def _tensorflow(function, tensors):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(tensors)
        total = ops.sum(function(*tensors))
    found = tape.gradient(total, tensors, unconnected_gradients="zero")
    return [tf.convert_to_tensor(one) for one in found]


def _jax(function, tensors):
    import jax

    total = jax.grad(lambda *given: ops.sum(function(*given)), tuple(range(len(tensors))))
    return total(*tensors)


def _torch(function, tensors):
    import torch

    tensors = [one.detach().requires_grad_() for one in tensors]
    total = ops.sum(function(*tensors))
    return torch.autograd.grad(total, tensors, materialize_grads=True)


def gradients_of(function, *arrays):
    """Of the sum of a function's values, with respect to each of its arguments."""
    of_backend = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
    tensors = [ops.convert_to_tensor(np.asarray(one, np.float32)) for one in arrays]
    found = of_backend[keras.backend.backend()](function, tensors)
    return [ops.convert_to_numpy(one) for one in found]


@pytest.fixture(scope="session")
def gradients():
    return gradients_of
