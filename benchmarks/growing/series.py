"""What grows: a series of sizes of one kind of work, each timed, in a process of its own.

    python benchmarks/growing/series.py NAME WORK SIZE …

It prints JSON: for each size seconds, and MiB beyond what the process had before the first one.
Sizes ascend, so that a peak belongs to the size that reaches it.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from latent.memory import Peak
from latent.synthetic import synthetic_codes, synthetic_log_variances

Work = Callable[[], Any]
CODES, LATENT = 10_000, 16
"""How many codes where the latent size grows, and the latent size where images grow."""
_ENOUGH_SECONDS, _MOST_TIMES = 1.0, 5


def prepare_images(work: Path, count: int) -> Work:
    """`prepare` of an array of small images, each of them scaled."""
    from zspace.data import prepare

    file = work / f"{count}.npy"
    pixels = np.random.default_rng(1).integers(0, 256, (1000, 16, 16), np.uint8)
    whole = np.lib.format.open_memmap(file, "w+", np.uint8, (count, 16, 16))
    for start in range(0, count, 1000):
        whole[start : start + 1000] = pixels[: count - start]
    del whole
    return lambda: prepare("npz", work / "made", from_path=file, size=8, overwrite=True)


def prepare_pixels(work: Path, side: int) -> Work:
    """`prepare` of JPEGs that have twice the side that is wanted."""
    from preparing.jpegs import made

    from zspace.data import prepare

    made(work / f"jpegs-{side}", 64, width=2 * side, height=2 * side)
    given = {"from_path": work / f"jpegs-{side}", "size": side, "overwrite": True}
    return lambda: prepare("folder", work / "made", **given)


def encode_images(work: Path, count: int) -> Work:
    return _encoding(work, count, side=16, latent=LATENT, filters="[16]")


def encode_latent(work: Path, latent: int) -> Work:
    return _encoding(work, 2048, side=16, latent=latent, filters="[16]")


def encode_pixels(work: Path, side: int) -> Work:
    return _encoding(work, 64, side=side, latent=LATENT, filters="[32,64,128]")


def train_pixels(work: Path, side: int) -> Work:
    """Training steps on 16 images each."""
    model, dataset, _ = _model(work, 64, side=side, latent=LATENT, filters="[32,64,128]")
    images = dataset.rows(np.arange(64))

    def train() -> Any:
        return model.fit(images, epochs=1, batch_size=16, shuffle=False, verbose=0)

    train()  # it is traced once, whatever the size
    return train


def measure_images(work: Path, count: int, *, name: str) -> Work:
    return _measurement(work, name, count, LATENT)


def measure_latent(work: Path, latent: int, *, name: str) -> Work:
    return _measurement(work, name, CODES, latent)


def _measurement(work: Path, name: str, count: int, latent: int) -> Work:
    import importlib

    from zspace.codes import Codes

    found = getattr(importlib.import_module(f"zspace.analysis.{name}"), name)
    arrays = {}
    for kind, make in {"mean": synthetic_codes, "spread": synthetic_log_variances}.items():
        np.save(work / f"{kind}.npy", make(count, latent))
        arrays[kind] = np.load(work / f"{kind}.npy", mmap_mode="r")
    mean, spread = arrays["mean"], arrays["spread"]
    if name == "deviations":
        codes = Codes(mean=mean, log_variance=spread, index=np.arange(count))
        return lambda: found(mean, spread, z=codes.z_blocks())
    if name == "clusters":
        return lambda: found(mean, ks=(2, 5, 10))
    return lambda: found(mean)


def _encoding(work: Path, count: int, *, side: int, latent: int, filters: str) -> Work:
    model, _, inputs = _model(work, count, side=side, latent=latent, filters=filters)
    from zspace.models import encode_dataset

    return lambda: encode_dataset(model, inputs, out=work / "codes", overwrite=True)


def _model(work: Path, count: int, *, side: int, latent: int, filters: str) -> tuple[Any, ...]:
    from coding import drawn, repeated

    from zspace.data import Dataset
    from zspace.training.devices import select_backend

    select_backend()
    from zspace.data.inputs import Inputs
    from zspace.recipe import load_recipe
    from zspace.training.fit import make_model

    name = f"{count}-{side}-{latent}"
    few = Dataset.load(drawn(work / f"drawn-{name}", side))
    dataset = repeated(few, work / f"data-{name}", count)
    layers = filters.count(",") + 1
    changes = {
        "data.size": side,
        "latent.size": latent,
        "encoder.filters": filters,
        "encoder.kernels": [3] * layers,
        "encoder.strides": [2] * layers,
    }
    recipe = load_recipe("celeba-vae").override(f"{key}={value}" for key, value in changes.items())
    return make_model(recipe, few), dataset, Inputs.of_recipe(recipe, dataset)


SERIES: dict[str, Callable[[Path, int], Work]] = {
    "images, prepare": prepare_images,
    "images, encode": encode_images,
    "images, radius": lambda work, n: measure_images(work, n, name="radius"),
    "images, deviations": lambda work, n: measure_images(work, n, name="deviations"),
    "images, pca": lambda work, n: measure_images(work, n, name="pca"),
    "images, clusters": lambda work, n: measure_images(work, n, name="clusters"),
    "latent size, encode": encode_latent,
    "latent size, radius": lambda work, n: measure_latent(work, n, name="radius"),
    "latent size, deviations": lambda work, n: measure_latent(work, n, name="deviations"),
    "latent size, pca": lambda work, n: measure_latent(work, n, name="pca"),
    "latent size, clusters": lambda work, n: measure_latent(work, n, name="clusters"),
    "image size, prepare": prepare_pixels,
    "image size, encode": encode_pixels,
    "image size, train": train_pixels,
}


def measured(name: str, work: Path, sizes: list[int]) -> dict[str, list[float | None]]:
    """Seconds, the least of up to five, and MiB of each size."""
    SERIES[name](_folder(work), sizes[0])()
    base: float | None = None
    found: dict[str, list[float | None]] = {"seconds": [], "mib": []}
    for size in sizes:
        run = SERIES[name](_folder(work), size)
        seconds: list[float] = []
        with Peak() as peak:
            base = peak.base if base is None else base
            while not seconds or (sum(seconds) < _ENOUGH_SECONDS and len(seconds) < _MOST_TIMES):
                start = time.perf_counter()
                run()
                seconds.append(time.perf_counter() - start)
        found["seconds"].append(min(seconds))
        known = peak.largest is not None and base is not None
        found["mib"].append(max(peak.largest - base, 0.0) if known else None)
    return found


def _folder(work: Path) -> Path:
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    return work


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], Path(sys.argv[2]), [int(n) for n in sys.argv[3:]])))
