"""How long until zspace answers, and until it trains?

    python benchmarks/startup.py [--full] [--repetitions N] [--backends NAME …]

New processes, in turns: Python alone, `import zspace`, `zspace --help`, `zspace recipes`, loading
Keras with each backend, and `zspace train` until the first training step is done, with the recipe
mnist-vae on 256 images. Without --full the only backend is TensorFlow. Results:
results/startup.json.
"""

from __future__ import annotations

import argparse
import functools
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from latent.record import in_turns, written

BACKENDS = ("tensorflow", "jax", "torch")
PACKAGES = ("keras", "tensorflow-cpu", "jax", "torch", "typer", "rich", "pydantic")
AIM_SECONDS = 0.4
"""Of `zspace --help`."""

# Here as below, how long a process takes to end does not count.
_KERAS = "import os, keras; os._exit(0)"

# The step is over when Keras says so; nothing behind it counts.
_FIRST_STEP = """
import os, sys
from zspace.training.devices import select_backend
select_backend(sys.argv[1])
from zspace.training.callbacks import StepWatch
def ended(self, batch, logs=None):
    float(next(iter((logs or {"loss": 0.0}).values())))
    os._exit(0)
StepWatch.on_train_batch_end = ended
import zspace
zspace.train("mnist-vae", data=sys.argv[2], out=sys.argv[3], backend=sys.argv[1], overwrite=True,
             show_progress=False)
os._exit(3)
"""


def main(argv: list[str] | None = None) -> None:
    arguments = _arguments(argv)
    with tempfile.TemporaryDirectory() as work:
        data = drawn(Path(work)) if arguments.backends else Path(work)
        ways = commands(Path(work), data, arguments.backends)
        for way in ways.values():
            way()
        seconds = in_turns(ways, arguments.repetitions)
    figures = {
        "units": "seconds from the start of a process, after one that was not counted",
        "aim": {"zspace --help": AIM_SECONDS},
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "seconds": seconds,
        "median": {name: statistics.median(each) for name, each in seconds.items()},
        "least": {name: min(each) for name, each in seconds.items()},
    }
    for name, median in figures["median"].items():
        print(f"{name:44}{median:8.2f} s, least {figures['least'][name]:.2f} s")
    question = "how long until zspace answers, and until it trains?"
    print(written("startup", question, figures, out=arguments.out, packages=PACKAGES))


def commands(work: Path, data: Path, backends: list[str]) -> dict[str, Callable[[], Any]]:
    """What is timed, by name."""
    python = [sys.executable]
    asked: dict[str, tuple[list[str], str]] = {
        "python": ([*python, "-c", "pass"], ""),
        "import zspace": ([*python, "-c", "import zspace"], ""),
        "zspace --help": ([*python, "-m", "zspace", "--help"], ""),
        "zspace recipes": ([*python, "-m", "zspace", "recipes"], ""),
    }
    for backend in backends:
        asked[f"import keras, {backend}"] = ([*python, "-c", _KERAS], backend)
    for backend in backends:
        given = [backend, str(data), str(work / f"run-{backend}")]
        asked[f"first training step, {backend}"] = (
            [*python, "-c", _FIRST_STEP, *given],
            backend,
        )
    return {
        name: functools.partial(_run, words, backend) for name, (words, backend) in asked.items()
    }


def _run(words: list[str], backend: str) -> None:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if backend:
        environment["KERAS_BACKEND"] = backend
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)[:200]} failed: {done.stderr[-2000:]}")


def drawn(work: Path) -> Path:
    """A prepared data set of noise as large as digits."""
    from zspace.data import prepare

    images = np.random.default_rng(1).integers(0, 256, (284, 28, 28), np.uint8)
    np.save(work / "noise.npy", images)
    prepare("npz", work / "data", from_path=work / "noise.npy")
    return work / "data"


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="every backend")
    parser.add_argument("--backends", nargs="*", choices=BACKENDS, metavar="NAME")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--out", type=Path, help="the JSON file, instead of in results/")
    arguments = parser.parse_args(argv)
    if arguments.backends is None:
        arguments.backends = list(BACKENDS if arguments.full else BACKENDS[:1])
    return arguments


if __name__ == "__main__":
    main()
