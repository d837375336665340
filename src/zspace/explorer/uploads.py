"""Images that a stranger sends: refused by size and header, and decoded in a process of their own.

Bytes stay in memory and are never written; a name that came with them is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from jaxtyping import UInt8

from zspace.data.framing import Framing
from zspace.data.images import decode_image
from zspace.errors import ImageError
from zspace.explorer.apart import decoded_apart

__all__ = [
    "FORMATS",
    "MOST_BYTES",
    "MOST_PIXELS",
    "MOST_PIXELS_OF_PHOTOS",
    "decoded_here",
    "decoded_upload",
]

MOST_BYTES = 20 * 2**20
"""Larger uploads are refused unread."""

MOST_PIXELS = 16_000_000
"""Larger images are refused by their header: transparent and 16-bit ones take 22 bytes a pixel
until they are scaled."""

MOST_PIXELS_OF_PHOTOS = 36_000_000
"""Larger JPEG files are refused by their header: they take up to 12 bytes a pixel."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF")
"""What cameras and browsers make. Each is a plain picture: no SVG, no PDF, nothing that refers to
other files; and none of the many formats of scanners and games, which few need and few test."""


def decoded_upload(
    data: bytes, information: Mapping[str, Any]
) -> UInt8[np.ndarray, "height width channels"]:
    """An uploaded image, cropped and scaled as the images of a data set were.

    Args:
        data: what was sent.
        information: size, crop and channels of the data set (`Dataset.information`).

    Returns:
        Pixels (height, width, channels), uint8.

    Raises:
        ImageError: if it is no image of `FORMATS`, is damaged, larger than `MOST_BYTES` or the most
            pixels, or takes too long or too much memory to decode.
    """
    framing = Framing.from_information(information)
    if not data:
        raise ImageError("this file is empty; choose an image, such as a photo in JPEG or PNG")
    if len(data) > MOST_BYTES:
        raise ImageError(
            f"this file has {len(data) / 2**20:,.1f} MiB, at most {MOST_BYTES / 2**20:.0f} are "
            "taken; choose a smaller image"
        )
    return decoded_apart(data, framing)


def decoded_here(data: bytes, framing: Framing) -> UInt8[np.ndarray, "height width channels"]:
    """The same in this process, and without a look at the size of the file.

    Raises:
        ImageError: as for `decoded_upload`.
    """
    kind, width, height = _header(data)
    most = MOST_PIXELS_OF_PHOTOS if kind == "JPEG" else MOST_PIXELS
    if width * height > most:
        raise ImageError(
            f"this image has {width:,}×{height:,} pixels, at most {most:,} are decoded; choose a "
            "smaller one"
        )
    try:
        return decode_image(data, framing)
    except ImageError as error:
        raise ImageError(f"this image cannot be used: {error}; choose another one") from error


def _header(data: bytes) -> tuple[str, int, int]:
    """Format, width and height, from the header alone."""
    from PIL import Image

    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            return str(image.format), *image.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(
            f"this image has far more than {MOST_PIXELS:,} pixels, which are decoded at most; "
            "choose a smaller one"
        ) from error
    except Exception as error:  # decoders raise anything on hostile content
        raise ImageError(
            "this is no image that can be read; choose one in JPEG, PNG, WebP, GIF, BMP or AVIF"
        ) from error
