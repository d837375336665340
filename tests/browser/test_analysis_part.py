"""The analysis tab by itself, without a server: its pictures, its marks, its figures."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from explored import LATENT, made_side
from PIL import Image

from zspace.explorer.gauges import gauges, marks

pytestmark = pytest.mark.slow

SIDES = (made_side(name="faces-vae"), made_side(plain=True, name="faces-ae"))
ITEMS = [
    {"name": "curves", "title": "Training", "there": True},
    {"name": "radius", "title": "Where the codes lie", "there": False},
]


@pytest.fixture
def tab(browser, project) -> Any:
    """A page with nothing but the tab; ``part`` takes messages, ``asked`` holds questions."""
    folder = project / "src" / "zspace" / "explorer" / "page"
    scripts = [(folder / f"{name}.js").read_text() for name in ("turns", "gauges", "analysis")]
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    look = (folder / "analysis.css").read_text()
    opened.set_content(f"<!doctype html><style>{look}</style><main></main>")
    opened.add_script_tag(content="\n".join(scripts).replace("export function", "function"))
    opened.evaluate(
        """() => {
          window.asked = []
          window.part = analysisPart(document.querySelector("main"), (one) => asked.push(one))
        }"""
    )
    yield opened
    opened.close()
    assert errors == []


def tell(tab: Any, kind: str, content: dict[str, Any]) -> None:
    tab.evaluate("([kind, content]) => part[kind](content)", [kind, {"kind": kind, **content}])
    tab.wait_for_timeout(250)  # marks glide


def tell_gauges(tab: Any, *, count: int = 2) -> None:
    for row, side in enumerate(SIDES[:count]):
        tell(tab, "gauges", {"side": row, "name": side.name, **gauges(side)})


def tell_marks(tab: Any, z: np.ndarray, *, count: int = 2) -> list[dict[str, Any]]:
    found = []
    for row, side in enumerate(SIDES[:count]):
        found.append(marks(side, z, place=side.reading(z).place))
        tell(tab, "marks", {"side": row, **found[-1]})
    return found


PLACES = """(card) => [...document.querySelectorAll(`.${card} .panel > svg`)].map((svg) => {
  const left = svg.getBoundingClientRect().left
  const middle = (one) => {
    const box = one.getBoundingClientRect()
    return box.left + box.width / 2 - left
  }
  const ticks = [...svg.querySelectorAll(".tick")]
  return {
    ticks: ticks.map((tick) => [Number(tick.textContent.replace("−", "-")), middle(tick)]),
    mark: middle(svg.querySelector(".mark .stem")), at: svg.querySelector(".mark").dataset.at,
    seen: getComputedStyle(svg.querySelector(".mark")).visibility,
    label: svg.getAttribute("aria-label"),
  }
})"""


def test_marks_stand_where_the_axis_says(tab) -> None:
    tell_gauges(tab)
    assert {each["seen"] for each in tab.evaluate(PLACES, "radius")} == {"hidden"}
    z = np.full(LATENT, 1.3)
    found = tell_marks(tab, z)
    for card in ("radius", "distance", "cloud"):
        panels = tab.evaluate(PLACES, card)
        assert len(panels) == 2 and panels[0]["ticks"] == panels[1]["ticks"], "one axis for both"
        for panel, mark in zip(panels, found, strict=True):
            values, places = np.array(panel["ticks"]).T
            slope, start = np.polyfit(values, places, 1)
            assert panel["seen"] == "visible" and panel["at"] == "inside"
            assert panel["mark"] == pytest.approx(start + slope * mark[card]["value"], abs=1.5)
            assert f"{mark[card]['value']:.2f} {mark[card]['text']}" in panel["label"]


def test_marks_move_without_a_redraw(tab) -> None:
    tell_gauges(tab, count=1)
    tell_marks(tab, np.zeros(LATENT), count=1)
    tab.evaluate("() => (window.before = [...document.querySelectorAll('svg *')])")
    first = tab.evaluate(PLACES, "radius")[0]
    tell_marks(tab, np.full(LATENT, 50.0), count=1)
    last = tab.evaluate(PLACES, "radius")[0]
    same = "() => before.every((one, at) => one === document.querySelectorAll('svg *')[at])"
    assert tab.evaluate(same)
    assert first["mark"] < last["mark"] and last["at"] == "right", "an arrow at the edge"
    zones = "() => [...document.querySelectorAll('.panel')].map((one) => one.dataset.zone)"
    assert tab.evaluate(zones) == ["0", "2", "2", "0"]


def test_components_are_counted_in_standard_deviations(tab) -> None:
    tell_gauges(tab, count=1)
    side = SIDES[0]
    z = side.moments.mean + 2.0 * np.sqrt(side.pca.variances[0]) * side.pca.components[0]
    tell_marks(tab, z - 9.0 * np.sqrt(side.pca.variances[1]) * side.pca.components[1], count=1)
    rows = tab.evaluate(
        """() => [...document.querySelectorAll(".components .mark")].map((one) => {
          const tip = one.querySelector(one.dataset.at === "inside" ? ".dot" : ".left")
          const box = tip.getBoundingClientRect()
          return [one.dataset.at, box.left + box.width / 2]
        })"""
    )
    two = tab.evaluate(
        """() => {
          const box = document.querySelector(".band.two").getBoundingClientRect()
          return [box.left, box.right]
        }"""
    )
    assert [at for at, _ in rows] == ["inside", "left", *["inside"] * (LATENT - 2)]
    assert rows[0][1] == pytest.approx(two[1], abs=1.5)
    assert rows[2][1] == pytest.approx(sum(two) / 2, abs=1.5)


def picture() -> list[int]:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), (200, 30, 30)).save(buffer, format="PNG")
    return list(buffer.getvalue())


@pytest.fixture
def answer(tab) -> Callable[..., None]:
    """``answer(side=0, name="radius", …)`` tells the page a figure, with one picture."""

    def tell_figure(**content: Any) -> None:
        tab.evaluate(
            """([content, bytes]) => part.figure({
              ...content, pictures: [new Uint8Array(bytes).buffer],
            })""",
            [{"kind": "figure", "title": "T", "text": "Two sentences.", **content}, picture()],
        )

    return tell_figure


def test_a_figure_is_asked_for_shown_and_kept(tab, answer) -> None:
    tell(tab, "figures", {"side": 0, "items": ITEMS})
    curves = {"kind": "figure", "side": 0, "name": "curves"}
    assert tab.evaluate("asked") == [curves], "what is at hand is shown at once"
    answer(side=0, name="curves", shows="Curves")
    tab.wait_for_function("() => document.querySelector('.shown img').naturalWidth === 8")
    assert tab.get_attribute(".shown img", "alt") == "Curves"
    tab.click("text=Where the codes lie")
    assert tab.evaluate("asked.length") == 1, "nothing is measured unless asked for"
    tab.focus("text=Measure now")
    tab.keyboard.press("Enter")
    assert tab.evaluate("asked.at(-1)") == curves | {"name": "radius"}
    assert "Measuring" in tab.inner_text(".shown")
    tell(tab, "figure", {"side": 0, "name": "radius", "problem": "too many wait <b>now</b>"})
    assert "too many wait <b>now</b>" in tab.inner_text(".shown [role=alert]")
    tab.click("text=Measure now")
    answer(side=0, name="radius", captions=["colored by kl"])
    assert tab.inner_text(".shown figcaption") == "colored by kl"
    assert tab.get_attribute(".names button:nth-child(2)", "data-there") == "true"
    tab.click("text=Training")
    tab.click("text=Where the codes lie")
    assert tab.evaluate("asked.length") == 3, "both are kept"


def test_two_models_show_the_same_figure(tab, answer) -> None:
    tell_gauges(tab)
    for side in (0, 1):
        tell(tab, "figures", {"side": side, "items": ITEMS})
    assert [each["side"] for each in json.loads(tab.evaluate("JSON.stringify(asked)"))] == [0, 1]
    answer(side=1, name="curves")
    assert "Loading" in tab.inner_text(".shown article:nth-child(1)")
    assert "Two sentences." in tab.inner_text(".shown article:nth-child(2)")
    assert "faces-ae" in tab.inner_text(".shown article:nth-child(2)")


def test_a_model_without_figures(tab) -> None:
    tell(tab, "figures", {"side": 0, "items": []})
    assert tab.is_hidden(".figures")
