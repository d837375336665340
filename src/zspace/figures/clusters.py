"""The inertia of k-means over the number of clusters, and the silhouette."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from zspace.analysis.clusters import Clusters
from zspace.figures.panels import head, stack
from zspace.figures.style import INK, PALETTE, styled

__all__ = ["clusters_curve", "draw_inertia"]

_BROKEN = (0, (4, 2))
_FEW = 20


def clusters_curve(measured: Clusters) -> Figure:
    """Inertia over k with its elbow, or the word that there is none, and the silhouette.

    Args:
        measured: from `zspace.analysis.clusters`.

    Returns:
        The figure, to be saved by `save_figure`.

    Example:
        >>> from zspace.analysis.clusters import clusters
        >>> points = np.random.default_rng(1).standard_normal((200, 3))
        >>> figure = clusters_curve(clusters(points, ks=(2, 4, 6)))
        >>> [axes.get_xlabel() for axes in figure.axes]
        ['', 'number of clusters k']
    """
    with styled():
        figure, (upper, lower) = stack([3.2, 2.4])
        draw_inertia(upper, measured, color=PALETTE["blue"], label="all points")
        upper.set_xlabel("")
        if measured.elbow is not None:
            text = f"elbow at k = {measured.elbow}"
            upper.axvline(measured.elbow, color=PALETTE["vermilion"], linestyle=_BROKEN, label=text)
            title = f"Inertia: a clear elbow at k = {measured.elbow}"
        else:
            title = "Inertia: no clear elbow"
        head(upper, title)
        known = [value is not None for value in measured.silhouette]
        ks = np.array(measured.ks)[known]
        values = np.array([value for value in measured.silhouette if value is not None])
        marker = "o" if len(ks) <= _FEW else None
        lower.plot(ks, values, color=PALETTE["green"], marker=marker, markersize=4)
        lower.axhline(0.0, color=INK, linewidth=0.8)
        lower.set_ylim(min(-0.05, *values, 0.0) - 0.02, max(0.3, *values, 0.0) + 0.05)
        lower.set_ylabel("mean silhouette")
        lower.set_xlabel("number of clusters k")
        _whole(lower, measured)
        head(lower, "Silhouette: 1 for clusters far apart, 0 where they touch")
        return figure


def draw_inertia(axes: Axes, measured: Clusters, *, color: str, label: str) -> None:
    """Inertia as a share of that of one cluster, as one line among others.

    Args:
        axes: where.
        measured: from `zspace.analysis.clusters`.
        color: of the line.
        label: for the legend.
    """
    shares = 100 * np.array(measured.inertia) / measured.total
    marker = "o" if len(shares) <= _FEW else None
    axes.plot(measured.ks, shares, color=color, label=label, marker=marker, markersize=4)
    axes.set_ylim(bottom=0, top=max(axes.get_ylim()[1], 1.08 * float(shares.max())))
    axes.set_ylabel("% of the total variance")
    axes.set_xlabel("number of clusters k")
    _whole(axes, measured)


def _whole(axes: Axes, measured: Clusters) -> None:
    axes.set_xlim(0, max(axes.get_xlim()[1] if len(axes.lines) > 2 else 0, measured.ks[-1] + 1))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
