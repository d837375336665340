"""Points laid out on maps, colored by what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zspace.analysis.coloring import Coloring, color_limits
from zspace.analysis.maps import Map
from zspace.errors import ShapeError
from zspace.figures.style import CLASS_COLORS, GRAY, INK, WIDTH, styled

__all__ = ["draw_map", "map_grid", "map_panels"]

_OTHER = "#c4cad0"
_LINE_POINTS = 8.0


def map_panels(maps: Sequence[Map], *, colors: Coloring | None = None) -> Figure:
    """Each map in a panel of its own, with its quality, and what not to read from it.

    Args:
        maps: of the same points.
        colors: of the points; None draws all alike.

    Returns:
        The figure, to be saved by `save_figure`.

    Raises:
        ShapeError: if there is not one color for each point.

    Example:
        >>> from zspace.analysis.maps import maps
        >>> points = np.random.default_rng(1).normal(size=(50, 3))
        >>> figure = map_panels(maps(points, methods=["pca"]))
        >>> figure.axes[0].get_title(loc="left")
        'PCA'
    """
    with styled():
        # One above the other: side by side they would be too small to be read on paper.
        height = 0.85 * WIDTH
        room = 0.9 if colors is not None else 0.5
        figure = Figure(figsize=(WIDTH, len(maps) * height + room), layout="constrained")
        every = figure.subplots(len(maps), 1, squeeze=False)[:, 0]
        for axes, each in zip(every, maps, strict=True):
            drawn = draw_map(axes, each, colors=colors)
            axes.set_title(each.title)
            axes.set_xlabel(f"{_quality(each)}\n{_wrapped(each.warning)}", fontsize=8.5, color=GRAY)
        _legend(figure, list(every), drawn, colors)
        return figure


def map_grid(maps: dict[str, Map], *, colors: dict[str, Coloring] | None = None) -> Figure:
    """One kind of map of several runs, side by side, two in a row.

    Args:
        maps: by the name of the run.
        colors: by the name of the run, all of one thing; None draws all points alike.

    Returns:
        The figure, to be saved by `save_figure`.

    Raises:
        ShapeError: if there is not one color for each point.
    """
    columns = min(2, len(maps))
    rows = -(-len(maps) // columns)
    with styled():
        side = WIDTH / columns
        figure = Figure(figsize=(WIDTH, rows * (side + 0.5) + 0.6), layout="constrained")
        every = figure.subplots(rows, columns, squeeze=False).ravel()
        drawn = None
        # One color bar is for all, so a color has to mean the same number in every panel.
        limits = (
            color_limits(np.concatenate([colors[name].values for name in maps])) if colors else None
        )
        for axes, (name, each) in zip(every, maps.items(), strict=False):
            drawn = draw_map(axes, each, colors=colors[name] if colors else None, limits=limits)
            axes.set_title(name)
            text = _quality(each, break_after_variance=columns > 1)
            axes.set_xlabel(text, fontsize=8.5, color=GRAY)
        for axes in every[len(maps) :]:
            axes.set_axis_off()
        first = next(iter(colors.values())) if colors else None
        _legend(figure, list(every[: len(maps)]), drawn, first)
        return figure


def draw_map(
    axes: Axes,
    laid: Map,
    *,
    colors: Coloring | None = None,
    limits: tuple[float, float] | None = None,
) -> PathCollection:
    """Draw the points of a map, without ticks, as its units mean nothing.

    Args:
        axes: where.
        laid: the map.
        colors: of the points; None draws all alike.
        limits: numbers that get the first and the last color; None takes the 1st and the 99th
            percentile.

    Raises:
        ShapeError: if there is not one color for each point.
    """
    x, y = laid.coordinates.T
    count = len(x)
    if colors is not None and len(colors.values) != count:
        raise ShapeError(
            f"one color for each of {count} points was expected, {len(colors.values)} came"
        )
    # On a panel of half the width a point covers a quarter as much.
    share = axes.get_subplotspec()
    columns = share.get_gridspec().ncols if share is not None else 1
    size = float(np.clip(5e4 / count, 0.5, 16.0)) / columns**2
    opacity = float(np.clip(4000 / count, 0.25, 0.9))
    # Drawn in a random order, so that no class covers the others.
    order = np.random.default_rng(0).permutation(count)
    common: dict[str, Any] = {"s": size, "alpha": opacity, "linewidths": 0, "rasterized": True}
    if colors is None:
        drawn = axes.scatter(x[order], y[order], color=CLASS_COLORS[0], **common)
    elif colors.is_class:
        table = np.array([*CLASS_COLORS, _OTHER])
        shown = table[np.where(colors.values < 0, len(CLASS_COLORS), colors.values)]
        drawn = axes.scatter(x[order], y[order], c=shown[order], **common)
    else:
        low, high = color_limits(colors.values) if limits is None else limits
        drawn = axes.scatter(
            x[order], y[order], c=colors.values[order], cmap="viridis", vmin=low, vmax=high,
            **common,
        )  # fmt: skip
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color("#dfe3e7")
    return drawn


def _quality(laid: Map, *, break_after_variance: bool = False) -> str:
    parts = []
    if laid.explained is not None:
        parts.append(f"{100 * laid.explained:.0f} % of the variance")
    if laid.trustworthiness is not None and laid.continuity is not None:
        parts.append(
            f"trustworthiness {laid.trustworthiness:.3f}, continuity {laid.continuity:.3f}"
        )
    return ("\n" if break_after_variance else ", ").join(parts)


def _wrapped(text: str, columns: int = 66) -> str:
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > columns:
            lines.append("")
        lines[-1] += word + " "
    return "\n".join(line.strip() for line in lines)


def _legend(
    figure: Figure, panels: list[Axes], drawn: PathCollection | None, colors: Coloring | None
) -> None:
    if colors is None or drawn is None:
        return
    if colors.is_class:
        handles = [
            Line2D([], [], color=color, marker="o", markersize=5, linestyle="", label=name)
            for name, color in zip(colors.names, CLASS_COLORS, strict=False)
        ]
        longest = max(len(name) for name in colors.names)
        legend = figure.legend(
            handles=handles, loc="outside upper left", ncols=max(2, min(5, 44 // (longest + 4))),
            title=colors.title, alignment="left", handletextpad=0.1, columnspacing=1.0,
        )  # fmt: skip
        legend.get_title().set_fontsize(11)
        return
    unit = f" ({colors.unit})" if colors.unit else ""
    bar = figure.colorbar(
        drawn, ax=panels, location="top", fraction=0.03, pad=0.01, aspect=45, shrink=0.9
    )
    if bar.solids is not None:
        bar.solids.set_alpha(1.0)
    bar.set_label(colors.title + unit, loc="left", color=INK, fontsize=11)
    bar.ax.tick_params(labelsize=_LINE_POINTS + 1)
