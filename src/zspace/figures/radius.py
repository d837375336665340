"""How far the codes lie from the origin, beside points of N(0, I) and of a uniform cube."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from zspace.analysis.radius import (
    Radius,
    cube_limit_for,
    cube_radius_density,
    cube_radius_deviation,
    normal_mean_radius,
    normal_radius_density,
    normal_radius_deviation,
)
from zspace.errors import ShapeError
from zspace.figures.style import INK, PALETTE, WIDTH, styled

__all__ = ["radius_histogram"]

_DOTTED = (0, (1, 2))
_ROOM = 2.0


def radius_histogram(z: Radius, mean: Radius | None = None) -> Figure:
    """The histogram of the radii of z, and of the posterior means, with the curve of N(0, I).

    A second curve is that of points uniform in the cube that has the same mean radius as z.

    Args:
        z: radii of the z-points.
        mean: radii of the posterior means; left out where they are the same, as for a plain
            autoencoder.

    Returns:
        The figure, to be saved by `save_figure`.

    Raises:
        ShapeError: if the two are of different latent sizes.

    Example:
        >>> from zspace.analysis.radius import radius
        >>> figure = radius_histogram(radius(np.random.default_rng(1).normal(size=(500, 16))))
        >>> figure.axes[0].get_xlabel()
        'radius: distance from the origin of the latent space'
    """
    if mean is not None and mean.latent_size != z.latent_size:
        raise ShapeError(
            f"z and mean must have one latent size, {z.latent_size} and {mean.latent_size} came; "
            "measure both on the same codes"
        )
    blue, vermilion = PALETTE["blue"], PALETTE["vermilion"]
    same = mean is not None and mean.counts == z.counts
    with styled():
        figure = Figure(figsize=(WIDTH, 4.4), layout="constrained")
        axes = figure.add_subplot()
        label = "codes (z and mean alike)" if same or mean is None else "z"
        _outline(axes, z, color=blue, label=label, fill=True)
        parts = [z]
        if mean is not None and not same:
            parts.append(mean)
            _outline(axes, mean, color=vermilion, label="posterior means")
        fullest = max(100 * max(part.counts) / part.count for part in parts)
        room = _ROOM * fullest
        end = _normal_curve(axes, z, room=room)
        _cube_curve(axes, z, room=room)
        axes.set_xlim(0, 1.03 * max(end, *(_last_radius(part) for part in parts)))
        axes.set_ylim(bottom=0)
        axes.set_xlabel("radius: distance from the origin of the latent space")
        axes.set_ylabel(f"share of points per {z.bin_width:g} of radius")
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))
        figure.legend(loc="outside upper left", ncols=1, borderaxespad=0.3)
        return figure


def _outline(axes: Axes, part: Radius, *, color: str, label: str, fill: bool = False) -> None:
    """The histogram as stairs, from its first bin with points to its last, and its mean."""
    full = np.flatnonzero(part.counts)
    first, last = full[0], full[-1] + 1
    shares, edges = 100 * np.asarray(part.counts) / part.count, part.edges
    shares, edges = shares[first:last], edges[first : last + 1]
    if fill:
        axes.stairs(shares, edges, fill=True, color=color, alpha=0.3, linewidth=0)
    text = f"{label}: mean {part.mean:.2f} ± {part.deviation:.2f}, {part.count:,} images"
    axes.stairs(shares, edges, color=color, linewidth=1.8, label=text)
    axes.axvline(part.mean, color=color, linewidth=1.2, linestyle=_DOTTED)


def _last_radius(part: Radius) -> float:
    """Where the axis may end: a few far outliers shall not press all others together."""
    return min(part.maximum, 2 * part.quantiles[99])


def _normal_curve(axes: Axes, z: Radius, *, room: float) -> float:
    """Draw what N(0, I) would give per bin; returns the radius where its curve ends.

    A curve higher than `room` is cut there, with its height written beside: the codes are what
    is looked at.
    """
    size, bin_width = z.latent_size, z.bin_width
    mean, deviation = normal_mean_radius(size), normal_radius_deviation(size)
    end = mean + 4 * deviation
    r = np.linspace(max(0.0, mean - 5 * deviation), end, 400)
    shares = 100 * bin_width * normal_radius_density(r, size)
    axes.plot(
        r,
        shares,
        color=INK,
        linewidth=1.6,
        linestyle=(0, (4, 2)),
        label=f"N(0, I) in {size} dimensions: mean {mean:.2f} ± {deviation:.2f}",
    )
    axes.axvline(mean, color=INK, linewidth=1.2, linestyle=_DOTTED)
    if shares.max() > room:
        axes.set_ylim(top=room)
        # The codes, and the cube's curve among them, are on the other side, if there is room.
        left = 8 * deviation < mean < z.mean < 2.2 * mean
        axes.annotate(
            f"↑ up to {shares.max():.0f} %",
            (mean - 1.5 * deviation if left else mean + 1.5 * deviation, room),
            (-8 if left else 6, -4),
            textcoords="offset points", va="top", ha="right" if left else "left", color=INK,
            size=9.5, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip
    return end


def _cube_curve(axes: Axes, z: Radius, *, room: float) -> None:
    """Draw what the uniform cube of the same mean radius would give per bin, up to `room`."""
    limit = cube_limit_for(z.mean, z.latent_size)
    if limit == 0:
        return
    deviation = cube_radius_deviation(z.latent_size, limit)
    r = np.linspace(max(0.0, z.mean - 5 * deviation), z.mean + 5 * deviation, 400)
    shares = 100 * z.bin_width * cube_radius_density(r, z.latent_size, limit=limit)
    axes.plot(
        r, np.minimum(shares, 1.5 * room), color=PALETTE["green"], linewidth=1.4,
        label=f"uniform in ±{limit:.3g} on each axis: mean {z.mean:.2f} ± {deviation:.2f}",
    )  # fmt: skip
    if shares.max() > room:
        axes.set_ylim(top=room)
