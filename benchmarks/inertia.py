"""The inertia of k-means over k: one call of zspace, or MiniBatchKMeans afresh for each k?

    python benchmarks/inertia.py [--full] [--count N] [--latent D] [--ks K…]

The other way is what one writes first: for each k a new MiniBatchKMeans with scikit-learn's
defaults, fitted to a copy of all codes. zspace's call also clusters a normal cloud of the same
covariance, takes silhouettes and looks for an elbow. Inertia is per point, of all points, for both;
the lower, the better. --full takes 170,000 × 256 and k = 2, 4, … 80. Results: results/inertia.json.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import Any

import numpy as np
from latent.record import in_turns, written
from latent.synthetic import synthetic_codes
from sklearn.cluster import MiniBatchKMeans

from zspace.analysis.clusters import clusters

COUNT, FULL = 40_000, 170_000
KS, FULL_KS = (2, 5, 10, 15, 20, 30, 40, 50), tuple(range(2, 81, 2))


def main(argv: list[str] | None = None) -> None:
    arguments = _arguments(argv)
    count = arguments.count or (FULL if arguments.full else COUNT)
    ks = tuple(arguments.ks or (FULL_KS if arguments.full else KS))
    points = synthetic_codes(count, arguments.latent)
    found: dict[str, Any] = {}

    def ours() -> None:
        measured = clusters(points, ks=ks)
        found["ks"], found["used"] = measured.ks, measured.used
        found["zspace"] = list(measured.inertia)

    def theirs() -> None:
        found["scikit-learn"] = fresh_inertia(points, ks)

    seconds = in_turns({"zspace": ours, "scikit-learn": theirs}, arguments.repetitions)
    figures = {
        "units": {
            "seconds": "of each repetition, for all k; zspace's with all else that it measures",
            "inertia": "mean squared distance of a point to its center, all points",
        },
        "count": count,
        "latent_size": arguments.latent,
        "fitted": {"zspace": found["used"], "scikit-learn": count},
        "ks": list(ks),
        "seconds": seconds,
        "median": {name: statistics.median(values) for name, values in seconds.items()},
        "inertia": {name: found[name] for name in ("zspace", "scikit-learn")},
    }
    if tuple(found["ks"]) != tuple(sorted(set(ks))):
        raise SystemExit(f"zspace left out some k: {found['ks']} of {ks}; take more points")
    print(_table(figures))
    question = "how do time and inertia compare with MiniBatchKMeans afresh for each k?"
    print(written("inertia", question, figures, out=arguments.out))


def fresh_inertia(points: np.ndarray, ks: tuple[int, ...]) -> list[float]:
    """Inertia per point for each k."""
    found = []
    for k in ks:
        own = points.copy()
        found.append(float(MiniBatchKMeans(k, random_state=1).fit(own).inertia_) / len(own))
    return found


def _table(figures: dict[str, Any]) -> str:
    pairs = zip(figures["inertia"]["zspace"], figures["inertia"]["scikit-learn"], strict=True)
    lines = [f"{figures['count']:,} × {figures['latent_size']}, {len(figures['ks'])} values of k"]
    lines += [f"{name:14}{seconds:9.2f} s" for name, seconds in figures["median"].items()]
    lines.append(f"{'k':>4}{'zspace':>12}{'scikit-learn':>14}")
    for k, (ours, theirs) in zip(figures["ks"], pairs, strict=True):
        lines.append(f"{k:4}{ours:12.4f}{theirs:14.4f}")
    return "\n".join(lines)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="170,000 codes and 40 values of k")
    parser.add_argument("--count", type=int, help="codes, instead of 40,000")
    parser.add_argument("--latent", type=int, default=256, help="latent size")
    parser.add_argument("--ks", type=int, nargs="+", help="numbers of clusters, ascending")
    parser.add_argument("--repetitions", type=int, default=1)
    parser.add_argument("--out", type=Path, help="the JSON file, instead of results/inertia.json")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
