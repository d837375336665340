"""The spectrum of the principal components: variance along each, and along the first ones."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from zspace.analysis.pca import PCA
from zspace.figures.panels import head, stack
from zspace.figures.style import GRAY, INK, PALETTE, styled

__all__ = ["draw_shares", "draw_spectrum", "pca_spectrum"]

_BROKEN = (0, (4, 2))
_MARKS = (50, 90, 99)
_FEW = 40


def pca_spectrum(measured: PCA) -> Figure:
    """Variance along each component, and the share that the first ones hold together.

    Args:
        measured: from `zspace.analysis.pca`.

    Returns:
        The figure, to be saved by `save_figure`.

    Example:
        >>> from zspace.analysis.pca import pca
        >>> figure = pca_spectrum(pca(np.random.default_rng(1).normal(size=(50, 3))))
        >>> [axes.get_ylabel() for axes in figure.axes]
        ['variance', 'share of variance']
    """
    with styled():
        figure, (upper, lower) = stack([2.7, 2.7])
        draw_spectrum(upper, measured, color=PALETTE["blue"], label="codes")
        upper.axhline(1.0, color=INK, linewidth=1.2, linestyle=_BROKEN, label="N(0, I)")
        dimension = measured.effective_dimension
        of = f"{measured.latent_size:,} axes"
        title = "Variance along each principal component"
        head(upper, title if dimension is None else f"{title}\neffective {dimension:.1f} of {of}")
        draw_shares(lower, measured, color=PALETTE["blue"], label="codes")
        needed = {percent: measured.axes_for(percent / 100) for percent in _MARKS}
        for percent, number in needed.items():
            lower.plot(
                [0, number, number], [percent, percent, 0], color=GRAY, linewidth=1.0,
                linestyle=_BROKEN,
            )  # fmt: skip
            lower.plot([number], [percent], color=PALETTE["blue"], marker="o", markersize=4.5)
        lower.set_yticks([0, *_MARKS])
        words = ", ".join(f"{percent} % in {number:,}" for percent, number in needed.items())
        lower.set_xlabel("component, by its variance")
        lower.set_title(f"Share that the first components hold:\n{words}")
        return figure


def draw_spectrum(axes: Axes, measured: PCA, *, color: str, label: str) -> None:
    """Variance along each component, as one line among others.

    Args:
        axes: where; its vertical axis becomes logarithmic.
        measured: the components.
        color: of the line.
        label: for the legend.
    """
    variances = measured.variances[: max(measured.rank, 1)]
    numbers = np.arange(len(variances)) + 1
    marker = "o" if len(variances) <= _FEW else None
    axes.plot(numbers, np.maximum(variances, 1e-300), color=color, label=label, marker=marker,
              markersize=4)  # fmt: skip
    if variances[0] > 0:
        axes.set_yscale("log")
    _components(axes, measured)
    axes.set_ylabel("variance")


def draw_shares(axes: Axes, measured: PCA, *, color: str, label: str) -> None:
    """Share of all variance that the first k components hold, in percent, as one line among others.

    Args:
        axes: where.
        measured: the components.
        color: of the line.
        label: for the legend.
    """
    reached = np.concatenate([[0.0], 100 * np.cumsum(measured.shares)])
    axes.plot(np.arange(len(reached)), reached, color=color, label=label)
    _components(axes, measured)
    axes.set_ylim(0, 103)
    axes.set_ylabel("share of variance")
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))


def _components(axes: Axes, measured: PCA) -> None:
    """The horizontal axis: room for what is drawn here and was before."""
    before = axes.get_xlim()[1] if len(axes.lines) > 1 else 0.0
    axes.set_xlim(0, max(before, 1.02 * measured.latent_size + 0.5))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
