"""From a click on a map to its image: how many milliseconds does each step take, without a browser?

    python benchmarks/explorer_latency.py [RUN] [--full] [--count N] [--latent D] [--clicks N]

With a run, its codes and its model; without one, made codes (20,000 × 256, --full 170,000 × 256)
and nothing to decode. Places are drawn from the rectangle around the codes on PCA's plane, so most
are empty space. Steps are timed click by click, one behind the other, as a callback does them.
Results: results/explorer_latency.json.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from latent.record import written
from latent.synthetic import synthetic_codes, synthetic_log_variances

from zspace.analysis.map_places import MapPlaces
from zspace.codes import Codes
from zspace.explorer.coding import Coding
from zspace.explorer.keeping import png_bytes
from zspace.explorer.side import Side

COUNT, FULL = 20_000, 170_000
PERCENTILES = (50, 95, 99)


def main(argv: list[str] | None = None) -> None:
    arguments = _arguments(argv)
    side = _of_run(arguments.run) if arguments.run else _made(arguments)
    start = time.perf_counter()
    side.warm_up()
    preparing = time.perf_counter() - start
    steps = _clicks(side, arguments.clicks, decodes=bool(arguments.run))
    figures: dict[str, Any] = {
        "units": "milliseconds of each click, by step; the whole is the sum of a callback's steps",
        "count": side.codes.count,
        "latent_size": side.latent_size,
        "image_shape": side.coding.image_shape if arguments.run else None,
        "clicks": arguments.clicks,
        "preparing_seconds": preparing,
        "most_memory_mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / (2**20 if sys.platform == "darwin" else 2**10),
        "percentiles": {name: _percentiles(values) for name, values in steps.items()},
        "milliseconds": steps,
    }
    print(_table(figures))
    question = "how many milliseconds does each step from a click to its image take?"
    print(written("explorer_latency", question, figures, out=arguments.out))


def _of_run(path: Path) -> Side:
    import zspace

    run = zspace.open_run(path)
    codes = run.codes("train")
    coding = Coding(
        run.decode,
        run.encode_images,
        latent_size=codes.latent_size,
        image_shape=run.model.image_shape,
    )
    return Side(
        run.folder.name,
        codes,
        coding,
        folder=run.folder,
        images=run.dataset.rows,
        preparation=run.preparation,
    )


def _made(arguments: argparse.Namespace) -> Side:
    count = arguments.count or (FULL if arguments.full else COUNT)
    mean = synthetic_codes(count, arguments.latent)
    codes = Codes(
        mean,
        index=np.arange(count),
        log_variance=synthetic_log_variances(count, arguments.latent),
    )

    def gray(z: np.ndarray) -> np.ndarray:
        return np.full((len(z), 96, 96, 3), 0.5, np.float32)

    coding = Coding(gray, None, latent_size=arguments.latent, image_shape=(96, 96, 3))
    return Side("made", codes, coding)


def _clicks(side: Side, count: int, *, decodes: bool) -> dict[str, list[float]]:
    """Milliseconds of each step, click by click."""
    view = side.pca_view()
    generator = np.random.default_rng(1)
    low, high = view.coordinates.min(axis=0), view.coordinates.max(axis=0)
    places = generator.uniform(low, high, (count, 2))
    neighbors = MapPlaces(np.asarray(side.codes.mean), view.coordinates)
    neighbors.point(places[0])
    steps: dict[str, list[float]] = {}

    def timed(name: str, step: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        made = step()
        steps.setdefault(name, []).append(1000 * (time.perf_counter() - start))
        return made

    for place in places:
        z = timed("place to z, PCA", lambda place=place: view.to_z(place))
        timed("place to z, by neighbors", lambda place=place: neighbors.point(place))
        timed("code at a place", lambda place=place: view.row_at(place, within=0.1))
        if decodes:
            image = timed("decode one", lambda z=z: side.image(z))
            timed("PNG", lambda image=image: png_bytes(image))
        timed("density", lambda z=z: side.reading(z))
        near = timed("8 nearest codes", lambda z=z: side.nearest(z))
        if side.images is not None:
            timed("their images", lambda near=near: side.pictures(near.rows))
    aside = {"place to z, by neighbors"}
    until = ("place to z, PCA", "code at a place", "decode one", "PNG")
    parts = [values for name, values in steps.items() if name in until]
    if decodes:
        steps["click to image"] = [sum(values) for values in zip(*parts, strict=True)]
    whole = [steps[name] for name in steps if name not in aside and name != "click to image"]
    steps["click to all of it"] = [sum(values) for values in zip(*whole, strict=True)]
    return steps


def _percentiles(values: list[float]) -> dict[str, float]:
    return {str(one): float(np.percentile(values, one)) for one in PERCENTILES}


def _table(figures: dict[str, Any]) -> str:
    codes = f"{figures['count']:,} × {figures['latent_size']}, {figures['clicks']} clicks"
    memory = f"{figures['most_memory_mebibytes']:.0f} MiB"
    lines = [
        f"{codes}; prepared in {figures['preparing_seconds']:.1f} s, at most {memory}",
        f"{'milliseconds':28}" + "".join(f"{f'{one} %':>9}" for one in PERCENTILES),
    ]
    for name, found in figures["percentiles"].items():
        lines.append(f"{name:28}" + "".join(f"{value:9.2f}" for value in found.values()))
    return "\n".join(lines)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, nargs="?", help="a run folder; made codes without one")
    parser.add_argument("--full", action="store_true", help="170,000 made codes")
    parser.add_argument("--count", type=int, help="made codes, instead of 20,000")
    parser.add_argument("--latent", type=int, default=256, help="latent size of made codes")
    parser.add_argument("--clicks", type=int, default=200)
    parser.add_argument("--out", type=Path, help="the JSON file, instead of in results/")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
