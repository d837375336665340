"""The page's parts, and where they stand."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn

from zspace.errors import InputError, ZspaceError
from zspace.explorer.page.components import Sliders, Stage
from zspace.explorer.page.scatter import Scatter
from zspace.explorer.page.visit import Visit
from zspace.explorer.side import Side
from zspace.explorer.views import AbstractView

__all__ = ["HINT", "document_of", "page_of"]

_HERE = Path(__file__).parent
_WIDGETS = (_HERE / "widgets.css").read_text(encoding="utf-8")
_LOOK = (_HERE / "look.css").read_text(encoding="utf-8")
_CARD = """:host {
  background: var(--zs-card, transparent); border: 1px solid var(--zs-line, transparent);
  border-radius: 12px; padding: 12px 14px; box-shadow: var(--zs-shade, none);
}"""
_FEW = 20_000
_DRAGS = {"Decode along": "", "Pan": "pan", "Lasso": "lasso"}
HINT = "Click anywhere, on a point or on empty space: the model draws what lies there."


def page_of(side: Side) -> Any:
    """A new page for one visitor, as a Panel object.

    Args:
        side: the model; all visitors share it.
    """
    stage, sliders = Stage(sizing_mode="stretch_width"), Sliders(sizing_mode="stretch_width")
    visit = Visit(side, tell=stage.tell, follow=sliders.tell)
    sliders.handles = _rows(visit)
    stage.listen(visit.answer)
    sliders.listen(visit.answer)
    scatter = Scatter.of(visit.view)
    plot = pn.pane.Bokeh(scatter.figure, sizing_mode="stretch_both")
    meaning = pn.pane.HTML(
        visit.view.meaning, css_classes=["zspace-meaning"], stylesheets=[_WIDGETS], margin=0
    )
    controls = _controls(visit, scatter, meaning)
    left = pn.Column(
        controls,
        plot,
        meaning,
        sizing_mode="stretch_both",
        stylesheets=[_CARD],
        margin=(0, 14, 0, 0),
    )
    right = pn.Column(
        stage,
        sliders,
        width=350,
        sizing_mode="stretch_height",
        stylesheets=[_CARD],
        scroll="y-auto",
    )
    return pn.Row(left, right, sizing_mode="stretch_both")


def document_of(side: Side) -> Any:
    """A whole page of a browser, with a head, a title and two themes."""
    page = pn.Template((_HERE / "page.html").read_text(encoding="utf-8"))
    for name, value in {"look": _LOOK, "run": side.name, "hint": HINT}.items():
        page.add_variable(name, value)
    page.add_panel("page", page_of(side))
    return page


def _rows(visit: Visit) -> list[dict[str, Any]]:
    values = visit.values()
    radius = float(visit.side.density.own.radius.max())
    rows = [{"name": "radius", "title": "Radius", "low": 0.0, "high": 1.5 * radius}]
    for name, handle in visit.handles.items():
        low, high = handle.limits
        rows.append({"name": name, "title": name.capitalize(), "low": low, "high": high})
    return [{**row, "value": values[str(row["name"])]} for row in rows]


def _controls(visit: Visit, scatter: Scatter, meaning: Any) -> Any:
    side = visit.side
    views: dict[str, Callable[[], AbstractView]] = {"PCA, components 1 and 2": side.pca_view}
    if side.latent_size > 2:
        views["PCA, components 2 and 3"] = lambda: side.pca_view((2, 3))
    views["Axes 0 and 1"] = lambda: side.axes_view((0, 1))
    views |= {view.title: functools.partial(_same, view) for view in side.maps.values()}
    look = {"stylesheets": [_WIDGETS]}
    view = pn.widgets.Select(name="Map", options=list(views), width=200, **look)
    # The density of many codes takes half a minute, in which nobody would be answered.
    few = side.codes.count <= _FEW
    names = {name.replace("_", " "): name for name in side.colors.names if few or name != "density"}
    color = pn.widgets.Select(name="Color", options=names, width=170, **look)
    drag = pn.widgets.RadioButtonGroup(
        name="Drag", options=_DRAGS, value="", margin=(5, 10, 5, 10), **look
    )
    search = pn.widgets.TextInput(name="Image number", placeholder="e.g. 12", width=120, **look)

    def recolor(*_: Any) -> None:
        scatter.color(visit.view, side.colors.of(color.value))

    def change_view(event: Any) -> None:
        chosen = views[event.new]()
        scatter.show(chosen)
        recolor()
        meaning.object = chosen.meaning
        visit.look_at(chosen)

    def find(event: Any) -> None:
        try:
            visit.go_to_row(_row_of(side, event.new))
        except ZspaceError as error:
            visit.problem(str(error))

    def take(event: Any) -> None:
        tools = {tool.name: tool for tool in scatter.figure.tools}
        scatter.figure.toolbar.active_drag = tools.get(event.new) if event.new else None

    recolor()
    color.param.watch(recolor, "value")
    view.param.watch(change_view, "value")
    search.param.watch(find, "value")
    drag.param.watch(take, "value")
    return pn.FlexBox(view, color, search, drag, align_items="flex-end", gap="0 6px")


def _same(view: AbstractView) -> AbstractView:
    return view


def _row_of(side: Side, text: str) -> int:
    if not text.strip().isdecimal():
        raise InputError(f"the number of an image was expected, {text!r} came")
    row = side.row_of(int(text))
    if row is None:
        raise InputError(f"image {int(text):,} of the data set has no code here; try another")
    return row
