"""What the page fetches, what its policy forbids, and where its token goes, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

LONG = 60_000
READY = ".reading"


def opened(browser: Any, place: str) -> tuple[Any, list[str], list[str]]:
    """A page, the addresses of all that it fetched, and what its console complained of."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    fetched: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.on("websocket", lambda socket: fetched.append(socket.url))
    page.on(
        "console",
        lambda message: message.type == "error" and complaints.append(message.text),
    )
    page.goto(place)
    page.locator(READY).first.wait_for(timeout=LONG)
    return page, fetched, complaints


def test_nothing_is_fetched_from_elsewhere(browser: Any, place: str) -> None:
    page, fetched, complaints = opened(browser, place)
    box = page.viewport_size
    page.mouse.click(box["width"] / 3, box["height"] / 2)
    page.wait_for_timeout(500)
    own = (place, "blob:" + place, place.replace("http", "ws", 1), "data:")
    assert len(fetched) > 8
    assert [each for each in fetched if not each.startswith(own)] == []
    assert complaints == [], "the policy of the page forbids something that it does"
    page.context.close()


def test_the_policy_keeps_pages_in(browser: Any, place: str) -> None:
    page, _, _ = opened(browser, place)
    sent = page.evaluate(
        "() => fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => error.message)"
    )
    assert sent != "sent"
    assert page.evaluate(
        """() => new Promise((done) => {
          addEventListener("securitypolicyviolation", (event) => done(event.violatedDirective))
          new Image().src = "http://127.0.0.1:9/a.png"
        })"""
    ).startswith("img-src")
    page.context.close()


def test_the_token_leaves_the_address(serve: Callable[..., str], browser: Any) -> None:
    place = serve("--token", "a-word")
    page, fetched, complaints = opened(browser, place)
    bare = place.partition("?")[0]
    assert page.url == bare
    assert [each for each in fetched if "a-word" in each] == [place]
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert (
        page.evaluate("document.cookie + document.documentElement.outerHTML").count("a-word") == 0
    )
    assert complaints == []
    page.context.close()
