"""The figure of what comes back: in units of the codes, and several runs in one panel."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from zspace.analysis.consistency import Consistency, consistency
from zspace.analysis.moments import moments
from zspace.analysis.random_kinds import random_kinds
from zspace.figures.consistency import consistency_panels, draw_consistency


def measured(size: int = 8, *, share: float = 0.5) -> Consistency:
    codes = np.random.default_rng(1).standard_normal((300, size))
    return consistency(
        random_kinds(moments(codes), draws=60), codes=codes,
        decode=lambda z: z, encode=lambda images: share * images,
    )  # fmt: skip


def dots(figure: Figure, number: int) -> list[np.ndarray]:
    lines = figure.axes[number].get_lines()
    return [np.asarray(line.get_xdata()) for line in lines if line.get_marker() == "o"]


def test_what_is_drawn_is_what_was_measured() -> None:
    found = measured()
    figure = consistency_panels(found)
    rows = (found.codes, *found.kinds)
    (medians,) = dots(figure, 0)
    np.testing.assert_allclose(medians, [found.times(each) for each in rows])
    assert medians[0] == 1
    before, after = dots(figure, 1)
    np.testing.assert_allclose(before, 2 * after)
    bars = [patch for patch in figure.axes[2].patches if isinstance(patch, Rectangle)]
    shares = [100 * each.identified for each in rows]
    np.testing.assert_allclose([bar.get_width() for bar in bars], shares)


def test_several_runs_share_a_panel() -> None:
    axes = Figure().subplots()
    for offset, color, share in ((-0.2, "red", 0.5), (0.2, "blue", 0.9)):
        run = measured(share=share)
        draw_consistency(axes, run, color=color, label=f"keeps {share}", offset=offset)
    handles, labels = axes.get_legend_handles_labels()
    assert labels == ["keeps 0.5", "keeps 0.9"]
    first, second = (handle.get_ydata() for handle in handles)
    np.testing.assert_allclose(second - first, 0.4)
    assert len(axes.get_yticks()) == len(first)
    assert sum(len(line.get_xdata()) == 2 and line.get_gid() is not None
               for line in axes.get_lines()) == 1  # fmt: skip


@pytest.mark.parametrize(("size", "share"), [(1, 0.5), (8, 1.0), (64, 0.0), (8, 30.0)])
def test_nothing_is_clipped(size: int, share: float) -> None:
    figure = consistency_panels(measured(size, share=share))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes:
        found = [*axes.texts, axes.xaxis.label, axes._left_title, *axes.get_yticklabels()]
        legend = axes.get_legend()
        if legend is not None:
            found += [legend.get_title(), *legend.get_texts()]
        for text in found:
            box = text.get_window_extent(canvas.get_renderer())
            assert -1 <= box.x0 and box.x1 <= figure.bbox.x1 + 1, text.get_text()
            assert -1 <= box.y0 and box.y1 <= figure.bbox.y1 + 1, text.get_text()
