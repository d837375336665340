"""A prepared data set on disk: what `zspace prepare` writes and training reads.

    images.npy       uint8 (N, H, W, C)
    labels.npy       int64 (N,)           where the source has classes
    attributes.npy   int8 (N, A)          1 or -1, where the source has attributes
    factors.npy      float32 (N, F)       the true factors, of drawn faces only
    splits.npy       uint8 (N,)           0 train, 1 validation, 2 test
    dataset.json     how it was made, all names, counts, checksums, and what was skipped

No file holds a pickle, so opening one can run nothing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32, Int8, Int64, Integer, UInt8

from zspace.data.arrays import ArrayHeader, read_header, read_rows
from zspace.data.splits import SPLITS
from zspace.errors import DataError
from zspace.files import read_json

__all__ = ["ARRAYS", "DATASET_FORMAT", "Dataset", "checksum", "evenly_spaced"]

DATASET_FORMAT = 1
"""Written to dataset.json; readers refuse a newer one."""

ARRAYS = {
    "images": (np.dtype(np.uint8), 4),
    "splits": (np.dtype(np.uint8), 1),
    "labels": (np.dtype(np.int64), 1),
    "attributes": (np.dtype(np.int8), 2),
    "factors": (np.dtype(np.float32), 2),
}
"""Element type and number of axes of each file; the first two are always there."""

_ALWAYS = ("images", "splits")


@dataclass(frozen=True, eq=False)
class Dataset:
    """A prepared data set of N images.

    Attributes:
        path: its folder.
        images: pixels (N, H, W, C), memory-mapped, read-only. Every page touched counts as memory
            of this process; to go through a set larger than memory, use `rows`.
        labels: class of each image, (N,), or None.
        attributes: 1 or -1 for each image and attribute, (N, A), or None.
        factors: true continuous factors, (N, F), or None.
        splits: indexes of the images of each split: train, validation and, where there are test
            images, test.
        information: the content of dataset.json.

    Example:
        >>> import tempfile
        >>> from zspace.data import prepare
        >>> folder = Path(tempfile.mkdtemp())
        >>> np.save(folder / "gray.npy", np.zeros((20, 8, 6), np.uint8))
        >>> dataset = prepare("npy", folder / "prepared", from_path=folder / "gray.npy")
        >>> dataset.count, dataset.shape, dataset.rows(dataset.indices("train", 3)).shape
        (20, (8, 6, 1), (3, 8, 6, 1))
    """

    path: Path
    images: UInt8[np.ndarray, "count height width channels"]
    labels: Int64[np.ndarray, " count"] | None = None
    attributes: Int8[np.ndarray, "count attributes"] | None = None
    factors: Float32[np.ndarray, "count factors"] | None = None
    splits: dict[str, Int64[np.ndarray, " split"]] = field(default_factory=dict)
    information: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Source, count, shape and place, not the pixels."""
        height, width, channels = self.shape
        size = f"{height}×{width}×{channels}"
        return f"Dataset({self.name}: {self.count:,} images of {size} in {str(self.path)!r})"

    @property
    def count(self) -> int:
        """Number of images."""
        return int(self.images.shape[0])

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of one image."""
        height, width, channels = self.images.shape[1:]
        return (height, width, channels)

    @property
    def name(self) -> str:
        """The source it was made from, e.g. ``"celeba"``."""
        return str(self.information["source"])

    @property
    def label_names(self) -> tuple[str, ...]:
        """Names of the classes; empty where there are none or they have none."""
        return tuple(self.information.get("label_names", ()))

    @property
    def attribute_names(self) -> tuple[str, ...]:
        """Names of the attributes; empty where there are none."""
        return tuple(self.information.get("attribute_names", ()))

    @property
    def factor_names(self) -> tuple[str, ...]:
        """Names of the true factors; empty where there are none."""
        return tuple(self.information.get("factor_names", ()))

    @classmethod
    def load(cls, folder: Path | str) -> Dataset:
        """Open a prepared data set.

        Raises:
            DataError: if the folder is none, or its files do not fit each other.
        """
        folder = Path(folder)
        information = _information(folder)
        arrays = {name: _array(folder, name) for name in ARRAYS if _is_there(folder, name)}
        lengths = {name: len(array) for name, array in arrays.items()}
        if len(set(lengths.values())) != 1:
            raise DataError(
                f"{folder}: arrays of one length were expected, found {lengths}; "
                "prepare it again with --overwrite"
            )
        codes = np.asarray(arrays.pop("splits"))
        splits = {
            name: np.flatnonzero(codes == code).astype(np.int64)
            for code, name in enumerate(SPLITS)
            if name != "test" or (codes == code).any()
        }
        return cls(path=folder, splits=splits, information=information, **arrays)

    def indices(self, split: str, limit: int = 0) -> Int64[np.ndarray, " chosen"]:
        """The indexes of the images of a split, in ascending order.

        Args:
            split: ``"train"``, ``"validation"`` or, where there is one, ``"test"``.
            limit: only the first so many, or all there are if there are fewer; 0 gives all.

        Raises:
            DataError: if there is no such split, or it is empty.
        """
        found = self.splits.get(split)
        if found is None or not len(found):
            there = {name: len(rows) for name, rows in self.splits.items() if len(rows)}
            known = ", ".join(f"{name} ({count:,})" for name, count in there.items())
            raise DataError(
                f"{self.path} has no images in a split {split!r}; it has {known or 'none'}"
            )
        return found[:limit] if limit > 0 else found

    def spread(self, split: str, count: int) -> Int64[np.ndarray, " chosen"]:
        """Indexes of `count` images evenly spaced over a split, or of all if there are fewer.

        Many data sets are in the order of their classes: the first few would be of one class.
        """
        index = self.indices(split)
        return index[evenly_spaced(len(index), count)]

    def rows(
        self, indices: Integer[np.ndarray, " rows"]
    ) -> UInt8[np.ndarray, "rows height width channels"]:
        """Read images into memory, without the memory of this process growing with the file.

        Any number of threads may do this at a time.

        Args:
            indices: image numbers, in any order; adjacent ones are read together.

        Raises:
            IndexError: if there is no such image.
            DataError: if the file has been truncated.
        """
        return read_rows(self.path / "images.npy", indices, header=self._header)

    @property
    def _header(self) -> ArrayHeader:
        start = int(getattr(self.images, "offset", 0))
        return ArrayHeader(self.images.shape, self.images.dtype, fortran=False, start=start)

    def verify(self) -> None:
        """Hold every array against the checksum taken when it was written.

        Raises:
            DataError: naming the first file that has changed.
        """
        for file, expected in self.information["sha256"].items():
            if checksum(self.path / file) != expected:
                raise DataError(
                    f"{self.path / file} has changed since it was prepared; "
                    "prepare the data set again with --overwrite"
                )


def evenly_spaced(count: int, wanted: int) -> Int64[np.ndarray, " chosen"]:
    """`wanted` of the numbers 0 … count − 1, as far apart as can be; all if there are no more.

    Example:
        >>> evenly_spaced(10, 4).tolist(), evenly_spaced(2, 4).tolist()
        ([0, 2, 5, 7], [0, 1])
    """
    wanted = min(count, wanted)
    return np.arange(wanted) * count // max(wanted, 1)


def checksum(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _is_there(folder: Path, name: str) -> bool:
    return name in _ALWAYS or (folder / f"{name}.npy").exists()


def _information(folder: Path) -> dict[str, Any]:
    try:
        information = read_json(folder / "dataset.json")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(
            f"{folder} is no prepared data set (it has no dataset.json); make one with: "
            f"zspace prepare SOURCE --out {folder}"
        ) from error
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f"{folder / 'dataset.json'} cannot be read ({error})") from error
    found = information.get("format") if isinstance(information, dict) else None
    if not isinstance(found, int) or found > DATASET_FORMAT:
        raise DataError(
            f"{folder / 'dataset.json'}: expected a data set of format {DATASET_FORMAT} or older, "
            f"got {found!r}; prepare it again, or use a newer zspace"
        )
    return dict(information)


def _array(folder: Path, name: str) -> np.ndarray:
    """Open one array memory-mapped and check that it is what it should be."""
    file = folder / f"{name}.npy"
    dtype, axes = ARRAYS[name]
    try:
        with open(file, "rb") as stream:
            header = read_header(stream, str(file))
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DataError(
            f"{file} is missing, truncated or damaged ({reason}); prepare the data set again with "
            "--overwrite"
        ) from error
    if header.dtype != dtype or len(header.shape) != axes or header.fortran:
        raise DataError(
            f"{file}: expected {dtype} with {axes} axes in C order, got {header.dtype} with shape "
            f"{header.shape}; prepare the data set again with --overwrite"
        )
    return array
