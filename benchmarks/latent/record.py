"""What the scripts share: timing in turns, and results with the machine they came from."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parents[1] / "results"


def in_turns(ways: dict[str, Callable[[], Any]], repetitions: int) -> dict[str, list[float]]:
    """Seconds of each repetition of each way; one of each, then the next of each.

    What slows the machine down for a while thus slows all of them.
    """
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repetitions):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def written(
    name: str,
    question: str,
    figures: dict[str, Any],
    *,
    out: Path | None,
    packages: tuple[str, ...] = ("scipy", "scikit-learn", "openTSNE"),
) -> Path:
    """Write the figures, with versions, processor and date, to results/NAME.json or `out`.

    Beside those of zspace and NumPy, the versions of `packages` are written, of all that are there.
    """
    path = RESULTS / f"{name}.json" if out is None else out
    machine = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{each: found for each in ("zspace", "numpy", *packages) if (found := _version(each))},
    }
    record = {
        "question": question,
        "date": datetime.date.today().isoformat(),
        "machine": machine,
        **figures,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return path


def _version(package: str) -> str | None:
    with contextlib.suppress(PackageNotFoundError):
        return version(package)
    return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
