"""Figures of maps: every point is there in its color, legends say what it is, all is readable."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from zspace.analysis.coloring import Coloring
from zspace.analysis.maps import METHODS, Map
from zspace.errors import ShapeError
from zspace.figures.maps import draw_map, map_grid, map_panels

COUNT = 90


def laid(method: str = "tsne-30", seed: int = 0, count: int = COUNT) -> Map:
    place = np.random.default_rng(seed).normal(size=(count, 2)).astype(np.float32)
    explained = 0.314 if method == "pca" else None
    return Map(method, dict(METHODS[method]), place, 0.886, 0.872, explained=explained)


def classes(many: int) -> Coloring:
    names = tuple(f"class {each}" for each in range(many))
    return Coloring("label", np.arange(COUNT) % many, names)


NUMBERS = Coloring("radius of z", np.linspace(10, 30, COUNT), unit="nats")
TWO = Coloring("Mouth Slightly Open", np.arange(COUNT) % 2, ("without", "with Mouth Slightly Open"))


def texts(figure: Figure) -> list:
    found = []
    for axes in figure.axes:
        found += [axes.title, axes._left_title, axes.xaxis.label]
    for legend in figure.legends:
        found += [legend.get_title(), *legend.get_texts()]
    return found


def require_readable(figure: Figure) -> None:
    """All of the text lies within the figure, and no two pieces of it lie on each other."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = []
    for text in texts(figure):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent(canvas.get_renderer())
            assert -1 <= box.x0 and box.x1 <= figure.bbox.x1 + 1, text.get_text()
            assert -1 <= box.y0 and box.y1 <= figure.bbox.y1 + 1, text.get_text()
            boxes.append((text.get_text(), box))
    for (first, left), (second, right) in itertools.combinations(boxes, 2):
        wide = min(left.x1, right.x1) - max(left.x0, right.x0)
        high = min(left.y1, right.y1) - max(left.y0, right.y0)
        assert wide < 2 or high < 2, (first, second)


@pytest.mark.parametrize("many", [2, 3, 10])
def test_few_classes_have_a_legend(many: int) -> None:
    colors = classes(many)
    figure = map_panels([laid("pca"), laid()], colors=colors)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(colors.names)
    drawn = figure.axes[1].collections[0]
    shown = [to_hex(color) for color in drawn.get_facecolors()]
    handles = [to_hex(handle.get_color()) for handle in legend.legend_handles]
    assert len(set(handles)) == many
    place = {
        tuple(xy): color for xy, color in zip(drawn.get_offsets().tolist(), shown, strict=True)
    }
    for xy, value in zip(laid().coordinates.tolist(), colors.values, strict=True):
        assert place[tuple(xy)] == handles[value]
    require_readable(figure)


@pytest.mark.parametrize("colors", [NUMBERS, classes(11)], ids=["numbers", "many classes"])
def test_numbers_and_many_classes_have_a_color_bar(colors: Coloring) -> None:
    figure = map_panels([laid("pca"), laid()], colors=colors)
    assert not figure.legends
    second, bar = figure.axes[1:]
    assert bar.get_xlabel() == ("radius of z (nats)" if colors is NUMBERS else "label")
    drawn = second.collections[0]
    assert len(drawn.get_offsets()) == COUNT
    assert sorted(drawn.get_array()) == pytest.approx(sorted(colors.values))
    low, high = drawn.get_clim()
    assert (low, high) == pytest.approx(tuple(np.percentile(colors.values, (1, 99))))
    require_readable(figure)


def test_what_is_not_to_be_read_from_it_is_said() -> None:
    figure = map_panels([laid("pca"), laid(), laid("umap")])
    under = [axes.get_xlabel() for axes in figure.axes]
    assert under[0].startswith("31 % of the variance, trustworthiness 0.886, continuity 0.872\n")
    assert all("mean\nnothing" in text or "mean nothing" in text for text in under[1:])
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[0] == "PCA"
    assert titles[1] == "t-SNE, perplexity 30, early exaggeration 12"
    assert not figure.legends
    require_readable(figure)


def test_two_classes_with_a_long_name() -> None:
    require_readable(map_panels([laid()], colors=TWO))
    require_readable(map_grid({"first": laid()}, colors={"first": TWO}))


@pytest.mark.parametrize("many", [1, 2, 3])
@pytest.mark.parametrize("colors", [None, NUMBERS, TWO], ids=["none", "numbers", "two"])
@pytest.mark.parametrize("method", ["pca", "tsne-30"])
def test_a_grid_has_a_panel_for_each_run(many: int, colors: Coloring | None, method: str) -> None:
    names = [f"run {each}" for each in range(many)]
    by_run = None if colors is None else dict.fromkeys(names, colors)
    figure = map_grid({name: laid(method, seed=k) for k, name in enumerate(names)}, colors=by_run)
    panels = [axes for axes in figure.axes if axes.get_title(loc="left")]
    assert [axes.get_title(loc="left") for axes in panels] == names
    assert len(figure.legends) == (colors is TWO)
    require_readable(figure)


def test_a_color_is_one_number_in_all_panels_of_a_grid() -> None:
    wide = Coloring("radius of z", np.linspace(20, 90, COUNT))
    figure = map_grid({"a": laid(), "b": laid(seed=1)}, colors={"a": NUMBERS, "b": wide})
    first, second = (figure.axes[place].collections[0].get_clim() for place in (0, 1))
    assert first == second
    assert first[0] < 20 and first[1] > 80


def test_equal_numbers_are_drawn() -> None:
    require_readable(map_panels([laid()], colors=Coloring("radius of z", np.full(COUNT, 4.0))))


def test_a_class_that_is_unknown_is_gray() -> None:
    values = np.arange(COUNT) % 3 - 1
    drawn = draw_map(Figure().subplots(), laid(), colors=Coloring("label", values, ("a", "b")))
    shown = [to_hex(color) for color in drawn.get_facecolors()]
    assert shown.count("#c4cad0") == COUNT // 3


def test_colors_have_to_be_as_many_as_points() -> None:
    short = Coloring("radius of z", np.arange(COUNT - 1.0))
    for draw in (
        lambda: map_panels([laid()], colors=short),
        lambda: map_grid({"a": laid()}, colors={"a": short}),
    ):
        with pytest.raises(ShapeError, match="one color for each of 90 points was expected, 89"):
            draw()
