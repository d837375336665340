"""A visitor with a browser: clicks, drags, and looks at what the page shows."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Self
from urllib.parse import urlsplit

__all__ = ["LONG", "Line", "Look"]

LONG = 30_000

_FRAME = """side => {
  const view = Bokeh.index.find_one(Bokeh.documents[0].get_model_by_name(`map-${side}`))
  const box = view.el.getBoundingClientRect(), inner = view.frame.bbox
  return [box.left + inner.left, box.top + inner.top, inner.width, inner.height]
}"""
_CODE = """([side, row]) => {
  const map = Bokeh.documents[0].get_model_by_name(`map-${side}`)
  const {x, y} = Bokeh.documents[0].get_model_by_name(`codes-${side}`).data
  const part = (value, range) => (value - range.start) / (range.end - range.start)
  return [part(x[row], map.x_range), 1 - part(y[row], map.y_range)]
}"""
_FILE = """([name, bytes, type]) => {
  const data = new DataTransfer()
  data.items.add(new File([new Uint8Array(bytes)], name, {type}))
  return data
}"""
_ASK = """question => {
  const desk = [...Bokeh.documents[0].all_models].find((model) => model.class_name === "Desk")
  Bokeh.index.find_one(desk).model_proxy.send_msg(question)
}"""


class Look:
    """What a visitor does and sees. Places on a map are parts of its width and height.

    Attributes:
        page: of Playwright.
        asked: addresses of all requests.
        sent: bytes of all messages to the server.
        faults: errors of the page's scripts.
    """

    def __init__(self, page: Any) -> None:
        self.page = page
        self.asked: list[str] = []
        self.sent: list[int] = []
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda socket: (
            self.asked.append(socket.url),
            socket.on("framesent", lambda payload: self.sent.append(len(payload))),
        ))  # fmt: skip

    def open(self, place: str | None = None) -> None:
        """Load the page, or load it anew, and wait for its first image."""
        if place is None:
            self.page.reload()
        else:
            self.page.goto(place)
        self.says(".reading", "Radius")

    def says(self, selector: str, text: str | re.Pattern[str]) -> None:
        """Wait until it does."""
        found = self.page.locator(selector, has_text=text).first
        found.wait_for(timeout=LONG, state="attached")

    def holds(self, test: str, *locators: Any) -> None:
        """Wait until a function of these elements, in the page, is true.

        What is told of an image comes behind it, so whoever waited for the image waits for it too.
        """
        elements = [each.element_handle() for each in locators]
        self.page.wait_for_function(f"(all) => ({test})(...all)", arg=elements, timeout=LONG)

    def text(self, selector: str, side: int = 0) -> str:
        return str(self.page.locator(selector).nth(side).text_content())

    def image(self, side: int = 0) -> str:
        """What stands on the canvas of a model's image."""
        canvas = self.page.locator("canvas.image").nth(side)
        return str(canvas.evaluate("canvas => canvas.toDataURL()"))

    @contextlib.contextmanager
    def changes(self, *sides: int) -> Iterator[None]:
        """Wait at the end until the images of these models are others."""
        sides = sides or (0,)
        before = [self.image(side) for side in sides]
        yield
        for side, image in zip(sides, before, strict=True):
            self.page.wait_for_function(
                "([canvas, before]) => canvas.toDataURL() !== before",
                arg=[self.page.locator("canvas.image").nth(side).element_handle(), image],
                timeout=LONG,
            )

    def comes_back(self, image: str, side: int = 0) -> None:
        """Wait until this image is shown."""
        self.page.wait_for_function(
            "([canvas, image]) => canvas.toDataURL() === image",
            arg=[self.page.locator("canvas.image").nth(side).element_handle(), image],
            timeout=LONG,
        )

    def at(self, x: float, y: float, side: int = 0) -> tuple[float, float]:
        """Where in the window a place of a map is."""
        left, top, width, height = self.page.evaluate(_FRAME, side)
        return left + x * width, top + y * height

    def code(self, row: int, side: int = 0) -> tuple[float, float]:
        """Where in the window a code is drawn."""
        return self.at(*self.page.evaluate(_CODE, [side, row]), side)

    def click(self, x: float, y: float, side: int = 0) -> None:
        self.page.mouse.click(*self.at(x, y, side))

    def drag(self, places: Sequence[tuple[float, float]], side: int = 0) -> None:
        first, *others = [self.at(x, y, side) for x, y in places]
        self.page.mouse.move(*first)
        self.page.mouse.down()
        for each in others:
            self.page.mouse.move(*each, steps=5)
            self.page.wait_for_timeout(60)
        self.page.mouse.up()

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    def press(self, name: str, at: int = 0) -> None:
        self.page.get_by_role("button", name=name, exact=True).nth(at).click()

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def slide(self, name: str, key: str = "End") -> None:
        self.page.get_by_label(name, exact=True).press(key)

    def ask(self, **question: Any) -> None:
        """Send what no button of the page would."""
        self.page.evaluate(_ASK, question)

    def drop(self, data: bytes, name: str = "a.png", media: str = "image/png") -> None:
        """Drop a file on the page."""
        held = self.page.evaluate_handle(_FILE, [name, list(data), media])
        self.page.locator("div.page").dispatch_event("drop", {"dataTransfer": held})


class Line:
    """A line to a server, under an address of its own, that can be cut.

    Attributes:
        place: where to visit it.
    """

    def __init__(self, place: str) -> None:
        self._there = ("127.0.0.1", urlsplit(place).port)
        self._here = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.place = f"http://127.0.0.1:{self._here.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                ends = self._here.accept()[0], socket.create_connection(self._there)
                self._open.extend(ends)
                for one, other in (ends, ends[::-1]):
                    threading.Thread(target=_passed_on, args=(one, other), daemon=True).start()

    def cut(self) -> None:
        """End all that is open; who comes again is let through."""
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._here.close()
        self.cut()


def _passed_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    for end in (one, other):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
