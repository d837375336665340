"""Do up-sampling and residual blocks give fewer artefacts and sharper images, at equal size?

    python benchmarks/artefacts.py [--data DIR] [--out DIR] [--epochs N] [--train N] [--seeds N…]

The VAE of celeba-vae, with images of 64×64, and four others that have as many weights, within 2 %:
a decoder of transposed convolutions with kernel 3 (the recipe) and with kernel 4 (which stride 2
divides, so that each pixel is covered equally often), one with nearest and one with bilinear
up-sampling ahead of its convolutions, and a residual network on both sides. What would have more
weights gets fewer filters. All are trained on the same images in the same order. On held-out
images: reconstruction loss, MSE, SSIM, and the spectra of reconstructions and of newly generated
images beside that of the originals.

--data names a prepared data set of 64×64×3; without it, 2,000 drawn faces are prepared in --out.
A network that is trained is kept in --out and not trained again. Written there: artefacts.json,
reconstructions.png, generated.png, spectrum.png.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from latent.record import written

import zspace
from zspace.analysis.spectrum import Spectrum, compared, spectrum
from zspace.figures.grids import image_grid
from zspace.figures.save import save_figure
from zspace.figures.spectrum import spectrum_panels

BASE = (32, 64, 128, 256)
SIDE, DRAWN = 64, 2000
TOLERANCE = 0.02
SHOWN, HELD_OUT, GENERATED = 10, 1000, 1000
QUESTION = "do up-sampling and residual networks give fewer artefacts and sharper images?"


def transpose(kernel: int, width: float) -> list[str]:
    """Transposed convolutions in a decoder whose filters are `width` times those of the recipe."""
    filters = [max(1, round(width * count)) for count in BASE[-2::-1]]
    layers = [
        f"decoder.{name}={[value] * 4}" for name, value in (("kernels", kernel), ("strides", 2))
    ]
    return ["decoder.kind=conv", f"decoder.filters={filters}", *layers]


def residual(width: float) -> list[str]:
    """A residual network on both sides."""
    filters = [max(1, round(width * count)) for count in BASE]
    return ["encoder.kind=resnet", f"encoder.filters={filters}"]


NETWORKS = {
    "transposed 3×3": lambda width: transpose(3, width),
    "transposed 4×4": lambda width: transpose(4, width),
    "nearest": lambda width: [*transpose(3, width), "decoder.upsample=nearest"],
    "bilinear": lambda width: [*transpose(3, width), "decoder.upsample=bilinear"],
    "resnet": residual,
}


def main(argv: list[str] | None = None) -> None:
    arguments = _arguments(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    arguments.out.mkdir(parents=True, exist_ok=True)
    dataset = _dataset(arguments)
    common = [
        f"data.size={SIDE}",
        f"data.train={arguments.train}",
        f"training.epochs={arguments.epochs}",
        "training.checkpoints=1",
    ]
    networks = equal_networks(common)
    for name, network in networks.items():
        print(f"{name:16}{network['weights']:12,} weights   {' '.join(network['changes'])}")
    index = dataset.indices("validation", HELD_OUT)
    originals = dataset.rows(index)
    real = spectrum(originals)
    shown: dict[str, dict[str, Any]] = {}
    for name, network in networks.items():
        network["runs"] = []
        for seed in arguments.seeds:
            changes = [*common, *network["changes"], f"training.seed={seed}"]
            run = trained(name, changes, dataset=dataset, arguments=arguments, seed=seed)
            figures, pictures = measured(run, originals, real=real, seed=seed)
            network["runs"].append({"seed": seed, **figures})
            shown.setdefault(name, pictures)
            print(_row(name, seed, figures), flush=True)
    draw(originals, shown, real=real, out=arguments.out)
    record = {
        "versions": {"keras": version("keras")},
        "units": {
            "reconstruction": "nats an image, of the validation images after the last epoch",
            "mse": "of pixels in 0…1, means decoded",
            "reconstructed, generated": "multiples of the originals'; zspace.analysis.spectrum",
            "pattern": "gray levels of 255, root mean square",
            "images_per_second": "in training, median of the epochs",
        },
        "data": {"source": dataset.name, "train": _train_count(dataset, arguments.train)},
        "epochs": arguments.epochs,
        "held_out": len(originals),
        "originals": real.to_dict(),
        "networks": networks,
    }
    print(table(networks))
    print(written("artefacts", QUESTION, record, out=arguments.out / "artefacts.json"))


def equal_networks(common: list[str]) -> dict[str, dict[str, Any]]:
    """The changes to the recipe that make each network, and how many weights it has."""
    from zspace.training.devices import select_backend

    select_backend(None)
    wanted = _weights([*common, *transpose(3, 1.0)])
    found = {}
    for name, changes_at in NETWORKS.items():
        low, high = 0.3, 1.6
        for step in range(12):
            width = (low + high) / 2 if step else 1.0
            weights = _weights([*common, *changes_at(width)])
            if abs(weights / wanted - 1) <= TOLERANCE / 4:
                break
            low, high = (low, width) if weights > wanted else (width, high)
        if abs(weights / wanted - 1) > TOLERANCE:
            raise SystemExit(
                f"{name}: no filters give {wanted:,} weights, {weights:,} came nearest"
            )
        found[name] = {"weights": weights, "width": width, "changes": changes_at(width)}
    return found


def _weights(changes: list[str]) -> int:
    from zspace.assemble import assemble

    return int(assemble(zspace.load_recipe("celeba-vae").override(changes)).count_params())


def trained(
    name: str,
    changes: list[str],
    *,
    dataset: zspace.Dataset,
    arguments: argparse.Namespace,
    seed: int,
) -> zspace.Run:
    """The run of this network and seed: that which is kept, or a new one."""
    stem = name.replace(" ", "-").replace("×", "x")
    size = _train_count(dataset, arguments.train)
    folder = arguments.out / "runs" / f"{stem}-{seed}-{arguments.epochs}-{size}"
    if (folder / "model.keras").is_file():
        kept = zspace.open_run(folder)
        if kept.recipe == zspace.load_recipe("celeba-vae").override(changes):
            return kept
    return zspace.train(
        "celeba-vae", data=dataset, out=folder, overwrite=True, changes=changes, show_progress=False
    )


def measured(
    run: zspace.Run, originals: np.ndarray, *, real: Spectrum, seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The figures of one run, and what is to be drawn of it."""
    from zspace.generation.sampling import normal_points

    reconstructed = run.model.reconstruct(originals)
    generated = run.model.decode(normal_points(GENERATED, run.recipe.latent.size, seed=seed))
    last = _rows(run.folder.history)[-1]
    channels = run.recipe.data.channels
    spectra = {"reconstructed": spectrum(reconstructed), "generated": spectrum(generated)}
    figures: dict[str, Any] = {
        # The recipe averages over channels; nats an image are summed.
        "reconstruction": channels * float(last["validation_reconstruction"]),
        "kl": float(last["validation_kl"]),
        "mse": float(np.mean((reconstructed - originals / np.float32(255)) ** 2)),
        "ssim": _ssim(reconstructed, originals),
        "images_per_second": statistics.median(
            float(row["images_per_second"]) for row in _rows(run.folder.timings)
        ),
    }
    for name, each in spectra.items():
        figures[name] = compared(each, real).to_dict() | {"pattern": 255 * each.amplitude}
    pictures = {
        "reconstructed": reconstructed[:SHOWN],
        "generated": generated[:SHOWN],
        **{f"spectrum of {name}": each for name, each in spectra.items()},
    }
    return figures, pictures


def _ssim(images: np.ndarray, originals: np.ndarray) -> float | None:
    """Structural similarity; None where scikit-image is not installed."""
    try:
        from zspace.analysis.quality import image_quality

        return float(image_quality(images, originals).ssim.mean())
    except ImportError:
        return None


def draw(
    originals: np.ndarray, shown: Mapping[str, Mapping[str, Any]], *, real: Spectrum, out: Path
) -> None:
    """The same held-out images and as many generated ones of each network, and the spectra."""
    first = originals[:SHOWN] / np.float32(255)
    rows = [first, *(each["reconstructed"] for each in shown.values())]
    labels = ["original", *shown]
    grid = image_grid(np.concatenate(rows), columns=len(first), row_labels=labels)
    save_figure(grid, out / "reconstructions.png")
    rows = [each["generated"] for each in shown.values()]
    grid = image_grid(np.concatenate(rows), columns=SHOWN, row_labels=list(shown))
    save_figure(grid, out / "generated.png")
    spectra = {name: each["spectrum of reconstructed"] for name, each in shown.items()}
    save_figure(spectrum_panels(real, spectra, name="original"), out / "spectrum.png")


def table(networks: Mapping[str, Mapping[str, Any]]) -> str:
    """The means over the seeds, as a table in Markdown; reconstructed / generated images."""
    heads = [
        "network", "weights", "nats", "MSE", "SSIM", "checkerboard", "pattern", "fine detail",
        "images/s",
    ]  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads)]
    for name, network in networks.items():
        runs = network["runs"]
        mean = {
            key: statistics.mean(run[key] for run in runs)
            for key in ("reconstruction", "mse", "images_per_second")
        }
        known = [run["ssim"] for run in runs if run["ssim"] is not None]
        ssim = f"{statistics.mean(known):.3f}" if known else "–"
        spectra = [
            " / ".join(
                f"{statistics.mean(run[kind][key] for run in runs):.2f}"
                for kind in ("reconstructed", "generated")
            )
            for key in ("checkerboard", "pattern", "fine")
        ]
        cells = [
            name, f"{network['weights']:,}", f"{mean['reconstruction']:,.1f}",
            f"{mean['mse']:.5f}", ssim, *spectra, f"{mean['images_per_second']:,.0f}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _row(name: str, seed: int, figures: Mapping[str, Any]) -> str:
    made = figures["reconstructed"]
    return (
        f"{name:16} seed {seed}   {figures['reconstruction']:10,.1f} nats   "
        f"checkerboard × {made['checkerboard']:.2f}   pattern {made['pattern']:.2f} gray levels   "
        f"fine detail × {made['fine']:.2f}   "
        f"{figures['images_per_second']:,.0f} images/s"
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _train_count(dataset: zspace.Dataset, most: int) -> int:
    return len(dataset.indices("train", most))


def _dataset(arguments: argparse.Namespace) -> zspace.Dataset:
    if arguments.data is not None:
        return zspace.Dataset.load(arguments.data)
    folder = arguments.out / "faces"
    if (folder / "dataset.json").is_file():
        return zspace.Dataset.load(folder)
    return zspace.prepare("faces", folder, size=SIDE, limit=DRAWN)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="a prepared data set, instead of drawn faces")
    parser.add_argument("--out", type=Path, default=Path("runs/artefacts"), help="where all goes")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--train", type=int, default=0, help="training images at most; 0: all")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
