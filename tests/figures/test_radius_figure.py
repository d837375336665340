"""The radius figure: its stairs are the measured shares, its curve is N(0, I)'s."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import StepPatch

from zspace.analysis.radius import Radius, cube_limit_for, normal_mean_radius, radius
from zspace.errors import ShapeError
from zspace.figures.radius import radius_histogram
from zspace.figures.style import PALETTE


def measured(size: int, scale: float = 1.0, count: int = 2000) -> Radius:
    return radius(scale * np.random.default_rng(3).standard_normal((count, size)))


def test_stairs_are_shares_and_the_curve_is_theirs() -> None:
    z, mean = measured(64), measured(64, 0.5)
    axes = radius_histogram(z, mean).axes[0]
    stairs = [patch for patch in axes.patches if isinstance(patch, StepPatch)]
    for patch, part in zip(stairs, (z, z, mean), strict=True):
        values, edges, _ = patch.get_data()
        assert values.sum() == pytest.approx(100)
        full = np.asarray(part.counts) > 0
        np.testing.assert_allclose(edges[0], part.edges[:-1][full][0])
        np.testing.assert_allclose(values.max(), 100 * max(part.counts) / part.count)
    curve = next(line for line in axes.get_lines() if len(line.get_xdata()) > 2)
    area = np.trapezoid(curve.get_ydata(), curve.get_xdata()) / z.bin_width
    assert area == pytest.approx(100, abs=0.1)
    verticals = [line.get_xdata()[0] for line in axes.get_lines() if len(line.get_xdata()) == 2]
    assert sorted(verticals) == sorted([z.mean, mean.mean, normal_mean_radius(64)])


def test_means_that_are_the_same_are_drawn_once() -> None:
    z = measured(16)
    (legend,) = radius_histogram(z, z).legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert len(texts) == 3
    assert (
        texts[0] == f"codes (z and mean alike): mean {z.mean:.2f} ± {z.deviation:.2f}, 2,000 images"
    )
    limit = cube_limit_for(z.mean, 16)
    spread = np.linalg.norm(np.random.default_rng(1).uniform(-limit, limit, (9000, 16)), axis=1)
    assert texts[2].startswith(f"uniform in ±{limit:.3g} on each axis: mean {z.mean:.2f} ± ")
    assert float(texts[2].split("± ")[1]) == pytest.approx(spread.std(), abs=0.02)
    assert texts[1] == "N(0, I) in 16 dimensions: mean 3.94 ± 0.70"


@pytest.mark.parametrize("size", [1, 2, 5, 64])
def test_the_cubes_curve_has_the_mean_radius_of_the_codes(size: int) -> None:
    z = measured(size, 1.7)
    curves = [line for line in radius_histogram(z).axes[0].get_lines() if len(line.get_xdata()) > 2]
    (curve,) = [line for line in curves if line.get_color() == PALETTE["green"]]
    r, shares = curve.get_xdata(), curve.get_ydata()
    assert np.trapezoid(shares, r) / z.bin_width == pytest.approx(100, abs=1.5)
    assert np.trapezoid(r * shares, r) / np.trapezoid(shares, r) == pytest.approx(z.mean, rel=0.01)


def test_a_far_higher_curve_is_cut_and_says_so() -> None:
    axes = radius_histogram(measured(4, 30.0)).axes[0]
    assert axes.get_ylim()[1] < 25
    assert [text.get_text()[:7] for text in axes.texts] == ["↑ up to"]
    assert not radius_histogram(measured(4)).axes[0].texts


def test_a_far_outlier_does_not_press_the_others_together() -> None:
    points = np.random.default_rng(1).standard_normal((2000, 16))
    points[0] *= 200
    axes = radius_histogram(radius(points)).axes[0]
    assert axes.get_xlim()[1] < 15


@pytest.mark.parametrize(("size", "scale"), [(1, 1), (2, 0.01), (256, 1), (4096, 1), (8, 500)])
def test_nothing_is_clipped(size: int, scale: float) -> None:
    figure = radius_histogram(measured(size, scale, 300), measured(size, scale / 2, 300))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    axes = figure.axes[0]
    for text in [*figure.legends[0].get_texts(), axes.xaxis.label, axes.yaxis.label, *axes.texts]:
        box = text.get_window_extent(canvas.get_renderer())
        assert 0 <= box.x0 and box.x1 <= figure.bbox.x1, text.get_text()
        assert 0 <= box.y0 and box.y1 <= figure.bbox.y1, text.get_text()


def test_other_sizes_do_not_fit() -> None:
    with pytest.raises(ShapeError, match="16 and 8 came"):
        radius_histogram(measured(16), measured(8))
