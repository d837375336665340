"""The explorer's page in a real browser: the map draws, and whatever is done changes the image."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

LONG = 30_000


def pixels(page: Any) -> str:
    return str(page.locator("canvas.image").evaluate("canvas => canvas.toDataURL()"))


def wait_for_another(page: Any, before: str) -> None:
    script = "([canvas, before]) => canvas.toDataURL() !== before"
    canvas = page.locator("canvas.image").element_handle()
    page.wait_for_function(script, arg=[canvas, before], timeout=LONG)


def frame(page: Any) -> dict[str, float]:
    """The map's rectangle in the window."""
    return dict(
        page.evaluate(
            """() => {
              const map = Bokeh.documents[0].get_model_by_name("map")
              const view = Bokeh.index.find_one(map)
              const box = view.el.getBoundingClientRect(), inner = view.frame.bbox
              return {left: box.left + inner.left, top: box.top + inner.top,
                      width: inner.width, height: inner.height}
            }"""
        )
    )


def place_of_code(page: Any, row: int) -> tuple[float, float]:
    """Where a code is drawn."""
    x, y = page.evaluate(
        """row => {
          const map = Bokeh.documents[0].get_model_by_name("map")
          const data = Bokeh.documents[0].get_model_by_name("codes").data
          const part = (value, range) => (value - range.start) / (range.end - range.start)
          return [part(data.x[row], map.x_range), part(data.y[row], map.y_range)]
        }""",
        row,
    )
    box = frame(page)
    return box["left"] + x * box["width"], box["top"] + (1 - y) * box["height"]


def test_the_map_draws(page: Any) -> None:
    box = frame(page)
    assert box["width"] > 400
    assert box["height"] > 300
    count = page.evaluate('Bokeh.documents[0].get_model_by_name("codes").data.x.length')
    assert count == 500
    assert page.locator(".near button").count() == 8


def test_a_click_on_empty_space_changes_the_image(page: Any) -> None:
    box, before = frame(page), pixels(page)
    page.mouse.click(box["left"] + 12, box["top"] + 12)
    wait_for_another(page, before)
    page.locator(".source", has_text="A place on the map").wait_for(timeout=LONG)
    page.locator(".warning", has_text="Off the data").wait_for(timeout=LONG)


def test_a_click_on_a_point_shows_its_code(page: Any) -> None:
    before = pixels(page)
    page.mouse.click(*place_of_code(page, 7))
    wait_for_another(page, before)
    page.locator(".source", has_text="Code ").wait_for(timeout=LONG)


def test_quick_clicks_are_no_double_click(page: Any) -> None:
    box = frame(page)
    page.mouse.click(box["left"] + 12, box["top"] + 12)
    page.mouse.click(box["left"] + box["width"] - 12, box["top"] + 12)
    page.wait_for_timeout(500)
    text = page.locator(".source").inner_text()
    assert "place on the map (-" not in text, "the second click counts"


def test_a_slow_click_counts(page: Any) -> None:
    box, before = frame(page), pixels(page)
    page.mouse.move(box["left"] + 12, box["top"] + 12)
    page.mouse.down()
    page.wait_for_timeout(600)
    page.mouse.up()
    wait_for_another(page, before)


def test_a_slider_moves_the_point_and_undo_moves_it_back(page: Any) -> None:
    before = pixels(page)
    slider = page.get_by_label("Component 1", exact=True)
    slider.focus()
    page.keyboard.press("End")
    wait_for_another(page, before)
    page.locator(".source", has_text="component 1").wait_for(timeout=LONG)
    moved = pixels(page)
    slider.blur()
    page.keyboard.press("Control+z")
    wait_for_another(page, moved)
    assert pixels(page) == before


def test_a_drag_decodes_along(page: Any) -> None:
    box, seen = frame(page), set()
    page.mouse.move(box["left"] + 60, box["top"] + 60)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(box["left"] + 60 + 80 * step, box["top"] + 60 + 50 * step)
        page.wait_for_timeout(150)
        seen.add(pixels(page))
    page.mouse.up()
    assert len(seen) > 2


def test_a_hostile_question_is_answered_by_a_message(page: Any) -> None:
    page.evaluate(
        """() => {
          const found = [...Bokeh.documents[0].all_models].find(
            (model) => model.class_name === "Stage")
          const View = Bokeh.index.find_one(found)
          View.model_proxy.send_msg({kind: "place", x: "NaN", y: null, within: 1, number: 99})
        }"""
    )
    page.locator(".problem", has_text="finite number").wait_for(timeout=LONG)


def test_nobody_comes_in_without_the_token(serve: Callable[..., str], browser: Any) -> None:
    place = serve("a-word")
    bare, _, word = place.partition("?")
    assert word == "token=a-word"
    for wrong in (bare, bare + "?token=another"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(wrong, timeout=20)
    page = browser.new_page()
    page.goto(place)
    page.locator(".reading", has_text="Radius").wait_for(timeout=60_000)
    page.goto(bare)
    page.locator(".reading", has_text="Radius").wait_for(timeout=60_000)
    page.close()
