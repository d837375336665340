"""What every reader opens: the pictures of a source in order, and what is known about them."""

from __future__ import annotations

import contextlib
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
from jaxtyping import Float32, Int8, Int64, UInt8

from zspace.errors import DataError, ImageError

__all__ = ["Picture", "Source", "damaged", "printable", "stream_rows"]

Picture: TypeAlias = "np.ndarray | bytes | Path | ImageError"
"""One image as a reader hands it over: pixels (H, W, C) uint8, an encoded file's content or its
path, or the reason why there is none."""


def _nothing() -> None:
    """What closing does for a source that holds nothing open."""


@dataclass(frozen=True, eq=False)
class Source:
    """An opened source of images.

    Attributes:
        name: the source's name, e.g. ``"mnist"``.
        count: how many images there are.
        name_of: the name of an image (a file, or a place in one), for the list of skipped ones.
        read: hands over the pictures at the given ascending indexes, one by one, in one pass
            from one thread. That is all a compressed stream can do, and all that is asked.
        channels: 1 (gray) or 3 (RGB), as the source has them.
        size: (height, width) unless the user gives another.
        crop: the crop unless the user gives another; see `Framing`.
        labels: class of each image, (count,), or None.
        label_names: names of the classes, where they are known.
        attributes: 1 or -1 for each image and attribute, (count, A), or None.
        attribute_names: names of the A attributes.
        factors: true continuous factors, (count, F), or None.
        factor_names: names of the F factors.
        split: official split of each image as an index into `SPLITS`, (count,), or None.
        split_origin: where the official split comes from.
        close: lets go of open files.

    The rows of labels, attributes and factors are valid once `read` has yielded the image of that
    row: some sources (cifar10, faces) learn them only then.
    """

    name: str
    count: int
    name_of: Callable[[int], str]
    read: Callable[[Sequence[int]], Iterator[Picture]]
    channels: int = 3
    size: tuple[int, int] = (64, 64)
    crop: int | float | None = None
    labels: Int64[np.ndarray, " count"] | None = None
    label_names: tuple[str, ...] = ()
    attributes: Int8[np.ndarray, "count attributes"] | None = None
    attribute_names: tuple[str, ...] = ()
    factors: Float32[np.ndarray, "count factors"] | None = None
    factor_names: tuple[str, ...] = ()
    split: UInt8[np.ndarray, " count"] | None = None
    split_origin: str = ""
    close: Callable[[], None] = _nothing


@contextlib.contextmanager
def damaged(name: object) -> Iterator[None]:
    """Turn whatever reading a broken file or archive raises into a DataError that names it."""
    try:
        yield
    except (EOFError, OSError, zlib.error, zipfile.BadZipFile, tarfile.TarError) as error:
        raise DataError(
            f"{name} is damaged or truncated ({printable(error)}); get the file again"
        ) from error
    except (NotImplementedError, RuntimeError) as error:
        raise DataError(
            f"{name} cannot be unpacked ({printable(error)}); unpack it by other means"
        ) from error


def printable(text: object) -> str:
    """`text` on one line and encodable: a file name may hold line ends and bytes of no encoding.

    Example:
        >>> printable("a" + chr(10) + "b")
        'a b'
    """
    line = " ".join(str(text).split())
    return line.encode("utf-8", "backslashreplace").decode("utf-8")


def stream_rows(
    stream: BinaryIO, indices: Sequence[int], *, count: int, start: int, row_bytes: int, name: str
) -> Iterator[bytes]:
    """Rows of equal size from a stream that may be compressed, going only forward.

    Args:
        stream: an open binary stream; closed at the end.
        indices: ascending row numbers.
        count: how many rows the stream is said to hold.
        start: bytes before the first row.
        row_bytes: bytes of a row.
        name: of the stream, for messages.

    Raises:
        DataError: if the stream is damaged or ends early.
    """
    with contextlib.closing(stream), damaged(name):
        for index in indices:
            stream.seek(start + index * row_bytes)
            row = stream.read(row_bytes)
            if len(row) < row_bytes:
                raise DataError(
                    f"{name} is truncated: {count:,} rows of {row_bytes:,} bytes were expected, "
                    f"row {index:,} is missing; get the file again"
                )
            yield row
        if len(indices) == count and stream.read(1):  # reading the end also checks a CRC
            raise DataError(
                f"{name} holds more than the {count:,} rows of {row_bytes:,} bytes that its "
                "header announces; get the file again"
            )
