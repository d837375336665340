"""What was written, how much of what there was, and what a format did not hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from zspace.codes import Codes
from zspace.errors import InputError, OutputExistsError

__all__ = ["Written", "require_free", "rows_to_write", "wanted_rows"]


@dataclass(frozen=True)
class Written:
    """A file or folder of codes.

    Attributes:
        path: where it is.
        count: how many codes are in it, the first ones.
        total: how many there were.
        note: what a limit of the format has left out or made smaller; "" where nothing.

    Example:
        >>> Written(Path("exports/train.npz"), 1000, 60_000).summary
        '1,000 of 60,000 codes'
    """

    path: Path
    count: int
    total: int
    note: str = ""

    @property
    def summary(self) -> str:
        """Count and note, in one line."""
        counts = f"{self.count:,} of {self.total:,} codes"
        return f"{counts}; {self.note}" if self.note else counts


def wanted_rows(codes: Codes, limit: int) -> int:
    """How many codes are asked for: the first ones.

    Args:
        codes: to write.
        limit: how many at most; 0 for all.

    Raises:
        InputError: if `limit` is negative, or there is no code at all.
    """
    if limit < 0:
        raise InputError(f"the limit must be 0 or more, {limit} came; 0 writes all codes")
    if codes.count == 0:
        raise InputError("at least one code was expected, none came; encode some images first")
    return codes.count if limit == 0 else min(limit, codes.count)


def rows_to_write(codes: Codes, limit: int, *, most: int, reader: str) -> tuple[int, str]:
    """How many codes are written where a format holds only so many, and a note if it cuts.

    Args:
        codes: to write.
        limit: how many were asked for; 0 for all.
        most: what the format holds.
        reader: who reads no more, for the note.

    Returns:
        The count, and "" or why it is less than was asked for.

    Raises:
        InputError: if `limit` is negative, or there is no code at all.

    Example:
        >>> import numpy as np
        >>> codes = Codes(mean=np.ones((3, 1), np.float32), index=np.arange(3))
        >>> rows_to_write(codes, 0, most=2, reader="the projector")
        (2, 'the projector loads 2 points, so the first 2 of 3 were written')
    """
    wanted = wanted_rows(codes, limit)
    if wanted <= most:
        return wanted, ""
    return most, f"{reader} loads {most:,} points, so the first {most:,} of {wanted:,} were written"


def require_free(path: Path, *, overwrite: bool) -> None:
    """Refuse to replace a file unasked.

    Raises:
        OutputExistsError: if it is there and `overwrite` is false.
    """
    if path.exists() and not overwrite:
        raise OutputExistsError(f"{path} exists already; pass --overwrite to replace it")
