"""The figure of places: shares add up, borders are where they were measured, all is readable."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle, StepPatch

from zspace.analysis.density import Densities, density
from zspace.analysis.moments import moments
from zspace.analysis.random_kinds import random_kinds
from zspace.figures.density import density_panels


def measured(size: int = 8, *, scale: float = 1.0) -> Densities:
    codes = scale * np.random.default_rng(1).standard_normal((600, size))
    return density(codes, random_kinds(moments(codes), draws=100))


def test_shares_and_borders_are_those_measured() -> None:
    found = measured()
    near, center, shares = density_panels(found).axes
    bars = [patch for patch in shares.patches if isinstance(patch, Rectangle)]
    rows = (found.codes, *found.kinds)
    widths = np.array([bar.get_width() for bar in bars]).reshape(3, len(rows))
    np.testing.assert_allclose(widths.sum(axis=0), 100)
    np.testing.assert_allclose(widths.T / 100, [kind.shares for kind in rows])
    for axes, border in ((near, found.distance_border), (center, found.mahalanobis_border)):
        assert border in [line.get_xdata()[0] for line in axes.get_lines()]
    medians = next(line for line in center.get_lines() if line.get_marker() == "o")
    np.testing.assert_allclose(medians.get_xdata(), [kind.mahalanobis[50] for kind in rows])
    names = [label.get_text() for label in shares.get_yticklabels()]
    assert names == [kind.name for kind in rows]
    assert shares.get_ylim()[0] > shares.get_ylim()[1], "the codes are on top"


def test_a_ridge_is_the_histogram_of_its_kind() -> None:
    found = measured()
    ridges = [p for p in density_panels(found).axes[0].patches if isinstance(p, StepPatch)]
    for place, (patch, kind) in enumerate(zip(ridges, (found.codes, *found.kinds), strict=True)):
        heights = place + 0.45 - patch.get_data().values
        counts = np.asarray(kind.distance_counts)
        np.testing.assert_allclose(heights / heights.sum(), counts / counts.sum(), atol=1e-9)


@pytest.mark.parametrize(("size", "scale"), [(1, 1), (2, 1e-3), (64, 1), (8, 1e3)])
def test_nothing_is_clipped(size: int, scale: float) -> None:
    figure = density_panels(measured(size, scale=scale))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes:
        legend = axes.get_legend()
        for text in [
            *axes.texts, axes.xaxis.label, legend.get_title(), *legend.get_texts(),
            *axes.get_yticklabels(), *axes.get_xticklabels(),
        ]:  # fmt: skip
            low, high = axes.get_xlim()
            if text in axes.get_xticklabels() and not low <= text.get_position()[0] <= high:
                continue
            box = text.get_window_extent(canvas.get_renderer())
            assert -1 <= box.x0 and box.x1 <= figure.bbox.x1 + 1, text.get_text()
            assert -1 <= box.y0 and box.y1 <= figure.bbox.y1 + 1, text.get_text()
        ticks = [label for label in axes.get_xticklabels() if label.get_text()]
        assert len(ticks) >= 2
