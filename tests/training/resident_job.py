"""One backend's part of the tests of resident images, in a process of its own."""

import csv
import json
import sys
from pathlib import Path

import numpy as np

from zspace.data import prepare
from zspace.errors import NonFiniteLossError
from zspace.recipe import Recipe
from zspace.training.devices import select_backend

SECTIONS = {
    "data": {"source": "npy", "size": [6, 5], "channels": 1},
    "encoder": {"kind": "dense", "units": [8], "dropout": 0.1},
    "latent": {"size": 3},
    "objective": {"schedule": {"kind": "target_kl", "target": 0.5, "gain": 0.1}},
    "training": {"epochs": 4, "batch_size": 16},
}


def weights(run):
    newest = max(run.folder.checkpoints.iterdir())
    with np.load(newest) as arrays:
        return {name: arrays[name] for name in arrays if name != "state"}


def history(run):
    with open(run.folder.history, encoding="utf-8") as file:
        return [{name: float(text) for name, text in row.items()} for row in csv.DictReader(file)]


def furthest(one, other):
    """The largest relative difference between two runs, in any number of history and weights."""
    pairs = [
        (row[name], expected[name])
        for row, expected in zip(history(one), history(other), strict=True)
        for name in expected
    ]
    theirs = weights(other)
    pairs += [(array, theirs[name]) for name, array in weights(one).items()]
    return float(max(np.max(np.abs(a - b) / (1e-3 + np.abs(b))) for a, b in pairs))


def same(one, other):
    theirs = weights(other)
    equal = all(np.array_equal(array, theirs[name]) for name, array in weights(one).items())
    return equal and one.folder.history.read_bytes() == other.folder.history.read_bytes()


def numbers(trained):
    """How far a run with resident images is from an ordinary one."""
    ordinary = trained("ordinary", "training.resident=false", "training.epochs=2")
    whole = trained("whole", "training.resident=true", "training.epochs=2")
    return {"apart": furthest(whole, ordinary)}


def resumed(trained):
    """Runs with a stop, and with a change of mode at each stop."""
    whole = trained("whole", "training.resident=true")
    trained("parts", "training.resident=true", "training.epochs=2")
    parts = trained("parts", "training.epochs=4", resume=True)
    trained("mixed", "training.resident=false", "training.epochs=2")
    trained("mixed", "training.epochs=3", "training.resident=true", resume=True)
    changes = ("training.epochs=4", "training.resident=false")
    mixed = trained("mixed", *changes, resume=True)
    return {"resumed": same(parts, whole), "mixed": furthest(mixed, whole)}


def stopped(trained):
    """What is said of a loss that is not finite."""
    found = {}
    for resident in ("true", "false"):
        changes = ("training.learning_rate=1e20", "training.optimizer=sgd")
        try:
            trained(f"bad-{resident}", *changes, f"training.resident={resident}")
        except NonFiniteLossError as error:
            found[f"stopped {resident}"] = str(error)
    return found


def main(backend, folder, part):
    select_backend(backend)
    from zspace.api import train
    from zspace.training import resident

    resident.STEPS_PER_LAUNCH = 4
    generator = np.random.default_rng(0)
    shade = np.linspace(0, 1, 6)[:, None] * generator.uniform(0, 255, (110, 1, 5))
    np.save(folder / "images.npy", shade.astype(np.uint8))
    data = prepare("npy", folder / "prepared", from_path=folder / "images.npy")
    recipe = Recipe.from_dict(SECTIONS)

    def trained(name, *changes, resume=False):
        what = {} if resume else {"recipe": recipe, "data": data}
        out = folder / name
        return train(out=out, changes=changes, resume=resume, show_progress=False, **what)

    if part == "numbers":
        found = numbers(trained)
    elif part == "resume":
        found = {**resumed(trained), **stopped(trained)}
    else:
        found = numbers(lambda *given: trained(*given, *part.split()))
    (folder / "found.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
