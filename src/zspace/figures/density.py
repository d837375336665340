"""Where random points of each kind lie among the codes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from zspace.analysis.density import READINGS, Densities, Kind
from zspace.figures.intervals import draw_intervals, logarithmic, name_rows
from zspace.figures.panels import head, stack
from zspace.figures.style import INK, PALETTE, styled

__all__ = ["density_panels"]

_BROKEN = (0, (4, 2))
_ROW = 0.235
_RIDGE = 0.9
_COLORS = ("blue", "orange", "vermilion")
_ROOM_FOR_A_NUMBER = 0.07


def density_panels(measured: Densities) -> Figure:
    """Distances to the k-th nearest code, Mahalanobis distances, and what is said of the points.

    Args:
        measured: from `zspace.analysis.density`.

    Returns:
        The figure, to be saved by `save_figure`.

    Example:
        >>> from zspace.analysis.density import density
        >>> draw = np.random.default_rng(1).standard_normal
        >>> figure = density_panels(density(draw((200, 4)), {"N(0, I)": draw((50, 4))}))
        >>> len(figure.axes)
        3
    """
    rows = (measured.codes, *measured.kinds)
    names = [kind.name for kind in rows]
    height = 1.15 + _ROW * len(rows)
    with styled():
        figure, (near, center, shares) = stack([height] * 3)
        _ridges(near, measured, rows)
        _border(near, measured.distance_border)
        name_rows(near, names)
        near.set_xlabel(f"distance to the {_ordinal(measured.k)} nearest code")
        head(near, "How near codes are")
        blue = PALETTE["blue"]
        draw_intervals(center, [kind.mahalanobis for kind in rows], color=blue)
        _border(center, measured.mahalanobis_border)
        logarithmic(center)
        name_rows(center, names)
        center.set_xlabel("distance from the center, in units of the codes’ own spread")
        head(center, "How far out of the cloud, taken as one ellipsoid")
        _shares(shares, rows)
        name_rows(shares, names)
        head(shares, "What is said of them")
        return figure


def _border(axes: Axes, border: float) -> None:
    axes.axvline(
        border, ymax=0.98, color=INK, linewidth=1.2, linestyle=_BROKEN, label="99 % of codes"
    )


def _ridges(axes: Axes, measured: Densities, rows: tuple[Kind, ...]) -> None:
    """A histogram of each kind in its own row, all in the same bins."""
    edges = np.asarray(measured.distance_edges)
    for place, kind in enumerate(rows):
        heights = np.asarray(kind.distance_counts) / max(kind.distance_counts)
        color = PALETTE["green" if place == 0 else "blue"]
        axes.stairs(
            place + 0.45 - _RIDGE * heights, edges, baseline=place + 0.45, fill=True, color=color,
            alpha=0.6, linewidth=0,
        )  # fmt: skip
    room = (edges[-1] / edges[0]) ** 0.03  # the bars at both ends shall be seen whole
    axes.set_xlim(edges[0] / room, edges[-1] * room)
    logarithmic(axes)


def _shares(axes: Axes, rows: tuple[Kind, ...]) -> None:
    """One bar for each kind, cut by reading, with numbers where there is room."""
    for number, (reading, color) in enumerate(zip(READINGS, _COLORS, strict=True)):
        widths = np.array([kind.shares[number] for kind in rows])
        left = np.array([sum(kind.shares[:number]) for kind in rows])
        places = np.arange(len(rows))
        axes.barh(
            places, 100 * widths, left=100 * left, height=0.74, color=PALETTE[color],
            edgecolor="white", linewidth=0.8, label=reading,
        )  # fmt: skip
        for place in places[widths > _ROOM_FOR_A_NUMBER]:
            axes.text(
                100 * (left[place] + widths[place] / 2), place, f"{100 * widths[place]:.0f} %",
                ha="center", va="center", size=8.5, color=INK if color == "orange" else "white",
            )  # fmt: skip
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of the points")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))


def _ordinal(number: int) -> str:
    teens = 10 <= number % 100 <= 20
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
