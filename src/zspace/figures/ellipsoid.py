"""The ellipsoid that the codes form: its radii beside those of a normal cloud, and two planes."""

from __future__ import annotations

import numpy as np
from jaxtyping import Real
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from zspace.analysis.ellipsoid import Ellipsoid
from zspace.errors import ShapeError
from zspace.figures.panels import head, stack
from zspace.figures.style import INK, PALETTE, styled

__all__ = ["ellipsoid_panels"]

_BROKEN = (0, (4, 2))
_LEVELS = {0.5: "solid", 0.95: _BROKEN, 0.99: (0, (1, 1.5))}
_MOST_POINTS = 3000
_ROOM = 2.5


def ellipsoid_panels(measured: Ellipsoid, points: Real[np.ndarray, "sample latent"]) -> Figure:
    """Mahalanobis radii, the plane of the first two components, and one through the origin.

    The ellipses hold 50, 95 and 99 % of the points of a normal cloud with these moments, as seen in
    that plane. The last panel is left out where center and origin are the same point, both planes
    where there is but one axis.

    Args:
        measured: from `zspace.analysis.ellipsoid`.
        points: some of the points, (sample, latent), to be drawn; of more than 3,000 every k-th.

    Returns:
        The figure, to be saved by `save_figure`.

    Raises:
        ShapeError: if the points have another latent size.

    Example:
        >>> from zspace.analysis.ellipsoid import ellipsoid
        >>> points = 3 + np.random.default_rng(1).standard_normal((400, 4))
        >>> len(ellipsoid_panels(ellipsoid(points), points).axes)
        3
    """
    if points.shape[1] != measured.latent_size:
        raise ShapeError(
            f"points of the latent size {measured.latent_size} were expected, {points.shape[1]} "
            "came; draw those that were measured"
        )
    sample = points[:: max(1, -(-len(points) // _MOST_POINTS))]
    with_origin = measured.latent_size > 1 and measured.center_radius > 0
    heights = [2.8] + [3.7] * ((measured.latent_size > 1) + with_origin)
    with styled():
        figure, panels = stack(heights)
        _radii(panels[0], measured)
        if measured.latent_size > 1:
            _plane(panels[1], measured, measured.pca.components[:2], sample)
            panels[1].set_xlabel("along the first component")
            panels[1].set_ylabel("along the second component")
            head(panels[1], "Plane of the first two principal components", columns=5)
        if with_origin:
            _plane(panels[2], measured, measured.origin_plane()[::-1].copy(), sample)
            panels[2].set_xlabel("at a right angle: where the spread is large")
            panels[2].set_ylabel("from origin to center")
            head(panels[2], "Plane through origin and center", columns=5)
        return figure


def _radii(axes: Axes, measured: Ellipsoid) -> None:
    """The histogram of Mahalanobis radii, and what a normal cloud would show."""
    radii = measured.radii
    full = np.flatnonzero(radii.counts)
    first, last = full[0], full[-1] + 1
    shares = 100 * np.asarray(radii.counts)[first:last] / radii.count
    edges, blue = radii.edges[first : last + 1], PALETTE["blue"]
    axes.stairs(shares, edges, fill=True, color=blue, alpha=0.3, linewidth=0)
    axes.stairs(shares, edges, color=blue, linewidth=1.6, label="codes")
    # A few far outliers shall not press all others together.
    start, end = float(edges[0]), float(min(edges[-1], max(1.6 * measured.border, edges[1])))
    expected = measured.expected_quantiles()
    if expected is not None:
        reach = expected[99] - expected[1]
        start, end = min(start, expected[1] - 0.3 * reach), max(end, expected[99] + 0.3 * reach)
        places = np.linspace(max(start, 0.0), end, 500)
        density = measured.expected_density(places)
        assert density is not None
        curve = 100 * radii.bin_width * density
        axes.plot(places, curve, color=INK, linewidth=1.6, linestyle=_BROKEN, label="if normal: χ")
        axes.set_ylim(top=min(1.08 * max(float(curve.max()), float(shares.max())),
                              _ROOM * float(shares.max())))  # fmt: skip
    origin = measured.origin_distance
    if origin is not None:
        visible = 0.7 * start < origin < 1.5 * end
        side = "" if visible else ", off to the left" if origin < start else ", off to the right"
        label = f"origin: at {origin:.3g}{side}"
        axes.plot([], [], color=PALETTE["vermilion"], label=label)
        if visible:
            start, end = min(start, origin), max(end, origin)
            axes.axvline(origin, color=PALETTE["vermilion"], linewidth=1.8)
    room = 0.03 * (end - start)
    axes.set_xlim(max(0.0, start - room), end + room)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("radius in units of the codes’ own spread (Mahalanobis)")
    axes.set_ylabel(f"share per {radii.bin_width:g}")
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))
    fit = "of independent axes"
    if measured.distance is not None:
        fit = f"D = {measured.distance:.2g} from a normal cloud’s"
    head(axes, f"Distance from the center: {fit}")


def _plane(axes: Axes, measured: Ellipsoid, directions: np.ndarray, sample: np.ndarray) -> None:
    """The points in one plane, with the ellipses of a normal cloud, its center and the origin."""
    ellipses = {level: measured.ellipse(directions, level=level) for level in _LEVELS}
    widest = ellipses[max(_LEVELS)]
    x, y = widest.project(sample).T
    blue = PALETTE["blue"]
    axes.plot(x, y, linestyle="", marker="o", markersize=2.2, markeredgewidth=0, color=blue,
              alpha=0.3, rasterized=True)  # fmt: skip
    for level, found in ellipses.items():
        label = f"{100 * level:.0f} %"
        axes.plot(
            *found.outline().T, color=INK, linewidth=1.3, linestyle=_LEVELS[level], label=label
        )
    axes.plot(*widest.center[:, None], linestyle="", marker="+", color=INK, markersize=9,
              markeredgewidth=1.8, label="center")  # fmt: skip
    axes.plot([0], [0], linestyle="", marker="X", color=PALETTE["vermilion"], markersize=9,
              markeredgecolor="white", markeredgewidth=1.0, label="origin")  # fmt: skip
    axes.set_aspect("equal", adjustable="datalim")
