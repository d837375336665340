"""The figure of clusters: lines are the numbers, an elbow is marked or denied, all is readable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from zspace.analysis.clusters import Clusters
from zspace.figures.clusters import clusters_curve, draw_inertia
from zspace.figures.style import PALETTE


def measured(ks: tuple[int, ...] = (2, 4, 6, 8), *, elbow: int | None = None) -> Clusters:
    return Clusters(
        count=100, latent_size=3, used=100, ks=ks, inertia=tuple(9 / k for k in ks), total=10.0,
        silhouette=(None, *(0.5 / k for k in ks[1:])), knee=None, normal_knee=None, elbow=elbow,
        sharpness=3.0, normal_sharpness=1.1, classes=None, best=None,
    )  # fmt: skip


def test_lines_are_the_numbers() -> None:
    found = measured()
    upper, lower = clusters_curve(found).axes
    np.testing.assert_array_equal(upper.lines[0].get_xdata(), found.ks)
    np.testing.assert_allclose(upper.lines[0].get_ydata(), 100 * np.array(found.inertia) / 10)
    np.testing.assert_array_equal(lower.lines[0].get_xdata(), found.ks[1:])
    np.testing.assert_allclose(lower.lines[0].get_ydata(), found.silhouette[1:])
    for axes in (upper, lower):
        low, high = axes.get_ylim()
        values = axes.lines[0].get_ydata()
        assert low <= min(values)
        assert max(values) < high


def test_an_elbow_is_marked_or_denied() -> None:
    upper = clusters_curve(measured(elbow=4)).axes[0]
    assert upper.lines[1].get_xdata()[0] == 4
    assert upper.get_legend().get_title().get_text() == "Inertia: a clear elbow at k = 4"
    assert [text.get_text() for text in upper.get_legend().get_texts()][1] == "elbow at k = 4"
    upper = clusters_curve(measured()).axes[0]
    assert len(upper.lines) == 1
    assert upper.get_legend().get_title().get_text() == "Inertia: no clear elbow"


def test_several_runs_fit_into_one_panel() -> None:
    axes = Figure().subplots()
    for color, ks in (("blue", (2, 4)), ("green", (2, 30, 60)), ("purple", (2, 8))):
        draw_inertia(axes, measured(ks), color=PALETTE[color], label=color)
    assert axes.get_xlim()[1] >= 60
    assert [line.get_label() for line in axes.lines] == ["blue", "green", "purple"]


@pytest.mark.parametrize(
    "found",
    [
        measured(), measured(elbow=6), measured((2,)), measured(tuple(range(2, 81, 2)), elbow=80),
        replace(measured(), silhouette=(None,) * 4), replace(measured(), silhouette=(-0.3,) * 4),
    ],
)  # fmt: skip
def test_nothing_is_clipped(found: Clusters) -> None:
    figure = clusters_curve(found)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes:
        legend = axes.get_legend()
        texts = [axes.xaxis.label, axes.yaxis.label, legend.get_title(), *legend.get_texts()]
        for text in texts:
            if text.get_text():
                box = text.get_window_extent(canvas.get_renderer())
                assert -1 <= box.x0 and box.x1 <= figure.bbox.x1 + 1, text.get_text()
                assert -1 <= box.y0 and box.y1 <= figure.bbox.y1 + 1, text.get_text()
        assert all(float(tick).is_integer() for tick in axes.get_xticks())
