"""The panels of the ellipsoid: radii, and planes with points, ellipses and the origin."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import StepPatch

from zspace.analysis.ellipsoid import ellipsoid
from zspace.errors import ShapeError
from zspace.figures.ellipsoid import ellipsoid_panels


def points(count: int, size: int, shift: float = 2.0) -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.standard_normal((count, size)) * np.linspace(3, 0.5, size) + shift


def test_radii_are_shares_and_the_curve_is_theirs() -> None:
    found = ellipsoid(points(4000, 8))
    axes = ellipsoid_panels(found, points(500, 8)).axes[0]
    values, edges, _ = next(p for p in axes.patches if isinstance(p, StepPatch)).get_data()
    assert values.sum() == pytest.approx(100)
    assert edges[1] - edges[0] == pytest.approx(found.radii.bin_width)
    curve = next(line for line in axes.get_lines() if line.get_label() == "if normal: χ")
    area = np.trapezoid(curve.get_ydata(), curve.get_xdata()) / found.radii.bin_width
    assert area == pytest.approx(100, abs=2)
    (origin,) = [line for line in axes.get_lines() if len(line.get_xdata()) == 2]
    assert origin.get_xdata()[0] == found.origin_distance


def test_planes_show_points_ellipses_center_and_origin() -> None:
    sample = points(4000, 8)
    found = ellipsoid(sample)
    _, components, through = ellipsoid_panels(found, sample).axes
    for panel in (components, through):
        lines = {line.get_label(): line for line in panel.get_lines()}
        assert {"50 %", "95 %", "99 %", "center", "origin"} <= set(lines)
        assert (lines["origin"].get_xdata()[0], lines["origin"].get_ydata()[0]) == (0, 0)
        assert len(panel.get_lines()[0].get_xdata()) == 2000  # every second of 4,000
    center = next(line for line in through.get_lines() if line.get_label() == "center")
    assert center.get_xdata()[0] == pytest.approx(0, abs=1e-9)
    assert center.get_ydata()[0] == pytest.approx(found.center_radius)
    expected = sample[::2] @ found.pca.components[:2].T
    np.testing.assert_allclose(components.get_lines()[0].get_xydata(), expected)


@pytest.mark.parametrize(
    ("count", "size", "shift"),
    [(400, 1, 2.0), (400, 2, 0.0), (400, 16, 100.0), (40, 64, 2.0), (2000, 256, 1.0)],
)
def test_nothing_is_clipped(count: int, size: int, shift: float) -> None:
    sample = points(count, size, shift)
    figure = ellipsoid_panels(ellipsoid(sample), sample)
    assert len(figure.axes) == (1 if size == 1 else 3)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes:
        legend = axes.get_legend()
        for text in (
            axes.xaxis.label, axes.yaxis.label, legend.get_title(), *legend.get_texts()
        ):  # fmt: skip
            box = text.get_window_extent(canvas.get_renderer())
            assert 0 <= box.x0 and box.x1 <= figure.bbox.x1, text.get_text()
            assert 0 <= box.y0 and box.y1 <= figure.bbox.y1, text.get_text()


def test_clouds_without_spread_or_shift_are_drawn() -> None:
    for sample in (np.zeros((9, 3)), np.full((9, 3), 2.0)):
        FigureCanvasAgg(ellipsoid_panels(ellipsoid(sample), sample)).draw()
    symmetric = points(50, 3, 0.0)
    symmetric = np.concatenate([symmetric, -symmetric])
    assert len(ellipsoid_panels(ellipsoid(symmetric), symmetric).axes) in (2, 3)


def test_other_sizes_do_not_fit() -> None:
    with pytest.raises(ShapeError, match="3 were expected, 4 came"):
        ellipsoid_panels(ellipsoid(points(50, 3)), points(50, 4))
