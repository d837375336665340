"""Everything zspace raises on purpose.

    ZspaceError
    ├── BusyError                  too many ask at once; to be tried again: exit code 1
    ├── InputError                 what was given is wrong: exit code 2 on the command line
    │   ├── RecipeError            a recipe, a key in it, or a value of one
    │   ├── DataError              a source of images, a prepared data set, a set of codes
    │   │   └── ImageError         one image: unreadable, truncated, or far too large
    │   ├── ShapeError             arrays or layer lists that do not fit each other
    │   ├── RunError               a run folder that is none, or is not far enough
    │   ├── OutputExistsError      something is there already and may not be overwritten
    │   ├── StorageError           the disk is full, or may not be written
    │   └── BackendError           no Keras backend, or not the one asked for
    └── TrainingError              training itself went wrong: exit code 1
        └── NonFiniteLossError     the loss became NaN or infinite

Every message is one line and says what was expected, what came, and what to do.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = [
    "BackendError",
    "BusyError",
    "DataError",
    "ImageError",
    "InputError",
    "NonFiniteLossError",
    "OutputExistsError",
    "RecipeError",
    "RunError",
    "ShapeError",
    "StorageError",
    "TrainingError",
    "ZspaceError",
    "did_you_mean",
    "storage_errors",
]


class ZspaceError(Exception):
    """Root of all errors that zspace raises on purpose; its text is one line for a person."""

    exit_code = 1


class BusyError(ZspaceError):
    """Too many ask at once; the same may be asked again in a moment."""


class InputError(ZspaceError, ValueError):
    """What was given cannot be used."""

    exit_code = 2


class RecipeError(InputError):
    """A recipe, a key in it, or a value of one is wrong."""


class DataError(InputError):
    """A source of images, a prepared data set or a set of codes cannot be used."""


class ImageError(DataError):
    """One image cannot be read: no image, truncated, or larger than is safe to decode."""


class ShapeError(InputError):
    """Arrays or layer lists do not fit each other."""


class RunError(InputError):
    """A folder is no run, or the run has not got that far."""


class OutputExistsError(InputError):
    """The output is there already, and overwriting it was not asked for."""


class StorageError(InputError):
    """The disk is full or may not be written to; nothing half-written is left."""


class BackendError(InputError):
    """No Keras backend is installed, or not the one that was asked for."""


class TrainingError(ZspaceError):
    """Training went wrong."""


class NonFiniteLossError(TrainingError):
    """The loss became NaN or infinite; the last good checkpoint is kept."""


def did_you_mean(wrong: str, known: Iterable[str], *, most: int = 3) -> str:
    """The end of an error message: the nearest known names, or all of them.

    Args:
        wrong: the name that was given.
        known: the names that exist.
        most: how many near names to give at most.

    Returns:
        ``"did you mean 'a' or 'b'?"``, or ``"known: a, b, c"`` where nothing is near.

    Example:
        >>> did_you_mean("sise", ["size", "crop"])
        "did you mean 'size'?"
        >>> did_you_mean("zzz", ["size", "crop"])
        'known: crop, size'
    """
    names = sorted(known)
    near = difflib.get_close_matches(wrong, names, n=most, cutoff=0.5)
    if near:
        return "did you mean " + " or ".join(repr(name) for name in near) + "?"
    return "known: " + ", ".join(names)


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextlib.contextmanager
def storage_errors(path: Path | str) -> Iterator[None]:
    """Turn the operating system's "no room" and "no right" into a StorageError for `path`.

    Args:
        path: what is being written, for the message.

    Raises:
        StorageError: if the block raised such an `OSError`.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageError(
                f"cannot write {path}: no space left (disk full, quota or file size limit); "
                "free some space or choose another folder"
            ) from error
        if error.errno in _NO_RIGHT:
            raise StorageError(
                f"cannot write {path}: permission denied; choose a folder you may write to"
            ) from error
        raise
