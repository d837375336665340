"""NumPy files larger than memory: written piece by piece, read row by row.

Both go through ordinary file operations instead of a memory map, so the pages they touch belong to
the system's cache and do not count as memory of this process.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
from jaxtyping import Integer, Shaped, UInt8

from zspace.errors import DataError, ShapeError

__all__ = ["ArrayHeader", "ImageWriter", "read_header", "read_rows", "write_array"]


@dataclass(frozen=True)
class ArrayHeader:
    """What the head of a .npy file says.

    Attributes:
        shape: of the array.
        dtype: of its elements; never an object type.
        fortran: whether the first axis varies fastest.
        start: bytes before the first element.
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    fortran: bool
    start: int

    @property
    def row_bytes(self) -> int:
        """Bytes of one entry of the first axis."""
        return math.prod(self.shape[1:]) * self.dtype.itemsize


def read_header(stream: BinaryIO, name: str) -> ArrayHeader:
    """Read the head of a .npy file from a stream that stands at its beginning.

    Raises:
        DataError: if it is no .npy file, or one of Python objects (they would be unpickled).
    """
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        elif version == (2, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
        else:
            raise ValueError(f"format version {version[0]}.{version[1]}")
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{name} is no readable NumPy array ({reason})") from error
    if dtype.hasobject:
        raise DataError(
            f"{name} holds Python objects, which would have to be unpickled, and that can run any "
            "code; save it as a plain uint8 array instead"
        )
    return ArrayHeader(shape, dtype, fortran, stream.tell())


class ImageWriter:
    """Write images.npy, whose number of rows is known only at the end.

    Args:
        path: the file to write.
        shape: (height, width, channels) of one image.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "images.npy"
        >>> with ImageWriter(path, (2, 2, 1)) as writer:
        ...     writer.append(np.zeros((3, 2, 2, 1), np.uint8))
        >>> np.load(path).shape
        (3, 2, 2, 1)
    """

    def __init__(self, path: Path, shape: tuple[int, int, int]) -> None:
        self.shape = shape
        self.count = 0
        self._stream = open(path, "wb")  # noqa: SIM115 - closed by __exit__
        self._write_header()

    def append(self, images: UInt8[np.ndarray, "rows height width channels"]) -> None:
        """Add images (rows, height, width, channels) at the end."""
        if images.shape[1:] != self.shape or images.dtype != np.uint8:
            raise ShapeError(f"images of {self.shape} uint8 were expected, got {images.shape}")
        self._stream.write(np.ascontiguousarray(images).data)
        self.count += len(images)

    def _write_header(self) -> None:
        # NumPy pads this header so that any number of rows fits: it can be written again in place.
        np.lib.format.write_array_header_1_0(
            self._stream,
            {"descr": "|u1", "fortran_order": False, "shape": (self.count, *self.shape)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._stream:
            if error is None:
                self._stream.seek(0)
                self._write_header()
                self._stream.flush()
                os.fsync(self._stream.fileno())


def write_array(path: Path, array: Shaped[np.ndarray, "*shape"]) -> None:
    """Write a small array as .npy, flushed to the disk."""
    with open(path, "wb") as stream:
        np.save(stream, array, allow_pickle=False)
        stream.flush()
        os.fsync(stream.fileno())


def read_rows(
    path: Path, indices: Integer[np.ndarray, " rows"] | Sequence[int], *, header: ArrayHeader
) -> Shaped[np.ndarray, "rows ..."]:
    """Read rows of a .npy file into memory, each call with its own handle (so any thread may).

    Args:
        path: the file.
        indices: row numbers in any order; adjacent ones are read together.
        header: of the file.

    Raises:
        IndexError: if a row number is outside the array.
        DataError: if the file ends early.
    """
    numbers = np.asarray(indices, np.int64)
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < header.shape[0]:
        raise IndexError(f"row {numbers.min()}..{numbers.max()} of {header.shape[0]}")
    rows = np.empty((len(numbers), *header.shape[1:]), header.dtype)
    buffer = memoryview(rows.reshape(-1).view(np.uint8).data)
    breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
    with open(path, "rb", buffering=0) as stream:
        for begin, end in zip([0, *breaks], [*breaks, len(numbers)], strict=True):
            if begin < end:
                piece = buffer[begin * header.row_bytes : end * header.row_bytes]
                _fill(piece, stream, header.start + int(numbers[begin]) * header.row_bytes, path)
    return rows


def _fill(piece: memoryview, stream: BinaryIO, offset: int, path: Path) -> None:
    """Read until `piece` is full: the system may hand over less than asked for."""
    stream.seek(offset)
    done = 0
    while done < len(piece):
        got = stream.readinto(piece[done:])  # type: ignore[attr-defined]
        if not got:
            raise DataError(f"{path} is truncated; prepare the data set again with --overwrite")
        done += got
