"""The figure of neighbors: what is drawn is what was measured, and nothing is clipped."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle, StepPatch

from zspace.analysis.filaments import Filaments, filaments
from zspace.figures.filaments import filament_panels


def measured(size: int = 4, *, apart: float = 0.0, scale: float = 1.0) -> Filaments:
    points = np.random.default_rng(1).standard_normal((600, size))
    points[:200, 0] += apart
    return filaments(scale * points)


def texts(figure: Figure) -> list:
    found = []
    for axes in figure.axes:
        found += [*axes.texts, axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            labels = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
            found += [label for place, label in labels if low <= place <= high]
        legend = axes.get_legend()
        if legend is not None:
            found += [legend.get_title(), *legend.get_texts()]
    return [text for text in found if text.get_text() and text.get_visible()]


@pytest.mark.parametrize(
    ("size", "apart", "scale"), [(4, 0, 1), (1, 30, 1), (256, 40, 1e-3), (2, 20, 1e4)]
)
def test_nothing_is_clipped(size: int, apart: float, scale: float) -> None:
    figure = filament_panels(measured(size, apart=apart, scale=scale))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for text in texts(figure):
        box = text.get_window_extent(canvas.get_renderer())
        assert -1 <= box.x0 and box.x1 <= figure.bbox.x1 + 1, text.get_text()
        assert -1 <= box.y0 and box.y1 <= figure.bbox.y1 + 1, text.get_text()


def test_stairs_are_the_shares_of_points() -> None:
    found = measured()
    distances, dimensions, _ = filament_panels(found).axes
    for axes, counts, normal in (
        (distances, found.distance_counts, found.normal_distance_counts),
        (dimensions, found.dimension_counts, found.normal_dimension_counts),
    ):
        stairs = [patch for patch in axes.patches if isinstance(patch, StepPatch)]
        for patch, part in zip(stairs, (counts, counts, normal), strict=True):
            assert patch.get_data().values.sum() == pytest.approx(100)
            assert patch.get_data().values.max() == pytest.approx(100 * max(part) / 600)
    labels = distances.get_legend().get_texts()
    assert labels[0].get_text() == f"codes: median {found.codes.distance_quantiles[50]:.3g}"


def test_bars_are_the_pieces() -> None:
    found = measured(apart=30)
    assert found.codes.pieces == (400, 200)
    axes = filament_panels(found).axes[2]
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [bar.get_width() for bar in bars] == pytest.approx([200 / 3, 100 / 3, 100])
    assert [text.get_text() for text in axes.texts] == ["400", "200", "600"]
    assert "2 pieces" in axes.get_title(loc="left")


def test_no_dimension_is_said() -> None:
    corners = filament_panels(filaments(np.eye(40)))
    assert corners.axes[1].get_legend().get_texts()[0].get_text() == "codes: none"
