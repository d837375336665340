"""How many images a second are encoded and decoded, and how long does a single decode take?

    python benchmarks/coding.py [--count N] [--data DIR] [--backend NAME] [--full]

What `zspace encode` and `Autoencoder.decode` do, against Keras' `predict` of the same encoder and
decoder, in turns. The model is celeba-vae, untrained. zspace reads a prepared data set, scales it
and writes codes; predict gets float32 images that are in memory already, and keeps what it finds
there. A single decode is what the explorer asks for. --full also encodes 170,000, once by each.
Results: results/coding.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from latent.record import in_turns, written

from zspace.data import Dataset
from zspace.data.arrays import ImageWriter, write_array

PACKAGES = ("keras", "tensorflow-cpu", "jax", "torch")
COUNT, FULL = 2048, 170_000
_HELD = 1024
_BLOCK = 256


def main(argv: list[str] | None = None) -> None:
    arguments = _arguments(argv)
    from zspace.training.devices import select_backend

    backend = select_backend(arguments.backend)
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        dataset = Dataset.load(arguments.data or drawn(Path(work) / "data", arguments.size))
        figures = {
            "units": {
                "seconds": "of each repetition, for all images or z-points",
                "milliseconds": "of each single decode",
                "times_predict": "median over the turns; more is faster",
            },
            "backend": backend,
            "images": "drawn at random" if arguments.data is None else "real",
            **measured(dataset, Path(work), arguments),
        }
    print(_table(figures))
    question = "how many images a second are encoded and decoded, against Keras' predict?"
    print(written("coding", question, figures, out=arguments.out, packages=PACKAGES))


def measured(dataset: Dataset, work: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    from zspace.data.inputs import Inputs
    from zspace.models import encode_dataset
    from zspace.recipe import load_recipe
    from zspace.training.fit import make_model

    changes = (f"data.size={dataset.shape[0]}", f"data.channels={dataset.shape[-1]}")
    recipe = load_recipe("celeba-vae").override(changes)
    model = make_model(recipe, dataset)
    inputs = Inputs.of_recipe(recipe, repeated(dataset, work / "repeated", arguments.count))
    encoder, decoder = _keras_halves(model)
    held = dataset.rows(dataset.indices("train")[:_HELD]).astype(np.float32) / 255
    z = np.random.default_rng(1).standard_normal((len(held), model.latent_size), np.float32)

    def encoding(inputs: Inputs) -> Callable[[], Any]:
        return lambda: encode_dataset(model, inputs, out=work / "codes", overwrite=True)

    def decoding() -> None:
        for start in range(0, arguments.count, len(z)):
            model.decode(z[: arguments.count - start])

    ways = {
        "encode, zspace": encoding(inputs),
        "encode, predict": _in_predicts(encoder, held, arguments.count),
        "encode, predict in batches of 32": _in_predicts(
            encoder, held, arguments.count, batch_size=32
        ),
        "decode, zspace": decoding,
        "decode, predict": _in_predicts(decoder, z, arguments.count),
        "decode, predict in batches of 32": _in_predicts(
            decoder, z, arguments.count, batch_size=32
        ),
    }
    for way in ways.values():
        way()
    seconds = in_turns(ways, arguments.repetitions)
    whole = None
    if arguments.full:
        many = Inputs.of_recipe(recipe, repeated(dataset, work / "whole", FULL))
        each = {
            "zspace": encoding(many),
            "predict": _in_predicts(encoder, held, FULL),
        }
        whole = {"count": FULL, "seconds": in_turns(each, 1)}
    single = {
        "zspace": lambda: model.decode(z[:1]),
        "predict": lambda: decoder.predict(z[:1], verbose=0),
    }
    milliseconds = _clicks(single, arguments.clicks)
    return {
        "count": arguments.count,
        "image_shape": list(dataset.shape),
        "latent_size": model.latent_size,
        "seconds": seconds,
        "whole": whole,
        "images_per_second": {
            name: arguments.count / statistics.median(each) for name, each in seconds.items()
        },
        "times_predict": {verb: _ratio(seconds, verb) for verb in ("encode", "decode")},
        "milliseconds": milliseconds,
        "percentiles": {
            name: {str(p): float(np.percentile(each, p)) for p in (50, 95)}
            for name, each in milliseconds.items()
        },
    }


def _in_predicts(
    half: Any, given: np.ndarray, count: int, *, batch_size: int = _BLOCK
) -> Callable[[], None]:
    """`predict` of so many images or z-points, those given over and over."""

    def way() -> None:
        for start in range(0, count, len(given)):
            half.predict(given[: count - start], batch_size=batch_size, verbose=0)

    return way


def _ratio(seconds: dict[str, list[float]], verb: str) -> float:
    pairs = zip(seconds[f"{verb}, predict"], seconds[f"{verb}, zspace"], strict=True)
    return statistics.median(theirs / ours for theirs, ours in pairs)


def _clicks(ways: dict[str, Callable[[], Any]], count: int) -> dict[str, list[float]]:
    for way in ways.values():
        way()
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(count):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            found[name].append(1000 * (time.perf_counter() - start))
    return found


def _keras_halves(model: Any) -> tuple[Any, Any]:
    """Encoder and decoder as one would put them together for `predict`."""
    import keras

    images, z = keras.Input(model.image_shape), keras.Input((model.latent_size,))
    encoder = keras.Model(images, model.posterior(model.encoder(images, training=False)))
    decoder = keras.Model(z, model.likelihood(model.decoder(z, training=False)))
    return encoder, decoder


def drawn(folder: Path, size: int) -> Path:
    """A prepared data set of noise; one of its images validates."""
    images = np.random.default_rng(1).integers(0, 256, (_HELD, size, size, 3), np.uint8)
    with _writer(folder, images.shape[1:]) as writer:
        writer.append(images)
    _describe(folder, _HELD, images.shape[1:])
    write_array(folder / "splits.npy", (np.arange(_HELD) == 0).astype(np.uint8))
    return folder


def repeated(dataset: Dataset, folder: Path, count: int) -> Dataset:
    """A data set of `count` training images, those of `dataset` over and over."""
    rows = dataset.indices("train")
    with _writer(folder, dataset.shape) as writer:
        for start in range(0, count, len(rows)):
            for begin in range(0, min(len(rows), count - start), _HELD):
                end = min(begin + _HELD, count - start)
                writer.append(dataset.rows(rows[begin:end]))
    _describe(folder, count, dataset.shape)
    return Dataset.load(folder)


def _writer(folder: Path, shape: tuple[int, ...]) -> ImageWriter:
    folder.mkdir()
    return ImageWriter(folder / "images.npy", (shape[0], shape[1], shape[2]))


def _describe(folder: Path, count: int, shape: tuple[int, ...]) -> None:
    write_array(folder / "splits.npy", np.zeros(count, np.uint8))
    about = {"format": 1, "source": "made", "size": list(shape[:2]), "channels": shape[2]}
    (folder / "dataset.json").write_text(json.dumps({**about, "sha256": {}}), encoding="utf-8")


def _table(figures: dict[str, Any]) -> str:
    lines = [f"{figures['count']:,} images of {figures['image_shape']}, {figures['backend']}"]
    lines += [f"{n:36}{rate:9,.0f} images/s" for n, rate in figures["images_per_second"].items()]
    for name, found in figures["percentiles"].items():
        lines.append(f"{'one decode, ' + name:36}{found['50']:9.2f} ms, 95 %: {found['95']:.2f} ms")
    if figures["whole"]:
        for name, (each,) in figures["whole"]["seconds"].items():
            lines.append(f"{'encode 170,000, ' + name:36}{FULL / each:9,.0f} images/s")
    ratios = (f"{verb} {ratio:.2f}" for verb, ratio in figures["times_predict"].items())
    return "\n".join([*lines, "times predict: " + ", ".join(ratios)])


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="encode 170,000, too (5 GB)")
    parser.add_argument("--count", type=int, default=COUNT, help="images")
    parser.add_argument("--data", type=Path, help="a prepared data set, else noise")
    parser.add_argument("--size", type=int, default=96, help="side of the noise")
    parser.add_argument("--backend", choices=("tensorflow", "jax", "torch"))
    parser.add_argument("--clicks", type=int, default=200, help="single decodes")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--work", type=Path, help="where data and codes are kept meanwhile")
    parser.add_argument("--out", type=Path, help="the JSON file, instead of in results/")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
