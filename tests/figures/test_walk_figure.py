"""The figures of a walk: what is drawn is what was measured, and all of it can be read."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from zspace.analysis.walk_places import WalkPlaces, walk_places
from zspace.errors import ShapeError
from zspace.figures.walk import sheet_panels, walk_panels

NAMES = [(0, "validation:3"), (4, "a-very-long-name-of-a-photograph.jpg")]


def measured(count: int, *, size: int = 8, scale: float = 1.0, reach: float = 3.0) -> WalkPlaces:
    codes = scale * np.random.default_rng(1).standard_normal((600, size))
    direction = scale * np.ones(size) / np.sqrt(size)
    return walk_places(np.linspace(-reach, 2 * reach, count)[:, None] * direction, codes)


def lines(axes) -> list:
    return [line for line in axes.get_lines() if len(line.get_xdata()) > 2]


def test_lines_are_what_was_measured_beside_the_codes() -> None:
    found = measured(5)
    figure = walk_panels(found, places=np.arange(5), stops=NAMES)
    histogram, radius, other, distance = figure.axes
    np.testing.assert_allclose(lines(radius)[0].get_ydata(), found.radius)
    np.testing.assert_allclose(lines(distance)[0].get_ydata(), found.distance)
    assert histogram.get_ylim() == radius.get_ylim() and other.get_ylim() == distance.get_ylim()
    (band,) = radius.patches
    bounds = band.get_extents().transformed(radius.transData.inverted())
    quantiles = found.codes_radius.quantiles
    np.testing.assert_allclose([bounds.y0, bounds.y1], [quantiles[5], quantiles[95]])
    stairs = histogram.patches[0].get_data()
    np.testing.assert_allclose(stairs.values.sum() * max(found.codes_radius.counts), 600)


def test_dots_have_the_color_of_their_reading() -> None:
    found = measured(9, reach=4.0)
    figure = walk_panels(found, places=np.arange(9))
    dots = [line for line in figure.axes[3].get_lines() if line.get_marker() == "o"]
    by_color = {line.get_color(): set(line.get_xdata().tolist()) for line in dots}
    assert len(by_color) == len(set(found.readings.tolist()))
    assert set.union(*by_color.values()) == set(range(9))
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "off the data" in names and "among the codes" in names


def test_rows_are_lines_of_their_own() -> None:
    codes = np.random.default_rng(1).standard_normal((600, 4))
    found = walk_places(codes[:30], codes)
    rows = [f"axis {row}" for row in range(10)]
    figure = walk_panels(found, places=np.linspace(-3, 3, 3), rows=rows, label="deviations")
    drawn = lines(figure.axes[1])
    np.testing.assert_allclose([line.get_ydata() for line in drawn], found.radius.reshape(10, 3))
    styles = {(line.get_color(), line.get_linestyle()) for line in drawn}
    assert len(styles) == 10, "each can be told from the others"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == rows


def test_cells_of_a_sheet_are_percentiles() -> None:
    found = measured(12)
    left, right, *_ = sheet_panels(found, columns=4, corners="abc").axes
    for axes, values in ((left, found.radius_percentile), (right, found.distance_percentile)):
        np.testing.assert_allclose(axes.images[0].get_array().ravel(), values, atol=1e-3)
        letters = {text.get_text(): text.get_position() for text in axes.texts}
        assert letters == {"A": (0, 0), "B": (3, 0), "C": (0, 2)}


def test_values_stand_at_their_cells() -> None:
    found = measured(25)
    values = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])
    figure = sheet_panels(found, columns=5, labels=("axis 3", "axis 7"), values=values)
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["−2", "−0.5", "0", "0.5", "2"]
    assert axes.get_yticks().tolist() == [4, 3, 2, 1, 0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("axis 3", "axis 7")


def outside(figure: Figure) -> list[str]:
    """Texts that are cut off at the figure's edge."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    found = []
    texts = [text for legend in figure.legends for text in legend.get_texts()]
    for axes in figure.axes:
        legend = axes.get_legend()
        own = [legend.get_title(), *legend.get_texts()] if legend else []
        ticks = []
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks += [t.label1 for t in axis.get_major_ticks() if low <= t.get_loc() <= high]
        labels = [axes.xaxis.label, axes.yaxis.label, axes.title, axes._left_title]
        texts += [*own, *ticks, *labels, *axes.texts]
    for text in texts:
        box = text.get_window_extent(canvas.get_renderer())
        inside = -1 <= box.x0 and box.x1 <= figure.bbox.x1 + 1
        inside &= -1 <= box.y0 and box.y1 <= figure.bbox.y1 + 1
        if text.get_text() and text.get_visible() and not inside:
            found.append(text.get_text())
    return found


@pytest.mark.parametrize(("size", "scale"), [(1, 1.0), (2, 1e-3), (64, 1.0), (8, 1e3)])
def test_nothing_is_clipped(size: int, scale: float) -> None:
    found = measured(5, size=size, scale=scale)
    assert outside(walk_panels(found, places=np.arange(5), stops=NAMES)) == []
    rows = [f"component {row}" for row in range(20)]
    many = measured(60, size=size, scale=scale)
    assert outside(walk_panels(many, places=np.linspace(-3, 3, 3), rows=rows)) == []
    assert outside(sheet_panels(many, columns=10, corners=["validation:3", *"bc"])) == []
    labels = ("component 1, standard deviations", "component 2, standard deviations")
    square = measured(49, size=size, scale=scale)
    values = np.linspace(-1, 1, 7)
    assert outside(sheet_panels(square, columns=7, labels=labels, values=values)) == []


def test_many_stops_are_numbered() -> None:
    stops = [(place, f"validation:{1000 + place}") for place in range(5)]
    figure = walk_panels(measured(5), places=np.arange(5), stops=stops)
    names = [text.get_text() for text in figure.axes[3].get_xticklabels()]
    assert names == [f"stop {number}" for number in range(1, 6)]


def test_what_does_not_fit_is_refused() -> None:
    found = measured(6)
    for call in (
        lambda: walk_panels(found, places=np.arange(5)),
        lambda: walk_panels(found, places=np.arange(6), rows=["a", "b"]),
        lambda: sheet_panels(found, columns=4),
        lambda: sheet_panels(found, columns=0),
    ):
        with pytest.raises(ShapeError) as caught:
            call()
        assert "\n" not in str(caught.value)
