"""The histograms of z beside its mean: shares of components, in the right bins."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import StepPatch

from zspace.analysis.deviations import Deviations, deviations
from zspace.figures.deviations import deviation_histograms


def measured(log_variance: float, scatter: float = 1.0) -> Deviations:
    generator = np.random.default_rng(0)
    mean = generator.standard_normal((500, 16))
    widths = log_variance + scatter * generator.standard_normal(mean.shape)
    noise = generator.standard_normal(mean.shape)
    return deviations(mean, widths, z=mean + np.exp(widths / 2) * noise)


def test_stairs_are_shares_of_components() -> None:
    numbers = measured(-8.0)
    upper, lower = deviation_histograms(numbers).axes
    for axes, counts, edges in (
        (upper, numbers.deviation_counts, numbers.deviation_edges),
        (lower, numbers.log_variance_counts, numbers.log_variance_edges),
    ):
        stairs = next(patch for patch in axes.patches if isinstance(patch, StepPatch))
        values, places, _ = stairs.get_data()
        assert values.sum() == pytest.approx(100, abs=0.05)
        assert values.max() == pytest.approx(100 * max(counts) / sum(counts))
        fullest = places[np.argmax(values)]
        assert fullest == pytest.approx(edges[np.argmax(counts)])
    (line,) = upper.get_lines()
    assert line.get_xdata()[0] == pytest.approx(np.log10(0.05))


@pytest.mark.parametrize("log_variance", [-29.0, -8.0, 0.0, 9.0])
@pytest.mark.parametrize("scatter", [0.0, 2.0])
def test_nothing_is_clipped(log_variance: float, scatter: float) -> None:
    figure = deviation_histograms(measured(log_variance, scatter))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes:
        for text in (axes.get_legend().get_title(), axes.xaxis.label, axes.yaxis.label):
            box = text.get_window_extent(canvas.get_renderer())
            assert 0 <= box.x0 and box.x1 <= figure.bbox.x1, text.get_text()
            assert 0 <= box.y0 and box.y1 <= figure.bbox.y1, text.get_text()


def test_codes_without_noise_are_drawn() -> None:
    mean = np.ones((20, 2))
    deviation_histograms(deviations(mean, np.full((20, 2), -60.0), z=mean))
