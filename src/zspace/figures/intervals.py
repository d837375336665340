"""Rows of intervals: one for each kind of points, from its quantiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from zspace.figures.style import INK

__all__ = ["draw_intervals", "logarithmic", "name_rows"]

_THIN, _THICK = 1.2, 5.0


def draw_intervals(
    axes: Axes,
    rows: Sequence[Mapping[int, float]],
    *,
    color: str,
    label: str | None = None,
    offset: float = 0.0,
) -> None:
    """Draw 5 to 95 % as a thin line, 25 to 75 % as a thick one, and the median as a dot.

    Args:
        axes: where; row i is at y = i.
        rows: quantiles by percent, with 5, 25, 50, 75 and 95.
        color: of lines and dots.
        label: for the legend.
        offset: how far below the middle of the row, in rows.
    """
    for place, row in enumerate(rows):
        y = place + offset
        axes.plot([row[5], row[95]], [y, y], color=color, linewidth=_THIN)
        axes.plot([row[25], row[75]], [y, y], color=color, linewidth=_THICK, alpha=0.45)
    axes.plot(
        [row[50] for row in rows], [place + offset for place in range(len(rows))], linestyle="",
        marker="o", markersize=5, color=color, markeredgecolor="white", markeredgewidth=0.8,
        label=label,
    )  # fmt: skip


def name_rows(axes: Axes, names: Sequence[str], *, ahead: int = 1) -> None:
    """Write the names beside the rows, the first on top, with a line under the first `ahead`."""
    axes.set_yticks(range(len(names)), list(names))
    axes.set_ylim(len(names) - 0.4, -0.75)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    if 0 < ahead < len(names):
        axes.axhline(ahead - 0.5, color=INK, linewidth=0.6)


def logarithmic(axes: Axes) -> None:
    """A logarithmic axis with as many numbers as there is room for, at least where it is wide."""
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    steps = {3: None, 30: (1, 2, 3, 5, 7), 300: (1, 2, 5), np.inf: (1,)}
    subs = next(subs for ratio, subs in steps.items() if high / low < ratio)
    axes.xaxis.set_major_locator(MaxNLocator(6) if subs is None else LogLocator(subs=subs))
    axes.xaxis.set_minor_locator(NullLocator())
    if low >= 1e-3 and high < 1e5:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
