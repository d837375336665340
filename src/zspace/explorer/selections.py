"""Directions for sliders: those that are saved with a run, and new ones of two selections."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Int, Int64

from zspace.codes import Codes
from zspace.directions import Direction, saved_directions
from zspace.errors import DataError, InputError, did_you_mean
from zspace.generation.attributes import DIRECTION_METHODS
from zspace.run import RunFolder

__all__ = ["Saved", "direction_between", "run_directions"]

_LEAST = {"mean": 1, "logistic": 10}


class Saved(NamedTuple):
    """The directions of a run, and why some are left out.

    Attributes:
        directions: by name.
        notes: a sentence on each that cannot be used.
    """

    directions: dict[str, Direction]
    notes: tuple[str, ...]


def run_directions(folder: RunFolder, *, size: int, model: str | None = None) -> Saved:
    """The directions that were saved with a run.

    Args:
        folder: of the run.
        size: of its latent space.
        model: SHA-256 of the file of its model; directions of another model are left out. None
            does not ask.
    """
    found: dict[str, Direction] = {}
    notes = []
    for name, path in saved_directions(folder.directions).items():
        try:
            direction = Direction.load(path)
        except (DataError, InputError):
            notes.append(f"the direction {name} cannot be read")
            continue
        if direction.latent_size != size:
            notes.append(f"the direction {name} is of another latent space")
        elif model is not None and direction.model != model:
            notes.append(f"the direction {name} is of an older model; find it again")
        else:
            found[name] = direction
    return Saved(found, tuple(notes))


def direction_between(
    codes: Codes,
    having: Int[np.ndarray, " having"],
    *,
    lacking: Int[np.ndarray, " lacking"] | None = None,
    name: str,
    method: str = "mean",
) -> Direction:
    """A direction from some codes to others, such as two lassos hold.

    Args:
        codes: of a split.
        having: rows of those with the property.
        lacking: rows of those without; None takes all others.
        name: of the direction.
        method: a key of `zspace.generation.attributes.DIRECTION_METHODS`.

    Returns:
        The direction, not saved and not tested.

    Raises:
        InputError: if a selection is empty or both share a code, a row does not exist, or the name
            or method is none.

    Example:
        >>> codes = Codes(np.array([[0.0], [2.0], [4.0]], np.float32), index=np.arange(3))
        >>> direction_between(codes, np.array([2]), name="up").vector.tolist()
        [3.0]
    """
    if method not in DIRECTION_METHODS:
        raise InputError(f"no method {method!r}; {did_you_mean(method, DIRECTION_METHODS)}")
    chosen = _rows(having, codes.count, "with")
    others = np.setdiff1d(np.arange(codes.count), chosen)
    if lacking is not None:
        others = _rows(lacking, codes.count, "without")
        both = np.intersect1d(chosen, others)
        if len(both):
            raise InputError(
                f"{len(both):,} codes are in both selections; draw them so that they do not overlap"
            )
    for rows, word in ((chosen, "with"), (others, "without")):
        if len(rows) < _LEAST[method]:
            raise InputError(
                f"at least {_LEAST[method]} codes with and without were expected for the method "
                f"{method}, {len(rows)} {word} came; select more"
            )
    vector = DIRECTION_METHODS[method](codes.mean[chosen], codes.mean[others])
    return Direction(
        name=name,
        vector=vector,
        method=method,
        made_of={
            "having": chosen.tolist(),
            "lacking": None if lacking is None else others.tolist(),
        },
        split=str(codes.information.get("split", "train")),
        count_with=len(chosen),
        count_without=len(others),
    )


def _rows(given: Int[np.ndarray, " rows"], count: int, word: str) -> Int64[np.ndarray, " chosen"]:
    rows = np.unique(given).astype(np.int64)
    if not len(rows):
        raise InputError(f"no code is selected {word} the property; draw around some points")
    if rows[0] < 0 or rows[-1] >= count:
        raise InputError(f"codes are numbered from 0 to {count - 1:,}, {rows[-1]} came")
    return rows
