"""What a user may choose when images are prepared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from zspace.errors import DataError

__all__ = ["Preparation", "PreparationOptions"]

_LONGEST_SIDE = 4096


class PreparationOptions(TypedDict, total=False):
    """The keyword arguments of `Preparation`, for functions that pass them on."""

    size: int | tuple[int, int] | None
    crop: int | float | None
    gray: bool
    limit: int
    seed: int
    strict: bool


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """How a source becomes a prepared data set.

    Attributes:
        size: side of a square image, or (height, width), in pixels; None takes the source's own.
        crop: what is kept of each image, see `Framing`; None takes the source's own.
        gray: whether colors become brightness (ITU-R 601 luma).
        limit: at most so many images, evenly spaced over each official split; 0 takes all. For
            `faces`, how many are drawn.
        seed: of the random validation split, and of the drawn faces.
        strict: whether the first unreadable image is an error instead of being skipped.

    Raises:
        DataError: if a value cannot be right.

    Example:
        >>> Preparation(size=64).shape
        (64, 64)
    """

    size: int | tuple[int, int] | None = None
    crop: int | float | None = None
    gray: bool = False
    limit: int = 0
    seed: int = 1
    strict: bool = False

    def __post_init__(self) -> None:
        if self.shape is not None and not all(
            _whole(side) and 1 <= side <= _LONGEST_SIDE for side in self.shape
        ):
            raise DataError(
                f"size: expected a side of 1 to {_LONGEST_SIDE:,} pixels, or (height, width); "
                f"got {self.size!r}"
            )
        if self.crop is not None and not (
            (_whole(self.crop) and self.crop >= 1)
            or (isinstance(self.crop, float) and 0 < self.crop <= 1)
        ):
            raise DataError(
                "crop: expected a whole number of pixels, or a fraction in (0, 1]; "
                f"got {self.crop!r}"
            )
        for name, value in (("limit", self.limit), ("seed", self.seed)):
            if not _whole(value) or value < 0:
                raise DataError(f"{name}: expected a whole number from 0 on; got {value!r}")

    @property
    def shape(self) -> tuple[int, int] | None:
        """(height, width), or None for the source's own."""
        if self.size is None:
            return None
        if isinstance(self.size, int):
            return (self.size, self.size)
        height, width = self.size
        return (height, width)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
