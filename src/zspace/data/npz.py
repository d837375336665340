"""Arrays of images saved with NumPy: .npz or .npy, uint8 or floats in [0, 1]."""

from __future__ import annotations

import contextlib
import math
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from jaxtyping import Int64, Shaped, UInt8

from zspace.data.arrays import ArrayHeader, read_header
from zspace.data.images import MOST_PIXELS
from zspace.data.preparation import Preparation
from zspace.data.source import Picture, Source, damaged, printable, stream_rows
from zspace.data.splits import SPLITS
from zspace.errors import DataError

__all__ = ["open_npz"]

_IMAGES = ("images", "image", "x", "data", "arr_0")
_LABELS = ("labels", "label", "y", "targets", "target", "classes")
_SPLIT_NAMES = {
    "train": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}
_MOST_LABEL_NAMES = 10_000


@dataclass(frozen=True)
class _Part:
    """One array of images in a file: its key, head, and how to open it."""

    key: str
    header: ArrayHeader
    open: Callable[[], BinaryIO]
    split: str = ""


def open_npz(path: Path, _: Preparation) -> Source:
    """Open a .npz or .npy file of images (N, H, W), (N, H, W, 1) or (N, H, W, 3).

    In a .npz the images are found under `images`, `x`, `data` and the like, their labels under
    `labels`, `y` and the like; ``x_train``/``x_test`` (as Keras has them) and
    ``train_images``/``val_images``/``test_images`` give official splits. At its own size, nothing
    of a uint8 image is changed.

    Raises:
        DataError: if the file is damaged, holds no such array, or one of Python objects.
    """
    if not path.is_file():
        raise DataError(f"{path}: expected a .npz or .npy file")
    if path.suffix.lower() == ".npy":
        return _open_npy(path)
    with damaged(path):
        archive = zipfile.ZipFile(path)
    try:
        return _open_archive(path, archive)
    except BaseException:
        archive.close()
        raise


def _open_npy(path: Path) -> Source:
    def opened() -> BinaryIO:
        with damaged(path):
            return open(path, "rb")

    with opened() as stream:
        header = read_header(stream, str(path))
    part = _Part("", header, opened)
    _check(part, path.stat().st_size, str(path))
    return _source(path, [part], None, ())


def _open_archive(path: Path, archive: zipfile.ZipFile) -> Source:
    sizes = {
        info.filename.removesuffix(".npy"): info.file_size
        for info in archive.infolist()
        if info.filename.endswith(".npy")
    }
    heads: dict[str, ArrayHeader] = {}
    reasons: list[str] = []

    def opened(key: str) -> BinaryIO:
        with damaged(f"{key} in {path}"):
            return cast(BinaryIO, archive.open(key + ".npy"))

    for key in sizes:
        try:
            with opened(key) as stream, damaged(f"{key} in {path}"):
                heads[key] = read_header(stream, f"{key} in {path}")
        except DataError as error:
            reasons.append(str(error))
    parts = [
        _Part(key, heads[key], lambda key=key: opened(key), split)  # type: ignore[misc]
        for key, split in _image_keys(heads)
    ]
    if not parts:
        if reasons:
            raise DataError(reasons[0])
        raise DataError(
            f"{path} holds no array of images: expected one called {', '.join(_IMAGES)}, "
            f"x_train, …; found {', '.join(map(printable, sorted(heads))) or 'nothing'}"
        )
    for part in parts:
        _check(part, sizes[part.key], f"{part.key} in {path}")
    shapes = {part.header.shape[1:] for part in parts}
    if len(shapes) > 1:
        raise DataError(f"{path}: images of one shape were expected, found {sorted(shapes)}")
    labels, names = _labels(parts, heads, opened)
    return _source(path, parts, labels, names, archive.close)


def _image_keys(heads: dict[str, ArrayHeader]) -> list[tuple[str, str]]:
    """(key, split) of every array of images: split ones, else the one with a known name."""
    split = [
        (key, _SPLIT_NAMES[word])
        for word in _SPLIT_NAMES
        for key in heads
        if _stem(key, word).lower() in _IMAGES
    ]
    if split:
        return sorted(split, key=lambda found: SPLITS.index(found[1]))
    for name in _IMAGES:
        for key in heads:
            if key.lower() == name:
                return [(key, "")]
    many = [key for key, head in heads.items() if len(head.shape) in (3, 4)]
    return [(many[0], "")] if len(many) == 1 else []


def _stem(key: str, word: str) -> str:
    """``x`` for ``x_train`` and ``images`` for ``train_images``; nothing where `word` is absent."""
    for stem in (key.removesuffix(f"_{word}"), key.removeprefix(f"{word}_")):
        if stem != key:
            return stem
    return ""


def _check(part: _Part, size: int, name: str) -> None:
    """Refuse what is no array of images, before anything of its announced size is set up."""
    shape, dtype = part.header.shape, part.header.dtype
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (1, 3)) or 0 in shape:
        raise DataError(
            f"{name} has shape {shape}; expected (N, H, W), (N, H, W, 1) or (N, H, W, 3)"
        )
    if dtype not in (np.dtype(np.uint8), np.dtype(bool)) and dtype.kind != "f":
        raise DataError(f"{name} holds {dtype}; expected uint8, or floats in [0, 1]")
    expected = part.header.start + shape[0] * part.header.row_bytes
    if size != expected or math.prod(shape[1:]) > MOST_PIXELS:
        raise DataError(
            f"{name} is truncated or damaged: its header announces {expected:,} bytes, it has "
            f"{size:,}; get the file again"
        )


def _labels(
    parts: list[_Part], heads: dict[str, ArrayHeader], opened: Callable[[str], BinaryIO]
) -> tuple[Int64[np.ndarray, " count"] | None, tuple[str, ...]]:
    """The labels of all parts and the names of their classes, where there are any."""
    found: list[np.ndarray] = []
    for part in parts:
        key = _label_key(part, heads)
        if key is None:
            return None, ()
        with opened(key) as stream, damaged(key):
            try:
                array = np.lib.format.read_array(stream, allow_pickle=False)
            except ValueError as error:
                raise DataError(f"{key} cannot be read ({printable(error)})") from error
        found.append(array.reshape(-1))
    labels = np.concatenate(found)
    if labels.dtype.kind in "US":
        names, numbers = np.unique(labels, return_inverse=True)
        return numbers.astype(np.int64), tuple(printable(name) for name in names.astype(str))
    labels = labels.astype(np.int64)
    if labels.min() >= 0 and labels.max() < _MOST_LABEL_NAMES:
        return labels, tuple(str(label) for label in range(int(labels.max()) + 1))
    return labels, ()


def _label_key(part: _Part, heads: dict[str, ArrayHeader]) -> str | None:
    """The one array of labels that belongs to a part: by its name, else the only one that fits."""
    fitting = [
        key
        for key, head in heads.items()
        if head.shape in ((part.header.shape[0],), (part.header.shape[0], 1))
        and head.dtype.kind in "uiUSb"
    ]
    words = [word for word, split in _SPLIT_NAMES.items() if split == part.split]
    for key in fitting:
        stems = [_stem(key, word) for word in words] if part.split else [key]
        if any(stem.lower() in _LABELS for stem in stems):
            return key
    return fitting[0] if len(fitting) == 1 and not part.split else None


def _source(
    path: Path,
    parts: list[_Part],
    labels: Int64[np.ndarray, " count"] | None,
    label_names: tuple[str, ...],
    close: Callable[[], None] = lambda: None,
) -> Source:
    counts = [part.header.shape[0] for part in parts]
    starts = np.cumsum([0, *counts])
    height, width, channels = (*parts[0].header.shape[1:], 1)[:3]

    def name_of(index: int) -> str:
        part = int(np.searchsorted(starts, index, side="right")) - 1
        return f"{parts[part].key or path.name}[{index - starts[part]}]"

    def read(indices: Sequence[int]) -> Iterator[Picture]:
        wanted = np.asarray(indices, np.int64)
        for start, part in zip(starts, parts, strict=False):
            here = wanted[(wanted >= start) & (wanted < start + part.header.shape[0])] - start
            name = f"{part.key} in {path}" if part.key else str(path)
            for index, row in zip(here, _rows(part, here.tolist(), name), strict=True):
                yield _pixels(row, f"{name}, image {index:,}").reshape(height, width, channels)

    split = np.repeat([SPLITS.index(part.split or "train") for part in parts], counts)
    if not any(part.split == "validation" for part in parts):
        split = np.minimum(split, SPLITS.index("validation"))  # test images validate
    return Source(
        name=path.suffix.lower().removeprefix("."),
        count=sum(counts),
        name_of=name_of,
        read=read,
        channels=channels,
        size=(height, width),
        labels=labels,
        label_names=label_names,
        split=split.astype(np.uint8) if len(parts) > 1 else None,
        split_origin=", ".join(part.key for part in parts) if len(parts) > 1 else "",
        close=close,
    )


def _rows(part: _Part, indices: list[int], name: str) -> Iterator[Shaped[np.ndarray, "*shape"]]:
    header = part.header
    if header.fortran:  # its images lie interleaved over the whole file: all of it has to be read
        with contextlib.closing(part.open()) as stream, damaged(name):
            whole = np.lib.format.read_array(stream, allow_pickle=False)
        yield from whole[indices]
        return
    rows = stream_rows(
        part.open(),
        indices,
        count=header.shape[0],
        start=header.start,
        row_bytes=header.row_bytes,
        name=name,
    )
    for row in rows:
        yield np.frombuffer(row, header.dtype).reshape(header.shape[1:])


def _pixels(row: Shaped[np.ndarray, "*shape"], name: str) -> UInt8[np.ndarray, "*shape"]:
    """One image as uint8."""
    if row.dtype == np.uint8:
        return row
    if row.dtype == bool:
        return row.astype(np.uint8) * np.uint8(255)
    low, high = float(row.min()), float(row.max())
    if not (low >= 0 and high <= 1):
        raise DataError(
            f"{name} has values from {low:g} to {high:g}; expected uint8, or floats in [0, 1]"
        )
    return np.rint(row * 255).astype(np.uint8)
