"""What the KL term did, in one picture: axis by axis, in radius, and over the epochs."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zspace.analysis.radius import Radius
from zspace.analysis.rate import ACTIVE_KL, ACTIVE_VARIANCE, Rate
from zspace.errors import ShapeError
from zspace.figures.curves import History
from zspace.figures.panels import draw_history, draw_radii, head, history_heights, stack
from zspace.figures.style import INK, PALETTE, styled

__all__ = ["rate_panels"]

_BROKEN = (0, (4, 2))
_LOG_FROM = 50.0
_FLOOR = 1e-4


def rate_panels(
    measured: Rate,
    *,
    z: Radius,
    mean: Radius,
    prior: tuple[float, float],
    history: History,
    nats: float = 1.0,
    prior_name: str = "N(0, I)",
) -> Figure:
    """KL of each axis, how its variance is made up, radii, and the history of the loss terms.

    The axes come in the order of their KL. On an axis where codes follow the prior, the variance of
    the means and the mean of the variances add up to the prior's, which is 1 here.

    Args:
        measured: the rate.
        z: radii of the z-points.
        mean: radii of the posterior means.
        prior: mean and standard deviation of the radius of the prior's points.
        history: from `read_history`.
        nats: what the logged reconstruction term is to be multiplied with to be nats per image, and
            its weight to weigh nats against nats: 1 for the reduction ``sum``.
        prior_name: what to call the prior.

    Returns:
        The figure, to be saved by `save_figure`.

    Raises:
        ShapeError: if the parts are of different latent sizes.
    """
    sizes = {measured.latent_size, z.latent_size, mean.latent_size}
    if len(sizes) != 1:
        raise ShapeError(
            f"parts of one latent size were expected, {sorted(sizes)} came; measure all of them "
            "on the same codes"
        )
    with styled():
        times = history_heights(history, has_rate=True)
        figure, panels = stack([2.5, 2.5, 2.5, *times])
        order = np.argsort(-np.array(measured.per_axis), kind="stable")
        _kl(panels[0], measured, order)
        _variances(panels[1], measured, order)
        draw_radii(panels[2], z, mean=mean, prior=prior, name=prior_name)
        draw_history(panels[3:], history, nats=nats, beta=nats)
        return figure


def _kl(axes: Axes, measured: Rate, order: np.ndarray) -> None:
    """KL of each axis as a bar, colored by what it carries."""
    kl = np.array(measured.per_axis)[order]
    varies = (np.array(measured.variance_of_mean) > ACTIVE_VARIANCE)[order]
    costs = kl > ACTIVE_KL
    is_log = kl.max() > _LOG_FROM * max(float(np.median(kl)), _FLOOR)
    floor = min(max(float(kl.min()) / 2, _FLOOR), ACTIVE_KL / 2) if is_log else 0.0
    edges = np.arange(len(kl) + 1) + 0.5
    kinds = {
        "active": (varies & costs, "blue"),
        "its mean varies": (varies & ~costs, "sky"),
        "costs KL": (costs & ~varies, "yellow"),
        "collapsed": (~varies & ~costs, "vermilion"),
    }
    for name, (mask, color) in kinds.items():
        if mask.any():
            heights = np.where(mask, np.maximum(kl, floor), floor)
            axes.stairs(
                heights, edges, baseline=floor, fill=True, color=PALETTE[color], linewidth=0,
                label=f"{name}: {mask.sum():,}",
            )  # fmt: skip
    if is_log:
        axes.set_yscale("log")
        axes.set_ylim(bottom=floor)
    if kl.max() < 50 * ACTIVE_KL or is_log:
        axes.axhline(ACTIVE_KL, color=INK, linewidth=1.0, linestyle=_BROKEN)
    if kl.max() <= 0:
        axes.set_ylim(0, 2 * ACTIVE_KL)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylabel("KL in nats")
    head(axes, f"KL of each axis: {kl.sum():.4g} nats over {len(kl):,} axes", columns=4)


def _variances(axes: Axes, measured: Rate, order: np.ndarray) -> None:
    """Variance of z on each axis, split in what images differ by and what is noise."""
    of_means = np.array(measured.variance_of_mean)[order]
    noise = np.array(measured.mean_of_variance)[order]
    edges = np.arange(len(noise) + 1) + 0.5
    axes.stairs(
        noise, edges, fill=True, color=PALETTE["orange"], linewidth=0, label="mean of variances"
    )
    axes.stairs(
        noise + of_means, edges, baseline=noise, fill=True, color=PALETTE["blue"], linewidth=0,
        label="variance of means",
    )  # fmt: skip
    axes.axhline(1.0, color=INK, linewidth=1.2, linestyle=_BROKEN, label="prior")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, 1.08 * max(1.0, float((noise + of_means).max())))
    axes.set_xlabel("axis, by its KL")
    axes.set_ylabel("share of prior’s")
    head(axes, "Variance of z on each axis")
