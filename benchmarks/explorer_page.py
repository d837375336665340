"""How many milliseconds pass in a browser between a click on the map and the image on the screen?

    python benchmarks/explorer_page.py RUN [RUN2] [--clicks N] [--browser PROGRAM]

Serves the explorer of a run in a process of its own, opens it in Chromium, and clicks on random
places of the map's rectangle, most of them empty space, one after the other, then drags across it.
All times are taken in the page, by its own clock, from the release of the pointer: to the pixels on
the canvas, and to the end of the frame that shows them. Needs Playwright and a Chromium; no browser
is downloaded. Results: results/explorer_page.json.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from latent.record import written

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--no-first-run",
)  # fmt: skip
PERCENTILES = (50, 95, 99)
SERVED = """
import sys
from zspace.api.exploring import lives_of
from zspace.explorer.app import explorer_server
lives = lives_of(sys.argv[1:])
place, serve = explorer_server(lives)
for live in lives:
    live.side.warm_up()
print(place, flush=True)
serve()
"""
WATCH = """
window.clicked = 0
window.times = []
addEventListener("pointerup", () => (window.clicked = performance.now()), true)
const put = CanvasRenderingContext2D.prototype.putImageData
CanvasRenderingContext2D.prototype.putImageData = function (...given) {
  put.apply(this, given)
  if (this.canvas.className !== "image") return
  const [from, painted] = [window.clicked, performance.now()]
  requestAnimationFrame(() => setTimeout(() =>
    window.times.push([painted - from, performance.now() - from, painted])))
}
"""
FRAME = """() => {
  const map = Bokeh.documents[0].get_model_by_name("map-0")
  const view = Bokeh.index.find_one(map)
  const box = view.el.getBoundingClientRect(), inner = view.frame.bbox
  return [box.left + inner.left, box.top + inner.top, inner.width, inner.height]
}"""


def main(argv: list[str] | None = None) -> None:
    arguments = _arguments(argv)
    command = [sys.executable, "-c", SERVED, *map(str, arguments.runs)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        measured = _visit(server.stdout.readline().strip(), arguments)
    finally:
        server.terminate()
    figures = {
        "units": "milliseconds in the page: of each click from the release of the pointer to the "
        "pixels, and to the end of the frame that shows them; of a drag between images",
        "runs": [path.name for path in arguments.runs],
        "clicks": arguments.clicks,
        "percentiles": {
            name: {str(each): float(np.percentile(values, each)) for each in PERCENTILES}
            for name, values in measured.items()
        },
        "milliseconds": measured,
    }
    for name, found in figures["percentiles"].items():
        print(f"{name:20}" + "  ".join(f"{key} %: {value:6.1f} ms" for key, value in found.items()))
    question = "how many milliseconds pass in a browser from a click on the map to the image?"
    print(written("explorer_page", question, figures, out=arguments.out))


def _visit(place: str, arguments: argparse.Namespace) -> dict[str, list[float]]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=arguments.browser, args=list(FLAGS))
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.add_init_script(WATCH)
        page.goto(place)
        page.locator(".reading", has_text="Radius").first.wait_for(timeout=120_000)
        page.wait_for_timeout(1000)
        clicks = _clicks(page, arguments.clicks)
        between = _drag(page)
        browser.close()
    count = len(arguments.runs)
    # With two models a click is answered when both have their image.
    clicks = [max(clicks[start : start + count]) for start in range(0, len(clicks), count)]
    return {
        "click to pixels": [each[0] for each in clicks],
        "click to frame": [each[1] for each in clicks],
        "drag, image to image": between,
    }


def _clicks(page: Any, count: int) -> list[list[float]]:
    left, top, width, height = page.evaluate(FRAME)
    places = random.Random(1)
    for warm in range(3):  # the first clicks compile and cache
        page.mouse.click(left + (0.3 + 0.1 * warm) * width, top + 0.4 * height)
        page.wait_for_timeout(400)
    page.evaluate("window.times = []")
    for _ in range(count):
        x, y = places.uniform(0.02, 0.98), places.uniform(0.02, 0.98)
        page.mouse.click(left + x * width, top + y * height)
        page.wait_for_timeout(places.uniform(320, 420))
    return list(page.evaluate("window.times"))


def _drag(page: Any) -> list[float]:
    left, top, width, height = page.evaluate(FRAME)
    page.evaluate("window.times = []")
    page.mouse.move(left + 0.2 * width, top + 0.5 * height)
    page.mouse.down()
    for step in range(120):
        page.mouse.move(left + (0.2 + 0.6 * step / 120) * width, top + 0.5 * height)
        page.wait_for_timeout(16)
    page.mouse.up()
    page.wait_for_timeout(500)
    times = [each[2] for each in page.evaluate("window.times")]
    return np.diff(times).tolist()


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Plain)
    parser.add_argument("runs", type=Path, nargs="+", help="run folders, one or two")
    parser.add_argument("--clicks", type=int, default=100)
    parser.add_argument("--browser", default=shutil.which("chromium"), help="Chromium's program")
    parser.add_argument("--out", type=Path, help="the results; else results/explorer_page.json")
    return parser.parse_args(argv)


class _Plain(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the description."""


if __name__ == "__main__":
    main()
