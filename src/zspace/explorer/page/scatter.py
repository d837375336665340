"""The map: all codes as points, sent once; a color is one byte for each of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import (
    CDSView,
    ColumnDataSource,
    IndexFilter,
    LinearColorMapper,
    PanTool,
    Range1d,
    ResetTool,
    WheelZoomTool,
)
from bokeh.palettes import Viridis256
from bokeh.plotting import figure
from jaxtyping import UInt8
from panel.io import unlocked

from zspace.analysis.coloring import Coloring, color_limits
from zspace.analysis.neighbors import some_rows
from zspace.explorer.views import AbstractView
from zspace.figures.style import CLASS_COLORS

__all__ = ["Scatter", "color_bytes"]

_LEVELS = 255
_OTHER = "#8a929b"
_MARGIN = 0.06
_WHILE_MOVING = 15_000
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


class Scatter:
    """The figure of one model's map, and what of it changes.

    Changes are sent at once, as the page's messages are, and together: else they would come after
    what is said of them, and a click meanwhile would mean a place of the map that was there before.

    Args:
        view: that is shown first.
        coloring: of the points.
        side: number of the model, by which the page finds the figure: ``map-0``, ``codes-0``.

    Attributes:
        figure: of Bokeh.
        legend: what colors mean, for the page.
    """

    def __init__(self, view: AbstractView, coloring: Coloring, *, side: int = 0) -> None:
        self._source = ColumnDataSource({"x": [], "y": [], "color": []}, name=f"codes-{side}")
        self._mapper = LinearColorMapper(palette=[_OTHER], low=0, high=_LEVELS)
        self._some = IndexFilter(indices=[])
        self.figure = _empty_figure(f"map-{side}")
        self.legend: dict[str, Any] = {}
        look = {
            "size": 4, "line_color": None, "fill_alpha": 0.55,
            "fill_color": {"field": "color", "transform": self._mapper},
        }  # fmt: skip
        self.figure.scatter("x", "y", source=self._source, name="all", **look)
        self.figure.scatter(
            "x", "y", source=self._source, name="some", visible=False,
            view=CDSView(filter=self._some), **look,
        )  # fmt: skip
        self.show(view, coloring)

    def show(self, view: AbstractView, coloring: Coloring) -> None:
        """Lay the points out by another view."""
        x, y = view.coordinates.T
        columns = {"x": x.copy(), "y": y.copy(), "color": color_bytes(coloring)[view.rows]}
        with unlocked():
            # While the map moves, the page draws only some of very many points.
            self._some.indices = some_rows(len(x), _WHILE_MOVING).tolist()
            self._explain(coloring)
            self._source.data = columns
            for values, around in ((x, self.figure.x_range), (y, self.figure.y_range)):
                low, high = float(values.min()), float(values.max())
                margin = _MARGIN * ((high - low) or 1.0)
                start, end = low - margin, high + margin
                around.update(start=start, end=end, reset_start=start, reset_end=end)
            self.figure.xaxis.axis_label, self.figure.yaxis.axis_label = view.labels

    def color(self, view: AbstractView, coloring: Coloring) -> None:
        """Color the points: one column is sent, and none of the places."""
        with unlocked():
            self._explain(coloring)
            self._source.data["color"] = color_bytes(coloring)[view.rows]

    def _explain(self, coloring: Coloring) -> None:
        """Say what the bytes of colors mean."""
        if coloring.names:
            palette = [*CLASS_COLORS, _OTHER]
            self._mapper.update(palette=palette, low=0, high=len(palette))
        else:
            self._mapper.update(palette=Viridis256, low=0, high=_LEVELS)
        self.legend = _legend(coloring)


def _legend(coloring: Coloring) -> dict[str, Any]:
    title = f"{coloring.title} ({coloring.unit})" if coloring.unit else coloring.title
    if not coloring.names:
        low, high = color_limits(np.asarray(coloring.values))
        return {"title": title, "low": low, "high": high, "colors": list(Viridis256[::15])}
    names = list(coloring.names[: len(CLASS_COLORS)])
    colors = list(CLASS_COLORS[: len(names)])
    if len(coloring.names) > len(names):
        names, colors = [*names, "others"], [*colors, _OTHER]
    return {"title": title, "names": names, "colors": colors}


def _empty_figure(name: str) -> Any:
    plot = figure(
        name=name, tools=[], toolbar_location=None, output_backend="webgl",
        sizing_mode="stretch_both", min_height=240, min_width=240, x_range=Range1d(),
        y_range=Range1d(), background_fill_color=None, border_fill_color=None,
        outline_line_color=None, min_border=6, lod_threshold=None, stylesheets=[_QUIET_FOCUS],
    )  # fmt: skip
    wheel = WheelZoomTool()
    plot.add_tools(wheel, PanTool(name=f"pan-{name}"), ResetTool())
    plot.toolbar.active_scroll = wheel
    plot.toolbar.active_drag = None
    for axis in plot.axis:
        axis.update(minor_tick_line_color=None, major_tick_line_color=None, axis_label_standoff=4)
        axis.update(axis_label_text_font_style="normal", axis_label_text_font_size="12px")
    return plot
