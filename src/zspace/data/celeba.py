"""CelebA: aligned faces of celebrities with 40 attributes each (Liu et al., ICCV 2015).

As shipped: img_align_celeba.zip, list_attr_celeba.txt, list_eval_partition.txt. The images may be
unpacked or not; the lists may lie beside them, in Anno/ and Eval/, or be the .csv that Kaggle has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from jaxtyping import Int8, Int64

from zspace.data.archives import AbstractFiles, open_files
from zspace.data.folder import image_names
from zspace.data.preparation import Preparation
from zspace.data.source import Picture, Source, damaged, printable
from zspace.errors import DataError, ImageError

__all__ = ["open_celeba"]

_CROP = 148 / 178
_SIZE = (96, 96)
_ATTRIBUTES = "list_attr_celeba"
_PARTITION = "list_eval_partition"
_FOLDERS = (".", "Anno", "Eval", "..", "../Anno", "../Eval")
_MOST_LIST_BYTES = 2**28


@dataclass(frozen=True, eq=False)
class _List:
    """A list of CelebA: for each image (by its name without suffix) a row of whole numbers."""

    file: str
    columns: tuple[str, ...]
    rows: dict[str, int]
    values: Int64[np.ndarray, "rows columns"]


def open_celeba(path: Path, _: Preparation) -> Source:
    """Open CelebA: a folder with the images or their zip, or the zip itself.

    An image without a row in a list that is there counts as unreadable: nothing is known of it.

    Raises:
        DataError: if there are no images, or a list is damaged.
    """
    files = open_files(_images_within(path))
    try:
        return _open(files)
    except BaseException:
        files.close()
        raise


def _images_within(path: Path) -> Path:
    """The zip in a folder that has no image files unpacked, else `path` itself."""
    if not path.is_dir() or any(path.glob("*.jpg")) or any(path.glob("*/*.jpg")):
        return path
    return next(iter(sorted(path.glob("img_align_celeba*.zip"))), path)


def _open(files: AbstractFiles) -> Source:
    names = image_names(files)
    stems = [PurePosixPath(name).stem for name in names]
    attributes = _read_list(files, _ATTRIBUTES)
    partition = _read_list(files, _PARTITION)
    lists = [found for found in (attributes, partition) if found is not None]

    def read(indices: Sequence[int]) -> Iterator[Picture]:
        for index in indices:
            lacking = [found.file for found in lists if stems[index] not in found.rows]
            if lacking:
                yield ImageError(f"no row in {lacking[0]}")
            else:
                yield files.picture(names[index])

    return Source(
        name="celeba",
        count=len(names),
        name_of=lambda index: printable(names[index]),
        read=read,
        size=_SIZE,
        crop=_CROP,
        attributes=None if attributes is None else _signs(attributes, stems),
        attribute_names=() if attributes is None else attributes.columns,
        split=None if partition is None else _rows(partition, stems)[:, 0].astype(np.uint8),
        split_origin="" if partition is None else partition.file,
        close=files.close,
    )


def _rows(found: _List, stems: list[str]) -> Int64[np.ndarray, "count columns"]:
    """The row of each image; the first one stands in where there is none (see `open_celeba`)."""
    return found.values[[found.rows.get(stem, 0) for stem in stems]]


def _signs(found: _List, stems: list[str]) -> Int8[np.ndarray, "count attributes"]:
    return np.where(_rows(found, stems) > 0, 1, -1).astype(np.int8)


def _read_list(files: AbstractFiles, stem: str) -> _List | None:
    """Find and read a list, beside the images or in their archive; None where there is none."""
    for suffix, parse in ((".txt", _parse_txt), (".csv", _parse_csv)):
        name, text = _find(files, stem + suffix)
        if text is not None:
            return _checked(parse(text, name), name, stem)
    return None


def _find(files: AbstractFiles, name: str) -> tuple[str, str | None]:
    beside = files.path if files.path.is_dir() else files.path.parent
    for folder in _FOLDERS:
        candidate = beside / folder / name
        if candidate.is_file():
            with damaged(candidate), open(candidate, "rb") as stream:
                return name, stream.read(_MOST_LIST_BYTES).decode("utf-8-sig", "replace")
    for member in files.names:
        if member.rsplit("/", 1)[-1] == name:
            with damaged(member), files.open(member) as stream:
                return name, stream.read(_MOST_LIST_BYTES).decode("utf-8-sig", "replace")
    return name, None


def _parse_txt(text: str, name: str) -> _List:
    """Columns apart by blanks. The attributes have two lines ahead: a count, and their names."""
    lines = text.splitlines()
    if not name.startswith(_ATTRIBUTES):
        return _parse(lines, 0, ("partition",), str.split, name)
    columns = tuple(lines[1].split()) if len(lines) > 1 else ()
    return _parse(lines, 2, columns, str.split, name)


def _parse_csv(text: str, name: str) -> _List:
    """Kaggle's variant: one line ahead, with the names of all columns."""
    lines = text.splitlines()
    columns = tuple(field.strip() for field in lines[0].split(",")[1:]) if lines else ()
    return _parse(lines, 1, columns, lambda line: line.split(","), name)


def _parse(
    lines: list[str],
    begin: int,
    columns: tuple[str, ...],
    fields: Callable[[str], list[str]],
    name: str,
) -> _List:
    rows: dict[str, int] = {}
    values: list[np.ndarray] = []
    for number, line in enumerate(lines[begin:], start=begin + 1):
        if not line.strip():
            continue
        image, *numbers = fields(line)
        try:
            row = np.array(numbers, dtype=np.int64)
        except (ValueError, OverflowError):
            row = np.empty(0, np.int64)
        if not columns or len(row) != len(columns):
            raise DataError(
                f"{name}, line {number}: expected an image and {len(columns)} whole numbers, got "
                f"{printable(line)[:60]!r}; get the file again"
            )
        rows[PurePosixPath(image.strip()).stem] = len(values)
        values.append(row)
    if not values:
        raise DataError(f"{name} has no rows; get the file again")
    return _List(name, columns, rows, np.stack(values))


def _checked(found: _List, name: str, stem: str) -> _List:
    allowed = (0, 1, 2) if stem == _PARTITION else (-1, 0, 1)
    columns_fit = stem != _PARTITION or len(found.columns) == 1
    if not columns_fit or not np.isin(found.values, allowed).all():
        raise DataError(f"{name}: expected only the values {allowed}; get the file again")
    return found
