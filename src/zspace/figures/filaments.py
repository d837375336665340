"""Nearest distances, local dimension and connected pieces, beside a matched normal cloud."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from zspace.analysis.filaments import Filaments, Grain
from zspace.figures.panels import head, stack
from zspace.figures.style import INK, PALETTE, styled

__all__ = ["filament_panels"]

_BROKEN = (0, (4, 2))
_NORMAL = "normal cloud"
_MOST_PIECES = 40
_VISIBLE = 0.05
_ROOM_FOR_A_NUMBER = 12.0
_SHADES = ("blue", "orange", "green", "purple", "sky", "vermilion")


def filament_panels(measured: Filaments) -> Figure:
    """Distances to the nearest neighbor, local dimensions, and the pieces of the neighbor graph.

    Each beside the same of a normal cloud of as many points, with the same mean and covariance.

    Args:
        measured: from `zspace.analysis.filaments`.

    Returns:
        The figure, to be saved by `save_figure`.

    Example:
        >>> from zspace.analysis.filaments import filaments
        >>> points = np.random.default_rng(1).standard_normal((200, 4))
        >>> [axes.get_xlabel() for axes in filament_panels(filaments(points)).axes]
        ['distance to the nearest neighbor', 'local dimension', 'share of the points']
    """
    with styled():
        figure, (distances, dimensions, pieces) = stack([2.6, 2.6, 1.9])
        _stairs(
            distances,
            (measured.distance_counts, measured.normal_distance_counts),
            np.asarray(measured.distance_edges),
            labels=tuple(
                f"{name}: median {part.distance_quantiles[50]:.3g}"
                for name, part in _parts(measured)
            ),
        )
        distances.set_xlabel("distance to the nearest neighbor")
        head(distances, f"Nearest of {measured.used:,} points")
        _stairs(
            dimensions,
            (measured.dimension_counts, measured.normal_dimension_counts),
            np.asarray(measured.dimension_edges),
            labels=tuple(f"{name}: {_said(part.dimension)}" for name, part in _parts(measured)),
        )
        dimensions.set_xlabel("local dimension")
        head(dimensions, "Dimension close by, from 10 to 20 neighbors")
        _pieces(pieces, measured)
        return figure


def _parts(measured: Filaments) -> tuple[tuple[str, Grain], tuple[str, Grain]]:
    return ("codes", measured.codes), (_NORMAL, measured.normal)


def _said(dimension: float | None) -> str:
    return "none" if dimension is None else f"{dimension:.3g}"


def _stairs(
    axes: Axes, counts: tuple[tuple[int, ...], ...], edges: np.ndarray, *, labels: tuple[str, ...]
) -> None:
    """Both histograms, from the first bin with points to the last."""
    codes, normal = (100 * np.asarray(part) / sum(part) for part in counts)
    full = np.flatnonzero(codes + normal > _VISIBLE)
    first, last = full[0], full[-1] + 1
    edges = edges[first : last + 1]
    blue = PALETTE["blue"]
    axes.stairs(codes[first:last], edges, fill=True, color=blue, alpha=0.3, linewidth=0)
    axes.stairs(codes[first:last], edges, color=blue, linewidth=1.6, label=labels[0])
    axes.stairs(
        normal[first:last], edges, color=INK, linewidth=1.4, linestyle=_BROKEN, label=labels[1]
    )
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(bottom=0)
    axes.set_ylabel("share of points")
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))


def _pieces(axes: Axes, measured: Filaments) -> None:
    """Each cloud as a bar, cut into its pieces."""
    for place, (_, part) in enumerate(_parts(measured)):
        left, total = 0.0, sum(part.pieces)
        for number, size in enumerate(part.pieces[:_MOST_PIECES]):
            width = 100 * size / total
            color = PALETTE[_SHADES[number % len(_SHADES)]]
            axes.barh(
                place, width, left=left, height=0.6, color=color,
                edgecolor="white", linewidth=1.0,
            )  # fmt: skip
            if width > _ROOM_FOR_A_NUMBER:
                axes.text(
                    left + width / 2, place, f"{size:,}", ha="center", va="center",
                    color="white" if number % len(_SHADES) == 0 else INK, size=9.5,
                )  # fmt: skip
            left += width
    axes.set_yticks([0, 1], [name for name, _ in _parts(measured)])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.grid(False, axis="y")
    axes.set_xlabel("share of the points")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))
    count = len(measured.codes.pieces)
    axes.set_title(
        f"Graph of the nearest ten: {count:,} piece{'' if count == 1 else 's'}\n"
        f"Widest gap {measured.codes.gap:.3g}, of one piece at most {measured.gap_limit:.3g}"
    )
