"""The grid of moved images shows the right pixels; the bars show the numbers; nothing is cut."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from zspace.analysis.separability import Leak, Leakage
from zspace.errors import ShapeError
from zspace.figures.attributes import edit_grid, leakage_bars, signed

FACTORS = (-2.5, 0.0, 4.0)


def pictures(count: int = 2, channels: int = 3) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    originals = generator.integers(0, 256, (count, 6, 8, channels), dtype=np.uint8)
    return originals, generator.random((count, len(FACTORS), 6, 8, channels), np.float32)


def test_signs() -> None:
    assert [signed(each) for each in (-4, 0.0, -0.0, 1, 0.25)] == ["−4", "0", "0", "+1", "+0.25"]


@pytest.mark.parametrize("channels", [1, 3])
def test_each_row_is_the_original_and_what_it_becomes(channels: int) -> None:
    originals, edited = pictures(channels=channels)
    off = np.zeros((2, 3), bool)
    off[1, 2] = True
    figure = edit_grid(originals, edited, factors=FACTORS, off_the_data=off, title="hat")
    texts = [text.get_text() for text in figure.texts]
    assert texts[0] == "hat  (○ off the data)"
    assert texts[1:] == ["original", "−2.5", "0", "+4", "original", "−2.5", "0", "+4 ○"]
    for row, axes in enumerate(figure.axes):
        pixels = np.asarray(axes.images[0].get_array())
        scale = pixels.shape[0] // 6
        width = 8 * scale
        small = pixels[::scale]
        for column, image in enumerate([originals[row] / 255, *edited[row]]):
            shown = small[:, column * (width + 4) : column * (width + 4) + width : scale]
            expected = np.rint(255 * np.broadcast_to(image, (6, 8, 3)))
            np.testing.assert_array_equal(shown, expected)


def test_without_anything_off_the_data_there_is_no_mark() -> None:
    figure = edit_grid(*pictures(), factors=FACTORS, title="hat")
    assert not any("○" in text.get_text() for text in figure.texts)


def test_other_numbers_of_images_or_factors() -> None:
    originals, edited = pictures()
    for first, second, factors in (
        (originals[:1], edited, FACTORS),
        (originals, edited, (1.0,)),
        (originals, edited[:, 0], FACTORS),
    ):
        with pytest.raises(ShapeError):
            edit_grid(first, second, factors=factors)


def leaks(count: int = 20, *, in_images: bool = True, in_data: bool = True) -> Leakage:
    values = np.random.default_rng(0).uniform(-0.5, 0.5, (3, count))
    values = values[:, np.argsort(-np.abs(values[1 if in_images else 0]))]
    return Leakage(
        count=500,
        leaks=tuple(
            Leak(
                name="Wearing_a_very_long_name" if place == 3 else f"a_{place}",
                change=values[0, place],
                image_change=values[1, place] if in_images else None,
                in_data=values[2, place] if in_data else None,
                cosine=0.5,
                reader_auc=0.9,
            )
            for place in range(count)
        ),
        left_out=(),
    )


def test_bars_are_the_changes_with_its_own_attribute_on_top() -> None:
    found = leaks()
    figure = leakage_bars(found, name="a_7-against-a_19", attribute="a_7", against=("a_19",))
    (axes,) = figure.axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    rest = [leak for leak in found.leaks if leak.name not in ("a_7", "a_19")]
    rows = [found.of("a_7"), found.of("a_19"), *rest[:12]]
    assert names == [leak.name.replace("_", " ") for leak in rows]
    widths = [patch.get_width() for patch in axes.patches[: len(rows)]]
    np.testing.assert_allclose(widths, [100 * leak.image_change for leak in rows])
    dots, lines = (
        next(line for line in axes.lines if line.get_label() == label)
        for label in ("in codes", "in the data")
    )
    np.testing.assert_allclose(dots.get_xdata(), [100 * leak.change for leak in rows])
    np.testing.assert_allclose(lines.get_xdata(), [100 * leak.in_data for leak in rows[1:]])
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "the first is on top"


def test_without_images_the_bars_are_of_codes() -> None:
    (axes,) = leakage_bars(leaks(3, in_images=False, in_data=False), name="mine").axes
    assert axes.get_legend_handles_labels()[1] == ["in codes"]


@pytest.mark.parametrize(
    ("count", "name"), [(1, "x" * 100), (4, "hat against Male " * 6), (40, "x")]
)
def test_nothing_is_clipped(count: int, name: str) -> None:
    figure = leakage_bars(leaks(count), name=name, attribute="a_0")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    (axes,) = figure.axes
    legend = axes.get_legend()
    for text in [
        *figure.texts, axes.xaxis.label, legend.get_title(), *legend.get_texts(),
        *axes.get_yticklabels(),
    ]:  # fmt: skip
        box = text.get_window_extent(canvas.get_renderer())
        assert -1 <= box.x0 and box.x1 <= figure.bbox.x1 + 1, text.get_text()
        assert -1 <= box.y0 and box.y1 <= figure.bbox.y1 + 1, text.get_text()
