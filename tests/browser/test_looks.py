"""The page as a whole in a real browser: two models, other sizes, other light, other models."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest
from looking import Line, Look

pytestmark = pytest.mark.slow

CUT_OFF = """() => {
  const found = []
  const walk = (node) => {
    for (const one of node.children) {
      const box = one.getBoundingClientRect(), style = getComputedStyle(one)
      if (!box.width || style.position === "fixed" || one.closest("svg, .slot")) continue
      const name = `${one.tagName} ${one.className}`
      if (box.right > innerWidth + 1 || box.left < -1) found.push(`${name} leaves the window`)
      const hides = style.overflowX !== "visible" && !one.matches("textarea, input, select, .kept")
      if (hides && one.scrollWidth > one.clientWidth + 1) found.push(`${name} is cut off`)
      if (one.matches("button, .card") && one.scrollWidth > one.clientWidth + 1) {
        found.push(`${name} is too narrow`)
      }
      walk(one)
    }
  }
  const root = document.querySelector("main")
  const shadows = (node) => {
    if (node.shadowRoot?.querySelector("div.page")) return node.shadowRoot
    for (const one of (node.shadowRoot ?? node).children) {
      const inner = shadows(one)
      if (inner) return inner
    }
  }
  walk(shadows(root))
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways")
  return found
}"""


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (768, 1024)])
@pytest.mark.parametrize("count", [1, 2])
def test_nothing_is_cut_off(visitor, place, place_of_two, width, height, count) -> None:
    look = visitor(place if count == 1 else place_of_two, width=width, height=height)
    look.click(0.02, 0.02)
    look.says(".warning", "Off the data")
    for pin in ("Set A here", "Set B here"):
        look.tab("Walk")
        look.press(pin)
    look.page.locator(".film .tile").nth(9 * count - 1).wait_for()
    faults = {}
    for tab in look.page.get_by_role("tab").all():
        tab.click()
        faults[tab.inner_text()] = look.page.evaluate(CUT_OFF)
    look.press("Analysis")
    look.page.locator(".gauge svg").first.wait_for()
    faults["Analysis"] = look.page.evaluate(CUT_OFF)
    assert {name: found for name, found in faults.items() if found} == {}
    left, top = look.page.evaluate("[scrollX, scrollY]")
    assert left == 0 and top >= 0


def test_two_models_do_the_same(both) -> None:
    with both.changes(0, 1):
        both.click(0.02, 0.02, 0)
    for side in (0, 1):
        source = both.page.locator(".source").nth(side)
        both.holds("(told) => told.textContent.startsWith('A place on the map')", source)
    with both.changes(0, 1):
        both.page.mouse.click(*both.code(7, 1))
    both.says(".source", "The code of the same image in faces-vae.")
    both.says(".toolpanel.sliders .explain", "faces-ae")
    images = both.image(0), both.image(1)
    both.tab("Random")
    with both.changes(0, 1):
        both.press("Prior")
    both.press("Undo")
    for side in (0, 1):
        both.comes_back(images[side], side)
    both.tab("Sliders")
    with both.changes(0, 1):
        both.slide("Component 2")
    both.press("Keep this image")
    both.page.locator(".one canvas").nth(1).wait_for()
    both.press("Same image")
    with both.changes(0, 1):
        both.click(0.9, 0.9, 0)
    both.says(".source", "The image of faces-vae, encoded by faces-ae.")
    view = both.page.get_by_role("combobox", name="Map")
    view.select_option("tsne-30")
    both.says(".meaning", "the map has no formula")
    assert view.input_value() == "tsne-30", "though only one of them has it"
    assert both.button("Mean code").is_visible(), "for the other one"


def test_sliders_are_those_of_the_model_that_was_clicked_on(both) -> None:
    both.drag([(0.3, 0.3), (0.5, 0.6), (0.6, 0.6)], 1)
    both.says(".toolpanel.sliders .explain", "faces-ae")
    output = both.page.locator(".slider", has_text="Component 1").locator("output")
    step = "(output, source) => source.textContent.includes(`map (${output.textContent}, `)"
    both.holds(step, output, both.page.locator(".source").nth(1))
    assert both.page.locator(".slider .name", has_text="Component").count() == 4
    assert not both.page.get_by_label("Noise ε").is_visible(), "a plain autoencoder has none"


def test_light_and_dark(visitor, place) -> None:
    look = visitor(place, color_scheme="light")

    def colors() -> list[str]:
        return list(
            look.page.locator("div.page").evaluate(
                """root => {
                  const map = Bokeh.documents[0].get_model_by_name("map-0")
                  const style = getComputedStyle(root)
                  return [style.backgroundColor, style.color, map.below[0].axis_label_text_color]
                }"""
            )
        )

    light = colors()
    look.press("Light or dark")
    dark = colors()
    assert all(before != after for before, after in zip(light, dark, strict=True))
    look.open()
    assert colors() == dark, "it is remembered"
    look.press("Light or dark")
    assert colors() == light
    assert visitor(place, color_scheme="dark").page.locator('.page[data-theme="dark"]').count() == 1


def test_analysis_follows_the_point(look) -> None:
    look.press("Analysis")
    mark = look.page.locator(".gauge.radius .mark").first
    mark.wait_for()
    assert not look.page.locator(".mapcard").is_visible()
    before = mark.evaluate("mark => mark.style.transform")
    look.press("Map")
    with look.changes():
        look.click(0.02, 0.02)
    look.press("Analysis")
    look.page.wait_for_function(
        "([mark, before]) => mark.style.transform !== before",
        arg=[mark.element_handle(), before],
    )
    image = look.image()
    look.page.keyboard.press("ArrowRight")
    look.page.wait_for_timeout(200)
    assert look.image() == image, "here, arrow keys scroll"
    look.press("Map")
    assert look.page.locator(".ring").first.is_visible()


def test_a_page_that_is_loaded_anew_begins_anew(look) -> None:
    first = look.image()
    with look.changes():
        look.click(0.02, 0.02)
    look.press("Keep this image")
    look.page.locator(".one").first.wait_for()
    look.open()
    assert look.image() == first
    assert look.page.locator(".one").count() == 0
    assert look.button("Undo").is_disabled()
    with look.changes():
        look.page.mouse.click(*look.code(7))


def test_a_model_that_is_replaced_while_somebody_looks(serve, visitor, tmp_path: Path) -> None:
    sign = tmp_path / "now"
    look: Look = visitor(serve("--grow", str(sign)))
    look.page.mouse.click(*look.code(7))
    look.says(".source", "Code ")
    look.press("Keep this image")
    kept = look.page.locator(".one canvas").first
    kept.wait_for()
    tile, before = kept.element_handle(), kept.evaluate("canvas => canvas.toDataURL()")
    source = look.text(".source")
    with look.changes():
        sign.touch()
    look.says(".note", "After epoch 2 of 3")
    look.holds("(undo) => undo.disabled", look.button("Undo"))
    look.page.wait_for_function("tile => !tile.isConnected", arg=tile)  # it was drawn anew
    assert kept.evaluate("canvas => canvas.toDataURL()") != before
    assert look.text(".source") == source, "the same image, by the newer model"
    with look.changes():
        look.click(0.02, 0.02)
    with look.changes():
        look.slide("Component 2")
    with look.changes():
        look.press("Undo")


def test_a_server_that_has_ended_is_said_to_have(serve, visitor) -> None:
    place = serve()
    look: Look = visitor(place)
    serve.stop(place)
    look.says(".problem", "The connection is lost")
    assert look.page.locator(".problem").is_visible()


def test_a_lost_line_is_taken_up_again(place, visitor) -> None:
    with Line(place) as line:
        look: Look = visitor(line.place)
        with look.changes():
            look.click(0.02, 0.02)
        look.press("Keep this image")
        look.page.locator(".one canvas").wait_for()
        source, image = look.text(".source"), look.image()
        line.cut()
        look.says(".problem", "The connection is lost")
        look.page.locator(".problem:empty").wait_for(state="attached")
        assert (look.text(".source"), look.image()) == (source, image)
        assert look.page.locator(".one canvas").count() == 1
        with look.changes():
            look.click(0.9, 0.9)
        look.press("Undo")
        look.comes_back(image)


def test_nobody_comes_in_without_the_token(serve, visitor) -> None:
    place = serve("--token", "a-word")
    bare, _, word = place.partition("?")
    assert word == "token=a-word"
    for wrong in (bare, bare + "?token=another"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(wrong, timeout=20)
    look = visitor(place)
    assert look.page.url == bare, "the token has left the address"
    look.open()
    with look.changes():
        look.click(0.02, 0.02)
