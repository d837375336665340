"""The correlations of the axes: who goes with whom, and how many of these are more than chance."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Int64
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from scipy import stats
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from zspace.analysis.correlations import Correlations
from zspace.errors import InputError
from zspace.figures.panels import head, stack
from zspace.figures.style import INK, PALETTE, styled

__all__ = ["ORDERS", "correlation_matrix", "order_of_axes"]

ORDERS = ("blocks", "variance", "index")
"""How axes may be ordered: alike ones together, the most active first, or as they are numbered."""

_BROKEN = (0, (4, 2))
_COLORS = [
    "#003b5c",
    PALETTE["blue"],
    "#a9cfe6",
    "#ffffff",
    "#f3c1a0",
    PALETTE["vermilion"],
    "#6b2f00",
]
_LEAST_SCALE = 0.05
_BINS = 60
_ROOM = 2.5


def correlation_matrix(measured: Correlations, *, order: str = "blocks") -> Figure:
    """The matrix of correlations, and the histogram of its coefficients beside chance.

    Colors reach as far as the largest coefficient off the diagonal; the diagonal is left white.

    Args:
        measured: from `zspace.analysis.correlations`.
        order: of the axes: ``"blocks"`` puts alike ones side by side, by hierarchical clustering;
            ``"variance"`` the most active first; ``"index"`` leaves them as they are.

    Returns:
        The figure, to be saved by `save_figure`.

    Raises:
        InputError: if there is no such order, or no axis varies.

    Example:
        >>> from zspace.analysis.correlations import correlations
        >>> points = np.random.default_rng(1).standard_normal((300, 8))
        >>> figure = correlation_matrix(correlations(points), order="variance")
        >>> figure.axes[0].get_xlabel(), figure.axes[1].get_xlabel()
        ('axis, by its variance', 'correlation r of a pair of axes')
    """
    places = order_of_axes(measured, order)
    if not len(places):
        raise InputError(
            f"an axis that varies is needed for a picture, none of {measured.latent_size:,} "
            "does; look at other codes"
        )
    with styled():
        figure, (upper, lower) = stack([4.7, 2.9])
        _matrix(figure, upper, measured, places)
        name = {"blocks": "alike ones together", "variance": "by its variance", "index": "index"}
        upper.set_xlabel(f"axis, {name[order]}")
        upper.set_ylabel(f"axis, {name[order]}")
        _histogram(lower, measured)
        return figure


def order_of_axes(measured: Correlations, order: str) -> Int64[np.ndarray, " varying"]:
    """Rows of the matrix in the order that they are drawn in.

    Args:
        measured: the correlations.
        order: one of `ORDERS`. Blocks come from average linkage of the distances 1 − abs(r).

    Raises:
        InputError: if there is no such order.
    """
    if order not in ORDERS:
        raise InputError(f"an order of axes is one of {', '.join(ORDERS)}; {order!r} came")
    size = len(measured.axes)
    if order == "index" or size < 3:
        return np.arange(size, dtype=np.int64)
    if order == "variance":
        return np.argsort(-np.array(measured.deviations), kind="stable")
    apart = 1 - np.abs(measured.matrix)
    np.fill_diagonal(apart, 0.0)
    linkage = hierarchy.linkage(squareform(apart, checks=False), method="average")
    return np.asarray(hierarchy.leaves_list(linkage), np.int64)


def _matrix(figure: Figure, axes: Axes, measured: Correlations, places: np.ndarray) -> None:
    """The matrix in colors, its diagonal left white."""
    size = len(places)
    matrix = measured.matrix[np.ix_(places, places)].copy()
    np.fill_diagonal(matrix, 0.0)
    scale = max(_LEAST_SCALE, measured.largest or 0.0)
    colors = LinearSegmentedColormap.from_list("correlation", _COLORS)
    image = axes.imshow(
        matrix, cmap=colors, vmin=-scale, vmax=scale, interpolation="nearest",
        extent=(0.5, size + 0.5, size + 0.5, 0.5),
    )  # fmt: skip
    axes.grid(visible=False)
    if size <= 16:
        axes.set_xticks(range(1, size + 1), [str(measured.axes[place]) for place in places])
        axes.set_yticks(range(1, size + 1), [str(measured.axes[place]) for place in places])
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    bar = figure.colorbar(image, cax=axes.inset_axes((1.03, 0.0, 0.035, 1.0)))
    bar.outline.set_visible(False)
    bar.set_label("correlation r")
    left_out = f"; {len(measured.constant):,} constant left out" if measured.constant else ""
    title = f"Correlations of {size:,} axes{left_out}"
    if measured.largest is not None:
        title += f":\nlargest {measured.largest:.2g}, mean of abs(r) {measured.mean_absolute:.2g}"
    axes.set_title(title)


def _histogram(axes: Axes, measured: Correlations) -> None:
    """How the coefficients are spread, and how they would be of independent axes."""
    axes.set_xlabel("correlation r of a pair of axes")
    axes.set_ylabel("share of pairs")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
    r = measured.coefficients
    if not len(r):
        axes.set_title("No pair of axes varies")
        return
    assert measured.largest is not None
    assert measured.chance_largest is not None
    end = min(1.0, 1.05 * max(measured.largest, 1.3 * measured.chance_largest))
    edges = np.linspace(-end, end, min(_BINS, 2 * math.ceil(math.sqrt(len(r))) + 4) + 1)
    shares = 100 * np.histogram(r, edges)[0] / len(r)
    blue, step = PALETTE["blue"], edges[1] - edges[0]
    axes.stairs(shares, edges, fill=True, color=blue, alpha=0.3, linewidth=0)
    axes.stairs(shares, edges, color=blue, linewidth=1.6, label="these axes")
    places = np.linspace(-end, end, 801)
    half = measured.count / 2 - 1
    # r of independent axes: (r + 1)/2 has the beta distribution with N/2 − 1 twice.
    curve = 100 * step * stats.beta(half, half).pdf((places + 1) / 2) / 2
    room = min(_ROOM * float(shares.max()), 108.0)
    axes.plot(places, np.minimum(curve, 2 * room), color=INK, linewidth=1.4, linestyle=_BROKEN,
              label="chance: independent ones")  # fmt: skip
    axes.set_ylim(0, min(room, 1.08 * max(float(shares.max()), float(curve.max()))))
    axes.set_xlim(-end, end)
    beyond = 100 * (measured.share_beyond or 0.0)
    head(
        axes, f"{beyond:.3g} % of pairs exceed what chance reaches ({measured.chance_largest:.2g})"
    )
