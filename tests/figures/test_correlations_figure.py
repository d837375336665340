"""The matrix of correlations: in the order asked for, with one color scale about zero."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import StepPatch

from zspace.analysis.correlations import Correlations, correlations
from zspace.errors import InputError
from zspace.figures.correlations import ORDERS, correlation_matrix, order_of_axes


def measured(size: int, count: int = 400) -> Correlations:
    """Axes 0, 3, 6, … go together, and so do the others by their remainder."""
    generator = np.random.default_rng(0)
    shared = generator.standard_normal((count, 3))[:, np.arange(size) % 3]
    own = generator.standard_normal((count, size))
    return correlations((2 * shared + own) * np.linspace(1, 2, size))


def test_blocks_are_put_side_by_side() -> None:
    found = measured(12)
    order = order_of_axes(found, "blocks") % 3
    assert (np.diff(order) != 0).sum() == 2
    assert order_of_axes(found, "variance").tolist() == list(range(11, -1, -1))
    assert order_of_axes(found, "index").tolist() == list(range(12))
    with pytest.raises(InputError, match="blocks, variance, index; 'size' came"):
        order_of_axes(found, "size")


@pytest.mark.parametrize("order", ORDERS)
def test_colors_are_coefficients_about_zero(order: str) -> None:
    found = measured(12)
    upper, lower = correlation_matrix(found, order=order).axes[:2]
    (image,) = upper.get_images()
    low, high = image.get_clim()
    assert low == -high == -found.largest
    places = order_of_axes(found, order)
    expected = found.matrix[np.ix_(places, places)] * (1 - np.eye(12))
    np.testing.assert_array_equal(image.get_array(), expected)
    stairs = next(patch for patch in lower.patches if isinstance(patch, StepPatch))
    values, edges, _ = stairs.get_data()
    assert values.sum() == pytest.approx(100)
    np.testing.assert_allclose(
        values, 100 * np.histogram(found.coefficients, edges)[0] / found.pairs
    )


def test_the_curve_of_chance_is_that_of_independent_axes() -> None:
    points = np.random.default_rng(1).standard_normal((200, 60))
    lower = correlation_matrix(correlations(points)).axes[1]
    values, edges, _ = next(p for p in lower.patches if isinstance(p, StepPatch)).get_data()
    (curve,) = [line for line in lower.get_lines() if len(line.get_xdata()) > 2]
    middles = (edges[1:] + edges[:-1]) / 2
    expected = np.interp(middles, curve.get_xdata(), curve.get_ydata())
    assert expected.sum() == pytest.approx(100, abs=0.5)
    assert np.abs(values - expected).max() < 1.5


@pytest.mark.parametrize("size", [1, 2, 16, 256])
def test_nothing_is_clipped(size: int) -> None:
    figure = correlation_matrix(measured(size))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes:
        legend = axes.get_legend()
        texts = [axes.xaxis.label, axes.yaxis.label, axes._left_title]
        texts += [] if legend is None else [legend.get_title(), *legend.get_texts()]
        for text in texts:
            box = text.get_window_extent(canvas.get_renderer())
            assert 0 <= box.x0 and box.x1 <= figure.bbox.x1, text.get_text()
            assert 0 <= box.y0 and box.y1 <= figure.bbox.y1, text.get_text()


def test_constant_axes_are_named_and_none_at_all_is_refused() -> None:
    points = np.random.default_rng(2).standard_normal((50, 3))
    points[:, 1] = 1
    title = correlation_matrix(correlations(points)).axes[0].get_title(loc="left")
    assert "2 axes; 1 constant left out" in title
    with pytest.raises(InputError, match="none of 3 does"):
        correlation_matrix(correlations(np.ones((5, 3))))
    correlation_matrix(correlations(np.random.default_rng(3).standard_normal((3, 4))))
