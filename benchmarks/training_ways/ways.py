"""The ways that are compared, and the processes that they run in."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from training_ways.images import most
from training_ways.shapes import BATCH, SHAPES

_BFLOAT16 = "training.precision=mixed_bfloat16"
REFERENCE = "zspace"
"""Runs beside the others of each group, so that all have been beside the same one."""
WAYS: dict[str, dict[str, Any]] = {
    REFERENCE: {"way": "with_zspace", "backend": "tensorflow"},
    "zspace, bfloat16": {
        "way": "with_zspace",
        "backend": "tensorflow",
        "changes": [_BFLOAT16],
    },
    "zspace, precision auto": {"way": "with_zspace", "changes": ["training.precision=auto"]},
    "zspace, route layer": {"way": "with_zspace", "changes": ["objective.route=layer"]},
    "zspace, route outputs": {"way": "with_zspace", "changes": ["objective.route=outputs"]},
    "zspace, route step": {"way": "with_zspace", "changes": ["objective.route=step"]},
    "zspace, PyTorch": {"way": "with_zspace", "backend": "torch"},
    "zspace, PyTorch, bfloat16": {
        "way": "with_zspace",
        "backend": "torch",
        "changes": [_BFLOAT16],
    },
    "zspace, JAX": {"way": "with_zspace", "backend": "jax"},
    "Keras' examples": {"way": "with_keras", "options": {"jit_compile": False}},
    "Keras' examples, XLA": {"way": "with_keras", "options": {"jit_compile": True}},
    "the same, tf_keras 2": {"way": "with_keras", "package": "tf_keras"},
    "pythae": {"way": "with_pythae"},
    "PyTorch": {"way": "with_torch"},
    "PyTorch, bfloat16": {"way": "with_torch", "bfloat16": True},
    "PyTorch, compiled": {"way": "with_torch", "compiled": True},
    "PyTorch, bfloat16, compiled": {"way": "with_torch", "bfloat16": True, "compiled": True},
}

SHORT = [
    REFERENCE,
    "zspace, bfloat16",
    "zspace, precision auto",
    "Keras' examples",
    "the same, tf_keras 2",
    "pythae",
    "PyTorch",
    "PyTorch, bfloat16",
]
"""What is compared by default."""


class Worker:
    """A way in its own process, which has trained one step when the constructor is through.

    Args:
        name: of the way.
        shape: name of the model.
        data: prepared data set.
        figures: what it adds to; those of an earlier process of the same way.
    """

    def __init__(self, name: str, shape: str, data: Path, *, figures: dict[str, Any]) -> None:
        # Closed with the process, in __exit__.
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        request = json.dumps({**WAYS[name], "shape": shape, "data": str(data)})
        started = time.time()
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("worker.py")), request],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            bufsize=1,
        )
        self.figures = figures
        self.most = most(SHAPES[shape].image)
        answer = self.answer()
        if answer:
            figures.setdefault("first_step_seconds", answer["first_step"] - started)

    def answer(self) -> dict[str, float]:
        """What the process says next; nothing if it has failed, and `figures` says how."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            said = self.errors.read().strip().splitlines() or ["it said nothing"]
            self.figures["failed"] = said[-1]
            return {}
        answer: dict[str, float] = json.loads(line)
        self.figures["peak_mib"] = max(answer["peak_mib"], self.figures.get("peak_mib", 0))
        return answer

    def train(self, images: int) -> dict[str, float]:
        """Train on so many images; seconds and loss, or nothing if the way has failed."""
        if "failed" in self.figures:
            return {}
        assert self.process.stdin is not None
        self.process.stdin.write(f"{images}\n")
        return self.answer()

    def warm_up(self, seconds: float) -> None:
        """Train twice, and let the first process choose how many images take so many seconds."""
        self.train(2 * BATCH)
        answer = self.train(2 * BATCH)
        if answer and "images" not in self.figures:
            batches = max(2, round(seconds / answer["seconds"] * 2))
            self.figures["images"] = min(batches * BATCH, self.most)

    def repeat(self) -> None:
        """One repetition that counts."""
        answer = self.train(self.figures.get("images", 0))
        for name in ("seconds", "processor_seconds"):
            if answer:
                self.figures.setdefault(name, []).append(answer[name])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        self.process.terminate()
        self.process.wait()
        self.errors.close()


def rate(figures: dict[str, Any]) -> float:
    """Images per second, of the repetition in the middle."""
    return figures["images"] / statistics.median(figures["seconds"])
