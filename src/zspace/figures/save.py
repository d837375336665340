"""Figures and pixels to files, which appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from matplotlib.figure import Figure
from PIL import Image

from zspace.figures.style import DPI, styled
from zspace.files import whole_file

__all__ = ["save_figure", "save_pixels"]

_LOSSY = (".jpg", ".jpeg", ".webp")
_QUALITY = 95
"""Of these, in percent: at the usual 75 and 80 small images lose their colors' edges."""


def save_figure(figure: Figure, path: Path | str) -> None:
    """Write a figure at 150 dots per inch; the suffix says the format (.png, .pdf, .svg).

    Args:
        figure: what to write.
        path: where; its folder is made if it is missing.

    Raises:
        StorageError: if the disk is full or may not be written.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "empty.png"
        >>> save_figure(Figure(figsize=(1, 1)), path)
        >>> path.read_bytes()[1:4]
        b'PNG'
    """
    with styled(), whole_file(path) as beside:
        pillow = {"quality": _QUALITY} if beside.suffix.lower() in _LOSSY else None
        figure.savefig(beside, dpi=DPI, pil_kwargs=pillow)


def save_pixels(pixels: UInt8[np.ndarray, "height width channels"], path: Path | str) -> None:
    """Write pixels, such as a `mosaic`, as an image file; the suffix says the format.

    Args:
        pixels: (height, width, 1) for gray or (height, width, 3) for RGB.
        path: where; its folder is made if it is missing.

    Raises:
        StorageError: if the disk is full or may not be written.
    """
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    with whole_file(path) as beside:
        image.save(beside, quality=_QUALITY)
