"""From JPEGs to arrays, each way as its own documentation has it.

All keep the largest square part of each picture and write what comes of it to the disk. zspace
alone also takes checksums, and waits until the disk has all of it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Way = Callable[[], Any]
_BATCH = 128


def zspace_way(folder: Path, size: int, work: Path, *, source: str) -> Way:
    """`zspace prepare`: Lanczos, on all cores."""
    from zspace.data import prepare

    path = folder if source == "folder" else folder.with_suffix(".zip")

    def way() -> None:
        prepare("folder", work / f"by-{source}", from_path=path, size=size, overwrite=True)

    return way


def pillow_way(folder: Path, size: int, work: Path) -> Way:
    """What one writes first, in one process: open, crop, resize by Lanczos."""
    from PIL import Image, ImageOps

    def way() -> np.ndarray:
        images: list[np.ndarray] = []
        for file in _files(folder):
            with Image.open(file) as image:
                fitted = ImageOps.fit(image.convert("RGB"), (size, size), Image.Resampling.LANCZOS)
                images.append(np.asarray(fitted))
        found = np.stack(images)
        np.save(work / "by-pillow.npy", found)
        return found

    return way


def keras_way(folder: Path, size: int, work: Path, *, interpolation: str) -> Way:
    """Keras' own: tf.data decodes and resizes on all cores."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    import tensorflow

    tensorflow.get_logger().setLevel("ERROR")

    def way() -> None:
        batches = keras.utils.image_dataset_from_directory(
            str(folder),
            labels=None,
            batch_size=_BATCH,
            image_size=(size, size),
            shuffle=False,
            interpolation=interpolation,
            crop_to_aspect_ratio=True,
            verbose=False,
        )
        with open(work / "by-keras.raw", "wb") as file:
            file.writelines(batch.numpy().astype(np.uint8).data for batch in batches)

    return way


def torchvision_way(folder: Path, size: int, work: Path) -> Way:
    """torchvision's ImageFolder under PyTorch's DataLoader, whose workers have started already."""
    import torch

    # PyPI's wheel is made for CUDA. Beside PyTorch for CPUs its operators do not load, and
    # importing it only needs to know that these two exist; reading images uses none of them.
    if torch.version.cuda is None:
        for name in ("nms", "qnms"):
            kind = "(Tensor boxes, Tensor scores, float iou_threshold) -> Tensor"
            torch.library.define(f"torchvision::{name}", kind)
    import torchvision

    transforms = torchvision.transforms
    steps = [transforms.Resize(size), transforms.CenterCrop(size), transforms.PILToTensor()]
    loader = torch.utils.data.DataLoader(
        torchvision.datasets.ImageFolder(str(folder), transforms.Compose(steps)),
        batch_size=_BATCH,
        num_workers=cores(),
        persistent_workers=True,
        multiprocessing_context="fork",  # as PyTorch has it on Linux, also in a process like this
    )

    def way() -> None:
        with open(work / "by-torchvision.raw", "wb") as file:
            file.writelines(
                images.permute(0, 2, 3, 1).contiguous().numpy().data for images, _ in loader
            )

    return way


def decoding_way(folder: Path, **_: Any) -> Way:
    """The limit: libjpeg-turbo alone, on one core, all pixels of files that are in memory."""
    import simplejpeg

    contents = [file.read_bytes() for file in _files(folder)]

    def way() -> None:
        for content in contents:
            simplejpeg.decode_jpeg(content)

    return way


def opening_way(folder: Path, **_: Any) -> Way:
    """The same limit with what Pillow adds to it."""
    from io import BytesIO

    from PIL import Image

    contents = [file.read_bytes() for file in _files(folder)]

    def way() -> None:
        for content in contents:
            Image.open(BytesIO(content)).load()

    return way


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _files(folder: Path) -> list[Path]:
    return sorted((folder / "pictures").iterdir())


WAYS: dict[str, Callable[..., Way]] = {
    "zspace, folder": functools.partial(zspace_way, source="folder"),
    "zspace, zip": functools.partial(zspace_way, source="zip"),
    "Pillow, one process": pillow_way,
    "Keras, bilinear": functools.partial(keras_way, interpolation="bilinear"),
    "Keras, lanczos5": functools.partial(keras_way, interpolation="lanczos5"),
    "torchvision, bilinear": torchvision_way,
    "libjpeg-turbo, one core": decoding_way,
    "Pillow's decoding, one core": opening_way,
}
REFERENCE = "zspace, folder"
LIMIT = "libjpeg-turbo, one core"
