"""Image files in any tree of folders, or in a zip or tar of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int64, UInt8

from zspace.data.archives import AbstractFiles, open_files
from zspace.data.images import IMAGE_SUFFIXES
from zspace.data.preparation import Preparation
from zspace.data.source import Picture, Source, printable
from zspace.data.splits import SPLITS
from zspace.errors import DataError

__all__ = ["image_names", "open_folder", "read_pictures"]

_TRAIN = frozenset({"train", "training"})
_VALIDATION = frozenset({"val", "valid", "validation"})
_TEST = frozenset({"test", "testing"})


def open_folder(path: Path, _: Preparation) -> Source:
    """Open all image files below a folder, or in a zip or tar.

    Folders that hold everything else are passed through. Then, folders called ``train`` beside
    ``val`` or ``test`` are official splits (``test`` alone is the validation split), and the
    first folders below are the labels, where there are at least two and no image lies outside.

    Raises:
        DataError: if there is no image file.
    """
    files = open_files(path)
    try:
        names = image_names(files)
        tree = _describe([tuple(name.split("/")) for name in names])
    except BaseException:
        files.close()
        raise
    return Source(
        name="folder",
        count=len(names),
        name_of=lambda index: printable(names[index]),
        read=lambda indices: read_pictures(files, names, indices=indices),
        labels=tree.labels,
        label_names=tree.label_names,
        split=tree.split,
        split_origin=tree.split_origin,
        close=files.close,
    )


def image_names(files: AbstractFiles) -> list[str]:
    """The names that end as image files do.

    Raises:
        DataError: if there is none.
    """
    names = [name for name in files.names if Path(name).suffix.lower() in IMAGE_SUFFIXES]
    if not names:
        archives = [name for name in files.names if name.endswith((".zip", ".tar", ".gz", ".tgz"))]
        if archives:
            raise DataError(
                f"{printable(files.path)} holds no image files, but an archive; name that itself: "
                f"--from {printable(files.path / archives[0])}"
            )
        others = f"{len(files.names):,} other files" if files.names else "nothing else either"
        raise DataError(
            f"{printable(files.path)} holds no image files (.jpg, .png, .webp, …; {others}); "
            "for the files of a known set use: zspace prepare NAME --from "
            f"{printable(files.path)}"
        )
    return names


def read_pictures(
    files: AbstractFiles, names: Sequence[str], *, indices: Sequence[int]
) -> Iterator[Picture]:
    """The image files at `indices` of `names`, one by one."""
    for index in indices:
        yield files.picture(names[index])


@dataclass(frozen=True, eq=False)
class _Tree:
    """What the folders say about the images in them."""

    labels: Int64[np.ndarray, " count"] | None
    label_names: tuple[str, ...]
    split: UInt8[np.ndarray, " count"] | None
    split_origin: str


def _describe(paths: list[tuple[str, ...]]) -> _Tree:
    paths = _without_common_top(paths)
    split, origin = _splits(paths)
    if split is not None:
        paths = [path[1:] for path in paths]
    tops = [path[0] if len(path) > 1 else None for path in paths]
    names = sorted({top for top in tops if top is not None})
    if len(names) < 2 or None in tops:
        return _Tree(None, (), split, origin)
    number = {name: index for index, name in enumerate(names)}
    labels = np.array([number[str(top)] for top in tops], np.int64)
    return _Tree(labels, tuple(printable(name) for name in names), split, origin)


def _without_common_top(paths: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    while all(len(path) > 1 and path[0] == paths[0][0] for path in paths):
        paths = [path[1:] for path in paths]
    return paths


def _splits(paths: list[tuple[str, ...]]) -> tuple[UInt8[np.ndarray, " count"] | None, str]:
    tops = {path[0] if len(path) > 1 else "" for path in paths}
    lower = {top.lower() for top in tops}
    if not lower & _TRAIN or not lower & (_VALIDATION | _TEST):
        return None, ""
    if not lower <= _TRAIN | _VALIDATION | _TEST:
        return None, ""
    test = SPLITS.index("test" if lower & _VALIDATION else "validation")
    codes = (
        dict.fromkeys(_TRAIN, SPLITS.index("train"))
        | dict.fromkeys(_VALIDATION, SPLITS.index("validation"))
        | dict.fromkeys(_TEST, test)
    )
    split = np.array([codes[path[0].lower()] for path in paths], np.uint8)
    return split, "the folders " + ", ".join(sorted(printable(top) for top in tops))
