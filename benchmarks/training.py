"""How many images a second does each way of training a VAE train on a CPU?

    python benchmarks/training.py [--mnist DIR] [--celeba DIR] [--full] [--ways NAME …]

The models are those of the recipes mnist-vae and celeba-vae, 128 images a step: trained by zspace
in float32, in bfloat16 and as it chooses itself; by a model in the style of Keras' own examples,
under Keras 3 and tf_keras 2; by pythae; and by a careful loop in plain PyTorch. Each has a process
of its own, and they train in turns, a group at a time with zspace in each. DIR is a prepared data
set; without one, images are those of ZSPACE_TEST_DATA, or else drawn at random. --full adds zspace
on each backend and by each route of the KL term, XLA under Keras and torch.compile, and repeats
more often and longer. Results: results/training.json.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from latent.record import written
from preparing.jpegs import real_images
from training_ways.peak import matrix_products
from training_ways.shapes import SHAPES, Shape, multiply_adds
from training_ways.ways import REFERENCE, SHORT, WAYS, Worker, rate

PACKAGES = ("keras", "tensorflow-cpu", "tf_keras", "jax", "torch", "pythae")


def main(argv: list[str] | None = None) -> None:
    arguments = _arguments(argv)
    peak = matrix_products()
    models: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as work:
        for name in arguments.models:
            data = getattr(arguments, name) or _real(name, Path(work) / name)
            drawn = None if data else _drawn(SHAPES[name], Path(work) / name)
            data = data or drawn
            models[name] = {
                "images": "drawn at random" if drawn else "real",
                "multiply_adds_per_image": multiply_adds(SHAPES[name]),
                "ways": _measured(name, data, arguments),
            }
            print(_table(name, models[name], peak), flush=True)
    figures = {
        "units": "seconds of each repetition, for so many images; MiB at the peak",
        "matrix_product_multiply_adds_per_second": peak,
        "models": models,
    }
    question = "how many images a second does each way of training train on a CPU?"
    print(written("training", question, figures, out=arguments.out, packages=PACKAGES))


def _measured(shape: str, data: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Figures of each way; of the reference, a list for each group that it was in."""
    others = [name for name in arguments.ways if name != REFERENCE]
    size = arguments.together - 1
    groups = [others[start : start + size] for start in range(0, max(len(others), 1), size)]
    found: dict[str, Any] = {}
    for number, group in enumerate(groups):
        measured = _in_turns([REFERENCE, *group], shape, data, arguments)
        reference = measured.pop(REFERENCE)
        if number == 0:
            found[REFERENCE] = reference
        for name, figures in measured.items():
            if "failed" not in figures:
                figures["times_reference"] = rate(figures) / rate(reference)
            found[name] = figures
    return found


def _in_turns(
    names: list[str], shape: str, data: Path, arguments: argparse.Namespace
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {name: {} for name in names}
    for launch in range(arguments.launches):
        # A process may be up to a tenth slower than another that does the same.
        order = names[::-1] if launch % 2 else names
        with contextlib.ExitStack() as stack:
            # The first one to start is a tenth slower whatever it does; so that is none of them.
            stack.enter_context(Worker(REFERENCE, shape, data, figures={}))
            workers = [
                stack.enter_context(Worker(name, shape, data, figures=found[name]))
                for name in order
            ]
            for worker in workers:
                worker.warm_up(arguments.seconds)
            for _ in range(arguments.repetitions):
                for worker in workers:
                    worker.repeat()
    return found


def _real(name: str, folder: Path) -> Path | None:
    """A prepared data set of real images, where there are any."""
    from zspace.data import prepare

    source = real_images(name)
    if source is not None:
        options: dict[str, Any] = {"size": 96, "limit": 4000} if name == "celeba" else {}
        prepare(name, folder, from_path=source, **options)
    return source and folder


def _drawn(shape: Shape, folder: Path) -> Path:
    """A prepared data set of noise."""
    from zspace.data import prepare

    images = np.random.default_rng(1).integers(0, 256, (3000, *shape.image), np.uint8)
    file = folder.with_suffix(".npy")
    np.save(file, images)
    prepare("npz", folder, from_path=file)
    return folder


def _table(name: str, model: dict[str, Any], peak: dict[str, float]) -> str:
    work = model["multiply_adds_per_image"]
    limits = ", ".join(f"{speed / work:,.0f} in {kind}" for kind, speed in peak.items())
    cost = f"{name}: {work / 1e6:.0f} million multiply-adds per image"
    heads = f"{'images/s':>9}{'× zspace':>9}{'of limit':>9}{'CPU ms':>8}{'MiB':>7}{'1st step':>11}"
    lines = [f"{cost}; images/s at the rate of a matrix product: {limits}", f"{'way':30}{heads}"]
    for way, figures in model["ways"].items():
        if "failed" in figures:
            lines.append(f"{way:30} failed: {figures['failed']}")
            continue
        speed = rate(figures)
        half = any(word in way for word in ("bfloat16", "auto"))
        limit = peak["bfloat16" if half else "float32"] / work
        busy = 1000 * min(figures["processor_seconds"]) / figures["images"]
        lines.append(
            f"{way:30}{speed:9.0f}{figures.get('times_reference', 1):9.2f}{speed / limit:9.0%}"
            f"{busy:8.2f}{figures['peak_mib']:7.0f}{figures['first_step_seconds']:9.1f} s"
        )
    return "\n".join(lines)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mnist", type=Path, help="prepared data set of 28×28×1")
    parser.add_argument("--celeba", type=Path, help="prepared data set of 96×96×3")
    parser.add_argument("--models", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--ways", nargs="+", choices=WAYS, metavar="NAME")
    parser.add_argument(
        "--full", action="store_true", help="all ways, 3 × 3 times 4 s, not 5 × 1.5 s"
    )
    parser.add_argument("--repetitions", type=int, help="in each process")
    parser.add_argument("--launches", type=int, help="processes for each way")
    parser.add_argument("--seconds", type=float, help="about so long for each repetition")
    parser.add_argument("--together", type=int, default=8, help="processes at a time")
    parser.add_argument("--out", type=Path, help="the JSON file, instead of in results/")
    arguments = parser.parse_args(argv)
    arguments.ways = arguments.ways or list(WAYS if arguments.full else SHORT)
    arguments.repetitions = arguments.repetitions or (3 if arguments.full else 5)
    arguments.launches = arguments.launches or (3 if arguments.full else 1)
    arguments.seconds = arguments.seconds or (4.0 if arguments.full else 1.5)
    return arguments


if __name__ == "__main__":
    main()
