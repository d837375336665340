"""Panels that several figures share: where codes lie, and how the loss terms went."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from zspace.analysis.radius import Radius
from zspace.figures.curves import History
from zspace.figures.style import GRAY, INK, PALETTE, WIDTH

__all__ = ["draw_history", "draw_radii", "head", "history_heights", "stack"]

_BROKEN = (0, (4, 2))
_LEAST_SPAN = 0.002


def stack(heights: Sequence[float]) -> tuple[Figure, list[Axes]]:
    """A figure of the usual width with panels of these heights, in inches, one under the other."""
    layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.06)
    figure = Figure(figsize=(WIDTH, sum(heights)), layout=layout)
    grid = figure.subplots(
        len(heights), 1, squeeze=False, gridspec_kw={"height_ratios": list(heights)}
    )
    return figure, list(grid[:, 0])


def head(axes: Axes, title: str, *, columns: int = 3) -> None:
    """The panel's title, with what its colors mean under it, above the panel."""
    handles, labels = axes.get_legend_handles_labels()
    legend = axes.legend(
        handles, labels, title=title, alignment="left", loc="lower left",
        bbox_to_anchor=(0.0, 0.98), ncols=columns, borderaxespad=0.2, borderpad=0.0,
        columnspacing=1.2, handlelength=1.4, handletextpad=0.5,
    )  # fmt: skip
    legend.get_title().set_fontsize(11)


def draw_radii(
    axes: Axes, z: Radius, *, mean: Radius | None, prior: tuple[float, float], name: str = "N(0, I)"
) -> None:
    """Histograms of the radii of z-points and means over the shell of the prior.

    Args:
        axes: where.
        z: radii of the z-points (of the codes, for a plain autoencoder).
        mean: radii of the posterior means, where there are any.
        prior: mean and standard deviation of the radius of the prior's points.
        name: of the prior.
    """
    center, deviation = prior
    low, high = max(0.0, center - 3 * deviation), center + 3 * deviation
    axes.axvspan(
        low, high, color=GRAY, alpha=0.25, linewidth=0, label=f"99.7 % of {name}: {center:.2f}"
    )
    axes.axvline(center, color=INK, linewidth=1.2, linestyle=_BROKEN)
    same = mean is not None and _alike(z, mean)
    name_of_z = "codes" if mean is None else "z, and means alike" if same else "z"
    kinds = [(name_of_z, z, PALETTE["blue"])]
    if mean is not None and not same:
        kinds.append(("means", mean, PALETTE["vermilion"]))
    for label, part, color in kinds:
        shares = 100 * np.asarray(part.counts) / part.count
        full = np.flatnonzero(part.counts)
        first, last = full[0], full[-1] + 1
        values, edges = shares[first:last], part.edges[first : last + 1]
        axes.stairs(values, edges, fill=True, color=color, alpha=0.25, linewidth=0)
        axes.stairs(values, edges, color=color, linewidth=1.6, label=f"{label}: {part.mean:.2f}")
    ends = [min(part.maximum, 2 * part.quantiles[99]) for _, part, _ in kinds]
    axes.set_xlim(0, 1.05 * max(high, *ends))
    axes.set_ylim(bottom=0)
    axes.set_xlabel("radius: distance from the origin")
    axes.set_ylabel(f"share per {z.bin_width:g}")
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))
    head(axes, "Mean radius")


def _alike(z: Radius, mean: Radius) -> bool:
    """Whether one histogram would hide the other."""
    size = max(len(z.counts), len(mean.counts))
    first, second = (np.pad(each.counts, (0, size - len(each.counts))) for each in (z, mean))
    return bool(
        abs(z.mean - mean.mean) < 1e-3 * z.mean and np.abs(first - second).sum() < 0.1 * z.count
    )


def history_heights(history: History, *, has_rate: bool) -> list[float]:
    """Heights in inches of the panels that `draw_history` fills."""
    if not has_rate:
        return [2.0]
    return [2.0, 1.9, 1.7] if _varies(history["beta"]) else [2.0, 2.1]


def draw_history(panels: Sequence[Axes], history: History, *, nats: float, beta: float) -> None:
    """Distortion and, with further panels, rate and weight over the epochs.

    Args:
        panels: as many as `history_heights` has.
        history: from `read_history`.
        nats: what the logged reconstruction term is to be multiplied with to be nats per image.
        beta: what the logged weight is to be multiplied with to weigh nats against nats.
    """
    blue, vermilion, green = PALETTE["blue"], PALETTE["vermilion"], PALETTE["green"]
    _curves(panels[0], history, "reconstruction", color=blue, factor=nats)
    head(panels[0], "Distortion: reconstruction term")
    if len(panels) > 1:
        _curves(panels[1], history, "kl", color=vermilion)
        if "capacity" in history:
            panels[1].plot(
                history["epoch"], history["capacity"], color=INK, linewidth=1.2, label="capacity"
            )
        constant = f", weighted with β = {beta * history['beta'][-1]:.3g}" * (len(panels) == 2)
        head(panels[1], f"Rate: KL{constant}")
    if len(panels) > 2:
        weights = beta * history["beta"]
        panels[2].plot(history["epoch"], weights, color=green, label="at the end of each epoch")
        if weights.min() > 0 and weights.max() / weights.min() > 50:
            panels[2].set_yscale("log")
        else:
            panels[2].set_ylim(bottom=0)
        panels[2].set_ylabel("β")
        head(panels[2], "Weight of KL against nats per image")
    for axes in panels:
        axes.set_xlim(history["epoch"][0] - 0.5, history["epoch"][-1] + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    panels[-1].set_xlabel("epoch")


def _varies(values: Float64[np.ndarray, " epochs"]) -> bool:
    return bool(np.ptp(values) > 1e-9 * np.abs(values).max())


def _curves(axes: Axes, history: History, term: str, *, color: str, factor: float = 1.0) -> None:
    """A term in training and, broken, in validation."""
    seen = []
    for prefix in ("", "validation_"):
        values = factor * history.get(prefix + term, np.array([np.nan]))
        if not np.isfinite(values).any():
            continue
        seen.append(values[np.isfinite(values)])
        axes.add_line(
            Line2D(
                history["epoch"], values, color=color, linestyle=_BROKEN if prefix else "solid",
                linewidth=1.5 if prefix else 2.0, marker="o" if len(values) <= 3 else None,
                markersize=4, label="validation" if prefix else "training",
            )
        )  # fmt: skip
    values = np.concatenate(seen) if seen else np.zeros(1)
    low, high = float(values.min()), float(values.max())
    room = max(0.06 * (high - low), _LEAST_SPAN * max(abs(low), abs(high)), 1e-9)
    axes.set_ylim(low - room, high + room)
    axes.set_ylabel("nats per image")
    if 1000 <= max(abs(low), abs(high)) < 1e6:
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
