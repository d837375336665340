"""Runs whose batches are shared by several devices, in a process of their own, on JAX."""

import csv
import json
import sys
from pathlib import Path

from zspace.data import Dataset
from zspace.errors import BackendError
from zspace.recipe import Recipe
from zspace.training.devices import select_backend

SECTIONS = {
    "data": {"source": "npy", "size": [6, 5], "channels": 1, "train": 88, "validation": 8},
    "encoder": {"kind": "dense", "units": [8], "dropout": 0.1},
    "latent": {"size": 3},
    "objective": {"kind": "mmd", "penalty": 5.0},
    "training": {"epochs": 2, "batch_size": 16, "samples_every": 2},
}


def main(folder, name, counts):
    select_backend("jax")
    from zspace.api import open_run, train

    data = Dataset.load(folder / "prepared")
    recipe = Recipe.from_dict(SECTIONS)
    found = {}

    def trained(out, *changes, **options):
        run = train(out=folder / out, changes=changes, show_progress=False, **options)
        with open(run.folder.history, encoding="utf-8") as file:
            found[out] = [list(map(float, row)) for row in list(csv.reader(file))[1:]]
        return run

    new = {"recipe": recipe, "data": data}
    for count in counts:
        run = trained(f"{name}-{count}", f"training.devices={count}", **new)
        assert len(list(run.folder.samples.iterdir())) == 1
        assert run.model.decode([[0, 0, 0]]).shape == (1, 6, 5, 1)
    if len(counts) > 1:
        trained("changing", "training.devices=4", "training.epochs=1", **new)
        changes = ("training.devices=2", "training.epochs=2")
        trained("changing", *changes, resume=True)
        open_run(folder / "changing").encode("validation")
        try:
            train(out=folder / "many", changes=["training.devices=16"], **new)
        except BackendError as error:
            found["refused"] = str(error)
        found["left"] = (folder / "many").exists()
    (folder / f"{name}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], [int(count) for count in sys.argv[3:]])
