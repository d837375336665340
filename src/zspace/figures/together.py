"""Several runs in one panel, on the same axes and in the same colors from figure to figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float64
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from zspace.analysis.clusters import Clusters
from zspace.analysis.consistency import Consistency
from zspace.analysis.pca import PCA
from zspace.analysis.radius import Radius, normal_radius_density
from zspace.errors import InputError
from zspace.figures.clusters import draw_inertia
from zspace.figures.consistency import draw_consistency
from zspace.figures.panels import head, stack
from zspace.figures.pca import draw_shares, draw_spectrum
from zspace.figures.style import INK, PALETTE, styled

__all__ = [
    "COLORS",
    "bars_together",
    "consistency_together",
    "inertia_together",
    "radii_together",
    "run_colors",
    "spectra_together",
]

COLORS = ("blue", "vermilion", "green", "purple", "orange", "sky")
"""Names of the colors of the first, second, … run."""

_BROKEN = (0, (4, 2))


def run_colors(names: Sequence[str]) -> dict[str, str]:
    """A color for each run.

    Args:
        names: of the runs, at most six.

    Raises:
        InputError: if there are more runs than colors that can be told apart.

    Example:
        >>> run_colors(["ae", "vae"])
        {'ae': '#0072B2', 'vae': '#D55E00'}
    """
    if len(names) > len(COLORS):
        raise InputError(
            f"at most {len(COLORS)} runs can be told apart by color, {len(names)} came; compare "
            "fewer at a time"
        )
    return {name: PALETTE[color] for name, color in zip(names, COLORS, strict=False)}


def radii_together(radii: Mapping[str, Radius]) -> Figure:
    """Radius histograms of several runs, with the curve of N(0, I) in each latent size.

    Args:
        radii: of the z-points, by the name of the run.

    Returns:
        The figure, to be saved by `save_figure`.
    """
    colors = run_colors(list(radii))
    with styled():
        figure, (axes,) = stack([3.6])
        ends, tops = [], []
        for name, part in radii.items():
            full = np.flatnonzero(part.counts)
            shares = 100 * np.asarray(part.counts)[full[0] : full[-1] + 1] / part.count
            edges = part.edges[full[0] : full[-1] + 2]
            axes.stairs(shares, edges, fill=True, color=colors[name], alpha=0.2, linewidth=0)
            label = f"{name}: {part.mean:.2f} ± {part.deviation:.2f}"
            axes.stairs(shares, edges, color=colors[name], linewidth=1.8, label=label)
            ends.append(min(part.maximum, 2 * part.quantiles[99]))
            tops.append(shares.max())
        width = next(iter(radii.values())).bin_width
        sizes = sorted({part.latent_size for part in radii.values()})
        ends += [_normal_curve(axes, size, width) for size in sizes]
        axes.set_xlim(0, 1.03 * max(ends))
        axes.set_ylim(0, 1.6 * max(tops))
        axes.set_xlabel("radius: distance of a z-point from the origin")
        axes.set_ylabel(f"share of points per {width:g}")
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))
        head(axes, "Radius of the z-points, mean ± standard deviation", columns=2)
        return figure


def _normal_curve(axes: Axes, size: int, width: float) -> float:
    """What N(0, I) gives per bin; the radius where its curve ends."""
    end = np.sqrt(size) + 4.0
    r = np.linspace(max(0.0, np.sqrt(size) - 4.0), end, 400)
    shares = 100 * width * normal_radius_density(r, size)
    label = f"N(0, I), {size} axes"
    axes.plot(r, shares, color=INK, linewidth=1.4, linestyle=_BROKEN, label=label)
    return float(end)


def spectra_together(measured: Mapping[str, PCA]) -> Figure:
    """Variance of each principal component and their cumulative share, for several runs.

    Args:
        measured: principal components by the name of the run.

    Returns:
        The figure, to be saved by `save_figure`.
    """
    colors = run_colors(list(measured))
    with styled():
        figure, (upper, lower) = stack([3.0, 2.8])
        for name, part in measured.items():
            draw_spectrum(upper, part, color=colors[name], label=name)
            draw_shares(lower, part, color=colors[name], label=name)
        head(upper, "Variance of each principal component of the means")
        head(lower, "Share of all variance in the first components")
        return figure


def bars_together(shares: Mapping[str, Mapping[str, float]], *, title: str, label: str) -> Figure:
    """Groups of bars: one group for each kind of points, one bar in it for each run.

    Args:
        shares: by run and by kind, between 0 and 1; every run has the same kinds.
        title: above the panel.
        label: of the axis of shares.

    Returns:
        The figure, to be saved by `save_figure`.
    """
    colors = run_colors(list(shares))
    kinds = list(next(iter(shares.values())))
    height = 0.8 / len(shares)
    places: Float64[np.ndarray, " kinds"] = np.arange(len(kinds), dtype=np.float64)
    with styled():
        figure, (axes,) = stack([1.2 + 0.11 * len(kinds) * (1 + len(shares))])
        for index, (name, found) in enumerate(shares.items()):
            values = [100 * found[kind] for kind in kinds]
            offset = (index - (len(shares) - 1) / 2) * height
            axes.barh(places + offset, values, 0.9 * height, color=colors[name], label=name)
            for place, value in zip(places + offset, values, strict=True):
                axes.annotate(
                    f"{value:.0f}", (value, place), (3, 0), textcoords="offset points",
                    va="center", size=8, color=INK,
                )  # fmt: skip
        axes.set_yticks(places, kinds)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.set_xlim(0, 108)
        axes.set_xlabel(label)
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))
        head(axes, title)
        return figure


def inertia_together(measured: Mapping[str, Clusters]) -> Figure:
    """Inertia over the number of clusters, for several runs, as a share of the total variance.

    Args:
        measured: clusters by the name of the run.

    Returns:
        The figure, to be saved by `save_figure`.
    """
    colors = run_colors(list(measured))
    with styled():
        figure, (axes,) = stack([3.2])
        for name, part in measured.items():
            draw_inertia(axes, part, color=colors[name], label=name)
        head(axes, "Inertia of k-means")
        return figure


def consistency_together(measured: Mapping[str, Consistency]) -> Figure:
    """How far points of each kind come back, for several runs, over how far their codes do.

    Args:
        measured: consistency by the name of the run, of the same kinds.

    Returns:
        The figure, to be saved by `save_figure`.
    """
    colors = run_colors(list(measured))
    kinds = 1 + len(next(iter(measured.values())).kinds)
    step = 0.7 / len(measured)
    with styled():
        figure, (axes,) = stack([1.2 + 0.12 * kinds * (1 + len(measured))])
        for index, (name, part) in enumerate(measured.items()):
            offset = (index - (len(measured) - 1) / 2) * step
            draw_consistency(axes, part, color=colors[name], label=name, offset=offset)
        head(axes, "How far z′ is from z: median, 50 % and 90 %")
        return figure
