"""Encode a whole data set into a folder of codes."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from zspace.codes import CODES_FORMAT, Codes
from zspace.data.inputs import Inputs
from zspace.files import new_folder, write_json
from zspace.models.autoencoder import Autoencoder
from zspace.progress import track

__all__ = ["encode_dataset"]


def encode_dataset(
    model: Autoencoder,
    inputs: Inputs,
    *,
    out: Path,
    split: str = "train",
    limit: int = 0,
    overwrite: bool = False,
    show_progress: bool = False,
) -> Codes:
    """Write the codes of a split and the prior, streaming: memory does not grow with the data set.

    Args:
        model: a trained model.
        inputs: a prepared data set of the model's image shape, and what the model is given of it.
        out: folder of the codes; it appears whole or not at all.
        split: which images.
        limit: how many of them at most; 0 takes all.
        overwrite: whether codes that are there already are replaced.
        show_progress: on standard error.

    Raises:
        DataError: if the data set has no such split.
        OutputExistsError: if `out` is there and `overwrite` is false.
        ShapeError: if the images have another shape than the model's.
    """
    dataset = inputs.dataset
    index = dataset.indices(split, limit=limit)
    with new_folder(out, overwrite=overwrite) as folder:
        with (
            contextlib.ExitStack() as files,
            track(f"encoding {split}", len(index), show=show_progress) as advance,
        ):
            streams: dict[str, BinaryIO] = {}
            for start in range(0, len(index), 256):
                rows = index[start : start + 256]
                images = inputs.images(dataset.rows(rows), rows)
                told = inputs.conditions(rows)
                for name, block in model.encode(images, condition=told).items():
                    if name not in streams:
                        streams[name] = files.enter_context(open(folder / f"{name}.npy", "wb"))
                        _write_header(streams[name], (len(index), *block.shape[1:]))
                    # A plain write, as a full disk kills a process that writes to a memory map.
                    streams[name].write(np.ascontiguousarray(block, np.float32).tobytes())
                advance(len(images))
        np.save(folder / "index.npy", index)
        for name, array in model.prior_arrays().items():
            np.save(folder / f"{name}.npy", array)
        if dataset.labels is not None:
            np.save(folder / "labels.npy", dataset.labels[index])
        if dataset.attributes is not None:
            np.save(folder / "attributes.npy", dataset.attributes[index])
        information = {
            "format": CODES_FORMAT,
            "split": split,
            "dataset": dataset.name,
            "dataset_path": str(dataset.path),
            "label_names": dataset.label_names,
            "attribute_names": dataset.attribute_names,
            "epsilon_limit": model.epsilon.limit,
            "epsilon_scale": model.epsilon_scale,
            "seed": model.epsilon.seed,
            "task": inputs.task.kind,
        }
        write_json(folder / "codes.json", information)
    return Codes.load(out)


def _write_header(stream: BinaryIO, shape: tuple[int, ...]) -> None:
    description = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, description)
