"""The codes of a plain autoencoder beside the prior that random z-points come from."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zspace.analysis.cloud import Cloud
from zspace.analysis.radius import Radius
from zspace.figures.curves import History
from zspace.figures.panels import draw_history, draw_radii, head, history_heights, stack
from zspace.figures.style import INK, PALETTE, styled

__all__ = ["cloud_panels"]

_BROKEN = (0, (4, 2))


def cloud_panels(
    measured: Cloud,
    *,
    codes: Radius,
    prior: tuple[float, float],
    history: History,
    nats: float = 1.0,
    prior_name: str = "N(0, I)",
) -> Figure:
    """Spread of each axis, radii, and the history of the reconstruction term.

    Args:
        measured: the cloud of codes.
        codes: radii of the codes.
        prior: mean and standard deviation of the radius of the prior's points.
        history: from `read_history`.
        nats: what the logged reconstruction term is to be multiplied with to be nats per image.
        prior_name: what to call the prior.

    Returns:
        The figure, to be saved by `save_figure`.
    """
    with styled():
        times = history_heights(history, has_rate=False)
        figure, panels = stack([2.5, 2.5, *times])
        _deviations(panels[0], measured)
        draw_radii(panels[1], codes, mean=None, prior=prior, name=prior_name)
        draw_history(panels[2:], history, nats=nats, beta=nats)
        return figure


def _deviations(axes: Axes, measured: Cloud) -> None:
    """Standard deviation of the codes on each axis, the largest first."""
    spread = np.sort(measured.deviations)[::-1]
    edges = np.arange(len(spread) + 1) + 0.5
    axes.stairs(spread, edges, fill=True, color=PALETTE["blue"], linewidth=0, label="codes")
    axes.axhline(1.0, color=INK, linewidth=1.2, linestyle=_BROKEN, label="N(0, I)")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, 1.08 * max(1.0, float(spread.max())))
    axes.set_xlabel("axis, by its spread")
    axes.set_ylabel("standard deviation")
    head(axes, "Spread of the codes on each axis")
