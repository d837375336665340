"""The distribution of the codes on single axes, beside normal ones, and all axes at a glance."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from scipy import stats

from zspace.analysis.axes import AxisShapes
from zspace.errors import InputError
from zspace.figures.panels import head, stack
from zspace.figures.style import INK, PALETTE, WIDTH, styled

__all__ = ["axes_histograms", "axes_summary"]

_BROKEN = (0, (4, 2))
_COLUMNS = 3
_REACH = 4.5


def axes_histograms(measured: AxisShapes, *, count: int = 12) -> Figure:
    """Histograms of the most and the least active axes, with the normal fit and N(0, 1).

    Args:
        measured: from `zspace.analysis.axes`.
        count: how many axes: half of them the ones that vary most, half the ones that vary least;
            all of them, where there are no more.

    Returns:
        The figure, to be saved by `save_figure`.

    Raises:
        InputError: if no axis varies, or `count` is less than 1.

    Example:
        >>> from zspace.analysis.axes import axes
        >>> figure = axes_histograms(axes(np.random.default_rng(1).normal(size=(500, 4))))
        >>> len(figure.axes)
        4
    """
    order = measured.order
    if not order or count < 1:
        raise InputError(
            f"at least one axis that varies is needed for a histogram, {len(order)} of "
            f"{measured.latent_size} do and {count} were asked for; look at other codes"
        )
    most = math.ceil(count / 2)
    shown = order if len(order) <= count else order[:most] + order[len(order) - count + most :]
    columns = min(_COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    with styled():
        layout = ConstrainedLayoutEngine(w_pad=0.07, h_pad=0.06)
        figure = Figure(figsize=(WIDTH, 1.65 * rows + 0.75), layout=layout)
        grid = figure.subplots(rows, columns, squeeze=False)
        for panel in grid.flat[len(shown) :]:
            panel.remove()
        for panel, axis in zip(grid.flat, shown, strict=False):
            _one(panel, measured, axis)
        handles, labels = grid[0, 0].get_legend_handles_labels()
        some = (
            f"the most and the least active of {len(order):,}" if len(shown) < len(order) else "all"
        )
        legend = figure.legend(
            handles, labels, loc="outside upper left", ncols=3,
            title=f"Axes: {some}; D: distance from normal",
            alignment="left", borderaxespad=0.3, handlelength=1.6, columnspacing=1.2,
        )  # fmt: skip
        legend.get_title().set_fontsize(11)
        return figure


def _one(panel: Axes, measured: AxisShapes, axis: int) -> None:
    """One axis: its histogram as a density, the normal fit, and N(0, 1)."""
    mean, deviation = measured.mean[axis], measured.deviation[axis]
    counts = measured.counts[axis]
    step = deviation * (measured.edges[1] - measured.edges[0])
    density, edges = counts / (counts.sum() * step), mean + deviation * measured.edges
    blue = PALETTE["blue"]
    panel.stairs(density, edges, fill=True, color=blue, alpha=0.35, linewidth=0, label="codes")
    places = mean + deviation * np.linspace(-_REACH, _REACH, 200)
    fit = stats.norm(mean, deviation).pdf(places)
    panel.plot(places, fit, color=PALETTE["vermilion"], linewidth=1.6, label="normal fit")
    panel.plot(
        places, stats.norm.pdf(places), color=INK, linewidth=1.2, linestyle=_BROKEN, label="N(0, 1)"
    )
    panel.set_xlim(places[0], places[-1])
    panel.set_ylim(0, 1.1 * max(float(density.max()), float(fit.max())))
    panel.set_yticks([])
    panel.xaxis.set_major_locator(MaxNLocator(nbins=4))
    panel.tick_params(labelsize=8.5)
    panel.spines["left"].set_visible(False)
    panel.set_title(f"axis {axis}\nD = {measured.distance[axis]:.3f}", fontsize=9, pad=3)


def axes_summary(measured: AxisShapes) -> Figure:
    """All axes: mean and spread, skew against kurtosis, and the distance from normal of each.

    Args:
        measured: from `zspace.analysis.axes`.

    Returns:
        The figure, to be saved by `save_figure`.

    Example:
        >>> from zspace.analysis.axes import axes
        >>> figure = axes_summary(axes(np.random.default_rng(1).normal(size=(500, 4))))
        >>> [panel.get_xlabel() for panel in figure.axes]
        ['axis, the most active one first', 'skew', 'Kolmogorov distance D from the normal fit']
    """
    with styled():
        figure, (upper, middle, lower) = stack([2.6, 2.8, 2.4])
        _spreads(upper, measured)
        _skews(middle, measured)
        _distances(lower, measured)
        return figure


def _spreads(panel: Axes, measured: AxisShapes) -> None:
    """Mean ± standard deviation of each axis."""
    order = np.array([*measured.order, *measured.constant], np.int64)
    mean, deviation = np.array(measured.mean)[order], np.array(measured.deviation)[order]
    edges = np.arange(len(order) + 1) + 0.5
    panel.stairs(
        mean + deviation, edges, baseline=mean - deviation, fill=True, color=PALETTE["sky"],
        linewidth=0, label="mean ± standard deviation",
    )  # fmt: skip
    panel.plot(
        np.arange(len(order)) + 1, mean, linestyle="", marker="o", color=PALETTE["blue"],
        markersize=2.5 if len(order) > 40 else 4, label="mean",
    )  # fmt: skip
    for place in (-1.0, 1.0):
        label = "N(0, 1)" if place > 0 else None
        panel.axhline(place, color=INK, linewidth=1.2, linestyle=_BROKEN, label=label)
    panel.set_xlim(edges[0], edges[-1])
    panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    panel.set_xlabel("axis, the most active one first")
    panel.set_ylabel("value")
    head(panel, "Where the codes lie on each axis")


def _skews(panel: Axes, measured: AxisShapes) -> None:
    """Skew against excess kurtosis, colored by the distance from normal."""
    skew, kurtosis, distance = (
        np.array(values, np.float64)
        for values in (measured.skew, measured.kurtosis, measured.distance)
    )
    near = distance <= measured.threshold
    far = distance > measured.threshold
    size = 4 if len(skew) > 40 else 6
    for chosen, name, color, marker in (
        (near, "nearly normal", "blue", "o"),
        (far, "not", "vermilion", "^"),
    ):
        panel.plot(
            skew[chosen], kurtosis[chosen], linestyle="", marker=marker, color=PALETTE[color],
            markersize=size, alpha=0.7, markeredgewidth=0,
            label=f"{name} (D {'≤' if name != 'not' else '>'} {measured.threshold:.3g}): "
            f"{chosen.sum():,}",
        )  # fmt: skip
    panel.plot([0], [0], marker="+", color=INK, markersize=11, markeredgewidth=1.6, linestyle="")
    panel.set_xlabel("skew")
    panel.set_ylabel("excess kurtosis")
    panel.margins(0.08)
    head(panel, "Shape of each axis; a normal one is at the cross")


def _distances(panel: Axes, measured: AxisShapes) -> None:
    """How many axes are how far from normal, beside what chance alone gives."""
    known = np.array([d for d in measured.distance if d is not None])
    end = 1.1 * max(measured.threshold, float(known.max(initial=0.0)))
    edges = np.linspace(0.0, end, 41)
    if len(known):
        shares = 100 * np.histogram(known, edges)[0] / len(known)
        panel.stairs(shares, edges, fill=True, color=PALETTE["blue"], alpha=0.35, linewidth=0)
        panel.stairs(shares, edges, color=PALETTE["blue"], linewidth=1.6)
    panel.axvline(
        measured.chance, color=INK, linewidth=1.2, linestyle=_BROKEN,
        label=f"by chance, 95 % stay below {measured.chance:.2g}",
    )  # fmt: skip
    panel.axvline(
        measured.threshold, color=PALETTE["vermilion"], linewidth=1.6,
        label=f"nearly normal up to {measured.threshold:.2g}",
    )  # fmt: skip
    panel.set_xlim(0, end)
    panel.set_ylim(bottom=0)
    panel.set_xlabel("Kolmogorov distance D from the normal fit")
    panel.set_ylabel("share of axes")
    panel.yaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))
    head(panel, f"{measured.nearly_normal:,} of {len(known):,} axes are nearly normal", columns=2)
