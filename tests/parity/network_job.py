"""One backend's part of the network parity test, in a process of its own."""

import sys
import warnings
from pathlib import Path

import numpy as np

from zspace.training.devices import select_backend

NETWORKS = {
    "bilinear": {"encoder": {"strides": [3, 2]}, "decoder": {"upsample": "bilinear"}},
    "resnet": {
        "encoder": {
            "kind": "resnet",
            "blocks": 2,
            "group_normalization": 2,
            "attention": 7,
            "attention_heads": 2,
        },
        "decoder": {"upsample": "nearest"},
    },
}
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 15, 11, 3), dtype=np.uint8)
POINTS = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)


def sections(name: str) -> dict:
    changes = NETWORKS[name]
    encoder = {
        "filters": [4, 6],
        "kernels": [3, 5],
        "strides": [2, 2],
        **changes.get("encoder", {}),
    }
    return {
        "data": {"size": [15, 11]},
        "encoder": encoder,
        "decoder": changes.get("decoder", {}),
        "latent": {"size": 3},
    }


def save(folder: Path) -> None:
    """Weights that are all at work: those that start at zero are drawn too."""
    from zspace.assemble import assemble
    from zspace.recipe import Recipe

    for name in NETWORKS:
        model = assemble(Recipe.from_dict(sections(name)))
        draw = np.random.default_rng(1)
        for weight in model.trainable_weights:
            weight.assign(0.3 * draw.normal(size=weight.shape))
        model.save(folder / f"{name}.keras")


def use(backend: str, folder: Path) -> None:
    """What each network gives, before and after one step along the gradient."""
    import keras

    import zspace.assemble  # noqa: F401 (registers the classes that the files name)

    found = {}
    for name in NETWORKS:
        model = keras.saving.load_model(folder / f"{name}.keras", compile=False)
        model.epsilon_scale = 0.0
        found[f"{name}/images"] = model.decode(POINTS)
        found[f"{name}/mean"] = model.encode(IMAGES)["mean"]
        model.compile(optimizer=keras.optimizers.SGD(1e-4))
        model.fit(IMAGES, epochs=1, batch_size=6, verbose=0)
        found[f"{name}/images after a step"] = model.decode(POINTS)
    np.savez(folder / f"{backend}.npz", **found)


if __name__ == "__main__":
    # Keras asks its own variables for np.array(…, copy=False) the way NumPy 1 did.
    warnings.filterwarnings("ignore", message="__array__")
    _, name, where = sys.argv
    select_backend(name)
    if name == "tensorflow":
        save(Path(where))
    use(name, Path(where))
