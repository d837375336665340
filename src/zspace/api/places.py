"""z-points by name: of an image, of a row of the codes, of a file, the mean code, the origin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zspace.api.given_points import given
from zspace.data import read_image_like
from zspace.errors import InputError

if TYPE_CHECKING:
    from zspace.api.run import Run

__all__ = ["NamedPoint", "named_point", "named_points"]

_SPLITS = ("train", "validation", "test")
_FILES = (".json", ".npy")
_NAMED = re.compile(r"(?P<what>.+):(?P<row>-?\w+)")
_KNOWN = (
    "an image file, a row of the codes such as validation:12, a z-point of a file such as "
    "normal.json:3, mean or origin"
)


class NamedPoint(NamedTuple):
    """A z-point with the name that a person gave it.

    Attributes:
        name: as it was given.
        z: the point, (latent,), float32.
        is_drawn: whether it comes from a file of z-points. All others are means: of posteriors,
            or of all of them.
    """

    name: str
    z: np.ndarray
    is_drawn: bool = False


def named_points(run: Run, names: Sequence[Path | str]) -> list[NamedPoint]:
    """The z-points of several names: see `named_point`."""
    return [named_point(run, name) for name in names]


def named_point(run: Run, name: Path | str) -> NamedPoint:
    """The z-point of a name.

    Args:
        run: whose latent space it is in.
        name: an image file, which is encoded to the mean of its posterior, cropped and scaled as
            the data set was; ``"validation:12"`` or ``"train:5"``, a row of the codes, from 0;
            ``"FILE.json:3"`` or ``"FILE.npy:3"``, a z-point of a file, as `zspace generate` writes
            beside its pictures; ``"mean"``, that of the training codes; ``"origin"``.

    Raises:
        ImageError: if an image cannot be read.
        InputError: if there is nothing of that name, no such row, or a value is not finite.
        ShapeError: if a file's points have another latent size.
    """
    text = str(name)
    size = run.recipe.latent.size
    if text == "origin":
        return NamedPoint(text, np.zeros(size, np.float32))
    if text == "mean":
        means: np.ndarray = run.codes("train").mean
        return NamedPoint(text, _finite(means.mean(axis=0, dtype=np.float64), text))
    found = _NAMED.fullmatch(text)
    if found and found["what"] in _SPLITS:
        codes = run.codes(found["what"]).mean
        return NamedPoint(text, _finite(codes[_row(found["row"], len(codes), text)], text))
    file = Path(found["what"] if found else text)
    if file.suffix.lower() in _FILES:
        points = given(file, size=size, rows=None, options={}).rows[0].z
        return NamedPoint(text, _of_file(points, found["row"] if found else None, text), True)
    if text in _SPLITS:
        raise InputError(f"{text} needs the row of a code, as in {text}:0; pass one")
    if not Path(text).is_file() and not Path(text).suffix:
        raise InputError(f"no z-point {text!r}: expected {_KNOWN}")
    pixels = read_image_like(text, run.preparation)
    return NamedPoint(text, _finite(run.encode_images(pixels[None])[0], text))


def _of_file(points: np.ndarray, row: str | None, name: str) -> np.ndarray:
    if row is None and len(points) != 1:
        raise InputError(f"{name} holds {len(points):,} z-points; say which, as in {name}:0")
    return _finite(points[_row(row or "0", len(points), name)], name)


def _row(text: str, count: int, name: str) -> int:
    if not text.isdecimal() or int(text) >= count:
        raise InputError(f"{name}: rows are numbered from 0 to {count - 1:,}; pass one of them")
    return int(text)


def _finite(z: np.ndarray, name: str) -> np.ndarray:
    """The point in float32, if it has a place."""
    with np.errstate(over="ignore"):
        z = np.asarray(z).astype(np.float32)
    if not np.isfinite(z).all():
        axis = int(np.argmin(np.isfinite(z)))
        raise InputError(
            f"{name}: a finite z-point was expected, {z[axis]} came on axis {axis}; name another"
        )
    return z
