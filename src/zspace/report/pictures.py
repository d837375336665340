"""Images for the page: PNG files and figures as data URIs, so that nothing lies beside it."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

from zspace.errors import RunError
from zspace.figures.style import DPI, styled

__all__ = ["Picture", "epoch_pictures", "picture_of_figure", "picture_of_file"]

_MOST_EPOCHS = 6
_STRIP_WIDTH = 480


@dataclass(frozen=True)
class Picture:
    """One image of the page.

    Attributes:
        source: a data URI.
        width: in pixels.
        height: in pixels.
        alternative: what it shows, for who cannot see it.
        caption: a short line below, or nothing.
    """

    source: str
    width: int
    height: int
    alternative: str
    caption: str = ""


def picture_of_file(
    path: Path, alternative: str, *, caption: str = "", most_width: int | None = None
) -> Picture:
    """A PNG file, as it is, or made smaller where it is wider than `most_width`.

    Raises:
        RunError: if it is no readable PNG.
    """
    try:
        content = path.read_bytes()
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            image.load()
            size = image.size
            if most_width is not None and image.width > most_width:
                size = (most_width, max(1, round(image.height * most_width / image.width)))
                content = _as_png(image.convert("RGB").resize(size, Image.Resampling.LANCZOS))
            return _picture(content, size, alternative, caption)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise RunError(
            f"{path} is no readable PNG ({error}); delete it, or make it again with: zspace "
            "generate, reconstruct or encode"
        ) from error


def picture_of_figure(figure: Figure, alternative: str) -> Picture:
    """A figure, drawn now."""
    buffer = io.BytesIO()
    with styled():
        figure.savefig(buffer, format="png", dpi=DPI)
    content = buffer.getvalue()
    with Image.open(io.BytesIO(content)) as image:
        return _picture(content, image.size, alternative, "")


def epoch_pictures(folder: Path) -> list[Picture]:
    """The samples drawn while training went on, ``epoch-*.png``: the first, the last, some between.

    Raises:
        RunError: if one is no readable PNG.
    """
    found = {
        int(match[1]): path
        for path in folder.glob("epoch-*.png")
        if (match := re.fullmatch(r"epoch-0*(\d+)\.png", path.name))
    }
    epochs = sorted(found)
    if len(epochs) > _MOST_EPOCHS:
        step = (len(epochs) - 1) / (_MOST_EPOCHS - 1)
        epochs = [epochs[round(place * step)] for place in range(_MOST_EPOCHS)]
    return [
        picture_of_file(
            found[epoch],
            f"Images decoded from random z-points after epoch {epoch}",
            caption=f"epoch {epoch}",
            most_width=_STRIP_WIDTH,
        )
        for epoch in epochs
    ]


def _as_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _picture(content: bytes, size: tuple[int, int], alternative: str, caption: str) -> Picture:
    source = "data:image/png;base64," + base64.b64encode(content).decode("ascii")
    return Picture(source, size[0], size[1], alternative, caption)
