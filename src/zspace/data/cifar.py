"""CIFAR-10, the binary version: records of one label byte and 3×32×32 pixel bytes.

The format is described on https://www.cs.toronto.edu/~kriz/cifar.html. The Python version of the
set consists of pickles, which zspace never opens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from zspace.data.archives import ARCHIVE_SUFFIXES, AbstractFiles, open_files
from zspace.data.preparation import Preparation
from zspace.data.source import Picture, Source, damaged, printable, stream_rows
from zspace.errors import DataError

__all__ = ["open_cifar10"]

_SIDE = 32
_RECORD = 1 + 3 * _SIDE * _SIDE
_TRAIN = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
_TEST = "test_batch.bin"
_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


def open_cifar10(path: Path, _: Preparation) -> Source:
    """Open the binary CIFAR-10: its folder, one that holds it, or the .tar.gz as shipped.

    The 10,000 official test images become the validation split.

    Raises:
        DataError: if a batch is missing, damaged or truncated.
    """
    files = open_files(_archive_within(path))
    try:
        return _open(files)
    except BaseException:
        files.close()
        raise


def _archive_within(path: Path) -> Path:
    """The archive in a folder that has nothing unpacked, else `path` itself."""
    if path.is_dir() and not any(path.rglob(_TEST)):
        for archive in sorted(path.glob("cifar-10-binary*")):
            if archive.name.endswith(ARCHIVE_SUFFIXES):
                return archive
    return path


def _open(files: AbstractFiles) -> Source:
    by_base = {name.rsplit("/", 1)[-1]: name for name in files.names}
    missing = [name for name in (*_TRAIN, _TEST) if name not in by_base]
    if missing:
        raise DataError(
            f"{files.path} lacks {missing[0]}: expected the binary version of CIFAR-10 "
            "(cifar-10-binary.tar.gz); for a tree of image files use: zspace prepare folder --from "
            f"{printable(files.path)}"
        )
    batches = [by_base[name] for name in (*_TRAIN, _TEST)]
    counts = [_count(files, name) for name in batches]
    starts = np.cumsum([0, *counts])
    labels = np.zeros(starts[-1], np.int64)

    def name_of(index: int) -> str:
        batch = int(np.searchsorted(starts, index, side="right")) - 1
        return f"{printable(batches[batch])}[{index - starts[batch]}]"

    def read(indices: Sequence[int]) -> Iterator[Picture]:
        wanted = np.asarray(indices, np.int64)
        for batch, start, count in zip(batches, starts, counts, strict=False):
            here = wanted[(wanted >= start) & (wanted < start + count)] - start
            rows = stream_rows(
                files.open(batch),
                here.tolist(),
                count=count,
                start=0,
                row_bytes=_RECORD,
                name=f"{batch} in {files.path}",
            )
            for index, row in zip(here, rows, strict=True):
                labels[start + index] = row[0]
                planes = np.frombuffer(row, np.uint8, offset=1).reshape(3, _SIDE, _SIDE)
                yield np.ascontiguousarray(planes.transpose(1, 2, 0))

    return Source(
        name="cifar10",
        count=int(starts[-1]),
        name_of=name_of,
        read=read,
        size=(_SIDE, _SIDE),
        labels=labels,
        label_names=_names(files, by_base.get("batches.meta.txt")),
        split=np.repeat(np.array([0, 1], np.uint8), [sum(counts[:-1]), counts[-1]]),
        split_origin="official; the test images are the validation split",
        close=files.close,
    )


def _count(files: AbstractFiles, name: str) -> int:
    size = files.size(name)
    if size == 0 or size % _RECORD:
        raise DataError(
            f"{name} in {files.path} is truncated or damaged: expected records of {_RECORD:,} "
            f"bytes, found {size:,} bytes; get the file again"
        )
    return size // _RECORD


def _names(files: AbstractFiles, meta: str | None) -> tuple[str, ...]:
    """The class names as batches.meta.txt gives them, else as they are known."""
    if meta is None:
        return _CLASSES
    with damaged(meta), files.open(meta) as stream:
        names = tuple(stream.read(10_000).decode("utf-8", "replace").split())
    return names if len(names) == len(_CLASSES) else _CLASSES
