"""Histograms of single axes, and all axes at a glance."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

from zspace.analysis.axes import AxisShapes, axes
from zspace.errors import InputError
from zspace.figures.axes import axes_histograms, axes_summary


def measured(size: int, count: int = 500) -> AxisShapes:
    points = np.random.default_rng(0).standard_normal((count, size))
    return axes(points * np.geomspace(3, 0.01, size) + np.arange(size) % 3)


def require_nothing_clipped(figure: Figure) -> None:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for panel in figure.axes:
        legend = panel.get_legend()
        texts = [panel.xaxis.label, panel.yaxis.label, panel._left_title]
        texts += [] if legend is None else [legend.get_title(), *legend.get_texts()]
        texts += [text for one in figure.legends for text in (one.get_title(), *one.get_texts())]
        for text in texts:
            box = text.get_window_extent(canvas.get_renderer())
            assert 0 <= box.x0 and box.x1 <= figure.bbox.x1, text.get_text()
            assert 0 <= box.y0 and box.y1 <= figure.bbox.y1, text.get_text()


def test_most_and_least_active_axes_with_densities() -> None:
    found = measured(40)
    figure = axes_histograms(found, count=6)
    names = [panel.get_title(loc="left").split("\n")[0] for panel in figure.axes]
    assert names == [f"axis {axis}" for axis in (0, 1, 2, 37, 38, 39)]
    for panel in figure.axes:
        values, edges, _ = next(p for p in panel.patches if isinstance(p, StepPatch)).get_data()
        assert (values * np.diff(edges)).sum() == pytest.approx(1)
        fit, standard = panel.get_lines()
        assert np.trapezoid(fit.get_ydata(), fit.get_xdata()) == pytest.approx(1, abs=1e-3)
        at = np.argmax(fit.get_ydata())
        axis = int(panel.get_title(loc="left").split()[1])
        assert fit.get_xdata()[at] == pytest.approx(
            found.mean[axis], abs=0.05 * found.deviation[axis]
        )
        assert standard.get_ydata().max() <= 0.4


@pytest.mark.parametrize(("size", "count"), [(1, 12), (2, 12), (5, 4), (13, 12), (40, 1), (7, 7)])
def test_as_many_panels_as_asked_for(size: int, count: int) -> None:
    figure = axes_histograms(measured(size), count=count)
    assert len(figure.axes) == min(size, count)
    require_nothing_clipped(figure)


@pytest.mark.parametrize("size", [1, 2, 16, 256])
def test_summary_is_not_clipped(size: int) -> None:
    require_nothing_clipped(axes_summary(measured(size)))


def test_summary_shows_means_shapes_and_distances() -> None:
    found = measured(16)
    upper, middle, lower = axes_summary(found).axes
    means = next(line for line in upper.get_lines() if line.get_marker() == "o")
    np.testing.assert_allclose(means.get_ydata(), np.array(found.mean)[list(found.order)])
    band = next(patch for patch in upper.patches if isinstance(patch, StepPatch)).get_data()
    np.testing.assert_allclose(
        band.values - band.baseline, 2 * np.array(found.deviation)[list(found.order)]
    )
    points = [line for line in middle.get_lines() if line.get_marker() in "o^"]
    assert sum(len(line.get_xdata()) for line in points) == 16
    assert len(points[0].get_xdata()) == found.nearly_normal
    shares = next(patch for patch in lower.patches if isinstance(patch, StepPatch)).get_data()
    assert shares.values.sum() == pytest.approx(100)


def test_constant_axes_are_left_out_and_none_at_all_is_refused() -> None:
    points = np.random.default_rng(1).standard_normal((50, 3))
    points[:, 1] = 4
    assert len(axes_histograms(axes(points)).axes) == 2
    axes_summary(axes(points))
    axes_summary(axes(np.ones((5, 2))))
    with pytest.raises(InputError, match="0 of 2 do"):
        axes_histograms(axes(np.ones((5, 2))))
    with pytest.raises(InputError, match="0 were asked for"):
        axes_histograms(measured(2), count=0)
