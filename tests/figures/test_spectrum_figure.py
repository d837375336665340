"""The figure of spectra: what is drawn is what was measured, and all of it can be read."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from zspace.analysis.spectrum import compared, spectrum
from zspace.errors import InputError
from zspace.figures.spectrum import spectrum_panels

NOISE = np.random.default_rng(1).standard_normal((20, 32, 32))
BOARD = np.indices((32, 32)).sum(axis=0) % 2
REAL = spectrum(NOISE)
MADE = {"transposed, kernel 3": spectrum(NOISE + BOARD), "half as much": spectrum(NOISE / 2)}


def test_lines_and_bars_are_those_measured() -> None:
    power, ratio, peaks, fine = spectrum_panels(REAL, MADE, name="original").axes
    drawn = {line.get_label(): line for line in power.get_lines()}
    assert list(drawn) == ["original", *MADE]
    np.testing.assert_allclose(drawn["half as much"].get_ydata(), MADE["half as much"].power)
    np.testing.assert_allclose(ratio.get_lines()[1].get_ydata(), 0.25)
    found = [compared(each, REAL) for each in MADE.values()]
    for axes, values in ((peaks, [each.peak for each in found]), (fine, [e.fine for e in found])):
        np.testing.assert_allclose([bar.get_width() for bar in axes.patches], values)
        assert [text.get_text() for text in axes.texts] == [f"{value:.2f}" for value in values]


@pytest.mark.parametrize(
    "name", ["short", "medium length", "a name that is long", "transposed convolutions"]
)
def test_nothing_is_clipped(name: str) -> None:
    made = {f"{name}{number}": MADE["half as much"] for number in range(6)}
    figure = spectrum_panels(REAL, made, name="original")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes:
        legend = axes.get_legend()
        titles = [axes.title, axes._left_title] + (legend.get_texts() if legend else [])
        for text in [*axes.texts, *titles, axes.xaxis.label, *axes.get_yticklabels()]:
            box = text.get_window_extent(canvas.get_renderer())
            if text.get_text() and box.width:
                assert -1 <= box.x0 and box.x1 <= figure.bbox.x1 + 1, text.get_text()


def test_too_many_or_none_are_refused() -> None:
    for made in ({}, {str(number): REAL for number in range(7)}):
        with pytest.raises(InputError, match="1 to 6 sets"):
            spectrum_panels(REAL, made)
