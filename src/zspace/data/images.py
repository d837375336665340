"""One image, decoded safely, cropped and resized.

Safe means: the size is checked before anything is decoded, only formats that are plain pictures are
tried (no PostScript), and a truncated file is an error, never half a gray picture.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Shaped, UInt8

from zspace.data.framing import Framing
from zspace.data.source import Picture, printable
from zspace.errors import ImageError

if TYPE_CHECKING:
    from PIL import Image

__all__ = [
    "IMAGE_SUFFIXES",
    "MOST_BYTES",
    "MOST_PIXELS",
    "decode_image",
    "frame_picture",
    "quiet_pillow",
    "read_image_like",
]

MOST_PIXELS = 89_478_485
"""Larger images are refused by their header: decoded, they would take over 256 MiB as RGB."""

MOST_BYTES = 256 * 2**20
"""Larger image files are refused unread."""

IMAGE_SUFFIXES = frozenset(
    [
        ".avif",
        ".bmp",
        ".dib",
        ".gif",
        ".jfif",
        ".jp2",
        ".jpe",
        ".jpeg",
        ".jpg",
        ".mpo",
        ".pbm",
        ".pgm",
        ".png",
        ".pnm",
        ".ppm",
        ".tga",
        ".tif",
        ".tiff",
        ".webp",
    ]
)

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "DIB", "GIF", "TIFF", "PPM", "TGA", "JPEG2000", "AVIF")
_SIXTEEN_BITS = 65_535
_TURNING = frozenset(["exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif"])
"""What of a JPEG may say that it has to be turned. Without any, looking only costs a copy."""


@contextlib.contextmanager
def quiet_pillow() -> Iterator[None]:
    """Keep Pillow's warnings about odd files off the screen (not for use in worker threads)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\b")
        warnings.filterwarnings("ignore", message=".*decompression bomb")
        yield


def read_image_like(
    path: Path | str, information: Mapping[str, Any]
) -> UInt8[np.ndarray, "height width channels"]:
    """Read any image file, cropped and resized exactly as the images of a data set were.

    Args:
        path: the image file.
        information: the content of the data set's dataset.json (`Dataset.information`).

    Returns:
        Pixels (height, width, channels), uint8.

    Raises:
        ImageError: if the file is no image, is damaged, or is too large to decode safely.
    """
    framing = Framing.from_information(information)
    try:
        with quiet_pillow():
            return frame_picture(Path(path), framing)
    except ImageError as error:
        raise ImageError(f"{printable(path)}: {error}; expected an image file") from error


def frame_picture(picture: Picture, framing: Framing) -> UInt8[np.ndarray, "height width channels"]:
    """Crop and resize one picture as a reader hands it over.

    Returns:
        Pixels (height, width, channels), uint8. Pixels that fit already are not touched.

    Raises:
        ImageError: the picture itself if it is one, or why it cannot be decoded.
    """
    if isinstance(picture, ImageError):
        raise picture
    if not isinstance(picture, np.ndarray):
        return decode_image(picture, framing)
    if picture.shape == (*framing.size, framing.channels):
        box = framing.box(picture.shape[1], picture.shape[0])
        if box == (0, 0, picture.shape[1], picture.shape[0]):
            return picture
    from PIL import Image

    plain = Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture)
    return _resized(plain.convert(_mode(framing)), framing, full=plain.size)


def decode_image(
    data: bytes | Path, framing: Framing
) -> UInt8[np.ndarray, "height width channels"]:
    """Decode an image file, turn it upright, lay it on white, crop and resize it.

    Args:
        data: the file's content, or its path.
        framing: what to keep and how large.

    Returns:
        Pixels (height, width, channels), uint8.

    Raises:
        ImageError: if it is no image, is damaged, or is too large to decode safely.
    """
    from PIL import Image, UnidentifiedImageError

    size = len(data) if isinstance(data, bytes) else _file_size(data)
    if size == 0:
        raise ImageError("the file is empty")
    if size > MOST_BYTES:
        raise ImageError(f"a file of {size:,} bytes; at most {MOST_BYTES:,} are read")
    try:
        # Read at once: decoders ask for many small pieces, and threads would wait for each other.
        content = data if isinstance(data, bytes) else data.read_bytes()
        with Image.open(BytesIO(content), formats=_FORMATS) as it:
            return _decoded(it, framing)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(f"more than {MOST_PIXELS:,} pixels") from error
    except UnidentifiedImageError as error:
        raise ImageError("no image in a format that is known") from error
    except Exception as error:  # decoders raise anything on hostile content
        reason = printable(error) or type(error).__name__
        raise ImageError(f"cannot be decoded ({reason})") from error


def _file_size(path: Path) -> int:
    try:
        if not path.is_file():
            raise ImageError("no such file")
        return path.stat().st_size
    except OSError as error:
        raise ImageError(f"cannot be read ({printable(error)})") from error


def _decoded(image: Image.Image, framing: Framing) -> UInt8[np.ndarray, "height width channels"]:
    from PIL import ImageOps

    width, height = image.size
    if width * height > MOST_PIXELS:
        raise ImageError(f"{width:,}×{height:,} pixels; at most {MOST_PIXELS:,} are decoded")
    shrink = _draft(image, framing)
    image.load()
    upright = image
    if image.format != "JPEG" or not image.info.keys().isdisjoint(_TURNING):
        with contextlib.suppress(Exception):  # a broken EXIF block does not spoil the pixels
            upright = ImageOps.exif_transpose(image)
    full = upright.size
    if shrink > 1:
        full = (width, height) if upright.size == image.size else (height, width)
    return _resized(_plain(upright, _mode(framing)), framing, full=full, shrink=shrink)


def _draft(image: Image.Image, framing: Framing) -> int:
    """Let a JPEG decode at 1/2, 1/4 or 1/8 where at least twice the wanted pixels remain.

    Returns:
        How many times smaller it will be.
    """
    if image.format not in ("JPEG", "MPO"):
        return 1
    try:
        left, top, right, bottom = framing.box(*image.size)
    except ImageError:  # said again, for the image turned upright
        return 1
    possible = min(right - left, bottom - top) / (2 * max(framing.size))
    shrink = next((factor for factor in (8, 4, 2) if factor <= possible), 1)
    if shrink > 1:
        before = image.width
        image.draft(None, (image.width // shrink, image.height // shrink))
        shrink = round(before / image.width)
    return shrink


def _mode(framing: Framing) -> str:
    return "L" if framing.channels == 1 else "RGB"


def _plain(image: Image.Image, mode: str) -> Image.Image:
    """Any kind of image as 8-bit gray or RGB, transparent parts on white."""
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":
        image = Image.fromarray(_eight_bits(np.asarray(image)))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, "white")
        image.alpha_composite(layer)
        image = image.convert("RGB")
    return image if image.mode == mode else image.convert(mode)


def _eight_bits(
    pixels: Shaped[np.ndarray, "height width"],
) -> UInt8[np.ndarray, "height width"]:
    """16-bit gray (white is 65535) or floats (white is 1) as 8 bits."""
    if pixels.dtype.kind != "f":
        wide = np.clip(pixels.astype(np.int64), 0, _SIXTEEN_BITS)
        return ((wide * 255 + _SIXTEEN_BITS // 2) // _SIXTEEN_BITS).astype(np.uint8)
    if not np.isfinite(pixels).all() or pixels.min() < 0 or pixels.max() > 1:
        raise ImageError("floating point pixels outside [0, 1]")
    return np.rint(pixels * 255).astype(np.uint8)


def _resized(
    image: Image.Image, framing: Framing, *, full: tuple[int, int], shrink: int = 1
) -> UInt8[np.ndarray, "height width channels"]:
    """Crop and resize an image of `full` (width, height) pixels, decoded `shrink` times smaller.

    Decoding rounds the sides up, so a place in the small image is one in the full one divided by
    `shrink`, not by the ratio of the sides.
    """
    from PIL import Image

    height, width = framing.size
    left, top, right, bottom = (edge / shrink for edge in framing.box(*full))
    box = (left, top, min(right, image.width), min(bottom, image.height))
    if box != (0, 0, width, height) or image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    return np.asarray(image).reshape(height, width, framing.channels)
