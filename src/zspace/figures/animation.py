"""Frames to a GIF or an MP4, which appears whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped, UInt8
from PIL import Image

from zspace.errors import DataError, InputError
from zspace.figures.grids import mosaic
from zspace.files import whole_file

__all__ = ["WRITERS", "enlarged", "require_writer", "save_animation"]

_SIDE = 256
_MOST_RATE = 50.0
_QUALITY = "16"


def enlarged(
    frames: Shaped[np.ndarray, "count height width channels"], *, scale: int | None = None
) -> UInt8[np.ndarray, "count large_height large_width channels"]:
    """Frames at a size that is good to see, each pixel a block of scale × scale.

    Args:
        frames: images as for `zspace.figures.grids.mosaic`.
        scale: a whole factor; None makes small images about 256 pixels large.

    Raises:
        InputError: if there is no frame, or a value is not finite.

    Example:
        >>> enlarged(np.zeros((3, 28, 28, 1))).shape
        (3, 252, 252, 1)
    """
    if len(frames) == 0:
        raise InputError("an animation needs at least 1 frame, none came; raise the number")
    factor = max(1, round(_SIDE / max(frames.shape[1:3]))) if scale is None else scale
    return np.stack([mosaic(frame[None], scale=factor) for frame in frames])


def save_animation(
    frames: UInt8[np.ndarray, "count height width channels"],
    path: Path | str,
    *,
    rate: float = 12.0,
) -> None:
    """Write frames as a .gif, which repeats for ever, or as an .mp4 (H.264).

    A GIF has 256 colors a frame and hundredths of a second, which are shared out so that the rate
    is right on average. An MP4 is smaller, with all colors, and needs PyAV, which brings its own
    encoder; frames of an odd width or height get a row or column more.

    Args:
        frames: (count, height, width, channels), channels 1 or 3.
        path: a .gif or .mp4 file; its folder is made if it is missing.
        rate: frames per second, above 0 and up to 50.

    Raises:
        InputError: if there is no frame, the rate is out of range, or PyAV is missing.
        DataError: if the suffix is another one.
        StorageError: if the disk is full or may not be written.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "gray.gif"
        >>> frames = np.arange(0, 250, 50, dtype=np.uint8)[:, None, None, None]
        >>> save_animation(frames.repeat(8, axis=1).repeat(8, axis=2), path)
        >>> with Image.open(path) as image:
        ...     image.n_frames
        5
    """
    path = Path(path)
    require_writer(path)
    if len(frames) == 0:
        raise InputError(f"{path.name} needs at least 1 frame, none came; raise the number")
    if not 0 < rate <= _MOST_RATE:
        raise InputError(
            f"frames per second must be above 0 and at most {_MOST_RATE:g}, {rate:g} came; try 12"
        )
    with whole_file(path) as beside:
        WRITERS[path.suffix.lower()](frames, beside, rate)


def require_writer(path: Path) -> None:
    """Refuse what `save_animation` could not write, before anything is computed for it.

    Raises:
        DataError: if the suffix is no animation's.
        InputError: if PyAV is needed and missing.
    """
    suffix = path.suffix.lower()
    if suffix not in WRITERS:
        raise DataError(f"{path}: expected a .gif or .mp4 file")
    if suffix == ".mp4":
        _video_library()


def _write_gif(
    frames: UInt8[np.ndarray, "count height width channels"], path: Path, rate: float
) -> None:
    # A palette of its own for each frame, without dithering: noise would flicker.
    images = [
        Image.fromarray(frame[..., 0])
        if frame.shape[2] == 1
        else Image.fromarray(frame).quantize(256, dither=Image.Dither.NONE)
        for frame in frames
    ]
    ends = np.rint(100 * np.arange(len(frames) + 1) / rate)
    durations = [10 * int(each) for each in np.diff(ends)]
    images[0].save(
        path, format="GIF", save_all=True, append_images=images[1:], duration=durations, loop=0
    )


def _write_mp4(
    frames: UInt8[np.ndarray, "count height width channels"], path: Path, rate: float
) -> None:
    av = _video_library()
    # Colors are stored for two pixels by two, so that sides have to be even.
    height, width = frames.shape[1:3]
    room = ((0, height % 2), (0, width % 2), (0, 0))
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=Fraction(rate).limit_denominator(1000))
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": _QUALITY}
        for frame in frames:
            pixels = np.pad(frame.repeat(3, axis=2) if frame.shape[2] == 1 else frame, room, "edge")
            packets = stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24"))
            container.mux(packets)
        container.mux(stream.encode())


def _video_library() -> Any:
    try:
        import av
    except ImportError:
        raise InputError(
            'an .mp4 needs PyAV: pip install "zspace[video]"; or write a .gif, which needs nothing'
        ) from None
    return av


WRITERS: dict[str, Callable[[UInt8[np.ndarray, "count height width channels"], Path, float], None]]
WRITERS = {".gif": _write_gif, ".mp4": _write_mp4}
"""What writes an animation, by the suffix of its file."""
