"""How many JPEGs a second become an array of images of one size?

    python benchmarks/preparation.py [--full] [--sets NAME …] [--ways NAME …]

`zspace prepare`, from a folder and from a zip, against Pillow in one process, Keras'
image_dataset_from_directory and torchvision under a DataLoader; each in a process of its own, in
turns. Faces are CelebA's where ZSPACE_TEST_DATA has them, else made; photos are made. The limit is
libjpeg-turbo's rate on one core times the number of cores. --full takes more of both. Results:
results/preparation.json.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
from pathlib import Path
from typing import Any

from latent.apart import Apart, turns
from latent.record import written
from preparing.jpegs import CELEBA, made, real_images, unpacked, zipped
from preparing.ways import LIMIT, REFERENCE, WAYS, cores

PACKAGES = ("pillow", "keras", "tensorflow-cpu", "torch", "torchvision", "simplejpeg")
SETS = {"faces": (2000, 10_000), "photos": (40, 240)}
"""Name: how many, and with --full."""
SIZES = {"faces": 96, "photos": 96}
_PHOTO = {"width": 1600, "height": 1200}
_FACE = {"width": 89, "height": 109}


def main(argv: list[str] | None = None) -> None:
    arguments = _arguments(argv)
    found = {}
    for name in arguments.sets:
        with tempfile.TemporaryDirectory(dir=arguments.work) as work:
            found[name] = measured(name, Path(work), arguments)
            print(_table(name, found[name]), flush=True)
    figures = {
        "units": {
            "seconds": "of each repetition, for all pictures of the set",
            "processor_seconds": "the same, of all threads of the process; torchvision's workers "
            "are processes of their own and not in it",
            "images_per_second": "by the median of seconds",
            "times_reference": f"median over the turns, {REFERENCE} = 1; more is faster",
        },
        "reference": REFERENCE,
        "sets": found,
    }
    question = "how many JPEGs a second become an array of images of one size?"
    print(written("preparation", question, figures, out=arguments.out, packages=PACKAGES))


def measured(name: str, work: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Figures of one set of pictures."""
    folder, count = work / name, arguments.count or SETS[name][arguments.full]
    real = real_images(CELEBA) if name == "faces" else None
    if real is not None:
        count = unpacked(real, folder, count)
    else:
        count = made(folder, count, **(_FACE if name == "faces" else _PHOTO))
    zipped(folder)
    given = {"folder": folder, "size": SIZES[name], "work": work}
    chosen = [REFERENCE, *(each for each in arguments.ways if each != REFERENCE)]
    with contextlib.ExitStack() as stack:
        ways = {each: stack.enter_context(Apart(WAYS[each], **given)) for each in chosen}
        seconds = turns(ways, arguments.repetitions)
        busy = {each: ways[each].processor_seconds[1:] for each in seconds}
    rates = {each: count / statistics.median(values) for each, values in seconds.items()}
    reference = seconds[REFERENCE]
    return {
        "pictures": "CelebA's, at half size" if real else "made",
        "count": count,
        "size": SIZES[name],
        "cores": cores(),
        "seconds": seconds,
        "processor_seconds": busy,
        "images_per_second": rates,
        "times_reference": {
            each: statistics.median(a / b for a, b in zip(reference, values, strict=True))
            for each, values in seconds.items()
        },
        "limit_images_per_second": cores() * rates[LIMIT] if LIMIT in rates else None,
    }


def _table(name: str, found: dict[str, Any]) -> str:
    lines = [f"{name}: {found['count']:,} pictures ({found['pictures']}) to {found['size']}²"]
    lines.append(f"{'way':30}{'images/s':>10}{'× zspace':>10}{'CPU ms':>9}")
    for way, rate in found["images_per_second"].items():
        busy = 1000 * statistics.median(found["processor_seconds"][way]) / found["count"]
        lines.append(f"{way:30}{rate:10,.0f}{found['times_reference'][way]:10.2f}{busy:9.2f}")
    if found["limit_images_per_second"]:
        ours = found["images_per_second"][REFERENCE] / found["limit_images_per_second"]
        lines.append(
            f"limit: {found['limit_images_per_second']:,.0f} images/s on {found['cores']} cores; "
            f"zspace reaches {ours:.0%}"
        )
    return "\n".join(lines)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="10,000 faces and 240 photos")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), metavar="NAME")
    parser.add_argument("--count", type=int, help="pictures of each set")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--work", type=Path, help="where the pictures are kept meanwhile")
    parser.add_argument("--out", type=Path, help="the JSON file, instead of in results/")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
