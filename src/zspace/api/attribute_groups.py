"""Which codes have a property and which do not: by attribute, by images, or by rows."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zspace.api.own_images import own_images
from zspace.codes import Codes
from zspace.data.images import IMAGE_SUFFIXES
from zspace.data.source import printable
from zspace.errors import DataError, ImageError, InputError, did_you_mean

if TYPE_CHECKING:
    from zspace.api.run import Run

__all__ = [
    "Chosen",
    "Groups",
    "Known",
    "by_attribute",
    "by_choice",
    "known_attributes",
]

Chosen = Path | str | Sequence[Any] | np.ndarray
"""Some images: a folder of them, image files, rows of the codes, or a file of such rows."""

_EVERY = 5
_LEAST_HELD_OUT = 2
_ENOUGH_TO_HOLD_OUT = 50
_BATCH = 256


class Known(NamedTuple):
    """What is known of each code.

    Attributes:
        names: of attributes, then of classes.
        has: whether each code has it, (count, names).
    """

    names: tuple[str, ...]
    has: np.ndarray

    def column(self, name: str) -> np.ndarray:
        """Whether each code has the attribute of this name; a class may be missing in a split."""
        if name not in self.names:
            return np.zeros(len(self.has), bool)
        column: np.ndarray = self.has[:, self.names.index(name)]
        return column


class Groups(NamedTuple):
    """Codes with and without a property, and codes to judge a direction by.

    Attributes:
        having: codes with it, (n, latent).
        lacking: codes without it, (m, latent).
        held_out: codes of neither, and whether they have it; None where there are too few.
        notes: what a person should know.
    """

    having: np.ndarray
    lacking: np.ndarray
    held_out: tuple[np.ndarray, np.ndarray] | None
    notes: tuple[str, ...] = ()


def known_attributes(codes: Codes) -> Known:
    """The attributes of codes, and their classes, each against all others."""
    names: list[str] = []
    columns: list[np.ndarray] = []
    if codes.attributes is not None:
        attributes = np.asarray(codes.attributes)
        given = codes.information.get("attribute_names") or range(attributes.shape[1])
        names += [str(name) for name in given]
        columns += list((attributes > 0).T)
    if codes.labels is not None:
        labels = np.asarray(codes.labels)
        given = codes.information.get("label_names") or []
        for label in np.unique(labels).tolist():
            name = str(given[label]) if 0 <= label < len(given) else str(label)
            if name not in names:
                names.append(name)
                columns.append(labels == label)
    nothing = np.zeros((codes.count, 0), bool)
    return Known(tuple(names), np.stack(columns, axis=1) if columns else nothing)


def by_attribute(run: Run, name: str, *, split: str) -> Groups:
    """The codes of a split with an attribute, or of a class, and all others.

    Raises:
        InputError: if the data have no such attribute, or no code has it, or all do.
    """
    codes = run.codes(split)
    known = known_attributes(codes)
    if not known.names:
        raise InputError(
            "the images of this run have neither attributes nor labels; show what is meant by "
            "images or rows of the codes: zspace attribute find RUN --with PATH --name NAME"
        )
    if name not in known.names:
        raise InputError(f"the data have no attribute {name!r}; {did_you_mean(name, known.names)}")
    has = known.column(name)
    for some, word in ((has, "with"), (~has, "without")):
        if not some.any():
            raise InputError(
                f"no image {word} {name} is among the {codes.count:,} {split} codes, so there is "
                "nothing to tell apart; encode more images, or choose another attribute"
            )
    means = np.asarray(codes.mean)
    if split != "validation":
        try:
            judges = run.codes("validation")
        except DataError:  # no such images
            pass
        else:
            column = known_attributes(judges).column(name)
            if min(column.sum(), (~column).sum()) < _LEAST_HELD_OUT:
                counts = f"{column.sum():,} of {len(column):,} validation images"
                note = f"not tested whether it tells apart: {counts} are with {name}"
                return Groups(means[has], means[~has], None, (note,))
            return Groups(means[has], means[~has], (np.asarray(judges.mean), column))
    return _with_some_held_out(means[has], means[~has])


def by_choice(run: Run, having: Chosen, *, lacking: Chosen | None, split: str) -> Groups:
    """The codes of chosen images, and of others; without these, of all others of the split.

    Raises:
        InputError: if nothing is chosen, a row is out of range, or one is in both.
        ImageError: if no image of a folder can be read.
    """
    codes = run.codes(split)
    rows = [None if each is None else _rows(each, codes.count) for each in (having, lacking)]
    if rows[0] is not None and rows[1] is not None:
        both = np.intersect1d(rows[0], rows[1])
        if len(both):
            raise InputError(
                f"{len(both)} of the rows with are among those without, too, such as {both[0]}; "
                "take them out of one of the two"
            )
    if lacking is None:
        others = np.arange(codes.count)
        rest = others if rows[0] is None else np.setdiff1d(others, rows[0])
        rows[1] = rest
        if not len(rest):
            raise InputError("all codes were chosen, so none are without; choose fewer rows")
    groups = [
        np.asarray(codes.mean)[chosen] if chosen is not None else _encoded(run, given)
        for chosen, given in zip(rows, (having, lacking), strict=True)
    ]
    return _with_some_held_out(groups[0], groups[1])


def _with_some_held_out(having: np.ndarray, lacking: np.ndarray) -> Groups:
    """Every fifth code of both groups is kept to judge by, where there are enough."""
    if min(len(having), len(lacking)) < _ENOUGH_TO_HOLD_OUT:
        note = (
            f"not tested whether it tells apart: of fewer than {_ENOUGH_TO_HOLD_OUT} images none "
            f"are held out ({len(having):,} with, {len(lacking):,} without)"
        )
        return Groups(having, lacking, None, (note,))
    kept = [np.arange(len(each)) % _EVERY == _EVERY - 1 for each in (having, lacking)]
    points = np.concatenate([having[kept[0]], lacking[kept[1]]])
    has = np.arange(len(points)) < kept[0].sum()
    return Groups(having[~kept[0]], lacking[~kept[1]], (points, has))


def _rows(given: Chosen, count: int) -> np.ndarray | None:
    """Rows of the codes, or None where `given` are images."""
    if isinstance(given, str | Path):
        if Path(given).is_dir():
            return None
        given = _numbers(Path(given))
    found = np.asarray(given)
    if found.dtype.kind in "USO":
        return None  # image files
    if found.dtype == np.bool_ and found.shape == (count,):
        found = np.flatnonzero(found)
    if found.dtype.kind not in "iu" or found.ndim != 1:
        raise InputError(
            f"rows of the codes were expected: whole numbers, or {count:,} times True or False; "
            f"an array of {found.dtype} with shape {found.shape} came"
        )
    if not len(found):
        raise InputError("at least one row of the codes was expected, none came; choose some")
    if found.min() < 0 or found.max() >= count:
        wrong = found[(found < 0) | (found >= count)]
        raise InputError(
            f"rows of the codes from 0 to {count - 1:,} were expected, {wrong[0]} came "
            f"({len(wrong):,} out of range); rows count the codes of one split, from 0"
        )
    return np.unique(found).astype(np.int64)


def _numbers(path: Path) -> np.ndarray:
    """The whole numbers in a file: a .npy, or text with anything between them."""
    try:
        if path.suffix == ".npy":
            loaded: np.ndarray = np.load(path, allow_pickle=False)
            return loaded
        words = [word for word in re.split(r"[\s,;\[\]]+", path.read_text("utf-8")) if word]
        return np.array([int(word) for word in words], np.int64)
    except (OSError, ValueError, OverflowError) as error:
        raise InputError(
            f"{printable(path)} is neither a folder of images nor a file of rows of the codes "
            f"({printable(error)}); expected whole numbers, as text or as .npy"
        ) from None


def _encoded(run: Run, given: Any) -> np.ndarray:
    """The mean codes of images, a batch at a time; those that cannot be read are left out."""
    if isinstance(given, str | Path):
        folder = Path(given)
        paths = sorted(
            path for path in folder.rglob("*")
            if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()
        )  # fmt: skip
        if not paths:
            raise DataError(f"{printable(folder)} holds no images; expected a folder of some")
    else:
        paths = [Path(each) for each in given]
    codes: list[np.ndarray] = []
    fault: ImageError | None = None
    for start in range(0, len(paths), _BATCH):
        try:
            images, _ = own_images(run, paths[start : start + _BATCH])
        except ImageError as error:  # none of this batch
            fault = error
            print(f"zspace: left out {error}", file=sys.stderr)
        else:
            codes.append(run.encode_images(images))
    if not codes:
        raise ImageError(
            f"none of the {len(paths)} files could be read; expected image files"
        ) from fault
    return np.concatenate(codes)
