"""Where a walk goes among the codes: its radius and its distance to them, beside theirs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Real
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from zspace.analysis.held_out import LEVEL
from zspace.analysis.places import READINGS
from zspace.analysis.walk_places import WalkPlaces
from zspace.errors import ShapeError
from zspace.figures.panels import head
from zspace.figures.style import GRAY, INK, PALETTE, WIDTH, styled

__all__ = ["sheet_panels", "walk_panels"]

_BROKEN = (0, (4, 2))
_COLORS = ("blue", "orange", "vermilion")
_ROW_COLORS = ("blue", "vermilion", "green", "orange", "purple", "sky", "black")
_MOST_LETTERS = 44
_MOST_LABELS = 16
_ABREAST = 4
_MOST_DOTS = 60
_ROW = "row"
_PALE = "#dbe7f1"


def walk_panels(
    measured: WalkPlaces,
    *,
    places: Real[np.ndarray, " columns"],
    stops: Sequence[tuple[float, str]] = (),
    rows: Sequence[str] = (),
    label: str = "step",
) -> Figure:
    """Radius and distance to the codes along a walk, beside the histograms of the codes.

    Args:
        measured: from `zspace.analysis.walk_places`.
        places: where each point of the walk is on the horizontal axis; with several rows, where
            those of each row are.
        stops: places and names of the stops.
        rows: names of the rows of points, where there are several walks, as of traversals.
        label: of the horizontal axis.

    Returns:
        The figure, to be saved by `save_figure`.

    Raises:
        ShapeError: if places and points do not fit each other.

    Example:
        >>> from zspace.analysis.walk_places import walk_places
        >>> codes = np.random.default_rng(1).normal(size=(500, 4))
        >>> found = walk_places(codes[:2], codes)
        >>> figure = walk_panels(found, places=np.arange(2), stops=[(0, "a"), (1, "b")])
        >>> len(figure.axes)
        4
    """
    lines = max(len(rows), 1)
    if lines * len(places) != len(measured.radius):
        raise ShapeError(
            f"{len(measured.radius)} points of a walk need as many places, {lines} × {len(places)} "
            "came; give one for each"
        )
    with styled():
        layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.06)
        named = rows[:_MOST_LABELS]
        room = 0.21 * -(-max(len(named), 1) // _ABREAST)
        figure = Figure(figsize=(WIDTH, 5.4 + room), layout=layout)
        grid = figure.subplots(
            2, 2, sharey="row", sharex="col", gridspec_kw={"width_ratios": [1, 3.4]}
        )
        for pair, part in zip(grid, ("radius", "distance"), strict=True):
            _beside(pair[0], measured, part)
            _along(pair[1], measured, part, places=places, rows=rows)
            for place, _ in stops:
                pair[1].axvline(place, color=GRAY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
        low, high = float(np.min(places)), float(np.max(places))
        grid[1, 1].set_xlim(low - 0.03 * (high - low), high + 0.03 * (high - low))
        grid[1, 1].set_xlabel(label)
        _name_stops(grid[1, 1], stops)
        grid[1, 0].set_xlabel("codes")
        drawn = [one for one in grid[1, 1].get_lines() if one.get_gid() in (_ROW, *READINGS)]
        if rows:
            handles, labels = drawn[:_MOST_LABELS], list(named)
        else:
            handles, labels = drawn[1:], [str(one.get_gid()) for one in drawn[1:]]
        figure.legend(
            handles, labels, loc="outside lower center", ncols=_ABREAST, handlelength=1.6,
            columnspacing=1.4,
        )  # fmt: skip
        return figure


def _beside(axes: Axes, measured: WalkPlaces, part: str) -> None:
    """The histogram of the codes, lying on its side, fullest bins to the left."""
    if part == "radius":
        counts, edges = measured.codes_radius.counts, measured.codes_radius.edges
    else:
        counts, edges = measured.distance_counts, np.asarray(measured.distance_edges)
    shares = np.asarray(counts) / max(counts)
    axes.stairs(
        shares, edges, orientation="horizontal", fill=True, color=PALETTE["blue"], alpha=0.35,
        linewidth=0,
    )  # fmt: skip
    axes.set_xlim(1.05, 0)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_ylabel(
        "radius" if part == "radius" else f"distance to the {_ordinal(measured.k)} nearest code"
    )


def _along(
    axes: Axes,
    measured: WalkPlaces,
    part: str,
    *,
    places: Real[np.ndarray, " columns"],
    rows: Sequence[str],
) -> None:
    """One quantity along the walk, over what the codes have of it."""
    values: np.ndarray = getattr(measured, part).reshape(max(len(rows), 1), -1)
    quantiles = measured.codes_radius.quantiles
    if part == "radius":
        axes.axhspan(quantiles[5], quantiles[95], color=PALETTE["blue"], alpha=0.13, linewidth=0,
                     label="90 % of the codes")  # fmt: skip
        reach = min(measured.codes_radius.maximum, 1.3 * quantiles[99])
        marks = {each: quantiles[each] for each in (5, 50, 95)}
        title = "Radius along the walk"
    else:
        middle, border, edge = measured.borders
        axes.axhspan(0, border, color=PALETTE["blue"], alpha=0.13, linewidth=0,
                     label="95 % of the codes")  # fmt: skip
        axes.axhline(edge, color=INK, linewidth=1.2, linestyle=_BROKEN, label="99 %")
        reach = 1.15 * edge
        marks = {50: middle, 95: border, 99: edge}
        title = "Density: how near codes are along the walk"
    axes.set_ylim(0, 1.06 * max(reach, float(values.max())))
    for percent, value in marks.items():
        axes.text(
            1.01, value, f"{percent} %", transform=axes.get_yaxis_transform(), va="center",
            size=8.5, color=GRAY,
        )  # fmt: skip
    for number, row in enumerate(values):
        _one(axes, places, row, number=number if rows else None)
    if not rows:
        _dots(axes, places, values[0], measured)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=not rows))
    head(axes, title)


def _one(
    axes: Axes,
    places: Real[np.ndarray, " columns"],
    row: Float64[np.ndarray, " columns"],
    *,
    number: int | None,
) -> None:
    """The line of one row; where there are more than colors, they go round again, broken."""
    turn, color = divmod(number or 0, len(_ROW_COLORS))
    axes.plot(
        places, row, color=INK if number is None else PALETTE[_ROW_COLORS[color]],
        linewidth=1.2 if number is None else 1.6, gid=_ROW, zorder=2,
        linestyle=("solid", _BROKEN, (0, (1, 1.5)))[turn % 3],
    )  # fmt: skip


def _dots(
    axes: Axes,
    places: Real[np.ndarray, " columns"],
    values: Float64[np.ndarray, " columns"],
    measured: WalkPlaces,
) -> None:
    """A dot for each point, in the color of what is said of it."""
    size = 6.0 if len(places) <= _MOST_DOTS else 3.0
    for number, (reading, color) in enumerate(zip(READINGS, _COLORS, strict=True)):
        here = measured.readings == number
        if here.any():
            axes.plot(
                places[here], values[here], linestyle="", marker="o", markersize=size,
                color=PALETTE[color], markeredgecolor="white", markeredgewidth=0.7,
                gid=reading, zorder=3,
            )  # fmt: skip


def _name_stops(axes: Axes, stops: Sequence[tuple[float, str]]) -> None:
    """The stops' names under the axis; their numbers, where the names have no room."""
    if not stops:
        return
    names = [name for _, name in stops]
    if len(names) > 2 and sum(map(len, names)) > _MOST_LETTERS:
        names = [f"stop {number + 1}" for number in range(len(names))]
    names = [name if len(name) <= _MOST_LETTERS // 2 else f"…{name[-20:]}" for name in names]
    axes.set_xticks([place for place, _ in stops], names)
    labels = axes.get_xticklabels()
    labels[0].set_horizontalalignment("left")
    labels[-1].set_horizontalalignment("right")


def sheet_panels(
    measured: WalkPlaces,
    *,
    columns: int,
    corners: Sequence[str] = (),
    labels: tuple[str, str] | None = None,
    values: Real[np.ndarray, " columns"] | None = None,
) -> Figure:
    """Radius and distance to the codes at each point of a plane or grid, in percent of the codes.

    A dot marks what is off the data by its place in the ellipsoid of the codes alone.

    Args:
        measured: from `zspace.analysis.walk_places`, row by row.
        columns: points in a row.
        corners: names of the points at the upper left, upper right and lower left, if any.
        labels: of the two directions, of a grid.
        values: on both of them, from left to right and from bottom to top.

    Returns:
        The figure, to be saved by `save_figure`.

    Raises:
        ShapeError: if the points do not fill whole rows.

    Example:
        >>> from zspace.analysis.walk_places import walk_places
        >>> codes = np.random.default_rng(1).normal(size=(500, 4))
        >>> figure = sheet_panels(walk_places(codes[:6], codes), columns=3)
        >>> len(figure.axes)
        4
    """
    if columns < 1 or len(measured.radius) % columns:
        raise ShapeError(
            f"whole rows of {columns} points were expected, {len(measured.radius)} points came; "
            "give the number of columns"
        )
    with styled():
        layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.06)
        alone = (measured.readings == 2) & (measured.distance_percentile <= 100 * LEVEL)
        height = 3.25 + 0.2 * bool(alone.any()) + 0.25 * bool(corners) + 0.4 * (labels is not None)
        figure = Figure(figsize=(WIDTH, height), layout=layout)
        panels = figure.subplots(1, 2, sharey=True)
        radius, distance = measured.radius_percentile, measured.distance_percentile
        _sheet(panels[0], radius.reshape(-1, columns), two_sided=True)
        _sheet(panels[1], distance.reshape(-1, columns), two_sided=False)
        if alone.any():
            note = "dots: off the data by their place in the codes’ ellipsoid alone"
            figure.supxlabel(note, size=8.5, color=GRAY)
        below, beside = np.divmod(np.flatnonzero(alone), columns)
        panels[1].plot(
            beside, below, linestyle="", marker="o", markersize=2.5, color=PALETTE["vermilion"]
        )
        panels[0].set_title("Radius: codes that\nhave a smaller one")
        nearer = _ordinal(measured.k)
        panels[1].set_title(f"Density: codes nearer\nto their {nearer} neighbor")
        for axes in panels:
            _number(axes, values, labels)
            _letter(axes, len(corners), columns, len(measured.radius) // columns)
        if labels:
            panels[0].set_ylabel(labels[1])
        if corners:
            shown = "   ".join(
                f"{letter}: {name if len(name) < 24 else '…' + name[-22:]}"
                for letter, name in zip("ABC", corners, strict=False)
            )
            figure.suptitle(shown, x=0.02, ha="left", size=9.5, color=GRAY)
        return figure


def _sheet(
    axes: Axes,
    percentiles: Float64[np.ndarray, "rows columns"],
    *,
    two_sided: bool,
) -> None:
    """Cells in the color of their percentile; ordinary ones are pale."""
    orange, vermilion = PALETTE["orange"], PALETTE["vermilion"]
    if two_sided:
        levels, colors = [0, 1, 5, 95, 99, 100], ["#1b4f72", "#7fa9cc", _PALE, orange, vermilion]
    else:
        levels, colors = [0, 50, 95, 99, 100], ["#f1f5f9", _PALE, orange, vermilion]
    image = axes.imshow(
        np.clip(percentiles, 0, 99.9999), cmap=ListedColormap(colors),
        norm=BoundaryNorm(levels, len(colors)), aspect="auto", interpolation="nearest",
    )  # fmt: skip
    axes.grid(False)
    axes.set_box_aspect(1)
    bar = axes.figure.colorbar(image, ax=axes, orientation="horizontal", spacing="uniform")
    bar.set_ticks(levels, labels=[f"{level} %" for level in levels])
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.ax.tick_params(labelsize=8.5, length=0)


def _number(
    axes: Axes, values: Real[np.ndarray, " columns"] | None, labels: tuple[str, str] | None
) -> None:
    """Some of the values at their cells, which need not be equally far apart."""
    if values is None or labels is None:
        axes.set_xticks([])
        axes.set_yticks([])
        return
    cells = np.unique(np.rint(np.linspace(0, len(values) - 1, min(5, len(values)))).astype(int))
    names = [f"{values[cell]:.2g}".replace("-", "−") for cell in cells]
    axes.set_xticks(cells, names)
    axes.set_yticks(len(values) - 1 - cells, names)
    axes.set_xlabel(labels[0])


def _letter(axes: Axes, count: int, columns: int, rows: int) -> None:
    """A, B and C in the cells of the corners."""
    cells = [(0, 0), (columns - 1, 0), (0, rows - 1)]
    for letter, (x, y) in zip("ABC"[:count], cells, strict=False):
        axes.text(x, y, letter, ha="center", va="center", size=9, color=INK, weight="bold")


def _ordinal(number: int) -> str:
    teens = 10 <= number % 100 <= 20
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
