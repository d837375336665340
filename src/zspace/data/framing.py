"""Which part of an image is kept, and how large it becomes: pure geometry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zspace.errors import DataError, ImageError

__all__ = ["Framing"]


@dataclass(frozen=True)
class Framing:
    """How the images of a data set are cropped and resized.

    The part kept is centered and has the aspect ratio of `size`, so nothing is ever stretched.

    Attributes:
        size: (height, width) of the result in pixels.
        crop: None keeps the largest such part; a whole number is the length of its shorter side
            in pixels (for a square `size`: a square of so many pixels); a fraction in (0, 1] is
            taken of the largest part (for a square `size`: of the image's shorter side).
        channels: 1 (gray) or 3 (RGB).

    Example:
        >>> Framing((64, 64), crop=148).box(178, 218)
        (15, 35, 163, 183)
        >>> Framing((64, 64), crop=148 / 178).box(89, 109)
        (7, 17, 81, 91)
    """

    size: tuple[int, int]
    crop: int | float | None = None
    channels: int = 3

    @classmethod
    def from_information(cls, information: Mapping[str, Any]) -> Framing:
        """The framing that a dataset.json describes.

        Raises:
            DataError: if it lacks it.
        """
        try:
            height, width = information["size"]
            return cls((height, width), information["crop"], information["channels"])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                f"no size, crop and channels in this description of a data set ({error!r}); "
                "expected what a dataset.json holds"
            ) from error

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """The part of a `width`×`height` image that is kept.

        Returns:
            (left, top, right, bottom) in pixels, right and bottom exclusive.

        Raises:
            ImageError: if the image is smaller than a crop given in pixels.
        """
        target_height, target_width = self.size
        if isinstance(self.crop, int):
            shorter = min(self.size)
            wide = round(target_width * self.crop / shorter)
            high = round(target_height * self.crop / shorter)
            if wide > width or high > height:
                raise ImageError(f"{width}×{height} pixels, smaller than the crop of {wide}×{high}")
        else:
            if width * target_height <= height * target_width:
                wide, high = width, round(width * target_height / target_width)
            else:
                wide, high = round(height * target_width / target_height), height
            fraction = 1.0 if self.crop is None else self.crop
            wide, high = max(1, round(wide * fraction)), max(1, round(high * fraction))
        left, top = (width - wide) // 2, (height - high) // 2
        return left, top, left + wide, top + high
