"""The map: all codes as points, sent once; a color is one byte for each of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from bokeh.models import (
    ColorBar,
    ColumnDataSource,
    LassoSelectTool,
    LinearColorMapper,
    PanTool,
    Range1d,
    ResetTool,
    WheelZoomTool,
)
from bokeh.palettes import Viridis256
from bokeh.plotting import figure
from jaxtyping import UInt8

from zspace.analysis.coloring import Coloring, color_limits
from zspace.explorer.views import AbstractView
from zspace.figures.style import CLASS_COLORS

__all__ = ["Scatter", "color_bytes"]

_LEVELS = 255
_OTHER = "#8a929b"
_MARGIN = 0.06
_QUIET_FOCUS = ":host, :host(:focus), .bk-events:focus, :focus { outline: none !important; }"


def color_bytes(coloring: Coloring) -> UInt8[np.ndarray, " count"]:
    """The color of each point as one byte: a row of the classes, or a step of a scale of 256.

    Classes beyond those that can be told apart share the last one.

    Example:
        >>> color_bytes(Coloring("radius", np.array([0.0, 50.0, 100.0]))).tolist()
        [0, 128, 255]
    """
    values = np.asarray(coloring.values)
    if coloring.names:
        return np.minimum(values, len(CLASS_COLORS)).astype(np.uint8)
    low, high = color_limits(values)
    return np.rint(_LEVELS * np.clip((values - low) / (high - low), 0, 1)).astype(np.uint8)


class Scatter(NamedTuple):
    """The figure and what of it changes."""

    figure: Any
    source: ColumnDataSource
    mapper: LinearColorMapper
    bar: ColorBar

    @classmethod
    def of(cls, view: AbstractView) -> Scatter:
        """A map of a view, still without color."""
        source = ColumnDataSource({"x": [], "y": [], "color": []}, name="codes")
        mapper = LinearColorMapper(palette=[_OTHER], low=0, high=_LEVELS)
        plot = _empty_figure()
        plot.scatter(
            "x", "y", source=source, size=4, line_color=None, fill_alpha=0.55,
            fill_color={"field": "color", "transform": mapper}, name="points",
            nonselection_fill_alpha=0.12,
        )  # fmt: skip
        bar = ColorBar(
            color_mapper=mapper, width=8, title="", visible=False, background_fill_alpha=0,
            border_line_color=None, bar_line_color=None, padding=4,
        )  # fmt: skip
        plot.add_layout(bar, "right")
        made = cls(plot, source, mapper, bar)
        made.show(view)
        return made

    def show(self, view: AbstractView) -> None:
        """Lay the points out by another view; colors are asked for next."""
        x, y = view.coordinates.T
        plain = np.zeros(len(x), np.uint8)
        self.source.data = {"x": x.copy(), "y": y.copy(), "color": plain}
        for values, around in ((x, self.figure.x_range), (y, self.figure.y_range)):
            low, high = float(values.min()), float(values.max())
            margin = _MARGIN * ((high - low) or 1.0)
            start, end = low - margin, high + margin
            around.update(start=start, end=end, reset_start=start, reset_end=end)
        self.figure.xaxis.axis_label, self.figure.yaxis.axis_label = view.labels

    def color(self, view: AbstractView, coloring: Coloring) -> None:
        """Color the points: one column is sent, and none of the places."""
        shades = color_bytes(coloring)[view.rows]
        if coloring.names:
            palette = [*CLASS_COLORS, _OTHER]
            self.mapper.update(palette=palette, low=0, high=len(palette))
        else:
            self.mapper.update(palette=Viridis256, low=0, high=_LEVELS)
        self.source.data["color"] = shades


def _empty_figure() -> Any:
    plot = figure(
        name="map", tools=[], toolbar_location=None, output_backend="webgl",
        sizing_mode="stretch_both", min_height=420, x_range=Range1d(), y_range=Range1d(),
        background_fill_color=None, border_fill_color=None, outline_line_color=None,
        min_border=6, lod_threshold=None, stylesheets=[_QUIET_FOCUS],
    )  # fmt: skip
    wheel = WheelZoomTool()
    plot.add_tools(
        wheel, PanTool(name="pan"), LassoSelectTool(name="lasso", continuous=False), ResetTool()
    )
    plot.toolbar.active_scroll = wheel
    plot.toolbar.active_drag = None
    for axis in plot.axis:
        axis.update(minor_tick_line_color=None, major_tick_line_color=None, axis_label_standoff=4)
        axis.update(axis_label_text_font_style="normal", axis_label_text_font_size="12px")
    return plot
