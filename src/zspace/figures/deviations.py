"""How far z is from the mean of its posterior, and how wide posteriors are."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from zspace.analysis.deviations import Deviations
from zspace.figures.panels import head, stack
from zspace.figures.style import INK, PALETTE, styled

__all__ = ["deviation_histograms"]

_BROKEN = (0, (4, 2))
_LEAST = 0.01


def deviation_histograms(measured: Deviations) -> Figure:
    """Histograms over all components: of abs(z − mean), and of the log-variance.

    Args:
        measured: from `zspace.analysis.deviations`.

    Returns:
        The figure, to be saved by `save_figure`.

    Example:
        >>> from zspace.analysis.deviations import deviations
        >>> noise = np.random.default_rng(1).standard_normal((100, 8))
        >>> zeros = np.zeros((100, 8))
        >>> figure = deviation_histograms(deviations(zeros, zeros, z=noise))
        >>> [axes.get_ylabel() for axes in figure.axes]
        ['share of components', 'share of components']
    """
    with styled():
        figure, (upper, lower) = stack([2.9, 2.9])
        _stairs(upper, measured.deviation_counts, measured.deviation_edges, color="blue")
        upper.axvline(np.log10(measured.threshold), color=INK, linewidth=1.2, linestyle=_BROKEN)
        upper.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        upper.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"$10^{{{value:g}}}$"))
        upper.set_xlabel("abs(z − mean) of a component")
        head(
            upper,
            f"z beside the mean: largest deviation {measured.component_deviation_max:.3g},\n"
            f"{measured.components_over:,} of {measured.components:,} components over "
            f"{measured.threshold:g}",
        )
        _stairs(lower, measured.log_variance_counts, measured.log_variance_edges, color="orange")
        lower.axvline(0.0, color=INK, linewidth=1.2, linestyle=_BROKEN)
        lower.set_xlabel("log-variance of a component (0: as wide as N(0, 1))")
        low, high, middle = (
            f"{value:.2f}".replace("-", "−")
            for value in (
                measured.log_variance_min,
                measured.log_variance_max,
                measured.log_variance_mean,
            )
        )
        head(lower, f"Width of the posteriors: log-variance {low} to {high},\nmean {middle}")
        return figure


def _stairs(axes: Axes, counts: tuple[int, ...], edges: np.ndarray, *, color: str) -> None:
    """A histogram from its first bin with components to its last, and some room."""
    shares = 100 * np.asarray(counts) / max(sum(counts), 1)
    # Far outliers are what is looked for above, and of no interest below.
    first = int(np.searchsorted(np.cumsum(shares), _LEAST))
    last = int(np.flatnonzero(shares)[-1]) + 1
    values, places = shares[first:last], edges[first : last + 1]
    axes.stairs(values, places, fill=True, color=PALETTE[color], alpha=0.3, linewidth=0)
    axes.stairs(values, places, color=PALETTE[color], linewidth=1.6)
    step = edges[1] - edges[0]
    room = max(2 * step, 0.05 * (places[-1] - places[0]))
    axes.set_xlim(places[0] - room, places[-1] + room)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("share of components")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
