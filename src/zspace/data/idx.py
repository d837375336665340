"""MNIST and sets like it: four idx files, gzipped or not.

An idx file is a magic number (two zero bytes, 8 for unsigned bytes, the number of axes), the length
of each axis as big-endian 32-bit integers, and the data. See the description on the MNIST page,
http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import gzip
import math
import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from jaxtyping import Int64

from zspace.data.preparation import Preparation
from zspace.data.source import Picture, Source, damaged, stream_rows
from zspace.errors import DataError

__all__ = ["open_fashion_mnist", "open_mnist"]

_DIGITS = tuple("0123456789")
_ARTICLES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
_PARTS = ("train", "t10k")
_PLACES = (".", "raw", "MNIST/raw", "FashionMNIST/raw")
_MOST_PIXELS = 2**26


def open_mnist(path: Path, _: Preparation) -> Source:
    """Open a folder with the four files of MNIST.

    The 10,000 official test images become the validation split.

    Raises:
        DataError: if a file is missing, damaged, truncated, or no idx file.
    """
    return _open("mnist", path, _DIGITS)


def open_fashion_mnist(path: Path, _: Preparation) -> Source:
    """Open a folder with the four files of Fashion-MNIST; see `open_mnist`."""
    return _open("fashion-mnist", path, _ARTICLES)


def _open(name: str, path: Path, label_names: tuple[str, ...]) -> Source:
    images = [_find(path, f"{part}-images", "idx3-ubyte", name) for part in _PARTS]
    shapes = [_header(file, axes=3) for file in images]
    if shapes[0][1:] != shapes[1][1:]:
        raise DataError(
            f"images of one size were expected; {images[0]} holds {shapes[0][1:]}, "
            f"{images[1]} {shapes[1][1:]}"
        )
    labels = np.concatenate(
        [
            _labels(_find(path, f"{part}-labels", "idx1-ubyte", name), shape[0])
            for part, shape in zip(_PARTS, shapes, strict=True)
        ]
    )
    first, second = (shape[0] for shape in shapes)
    if labels.max(initial=0) >= len(label_names):
        label_names = tuple(str(label) for label in range(int(labels.max()) + 1))

    def name_of(index: int) -> str:
        part, start = (0, 0) if index < first else (1, first)
        return f"{images[part].name}[{index - start}]"

    return Source(
        name=name,
        count=first + second,
        name_of=name_of,
        read=_reader(images, shapes),
        channels=1,
        size=(shapes[0][1], shapes[0][2]),
        labels=labels,
        label_names=label_names,
        split=np.repeat(np.array([0, 1], np.uint8), [first, second]),
        split_origin="official; the test images are the validation split",
    )


def _reader(
    files: list[Path], shapes: list[tuple[int, ...]]
) -> Callable[[Sequence[int]], Iterator[Picture]]:
    def read(indices: Sequence[int]) -> Iterator[Picture]:
        wanted = np.asarray(indices, np.int64)
        start = 0
        for file, (count, height, width) in zip(files, shapes, strict=True):
            here = wanted[(wanted >= start) & (wanted < start + count)] - start
            rows = stream_rows(
                _stream(file),
                here.tolist(),
                count=count,
                start=16,
                row_bytes=height * width,
                name=str(file),
            )
            for row in rows:
                yield np.frombuffer(row, np.uint8).reshape(height, width, 1)
            start += count

    return read


def _find(path: Path, stem: str, kind: str, source: str) -> Path:
    """The file in its usual names and places, torchvision's among them."""
    names = [f"{stem}{dot}{kind}{end}" for end in ("", ".gz") for dot in "-."]
    for place in _PLACES:
        for name in names:
            if (path / place / name).is_file():
                return path / place / name
    raise DataError(
        f"{path} lacks {names[0]} (or {names[0]}.gz); {source} needs the four standard idx files "
        "in one folder"
    )


def _stream(file: Path) -> BinaryIO:
    with damaged(file):
        return cast(BinaryIO, gzip.open(file) if file.suffix == ".gz" else open(file, "rb"))


def _header(file: Path, *, axes: int) -> tuple[int, ...]:
    """The shape of an idx file of unsigned bytes; its length is checked where that is cheap."""
    with damaged(file), _stream(file) as stream:
        head = stream.read(4 + 4 * axes)
    magic = bytes([0, 0, 8, axes])
    if head[:4] != magic:
        raise DataError(
            f"{file} is no idx file of unsigned bytes with {axes} axes: expected it to begin with "
            f"{magic.hex()}, found {head[:4].hex() or 'nothing'}"
        )
    if len(head) < 4 + 4 * axes:
        raise DataError(f"{file} is truncated in its header; get the file again")
    shape = struct.unpack(f">{axes}I", head[4:])
    if math.prod(shape[1:]) > _MOST_PIXELS or 0 in shape:
        raise DataError(f"{file}: a shape of {shape} cannot be right; get the file again")
    if file.suffix != ".gz":
        expected, found = len(head) + math.prod(shape), file.stat().st_size
        if expected != found:
            raise DataError(
                f"{file} is truncated or damaged: its header announces {expected:,} bytes, it has "
                f"{found:,}; get the file again"
            )
    return shape


def _labels(file: Path, count: int) -> Int64[np.ndarray, " count"]:
    (found,) = _header(file, axes=1)
    if found != count:
        raise DataError(f"{file} holds {found:,} labels for {count:,} images; get both again")
    rows = stream_rows(_stream(file), [0], count=1, start=8, row_bytes=count, name=str(file))
    return np.frombuffer(b"".join(rows), np.uint8).astype(np.int64)
