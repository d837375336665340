"""Radius and deviations in one pass over blocks: how much faster than a loop, how much memory?

    python benchmarks/radius.py [--full] [--count N] [--latent D] [--memory NAMES…] [--work DIR]

The loops are what one writes first: over rows, with NumPy inside a row, and over rows and numbers,
with math.sqrt. They run on the first rows only, and their time is scaled to all. Each is repeated
five times, in turns. Then every measurement that streams runs in a process of its own over
memory-mapped codes. --full takes 1,000,000 × 512 for these (4 GB on the disk).
Results: results/radius.json.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from latent.memory import NAMES, measured_alone
from latent.record import in_turns, written
from latent.synthetic import synthetic_codes, synthetic_log_variances, write_codes

from zspace.analysis.deviations import deviations
from zspace.analysis.radius import radius

REPETITIONS = 5
TIMED = (100_000, 512)
FULL = (1_000_000, 512)
THRESHOLD = 0.05
_LOOPED = {"rows": 4000, "numbers": 400}


def main(argv: list[str] | None = None) -> None:
    arguments = _arguments(argv)
    timed = (arguments.count or TIMED[0], arguments.latent or TIMED[1])
    seconds = time_of_passes(*timed)
    large = FULL if arguments.full else timed
    memory = {}
    if arguments.work is not None:
        arguments.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=arguments.work) as folder:
        if arguments.memory:
            write_codes(Path(folder), *large)
        for name in arguments.memory:
            memory[name] = measured_alone(name, Path(folder), arguments.most_clusters)
            print(_memory_row(name, memory[name]), flush=True)
    figures = {
        "units": {
            "seconds": "of each repetition; loops on rows_measured rows, scaled to all of them",
            "over_base_mib": "peak of RssAnon, without pages of mapped files, over base_mib",
            "largest_resident_mib": "ru_maxrss, with these pages: for information",
        },
        "time": {"count": timed[0], "latent_size": timed[1], **seconds},
        "memory": {"count": large[0], "latent_size": large[1], "measurements": memory},
    }
    question = "what do radius and deviations, and all that stream, cost in time and memory?"
    print(_table(figures["time"]))
    print(written("radius", question, figures, out=arguments.out))


def time_of_passes(count: int, latent: int) -> dict[str, Any]:
    """Seconds of one pass and of the loops, which are checked to find the same."""
    mean = synthetic_codes(count, latent)
    spread = synthetic_log_variances(count, latent)
    z = mean + np.exp(spread / 2) * np.random.default_rng(2).standard_normal(
        mean.shape, dtype=np.float32
    )
    rows = {name: min(count, most) for name, most in _LOOPED.items()}
    ways: dict[str, Callable[[], Any]] = {
        "radius, one pass": lambda: radius(z),
        "radius, loop over rows": lambda: radii_by_rows(z[: rows["rows"]]),
        "radius, loop over numbers": lambda: radii_by_numbers(z[: rows["numbers"]]),
        "deviations, one pass": lambda: deviations(mean, spread, z=z),
        "deviations, loop over rows": lambda: deviations_by_rows(
            mean[: rows["rows"]], z[: rows["rows"]]
        ),
        "deviations, loop over numbers": lambda: deviations_by_numbers(
            mean[: rows["numbers"]], z[: rows["numbers"]]
        ),
    }
    _require_the_same(mean, spread, z[: rows["numbers"]])
    found = in_turns(ways, REPETITIONS)
    measured = {name: rows.get(name.split()[-1], count) for name in ways}
    scaled = {
        name: [each * count / measured[name] for each in values] for name, values in found.items()
    }
    medians = {name: statistics.median(values) for name, values in scaled.items()}
    return {"rows_measured": measured, "seconds": scaled, "median": medians}


def radii_by_rows(z: np.ndarray) -> list[float]:
    return [math.sqrt(np.sum(row**2)) for row in z]


def radii_by_numbers(z: np.ndarray) -> list[float]:
    return [math.sqrt(sum(float(value) ** 2 for value in row)) for row in z]


def deviations_by_rows(mean: np.ndarray, z: np.ndarray) -> tuple[float, float, int]:
    """Largest deviation of a radius and of a component, and how many are over the threshold."""
    radial, largest, over = 0.0, 0.0, 0
    for center, point in zip(mean, z, strict=True):
        change = abs(math.sqrt(np.sum(point**2)) - math.sqrt(np.sum(center**2)))
        apart = np.abs(point - center)
        radial, largest = max(radial, change), max(largest, float(apart.max()))
        over += int(np.sum(apart > THRESHOLD))
    return radial, largest, over


def deviations_by_numbers(mean: np.ndarray, z: np.ndarray) -> tuple[float, float, int]:
    """The same, a number at a time."""
    radial, largest, over = 0.0, 0.0, 0
    for center, point in zip(mean, z, strict=True):
        near = far = 0.0
        for one, other in zip(center, point, strict=True):
            near += float(one) ** 2
            far += float(other) ** 2
            apart = abs(float(other) - float(one))
            largest = max(largest, apart)
            over += apart > THRESHOLD
        radial = max(radial, abs(math.sqrt(far) - math.sqrt(near)))
    return radial, largest, over


def _require_the_same(mean: np.ndarray, spread: np.ndarray, z: np.ndarray) -> None:
    mean, spread = mean[: len(z)], spread[: len(z)]
    ours = deviations(mean, spread, z=z, threshold=THRESHOLD)
    expected = (ours.radius_deviation_max, ours.component_deviation_max, ours.components_over)
    for way in (deviations_by_rows, deviations_by_numbers):
        np.testing.assert_allclose(way(mean, z), expected, rtol=1e-4)
    for radii in (radii_by_rows(z), radii_by_numbers(z)):
        np.testing.assert_allclose(np.mean(radii), radius(z).mean, rtol=1e-5)


def _table(time: dict[str, Any]) -> str:
    lines = [f"{time['count']:,} × {time['latent_size']}, median of {REPETITIONS}"]
    for name, median in time["median"].items():
        rows = time["rows_measured"][name]
        scaled = "" if rows == time["count"] else f"   from {rows:,} rows, scaled"
        lines.append(f"{name:32}{median:10.3f} s{scaled}")
    return "\n".join(lines)


def _memory_row(name: str, found: dict[str, Any]) -> str:
    over = found["over_base_mib"]
    peak = "     unknown" if over is None else f"{over:8.0f} MiB"
    return f"{name:14}{found['seconds']:9.1f} s{peak} over the base"


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="memory at 1,000,000 × 512")
    parser.add_argument("--count", type=int, help="rows, instead of 100,000")
    parser.add_argument("--latent", type=int, help="latent size, instead of 512")
    parser.add_argument(
        "--memory", nargs="*", choices=NAMES, default=list(NAMES), metavar="NAME", help="of which"
    )
    parser.add_argument("--most-clusters", type=int, help="largest k; 80 with --full, otherwise 8")
    parser.add_argument("--work", type=Path, help="where codes are kept meanwhile")
    parser.add_argument("--out", type=Path, help="the JSON file, instead of results/radius.json")
    arguments = parser.parse_args(argv)
    if arguments.most_clusters is None:
        arguments.most_clusters = 80 if arguments.full else 8
    return arguments


if __name__ == "__main__":
    main()
