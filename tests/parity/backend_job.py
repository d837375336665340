"""One backend's part of the parity tests, in a process of its own: train and save, or use."""

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from zspace.training.devices import select_backend

SECTIONS = {
    "data": {"size": [14, 11], "channels": 3},
    "encoder": {
        "filters": [4, 6],
        "kernels": [3, 5],
        "strides": [2, 2],
        "batch_normalization": True,
        "dropout": 0.2,
    },
    "latent": {"size": 3},
    "likelihood": {"kind": "normal", "variance": 0.1, "learn_variance": True},
    "objective": {"beta": 2.0, "reduction": "channel_mean"},
}
CASES = {"": {}, "-conditional": {"condition": {"kind": "label", "classes": 4}}}
IMAGES = np.random.default_rng(0).integers(0, 256, (12, 14, 11, 3), dtype=np.uint8)
LABELS = np.eye(4, dtype=np.float32)[np.arange(12) % 4]
POINTS = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)


def save(backend: str, folder: Path) -> None:
    import keras

    from zspace.assemble import assemble
    from zspace.recipe import Recipe

    for case, sections in CASES.items():
        keras.utils.set_random_seed(1)
        model = assemble(Recipe.from_dict({**SECTIONS, **sections}))
        model.compile(optimizer="adam")
        model.fit(given(model), epochs=3, batch_size=4, verbose=0)
        model.save(folder / f"{backend}{case}.keras")


def given(model: Any) -> Any:
    """What the model is called with."""
    return {"images": IMAGES, "condition": LABELS} if model.condition_size else IMAGES


def use(backend: str, folder: Path) -> None:
    import keras

    import zspace.assemble  # noqa: F401 (registers the classes that the files name)

    found = {}
    for path in sorted(folder.glob("*.keras")):
        model = keras.saving.load_model(path, compile=False)
        model.epsilon_scale = 0.0
        model.compile(optimizer="adam")
        terms = model.evaluate(given(model), verbose=0, return_dict=True)
        told = LABELS if model.condition_size else None
        codes = model.encode(IMAGES, condition=told)
        found[f"{path.stem}/images"] = model.decode(
            POINTS, condition=None if told is None else told[: len(POINTS)]
        )
        found[f"{path.stem}/mean"] = codes["mean"]
        found[f"{path.stem}/log_variance"] = codes["log_variance"]
        found[f"{path.stem}/terms"] = np.array(
            [terms[name] for name in ("loss", "reconstruction", "kl", "weighted_kl")]
        )
    np.savez(folder / f"{backend}.npz", **found)


if __name__ == "__main__":
    # Keras asks its own variables for np.array(…, copy=False) the way NumPy 1 did.
    warnings.filterwarnings("ignore", message="__array__")
    _, job, name, where = sys.argv
    select_backend(name)
    {"save": save, "use": use}[job](name, Path(where))
