"""How do time and memory grow with images, latent size and image size?

    python benchmarks/growth.py [--full] [--series NAME …] [--picture FILE]

Preparing, encoding, training and measuring, each a process of its own, with images up to 100,000
(--full: a million), a latent size from 2 to 2048 and a side from 28 to 256. An exponent is fitted
to the larger half of the sizes, on logarithmic axes, where fixed costs show least. Of images and
pixels, all has to be linear at most; the exponents of time in the latent size have their own
limits, as a covariance has latent² entries. Results: results/growth.json and growth.png.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from growing.picture import draw
from growing.series import CODES, LATENT, SERIES
from latent.record import RESULTS, written

PACKAGES = ("keras", "tensorflow-cpu", "scipy", "scikit-learn", "pillow")
SIZES = {
    "images": (1000, 3162, 10_000, 31_623, 100_000),
    "latent size": (2, 8, 32, 128, 512, 2048),
    "image size": (28, 48, 96, 160, 256),
}
FULL_IMAGES = (*SIZES["images"], 316_228, 1_000_000)
LIMITS = {"latent size, pca": 3.0}
"""Of exponents, where it is not 1: a covariance costs latent², its axes latent³."""
SLOW = ("latent size, clusters",)
"""Takes half a minute, so it is left to --full."""
_SLACK = 0.15


def main(argv: list[str] | None = None) -> None:
    arguments = _arguments(argv)
    found = {}
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        for name in arguments.series:
            sizes = arguments.sizes or sizes_of(name, full=arguments.full)
            found[name] = series(name, Path(work) / "series", sizes)
            print(row(name, found[name]), flush=True)
    figures = {
        "units": {
            "seconds": "least of up to five",
            "mib": "largest beyond what the process had",
            "exponent": "of seconds and MiB, over the larger half of the sizes; of pixels, not of "
            "the side, for the image size",
        },
        "codes": {"latent size": CODES, "images": f"latent size {LATENT}"},
        "series": found,
        "over": [name for name, each in found.items() if is_over(name, each)],
    }
    question = "how do time and memory grow with images, latent size and image size?"
    print(written("growth", question, figures, out=arguments.out, packages=PACKAGES))
    draw(found, arguments.picture or RESULTS / "growth.png")


def sizes_of(name: str, *, full: bool) -> list[int]:
    """The sizes of a series."""
    axis = name.partition(",")[0]
    return list(FULL_IMAGES if full and axis == "images" else SIZES[axis])


def series(name: str, work: Path, sizes: list[int]) -> dict[str, Any]:
    """Figures of one series, with the exponents."""
    script = Path(__file__).parent / "growing" / "series.py"
    words = [sys.executable, str(script), name, str(work), *map(str, sizes)]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    grown = [side**2 if name.startswith("image size") else side for side in sizes]
    fitted = {kind: exponent(grown, found[kind]) for kind in ("seconds", "mib")}
    return {"sizes": sizes, **found, "exponent": fitted}


def exponent(sizes: list[int], values: list[float | None]) -> float | None:
    """Slope of log value over log size, by least squares, over the larger half of the sizes.

    None where a value is unknown or zero.
    """
    half = len(sizes) // 2
    pairs = [
        (math.log(size), math.log(value))
        for size, value in zip(sizes[half:], values[half:], strict=True)
        if value
    ]
    if len(pairs) < 2 or len(pairs) < len(sizes) - half:
        return None
    return float(np.polyfit(*zip(*pairs, strict=True), 1)[0])


def is_over(name: str, found: dict[str, Any]) -> bool:
    """Whether time grows faster than it should."""
    slope = found["exponent"]["seconds"]
    return slope is not None and slope > LIMITS.get(name, 1.0) + _SLACK


def row(name: str, found: dict[str, Any]) -> str:
    """Exponents and the largest size, a line."""
    slopes = [found["exponent"][kind] for kind in ("seconds", "mib")]
    time, memory = ("   –" if slope is None else f"{slope:4.2f}" for slope in slopes)
    most = found["mib"][-1]
    spent = "" if most is None else f", {most:.0f} MiB"
    grows = f"time ^{time}  memory ^{memory}"
    warning = "   faster than it should" if is_over(name, found) else ""
    largest = f"{found['sizes'][-1]:,}: {found['seconds'][-1]:.3f} s"
    return f"{name:28}{grows}   {largest}{spent}{warning}"


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="up to a million images")
    parser.add_argument("--series", nargs="+", choices=SERIES, metavar="NAME")
    parser.add_argument("--sizes", type=int, nargs="+", help="ascending, of all series")
    parser.add_argument("--work", type=Path, help="where images and codes are kept meanwhile")
    parser.add_argument("--picture", type=Path, help="the figure, instead of in results/")
    parser.add_argument("--out", type=Path, help="the JSON file, instead of in results/")
    arguments = parser.parse_args(argv)
    shown = [name for name in SERIES if arguments.full or name not in SLOW]
    arguments.series = arguments.series or shown
    return arguments


if __name__ == "__main__":
    main()
