"""Images moved along a direction, and what else a direction changes."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Shaped
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from zspace.analysis.separability import Leak, Leakage
from zspace.errors import ShapeError
from zspace.figures.grids import image_grid
from zspace.figures.panels import head, stack
from zspace.figures.style import GRAY, INK, PALETTE, styled

__all__ = ["edit_grid", "leakage_bars", "signed"]

_MARK = " ○"
_ROW = 0.25
_SHOWN = 12
_LETTERS = 48


def signed(value: float) -> str:
    """A number with its sign, as a caption.

    Example:
        >>> signed(-2.0), signed(0), signed(1.5)
        ('−2', '0', '+1.5')
    """
    return f"{value:+g}".replace("-", "−") if value else "0"


def edit_grid(
    originals: Shaped[np.ndarray, "*_originals"],
    edited: Shaped[np.ndarray, "*_edited"],
    *,
    factors: Sequence[float],
    off_the_data: Bool[np.ndarray, "count factors"] | None = None,
    title: str | None = None,
) -> Figure:
    """A row for each image: the original, then what it becomes at each factor.

    Args:
        originals: (n, H, W, C), uint8 or floats in 0…1.
        edited: (n, factors, H, W, C), likewise.
        factors: one for each column.
        off_the_data: whether each z-point is, (n, factors); those get a small circle.
        title: a line above all.

    Returns:
        The figure, to be saved by `save_figure`.

    Raises:
        ShapeError: if there are other numbers of images or of factors.

    Example:
        >>> figure = edit_grid(np.zeros((1, 8, 8, 1)), np.zeros((1, 2, 8, 8, 1)), factors=(-1, 1))
        >>> [text.get_text() for text in figure.texts]
        ['original', '−1', '+1']
    """
    if edited.ndim != 5 or edited.shape[:2] != (len(originals), len(factors)):
        raise ShapeError(
            f"edited images ({len(originals)}, {len(factors)}, H, W, C) were expected, "
            f"{edited.shape} came"
        )
    first = originals if originals.dtype.kind == "f" else originals / np.float32(255)
    rows = np.concatenate([first[:, None].astype(np.float32), edited], axis=1)
    off = np.zeros(edited.shape[:2], bool) if off_the_data is None else off_the_data
    captions = [
        text
        for row in off
        for text in ("original", *(_caption(*each) for each in zip(factors, row, strict=True)))
    ]
    if title is not None and off.any():
        title += f"  ({_MARK.strip()} off the data)"
    return image_grid(
        rows.reshape(-1, *rows.shape[2:]), columns=len(factors) + 1, captions=captions, title=title
    )


def _caption(factor: float, off: bool) -> str:
    return signed(factor) + (_MARK if off else "")


def leakage_bars(
    leaks: Leakage, *, name: str, attribute: str | None = None, against: Sequence[str] = ()
) -> Figure:
    """How much attributes change by factor 1: the direction's own on top, then the largest.

    Args:
        leaks: from `zspace.analysis.separability.leakage`.
        name: of the direction.
        attribute: that it was made of, if it was.
        against: attributes that it shall leave alone: they come second.

    Returns:
        The figure, to be saved by `save_figure`.

    Example:
        >>> leak = Leak("hat", change=0.5, image_change=0.2, in_data=0.1, cosine=1, reader_auc=0.9)
        >>> figure = leakage_bars(Leakage(9, (leak,), ()), name="hat", attribute="hat")
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['hat']
    """
    own = leaks.of(attribute) if attribute is not None else None
    rows = [leak for each in (attribute, *against) for leak in leaks.leaks if leak.name == each]
    rows += [leak for leak in leaks.leaks if leak not in rows][:_SHOWN]
    with styled():
        figure, (axes,) = stack([1.45 + _ROW * len(rows) + 0.18 * (len(name) // _LETTERS)])
        _bars(axes, rows, own=own)
        axes.axvline(0, ymax=0.98, color=INK, linewidth=0.8)
        axes.set_yticks(range(len(rows)), [leak.name.replace("_", " ") for leak in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.grid(False, axis="y")
        axes.margins(x=0.08)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(round(value, 6))))
        axes.set_xlabel("change of the mean probability, in percentage points")
        head(axes, "What factor 1 changes")
        title = textwrap.fill(name.replace("_", " "), _LETTERS)
        figure.suptitle(title, x=0.02, ha="left", size=12)
        return figure


def _bars(axes: Axes, rows: Sequence[Leak], *, own: Leak | None) -> None:
    """The change seen as a bar, that of the codes as a dot, the data's difference as a line."""
    places = np.arange(len(rows))
    through_images = any(leak.image_change is not None for leak in rows)
    axes.barh(
        places, [100 * leak.seen for leak in rows], height=0.62, linewidth=0,
        color=[PALETTE["green" if leak is own else "blue"] for leak in rows], alpha=0.75,
    )  # fmt: skip
    shown = "in images" if through_images else "in codes"
    axes.bar(0, 0, color=PALETTE["blue"], alpha=0.75, label=shown)
    if through_images:
        axes.plot(
            [100 * leak.change for leak in rows], places, linestyle="", marker="o", markersize=5,
            color=PALETTE["vermilion"], markeredgecolor="white", markeredgewidth=0.8,
            label="in codes",
        )  # fmt: skip
    # Of the direction's own attribute the groups differ by all there is, which says nothing.
    known = [
        (100 * leak.in_data, place)
        for place, leak in enumerate(rows)
        if leak.in_data is not None and leak is not own
    ]
    if known:
        axes.plot(
            *zip(*known, strict=True), linestyle="", marker="|", markersize=11,
            markeredgewidth=1.6, color=GRAY, label="in the data",
        )  # fmt: skip
