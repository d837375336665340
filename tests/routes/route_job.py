"""One backend's part of the route tests, in a process of its own: loss and gradients of each."""

import itertools
import sys
import warnings
from pathlib import Path

import numpy as np

from zspace.training.devices import select_backend

ROUTES = ("loss", "layer", "outputs", "step")
LIKELIHOODS = ("bernoulli", "normal")
MODES = {
    "plain": {},
    "batch_normalization": {"batch_normalization": True},
    "dropout": {"dropout": 0.3},
}
EXTRAS = {
    # More of what a KL term can be, on the routes that can have it.
    "monte_carlo": {
        "latent": {"size": 3, "prior": "mixture", "prior_components": 4},
        "objective": {"kl": "monte_carlo", "samples": 3},
    },
    "full_normal": {"latent": {"size": 3, "posterior": "full_normal"}},
    "free_bits": {"objective": {"free_bits": 0.5, "free_bits_group": 2}},
    "vampprior": {
        "latent": {"size": 3, "prior": "vampprior", "prior_components": 4},
        "objective": {"kl": "monte_carlo"},
    },
    "conditional": {"condition": {"kind": "attributes", "names": ["round", "red"]}},
    "conditional_dreg": {
        "condition": {"kind": "label", "classes": 2},
        "objective": {"kind": "iwae", "samples": 4, "dreg": True, "beta": 1.0, "reduction": "sum"},
    },
    "mmd": {"objective": {"kind": "mmd", "penalty": 50.0}},
    "total_correlation": {"objective": {"kind": "total_correlation", "penalty": 3.0}},
    "iwae": {"objective": {"kind": "iwae", "samples": 4, "beta": 1.0, "reduction": "sum"}},
    "dreg": {
        "objective": {"kind": "iwae", "samples": 4, "dreg": True, "beta": 1.0, "reduction": "sum"}
    },
    "capacity": {
        "objective": {"schedule": {"kind": "capacity", "capacity": 9.0, "length": 2, "delay": 0}}
    },
    "target_kl": {"objective": {"schedule": {"kind": "target_kl", "target": 2.0, "gain": 0.5}}},
    "linear": {"objective": {"schedule": {"kind": "linear", "length": 4, "begin": 0.25}}},
}
GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (6, 14, 11, 3), dtype=np.uint8)
CONDITIONS = GENERATOR.uniform(-1, 1, (6, 2)).astype(np.float32)
TARGETS = GENERATOR.uniform(size=IMAGES.shape).astype(np.float32)


def sections(likelihood, mode, route, extra=None):
    values = {
        "data": {"size": [14, 11], "channels": 3},
        "encoder": {"filters": [4, 6], "kernels": [3, 5], "strides": [2, 2], **MODES[mode]},
        "latent": {"size": 3},
        "likelihood": {"kind": likelihood},
        "objective": {"beta": 2.5, "reduction": "channel_mean", "route": route},
        "training": {"batch_size": 3},
    }
    for section, keys in (extra or {}).items():
        values[section] = {**values.get(section, {}), **keys}
    return values


def noise(shape):
    """The same numbers on every backend."""
    count = int(np.prod(shape))
    return np.random.default_rng(count).standard_normal(count).reshape(shape).astype(np.float32)


def same_noise_everywhere():
    """Put the same noise in the place of each backend's own random numbers."""
    import keras
    from keras import ops

    from zspace.distributions import Epsilon, Normal

    def epsilon(self, like):
        return self.scale * ops.convert_to_tensor(noise(tuple(like.shape)))

    def dropout(self, x, training=False):
        if not training:
            return x
        drawn = noise((1, *x.shape[1:]))
        if drawn.ndim == 4:  # the same for mirrored maps, which PyTorch has
            drawn = (drawn + drawn[:, ::-1, ::-1]) / np.sqrt(2)
        kept = drawn > -0.5
        return x * ops.convert_to_tensor(kept.astype(np.float32)) / 0.7

    def sample(self, seed):
        return self.reparameterize(ops.convert_to_tensor(noise(tuple(self.center.shape))))

    Epsilon.call = epsilon
    keras.layers.Dropout.call = dropout
    Normal.sample = sample


def with_fixed_weights(model):
    generator = np.random.default_rng(5)
    for variable in model.variables:
        if "float" in str(variable.dtype) and variable.trainable:
            values = 0.2 * generator.standard_normal(tuple(variable.shape))
            variable.assign(values.astype(np.float32))
    return model


def gradients(values):
    """Loss terms and gradients of one training step, and what the step changed beside weights."""
    import keras

    from zspace.assemble import assemble
    from zspace.recipe import Recipe

    class Recorder(keras.optimizers.Optimizer):
        """Puts each gradient in the place of its weight."""

        def __init__(self):
            super().__init__(learning_rate=1.0, name="recorder")

        def update_step(self, gradient, variable, learning_rate):
            self.assign(variable, gradient)

    model = with_fixed_weights(assemble(Recipe.from_dict(values), images=6))
    # A schedule is looked at half way.
    model.kl_schedule.step.assign(2)
    model.compile(optimizer=Recorder())
    told = {"images": IMAGES, "condition": CONDITIONS}
    given = told if model.condition_size else IMAGES
    history = model.fit(given, TARGETS, batch_size=6, epochs=1, shuffle=False, verbose=0).history
    found = {f"terms/{name}": np.array(rows[-1]) for name, rows in history.items()}
    for number, variable in enumerate(model.trainable_variables):
        found[f"gradients/{number:02d}"] = keras.ops.convert_to_numpy(variable)
    for number, variable in enumerate(model.non_trainable_variables):
        if "moving" in variable.path or "kl_schedule" in variable.path:
            name = variable.path.rpartition("/")[2]
            found[f"state/{number:02d}/{name}"] = keras.ops.convert_to_numpy(variable)
    return found


def extra_routes(extra, backend):
    """All that can have it on TensorFlow; the default on the others, for their equality."""
    if backend != "tensorflow":
        return ("loss",)
    weighted = extra in ("iwae", "dreg", "conditional_dreg")
    return ("loss", "step") if weighted else ("loss", "layer", "step")


def main(backend, folder):
    same_noise_everywhere()
    found = {}
    for likelihood, mode, route in itertools.product(LIKELIHOODS, MODES, ROUTES):
        case = f"{likelihood}-{mode}"
        for name, value in gradients(sections(likelihood, mode, route)).items():
            found[f"{case}|{route}|{name}"] = value
    for extra, changes in EXTRAS.items():
        for route in extra_routes(extra, backend):
            values = sections("bernoulli", "plain", route, changes)
            for name, value in gradients(values).items():
                found[f"{extra}|{route}|{name}"] = value
    np.savez(folder / f"{backend}.npz", **found)


if __name__ == "__main__":
    # Keras asks its own variables for np.array(…, copy=False) the way NumPy 1 did.
    warnings.filterwarnings("ignore", message="__array__")
    _, name, where = sys.argv
    select_backend(name)
    main(name, Path(where))
