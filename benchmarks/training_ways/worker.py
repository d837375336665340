"""One way of training, in a process of its own that the benchmark talks to by lines.

    python worker.py '{"way": "zspace", "shape": "celeba", "data": FOLDER, …}'

It trains one step and says when that was done; then, for each number it reads, that many images.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from training_ways.shapes import BATCH, SHAPES


def main() -> None:
    # Libraries print as they please; what the benchmark reads goes by a copy of standard output.
    with os.fdopen(os.dup(1), "w", buffering=1) as answers:
        os.dup2(2, 1)
        request = json.loads(sys.argv[1])
        module = importlib.import_module(f"training_ways.{request.pop('way')}")
        shape = SHAPES[request.pop("shape")]
        train = module.make(shape, Path(request.pop("data")), **request)
        loss = train(BATCH)
        _answer(answers, first_step=time.time(), loss=loss)
        for line in sys.stdin:
            begun, of_process = time.perf_counter(), time.process_time()
            loss = train(int(line))
            _answer(
                answers,
                seconds=time.perf_counter() - begun,
                processor_seconds=time.process_time() - of_process,
                loss=loss,
            )


def _answer(answers: Any, **values: float) -> None:
    unit = 1 << (20 if sys.platform == "darwin" else 10)
    values["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    answers.write(json.dumps(values) + "\n")


if __name__ == "__main__":
    main()
