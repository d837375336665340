"""Images that stay on the device against ordinary batches: how many images a second train?

    python benchmarks/resident.py [--full] [--count N] [--size S] [--batch-size B] [--backends …]

The model is E3, the recipe celeba-vae, on made images. Each backend is a process of its own; in it,
ordinary and resident training take turns, in each precision, an epoch at a time. The first epoch of
each compiles, and is told apart. --full is for a GPU: 170,000 images of 96×96×3, in batches of 128.
Without it, few and smaller images show on a CPU that all of it runs; that says nothing of a GPU.
Results: results/resident.json.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from latent.record import in_turns, written

from zspace.data.arrays import ImageWriter

BACKENDS = ("jax", "torch")
PRECISIONS = ("float32", "mixed_bfloat16")
SHORT = {"count": 64, "size": 48, "batch_size": 16}
FULL = {"count": 170_000, "size": 96, "batch_size": 128}
VALIDATION = 8
_BLOCK = 1024


def main(argv: list[str] | None = None) -> None:
    arguments = _arguments(argv)
    if arguments.worker:
        folder, backend = Path(arguments.worker), arguments.backends[0]
        print(json.dumps(measured(folder, backend, arguments=arguments)))
        return
    found = {}
    with tempfile.TemporaryDirectory(dir=arguments.work) as folder:
        write_images(Path(folder), arguments.count, arguments.size)
        for backend in arguments.backends:
            found[backend] = _in_a_process(Path(folder), backend, arguments)
            print(table(backend, found[backend]), flush=True)
    figures = {
        "units": {
            "seconds": "of each epoch behind the first, by precision and mode",
            "seconds_first": "of the first epoch, in which all is compiled",
            "seconds_to_load": "from the disk to the device, before the first epoch",
            "images_per_second": "by the median of seconds",
        },
        "recipe": "celeba-vae",
        "count": arguments.count,
        "size": arguments.size,
        "batch_size": arguments.batch_size,
        "backends": found,
    }
    question = "how many images a second train from the device's memory, and how many in batches?"
    print(written("resident", question, figures, out=arguments.out))


def write_images(folder: Path, count: int, size: int) -> None:
    """A prepared data set of `count` training images and a few more, random and partly alike."""
    block = np.random.default_rng(0).integers(0, 256, (_BLOCK, size, size, 3), np.uint8)
    total = count + VALIDATION
    with ImageWriter(folder / "images.npy", (size, size, 3)) as writer:
        for start in range(0, total, _BLOCK):
            writer.append(block[: min(_BLOCK, total - start)])
    np.save(folder / "splits.npy", (np.arange(total) >= count).astype(np.uint8))
    information = {
        "format": 1,
        "source": "made",
        "size": [size, size],
        "channels": 3,
        "sha256": {"images.npy": "made"},
    }
    (folder / "dataset.json").write_text(json.dumps(information), encoding="utf-8")


def measured(folder: Path, backend: str, *, arguments: argparse.Namespace) -> dict[str, Any]:
    """Seconds of the epochs of each precision and mode, on one backend."""
    from zspace.training.devices import describe_environment, select_backend

    select_backend(backend)
    ways, first, load = {}, {}, {}
    for precision, mode in itertools.product(arguments.precisions, ("ordinary", "resident")):
        name = f"{precision}, {mode}"
        ways[name], load[name] = _way(folder, precision, mode, arguments=arguments)
        start = time.perf_counter()
        ways[name]()
        first[name] = time.perf_counter() - start
        print(f"{backend}: {name}: first epoch {first[name]:.2f} s", file=sys.stderr, flush=True)
    seconds = in_turns(ways, arguments.repetitions)
    return {
        "versions": {name: version(name) for name in ("keras", backend)},
        "devices": describe_environment()["hardware"]["devices"],
        "seconds_to_load": load,
        "seconds_first": first,
        "seconds": seconds,
        "images_per_second": {
            name: arguments.count / statistics.median(each) for name, each in seconds.items()
        },
    }


def _way(
    folder: Path, precision: str, mode: str, *, arguments: argparse.Namespace
) -> tuple[Callable[[], None], float]:
    """A function that trains one more epoch, and the seconds that its images took to load."""
    from zspace.data import Dataset
    from zspace.data.inputs import Inputs
    from zspace.recipe import load_recipe
    from zspace.training.batches import Batches, make_feed
    from zspace.training.callbacks import StepWatch
    from zspace.training.fit import make_model
    from zspace.training.resident import Resident

    changes = {
        "data.size": arguments.size,
        "training.precision": precision,
        "training.batch_size": arguments.batch_size,
        "training.resident": "false",
    }
    recipe = load_recipe("celeba-vae").override(f"{key}={value}" for key, value in changes.items())
    dataset = Dataset.load(folder)
    model, inputs = make_model(recipe, dataset), Inputs.of_recipe(recipe, dataset)
    index, batch_size = dataset.indices("train"), arguments.batch_size
    start = time.perf_counter()
    resident = Resident(inputs, index, batch_size=batch_size) if mode == "resident" else None
    load = time.perf_counter() - start
    feed = make_feed()
    numbers = itertools.count()

    def epoch() -> None:
        number = next(numbers)
        batches = (
            feed(Batches(inputs, index, batch_size=batch_size, epoch=number))
            if resident is None
            else resident.blocks(number)
        )
        watch = StepWatch(
            number + 1, images=len(index), batch_size=batch_size, advance=lambda *_, **__: None
        )
        given = {"initial_epoch": number, "epochs": number + 1, "shuffle": False, "verbose": 0}
        fitted = model.fit(batches, callbacks=[watch], **given)
        # The epoch is over when its loss is known.
        assert np.isfinite([float(values[-1]) for values in fitted.history.values()]).all()

    return epoch, load


def _in_a_process(folder: Path, backend: str, arguments: argparse.Namespace) -> dict[str, Any]:
    options = {
        "--worker": [folder],
        "--count": [arguments.count],
        "--size": [arguments.size],
        "--batch-size": [arguments.batch_size],
        "--repetitions": [arguments.repetitions],
        "--backends": [backend],
        "--precisions": arguments.precisions,
    }
    words = [str(word) for name, values in options.items() for word in (name, *values)]
    done = subprocess.run(
        [sys.executable, __file__, *words], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(backend: str, found: dict[str, Any]) -> str:
    """Images a second and seconds per epoch, a line each, with the gain of resident images."""
    lines = [f"{backend} on {', '.join(found['devices'])}"]
    for name, rate in found["images_per_second"].items():
        ordinary = found["images_per_second"][name.replace("resident", "ordinary")]
        lines.append(
            f"{name:26}{rate:12,.0f} images/s{statistics.median(found['seconds'][name]):10.2f} s "
            f"an epoch{rate / ordinary:8.2f} times ordinary"
        )
    return "\n".join(lines)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="the size of E3, for a GPU")
    parser.add_argument("--count", type=int, help="training images, instead of 64 or 170,000")
    parser.add_argument("--size", type=int, help="their side, instead of 48 or 96")
    parser.add_argument("--batch-size", type=int, help="instead of 16 or 128")
    parser.add_argument("--repetitions", type=int, default=3, help="epochs of each way")
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=BACKENDS)
    parser.add_argument("--precisions", nargs="+", choices=PRECISIONS, default=PRECISIONS)
    parser.add_argument("--work", type=Path, help="where the images are kept meanwhile")
    parser.add_argument("--out", type=Path, help="the JSON file, instead of results/resident.json")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    for name, value in (FULL if arguments.full else SHORT).items():
        setattr(arguments, name, getattr(arguments, name) or value)
    return arguments


if __name__ == "__main__":
    main()
