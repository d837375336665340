"""Images in rows and columns, pixel for pixel: no image is ever resampled unevenly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Shaped, UInt8
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from zspace.errors import InputError, ShapeError
from zspace.figures.style import DPI, GRAY, INK, styled

__all__ = ["image_grid", "mosaic", "pairs_grid"]

_SIDE = 96
_MARGIN = 12
_ROW_LABEL_POINTS = 10.0
_CAPTION_POINTS = (9.0, 8.0, 7.0)
_TITLE_POINTS = 11.0
_LETTERED_WIDTH = 900


def mosaic(
    images: Shaped[np.ndarray, "*_images"],
    *,
    columns: int | None = None,
    scale: int | None = None,
    gap: int = 4,
) -> UInt8[np.ndarray, "height width channels"]:
    """Lay images out in rows and columns, with thin white gaps.

    Args:
        images: (N, H, W, C) or (N, H, W) for gray; uint8, or floats where 0 is black and 1 white
            (a decoder may go a little beyond: that is cut). C is 1 or 3.
        columns: images in a row; None fills whole rows where it can.
        scale: each pixel becomes scale × scale; None shows small images at about 96 pixels.
        gap: white pixels between images.

    Returns:
        Pixels (height, width, C), uint8.

    Raises:
        ShapeError: if the array is no such images.
        InputError: if there is no image, a value is not finite, or an option is out of range.

    Example:
        >>> mosaic(np.zeros((28, 64, 64, 3))).shape
        (524, 920, 3)
    """
    pixels = _as_pixels(images)
    count, height, width, channels = pixels.shape
    columns = _columns(count, columns)
    scale = _scale(height, width) if scale is None else scale
    if scale < 1 or gap < 0:
        raise InputError(
            f"a mosaic needs scale ≥ 1 and gap ≥ 0, {scale} and {gap} came; leave them out"
        )
    rows = math.ceil(count / columns)
    height, width = height * scale, width * scale
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, channels)
    canvas = np.full(shape, 255, np.uint8)
    for place, image in enumerate(pixels):
        top, left = place // columns * (height + gap), place % columns * (width + gap)
        large = image.repeat(scale, axis=0).repeat(scale, axis=1)
        canvas[top : top + height, left : left + width] = large
    return canvas


def image_grid(
    images: Shaped[np.ndarray, "*_images"],
    *,
    columns: int | None = None,
    captions: Sequence[str] | None = None,
    row_labels: Sequence[str] | None = None,
    title: str | None = None,
    scale: int | None = None,
) -> Figure:
    """Images in rows and columns with lettering; at 150 dpi each pixel is a whole number of dots.

    Args:
        images: as for `mosaic`.
        columns: images in a row; None fills whole rows where it can.
        captions: a line under each image, N of them; made smaller or shortened to fit.
        row_labels: a label left of each row.
        title: a line above all.
        scale: each pixel becomes scale × scale dots; None shows small images at about 96 dots.

    Returns:
        The figure, to be saved by `save_figure`.

    Raises:
        ShapeError: if the array is no images, or there is another number of captions or labels.
        InputError: if there is no image, a value is not finite, or an option is out of range.

    Example:
        >>> figure = image_grid(np.zeros((4, 28, 28)), captions=["a", "b", "c", "d"])
        >>> len(figure.texts)
        4
    """
    pixels = _as_pixels(images)
    columns = _columns(len(pixels), columns)
    rows = math.ceil(len(pixels) / columns)
    _require_length("captions", captions, len(pixels))
    _require_length("row_labels", row_labels, rows)
    with styled():
        return _lettered(
            [
                mosaic(pixels[i * columns : (i + 1) * columns], columns=columns, scale=scale)
                for i in range(rows)
            ],
            labels=row_labels,
            captions=None
            if captions is None
            else [captions[i * columns : (i + 1) * columns] for i in range(rows)],
            title=title,
            columns=columns,
            gaps=[4] * (rows - 1),
        )


def pairs_grid(
    originals: Shaped[np.ndarray, "*_images"],
    reconstructions: Shaped[np.ndarray, "*_images"],
    *,
    columns: int = 8,
    row_labels: tuple[str, str] = ("original", "decoded"),
    scale: int | None = None,
) -> Figure:
    """Originals in a row, the reconstruction of each right below it.

    Args:
        originals: as for `mosaic`.
        reconstructions: of the same shape; uint8 or floats.
        columns: pairs side by side at most; more follow in further double rows, equally long.
        row_labels: for the upper and the lower row.
        scale: each pixel becomes scale × scale dots; None shows small images at about 96 dots.

    Returns:
        The figure, to be saved by `save_figure`.

    Raises:
        ShapeError: if the arrays are no images, or not of the same shape.
        InputError: if there is no image, a value is not finite, or an option is out of range.

    Example:
        >>> figure = pairs_grid(np.zeros((3, 28, 28)), np.ones((3, 28, 28)))
        >>> [text.get_text() for text in figure.texts]
        ['original', 'decoded']
    """
    upper, lower = _as_pixels(originals), _as_pixels(reconstructions)
    if upper.shape != lower.shape:
        raise ShapeError(
            f"originals and reconstructions must have one shape, {upper.shape} and {lower.shape} "
            "came; give the reconstruction of each original"
        )
    bands = math.ceil(len(upper) / _columns(len(upper), columns))
    columns = math.ceil(len(upper) / bands)
    strips = [
        mosaic(half[start : start + columns], columns=columns, scale=scale)
        for start in range(0, len(upper), columns)
        for half in (upper, lower)
    ]
    with styled():
        return _lettered(
            strips,
            labels=list(row_labels) * (len(strips) // 2),
            captions=None,
            title=None,
            columns=columns,
            gaps=[4 if i % 2 == 0 else 20 for i in range(len(strips) - 1)],
        )


def _lettered(
    strips: list[UInt8[np.ndarray, "height width channels"]],
    *,
    labels: Sequence[str] | None,
    captions: Sequence[Sequence[str]] | None,
    title: str | None,
    columns: int,
    gaps: Sequence[int],
) -> Figure:
    """Strips of images under each other, with room measured for the lettering."""
    figure = Figure(figsize=(1, 1), dpi=DPI)
    height, width = strips[0].shape[:2]
    # A wide grid is shown smaller, on a page or a phone: its lettering grows with it.
    measure = _Measure(figure, max(1.0, width / _LETTERED_WIDTH))
    cell = (width - 4 * (columns - 1)) / columns
    label_room = max((measure.width(text, _ROW_LABEL_POINTS) for text in labels or []), default=-12)
    left = _MARGIN + round(label_room) + 12
    caption_room = round(28 * measure.factor) if captions else 0
    top = _MARGIN + (round(40 * measure.factor) if title else 0)
    total_width = left + width + _MARGIN
    if title:
        total_width = max(total_width, round(measure.width(title, _TITLE_POINTS)) + 2 * _MARGIN)
    total_height = top + len(strips) * (height + caption_room) + sum(gaps) + _MARGIN
    figure.set_size_inches(total_width / DPI, total_height / DPI)
    if title:
        figure.text(
            _MARGIN / total_width, 1 - _MARGIN / total_height, title,
            va="top", size=_TITLE_POINTS * measure.factor,
        )  # fmt: skip
    points = measure.points([text for row in captions or [] for text in row], cell)
    for row, strip in enumerate(strips):
        bottom = total_height - top - height
        _place(figure, strip, (left, bottom), (total_width, total_height))
        if labels:
            figure.text(
                (left - 12) / total_width, (bottom + height / 2) / total_height, labels[row],
                ha="right", va="center", size=_ROW_LABEL_POINTS * measure.factor, color=INK,
            )  # fmt: skip
        for column, text in enumerate(captions[row] if captions else []):
            center = left + column * (cell + 4) + cell / 2
            figure.text(
                center / total_width, (bottom - 5) / total_height,
                measure.shortened(text, points, cell),
                ha="center", va="top", size=points * measure.factor, color=GRAY,
            )  # fmt: skip
        top += height + caption_room + (gaps[row] if row < len(gaps) else 0)
    return figure


def _place(
    figure: Figure,
    pixels: UInt8[np.ndarray, "height width channels"],
    corner: tuple[int, int],
    total: tuple[int, int],
) -> None:
    """Show pixels one to one, their lower left corner at `corner` (dots)."""
    height, width, channels = pixels.shape
    axes = figure.add_axes(
        (corner[0] / total[0], corner[1] / total[1], width / total[0], height / total[1])
    )
    axes.set_axis_off()
    shown = pixels.repeat(3, axis=2) if channels == 1 else pixels
    axes.imshow(shown, interpolation="nearest", aspect="auto")


class _Measure:
    """How wide a text comes out, in dots, where all lettering is larger by `factor`."""

    def __init__(self, figure: Figure, factor: float) -> None:
        self.factor = factor
        self._figure = figure
        canvas: Any = FigureCanvasAgg(figure)  # its get_renderer carries no types
        self._renderer = canvas.get_renderer()

    def width(self, text: str, points: float) -> float:
        """Width of `text` in dots."""
        artist = self._figure.text(0, 0, text, size=points * self.factor)
        extent = artist.get_window_extent(self._renderer)
        artist.remove()
        return float(extent.width)

    def points(self, texts: Sequence[str], room: float) -> float:
        """The largest size of type at which all texts fit into `room`, or the smallest."""
        for points in _CAPTION_POINTS:
            if all(self.width(text, points) <= room for text in texts):
                return points
        return _CAPTION_POINTS[-1]

    def shortened(self, text: str, points: float, room: float) -> str:
        """`text`, or as much of its beginning as fits, with an ellipsis."""
        if self.width(text, points) <= room:
            return text
        while text and self.width(text + "…", points) > room:
            text = text[:-1]
        return text + "…"


def _as_pixels(
    images: Shaped[np.ndarray, "*_images"],
) -> UInt8[np.ndarray, "count height width channels"]:
    """Images as uint8 with a channel axis, checked."""
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[3] not in (1, 3) or 0 in images.shape[1:3]:
        raise ShapeError(
            "images must be (N, height, width), or (N, height, width, channels) with 1 or 3 "
            f"channels, {images.shape} came; reshape them"
        )
    if len(images) == 0:
        raise InputError("at least one image was expected, none came; raise the count")
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind != "f":
        raise InputError(
            f"images must be uint8 or floats from 0 to 1, {images.dtype} came; convert them"
        )
    if not np.isfinite(images).all():
        raise InputError(
            "images must be finite, but NaN or infinite values came; the model that made them "
            "has diverged: train it with a smaller learning rate"
        )
    # Not astype alone, which cuts off: half of all gray values would come out one too dark.
    return np.rint(np.clip(images, 0, 1) * np.float32(255)).astype(np.uint8)


def _columns(count: int, columns: int | None) -> int:
    """Images in a row: as asked for, else whole rows, about as wide as high or wider."""
    if columns is not None:
        if columns < 1:
            raise InputError(f"columns must be at least 1, {columns} came; leave it out")
        return columns
    if count <= 5:
        return count
    root = math.ceil(math.sqrt(count))
    return min(range(root, 2 * root), key=lambda width: (-count % width, width))


def _scale(height: int, width: int) -> int:
    return max(1, round(_SIDE / max(height, width)))


def _require_length(what: str, texts: Sequence[str] | None, count: int) -> None:
    if texts is not None and len(texts) != count:
        raise ShapeError(f"{count} {what} were expected, {len(texts)} came; give one for each")
