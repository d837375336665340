"""One backend's part of the likelihoods' parity tests, in a process of its own."""

import sys
import warnings
from pathlib import Path

import numpy as np

from zspace.training.devices import select_backend

SHAPE = (3, 4, 3, 2)
GENERATOR = np.random.default_rng(0)
IMAGES = (GENERATOR.integers(0, 256, SHAPE) / 255).astype(np.float32)
IMAGES[0, 0, 0], IMAGES[0, 1, 0] = 0, 1


def variants(likelihoods, with_variance):
    """(name, layer) of every likelihood, and of every way to learn its variance."""
    for kind, layer in likelihoods.items():
        if kind in with_variance:
            for choice in ("no", "shared", "per_pixel"):
                yield f"{kind}-{choice}", layer(0.01, learn_variance=choice)
        else:
            yield kind, layer()


def differentiate(function, array):
    """The gradient of the sum of what a function gives."""
    import keras
    from keras import ops

    backend, x = keras.backend.backend(), ops.convert_to_tensor(array)
    if backend == "tensorflow":
        import tensorflow

        with tensorflow.GradientTape() as tape:
            tape.watch(x)
            total = ops.sum(function(x))
        return tape.gradient(total, x)
    if backend == "jax":
        import jax

        # As in training: compiled, which is also the faster way to get it once.
        return jax.jit(jax.grad(lambda x: ops.sum(function(x))))(x)
    import torch

    x.requires_grad_()
    return torch.autograd.grad(ops.sum(function(x)), x)[0]


def measure(folder: Path, backend: str) -> None:
    import keras
    from keras import ops

    from zspace.distributions import LIKELIHOODS, SPREAD_LIKELIHOODS

    images, found = ops.convert_to_tensor(IMAGES), {}
    for name, likelihood in variants(LIKELIHOODS, SPREAD_LIKELIHOODS):
        generator = np.random.default_rng(1)
        shape = (*SHAPE[:-1], SHAPE[-1] * likelihood.parameters_per_channel)
        output = generator.normal(0, 2, shape).astype(np.float32)

        def score(output, likelihood=likelihood):
            return likelihood.distribution(output).log_prob(images)

        inputs = keras.Input(shape[1:])
        compiled = keras.Model(inputs, likelihood(inputs))
        found[f"{name}/mean"] = compiled.predict(output, verbose=0)
        found[f"{name}/log_prob"] = ops.convert_to_numpy(score(ops.convert_to_tensor(output)))
        found[f"{name}/gradient"] = ops.convert_to_numpy(differentiate(score, output))
        if name.endswith("shared"):
            # What is compiled must not hold on to the variance of that moment.
            likelihood.log_variance.assign(1.0)
            found[f"{name}/mean_later"] = compiled.predict(output, verbose=0)
    np.savez(folder / f"{backend}.npz", **found)


if __name__ == "__main__":
    # Keras asks its own variables for np.array(…, copy=False) the way NumPy 1 did.
    warnings.filterwarnings("ignore", message="__array__")
    _, name, where = sys.argv
    select_backend(name)
    measure(Path(where), name)
