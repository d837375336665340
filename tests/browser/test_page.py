"""The explorer's page in a real browser: the map draws, and whatever is done changes the image."""

from __future__ import annotations

import re
from typing import Any

import pytest


def ring(look: Any) -> list[float]:
    """The middle of the mark of the current point, in the window."""
    found = look.page.locator(".ring").first.evaluate(
        """group => {
          const box = group.getBoundingClientRect()
          return [box.left + box.width / 2, box.top + box.height / 2]
        }"""
    )
    return [float(each) for each in found]


def test_the_map_draws(look) -> None:
    left, top = look.at(0, 0)
    right, bottom = look.at(1, 1)
    assert right - left > 400 and bottom - top > 300
    script = 'Bokeh.documents[0].get_model_by_name("codes-0").data.x.length'
    assert look.page.evaluate(script) == 500
    assert look.page.locator(".near button").count() == 8
    assert look.page.locator(".hint").is_visible()
    picture = look.page.screenshot(
        clip={"x": left, "y": top, "width": right - left, "height": bottom - top}
    )
    colors = look.page.evaluate(
        """async (bytes) => {
          const image = await createImageBitmap(new Blob([new Uint8Array(bytes)]))
          const canvas = new OffscreenCanvas(image.width, image.height)
          const context = canvas.getContext("2d")
          context.drawImage(image, 0, 0)
          const {data} = context.getImageData(0, 0, image.width, image.height)
          const seen = new Set()
          for (let at = 0; at < data.length; at += 4) seen.add(data.slice(at, at + 3).join())
          return seen.size
        }""",
        list(picture),
    )
    assert colors > 100, "points of three classes, half transparent"


def test_a_click_on_empty_space_or_on_a_point_or_an_image_changes_the_image(look) -> None:
    with look.changes():
        look.click(0.02, 0.02)
    look.says(".source", "A place on the map (")
    look.says(".warning", "Off the data")
    assert look.page.locator('.stage[data-off="true"]').count() == 1
    assert ring(look) == pytest.approx(look.at(0.02, 0.02), abs=2)
    with look.changes():
        look.page.mouse.click(*look.code(7))
    look.says(".source", "Code ")
    assert ring(look) == pytest.approx(look.code(7), abs=9)
    with look.changes():
        look.page.locator(".near button").nth(5).click()
    look.says(".source", "Code ")


def test_what_is_said_of_a_map_comes_after_it(look) -> None:
    """Else a click between the two would mean a place of the map that was there before."""
    look.page.evaluate(
        """() => {
          const {left: [axis]} = Bokeh.documents[0].get_model_by_name("map-0")
          const roots = [...document.querySelectorAll("*")].map((each) => each.shadowRoot)
          const [said] = roots.flatMap((root) => root?.querySelector(".meaning") ?? [])
          window.drawn = []
          new MutationObserver(() => window.drawn.push(axis.axis_label))
            .observe(said, {childList: true})
        }"""
    )
    look.page.get_by_label("up", exact=True).fill("6")
    look.page.get_by_label("up", exact=True).press("Enter")
    look.says(".meaning", "components 1 and 6")
    (drawn,) = look.page.evaluate("window.drawn")
    assert drawn.startswith("component 6")


def test_pixels_count_on_a_map_of_two_scales(look) -> None:
    """Codes spread ten times less along component 6: 40 pixels above a code is beside it."""
    page = look.page
    page.get_by_label("up", exact=True).fill("6")
    page.get_by_label("up", exact=True).press("Enter")
    look.says(".meaning", "components 1 and 6")
    look.press("−")
    heights = page.evaluate('[...Bokeh.documents[0].get_model_by_name("codes-0").data.y]')
    x, y = look.code(heights.index(max(heights)))
    for off, said in ((40, "A place on the map"), (4, "Code ")):
        page.mouse.click(x, y - off)
        look.says(".source", said)


def test_quick_clicks_and_slow_ones_count(look) -> None:
    look.click(0.02, 0.02)
    look.click(0.98, 0.02)
    look.says(".source", re.compile(r"place on the map \(\d"))  # that of the second click
    with look.changes():
        look.page.mouse.move(*look.at(0.02, 0.98))
        look.page.mouse.down()
        look.page.wait_for_timeout(600)
        look.page.mouse.up()


def test_a_drag_decodes_along_and_is_undone_at_once(look) -> None:
    page, first = look.page, look.image()
    page.mouse.move(*look.at(0.1, 0.1))
    page.mouse.down()
    seen = set()
    for step in range(1, 6):
        page.mouse.move(*look.at(0.1 + 0.1 * step, 0.1 + 0.05 * step))
        page.wait_for_timeout(120)
        seen.add(look.image())
    page.mouse.up()
    assert len(seen) > 2
    look.press("Undo")
    look.comes_back(first)
    look.holds("(undo) => undo.disabled", look.button("Undo"))
    with look.changes():
        look.press("Redo")
    page.mouse.move(*look.at(0.5, 0.5))
    page.keyboard.press("Control+z")
    look.comes_back(first)
    with look.changes():
        page.keyboard.press("Control+Shift+z")


def test_sliders_move_the_point_and_follow_it(look) -> None:
    page, first = look.page, look.image()
    slider = page.get_by_label("Component 1", exact=True)
    with look.changes():
        slider.press("End")
    look.says(".source", "component 1")
    page.keyboard.press("Control+z")
    look.comes_back(first)
    look.holds("(slider) => Math.abs(slider.value) < 1e-6", slider)
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    seen = set()
    for part in (0.6, 0.7, 0.8, 0.5):
        page.mouse.move(box["x"] + part * box["width"], middle)
        page.wait_for_timeout(120)
        seen.add(look.image())
    page.mouse.up()
    assert len(seen) > 2
    page.mouse.click(*look.code(7))
    look.says(".source", "Code ")
    assert abs(float(slider.input_value())) > 0.01, "it follows after a drag that came back"
    look.press("Undo")
    look.press("Undo")
    look.comes_back(first)


@pytest.mark.slow
def test_noise_is_around_a_code(look) -> None:
    slider, draw = look.page.get_by_label("Noise ε"), look.button("New draw")
    look.click(0.02, 0.02)
    look.says(".source", "A place on the map")
    assert slider.is_disabled() and draw.is_disabled(), "a place has no posterior"
    look.page.mouse.click(*look.code(7))
    look.says(".source", "Code ")
    image = look.image()
    with look.changes():
        slider.press("End")
    with look.changes():
        draw.click()
    look.says(".source", "Code ")
    slider.press("Home")
    look.comes_back(image)


@pytest.mark.slow
def test_a_slider_tells_the_number_beyond_its_end(look) -> None:
    for _ in range(2):
        look.press("−")
    look.click(0.95, 0.5)
    look.says(".source", "A place on the map (")
    x = look.text(".source").partition("(")[2].partition(",")[0]
    slider = look.page.locator(".slider", has_text="Component 1")
    assert slider.locator("output").text_content() == x
    assert float(x) > float(slider.locator("input").get_attribute("max"))


@pytest.mark.slow
def test_arrow_keys_move_the_point(look) -> None:
    page = look.page
    page.locator(".slot").first.focus()
    before = ring(look)
    for _ in range(3):
        with look.changes():
            page.keyboard.press("ArrowRight")
    with look.changes():
        page.keyboard.press("ArrowUp")
    after = ring(look)
    assert after[0] > before[0] + 20 and after[1] < before[1] - 5
    look.says(".source", "A place on the map")
    image = look.image()
    page.get_by_label("Image number").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert look.image() == image, "keys in a field are not for the map"


@pytest.mark.slow
def test_hovering_shows_the_image(look) -> None:
    page, image = look.page, look.image()
    page.mouse.move(*look.code(7))
    look.says(".peek.seen", "code ")
    page.mouse.move(*look.at(0.01, 0.01))
    page.locator(".peek:not(.seen)").wait_for(state="attached")
    page.mouse.move(*look.code(9))
    look.says(".peek.seen", "code ")
    page.mouse.move(5, 5)
    page.locator(".peek:not(.seen)").wait_for(state="attached")
    page.wait_for_timeout(300)
    assert page.locator(".peek.seen").count() == 0, "no answer that comes late shows it again"
    assert look.image() == image


@pytest.mark.slow
def test_a_finger_draws_along_and_does_not_scroll(visitor, place) -> None:
    look = visitor(place, width=820, height=1180, has_touch=True)
    with look.changes():
        look.page.touchscreen.tap(*look.at(0.02, 0.02))
    touch = look.page.context.new_cdp_session(look.page)

    def send(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in places]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for end in ((0.7, 0.3), (0.2, 0.95)):
        seen = set()
        send("touchStart", look.at(0.2, 0.2))
        for step in range(1, 9):
            part = step / 8
            send("touchMove", look.at(0.2 + part * (end[0] - 0.2), 0.2 + part * (end[1] - 0.2)))
            look.page.wait_for_timeout(60)
            seen.add(look.image())
        send("touchEnd")
        assert len(seen) > 2
    scrolled = look.page.locator("div.page, div.page *").evaluate_all(
        "all => all.map((one) => one.scrollTop + one.scrollLeft).filter(Boolean)"
    )
    assert scrolled == [] and look.page.evaluate("scrollX + scrollY") == 0
    assert look.page.url == place


@pytest.mark.slow
def test_where_the_decoder_gives_no_numbers_there_is_a_message(look) -> None:
    for _ in range(7):
        look.press("−")
    image, mark = look.image(), ring(look)
    look.click(0.9, 0.2)
    look.says(".problem", "not finite here")
    assert look.image() == image
    assert ring(look) == pytest.approx(mark, abs=1.5), "the mark goes back"
    look.press("All")
    with look.changes():
        look.click(0.3, 0.3)
    assert look.text(".problem") == ""


@pytest.mark.slow
def test_hostile_questions_are_answered_by_messages(look) -> None:
    for question, said in (
        ({"kind": "place", "x": "NaN", "y": None, "within": 1}, "finite number"),
        ({"kind": "slider", "name": "component 1", "value": None}, "finite number"),
        ({"kind": "__init__"}, "not known"),
        ({"kind": "upload", "data": "/etc/hostname"}, "an image file was expected"),
        ({"kind": "view", "name": "pca", "one": 99, "other": 1}, "two different components"),
    ):
        look.ask(**question, number="a stranger's")
        look.says(".problem", said)
    with look.changes():
        look.click(0.02, 0.02)
