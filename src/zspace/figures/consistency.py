"""How far points of each kind come back when they are decoded and encoded again."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from zspace.analysis.consistency import Consistency, Return
from zspace.figures.intervals import draw_intervals, logarithmic, name_rows
from zspace.figures.panels import head, stack
from zspace.figures.style import GRAY, INK, PALETTE, styled

__all__ = ["consistency_panels", "draw_consistency"]

_BROKEN = (0, (4, 2))
_ROW = 0.235
_LEAST = 1e-6
_GID = "under the codes"


def consistency_panels(measured: Consistency) -> Figure:
    """How far points come back, their radius before and after, and who is told apart.

    Args:
        measured: from `zspace.analysis.consistency`.

    Returns:
        The figure, to be saved by `save_figure`.

    Example:
        >>> import numpy as np
        >>> from zspace.analysis.consistency import consistency
        >>> draw = np.random.default_rng(1).standard_normal
        >>> measured = consistency(
        ...     {"N(0, I)": draw((50, 4))},
        ...     codes=draw((200, 4)), decode=lambda z: z, encode=lambda images: images / 2,
        ... )
        >>> len(consistency_panels(measured).axes)
        3
    """
    rows = _rows(measured)
    names = [each.name for each in rows]
    height = 1.15 + _ROW * len(rows)
    with styled():
        figure, (apart, radii, told) = stack([height + 0.2, height, height])
        draw_consistency(apart, measured, color=PALETTE["blue"], label="median, 50 % and 90 %")
        apart.axvline(1.0, ymax=0.98, color=INK, linewidth=1.2, linestyle=_BROKEN)
        title = f"How far from z is z′?\nOf codes {measured.codes.spreads[50]:.2g} of their spread"
        head(apart, title)
        _radii(radii, rows)
        name_rows(radii, names)
        head(radii, "Radius, median")
        _told(told, rows)
        name_rows(told, names)
        told.set_title("Nearer to its own z than to any other of its kind")
        return figure


def draw_consistency(
    axes: Axes, measured: Consistency, *, color: str, label: str, offset: float = 0.0
) -> None:
    """Draw the distances of z′ and z as intervals, in units of the median one of the run's codes.

    In these, not in those of the space: where posteriors are wide, little of a z-point comes back
    of codes either. Several runs go into one panel with different offsets, if they were asked about
    the same kinds.

    Args:
        axes: where; row 0 is the codes.
        measured: from `zspace.analysis.consistency`.
        color: of the run.
        label: for the legend.
        offset: how far below the middle of the row, in rows, for example -0.2, 0 and 0.2.
    """
    rows = _rows(measured)
    unit = max(measured.codes.spreads[50], _LEAST)
    times = [
        {percent: max(value, _LEAST) / unit for percent, value in each.spreads.items()}
        for each in rows
    ]
    draw_intervals(axes, times, color=color, label=label, offset=offset)
    logarithmic(axes)
    if not any(line.get_gid() == _GID for line in axes.get_lines()):
        name_rows(axes, [each.name for each in rows])
        axes.get_lines()[-1].set_gid(_GID)
    axes.set_xlabel("distance of z′ and z, over the median one of codes")


def _rows(measured: Consistency) -> tuple[Return, ...]:
    return (measured.codes, *measured.kinds)


def _radii(axes: Axes, rows: tuple[Return, ...]) -> None:
    """Median radius before and after, joined by a line."""
    before = [each.radius_before[50] for each in rows]
    after = [each.radius_after[50] for each in rows]
    for place, (start, end) in enumerate(zip(before, after, strict=True)):
        axes.plot([start, end], [place, place], color=GRAY, linewidth=1.2)
    places = range(len(rows))
    for values, color, face, label in (
        (before, "blue", "white", "z"), (after, "vermilion", PALETTE["vermilion"], "z′")
    ):  # fmt: skip
        axes.plot(
            values, places, linestyle="", marker="o", markersize=6, color=PALETTE[color],
            markerfacecolor=face, markeredgewidth=1.4, label=label,
        )  # fmt: skip
    axes.set_xlim(left=0)
    axes.set_xlabel("radius: distance from the origin")


def _told(axes: Axes, rows: tuple[Return, ...]) -> None:
    shares = [100 * each.identified for each in rows]
    axes.barh(range(len(rows)), shares, height=0.7, color=PALETTE["green"], alpha=0.85)
    for place, share in enumerate(shares):
        inside = share > 85
        axes.text(
            share - 1 if inside else share + 1, place, f"{share:.0f} %", size=8.5,
            ha="right" if inside else "left", va="center", color="white" if inside else INK,
        )  # fmt: skip
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of the points")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))
