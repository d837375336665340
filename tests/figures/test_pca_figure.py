"""The spectrum: its lines are the measured variances and shares, and nothing is clipped."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from zspace.analysis.pca import PCA, pca
from zspace.figures.pca import draw_shares, draw_spectrum, pca_spectrum


def measured(size: int, count: int = 300) -> PCA:
    points = np.random.default_rng(0).standard_normal((count, size))
    return pca(points * np.geomspace(3, 1e-3, size))


def require_nothing_clipped(figure: Figure) -> None:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes:
        legend = axes.get_legend()
        texts = [axes.xaxis.label, axes.yaxis.label, axes.title, axes._left_title]
        texts += [] if legend is None else [legend.get_title(), *legend.get_texts()]
        for text in texts:
            box = text.get_window_extent(canvas.get_renderer())
            assert 0 <= box.x0 and box.x1 <= figure.bbox.x1, text.get_text()
            assert 0 <= box.y0 and box.y1 <= figure.bbox.y1, text.get_text()


def test_lines_are_variances_and_shares() -> None:
    found = measured(20)
    upper, lower = pca_spectrum(found).axes
    np.testing.assert_array_equal(upper.get_lines()[0].get_ydata(), found.variances)
    assert upper.get_yscale() == "log"
    reached = lower.get_lines()[0].get_ydata()
    np.testing.assert_allclose(reached[1:], 100 * np.cumsum(found.shares))
    marks = {line.get_ydata()[0]: line.get_xdata()[0] for line in lower.get_lines()[2::2]}
    assert marks == {share: found.axes_for(share / 100) for share in (50, 90, 99)}


@pytest.mark.parametrize("size", [1, 2, 16, 512])
def test_nothing_is_clipped(size: int) -> None:
    require_nothing_clipped(pca_spectrum(measured(size)))


def test_points_without_spread_are_drawn() -> None:
    require_nothing_clipped(pca_spectrum(pca(np.ones((5, 3)))))


def test_several_runs_share_a_panel() -> None:
    figure = Figure()
    upper, lower = figure.subplots(2)
    for size, color in ((64, "#0072B2"), (8, "#D55E00")):
        draw_spectrum(upper, measured(size), color=color, label=str(size))
        draw_shares(lower, measured(size), color=color, label=str(size))
    for axes in (upper, lower):
        assert axes.get_legend_handles_labels()[1] == ["64", "8"]
        assert axes.get_xlim()[1] > 64
