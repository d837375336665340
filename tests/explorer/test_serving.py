"""The server of the page: who comes in, what can be fetched, and how many visits there are."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest

pytest.importorskip("panel")

from served_page import Served, serving
from tornado.httpclient import HTTPClientError
from wire import TOKEN, Wire, fetched, visiting

from zspace.errors import InputError
from zspace.explorer.page import handlers
from zspace.explorer.page.door import Door
from zspace.explorer.page.serving import server_of


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def locked() -> Iterator[Served]:
    with serving(token="a-word") as found:
        yield found


def got(place: str, path: str = "", **more: Any) -> Any:
    return visiting(fetched(place, path, **more))


def refused(opening: Callable[[], Any], code: int) -> None:
    with pytest.raises(HTTPClientError) as caught:
        visiting(opening())
    assert caught.value.code == code


def test_nothing_but_these_is_answered(served) -> None:
    first, *rest = [rule.target for rule in served.server._tornado.wildcard_router.rules]
    assert first is rest[-1] is handlers.TurnedAway
    assert set(rest[:-1]) == {
        handlers.Welcome,
        handlers.Icon,
        handlers.Socket,
        handlers.Page,
        handlers.BokehFiles,
        handlers.PanelFiles,
    }


def test_the_page_and_its_files_come_with_headers(served) -> None:
    page = got(served.place)
    text = page.body.decode()
    addresses = re.findall(r'(?:src|href)="([^"]+)"', text)
    answers = [page, *(got(served.place, each.removeprefix("./")) for each in addresses if each)]
    assert len(answers) > 5 and {one.code for one in answers} == {200}
    for one in [*answers, got(served.place, "nowhere")]:
        assert one.headers["X-Content-Type-Options"] == "nosniff"
        assert one.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert one.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'self'" in one.headers["Content-Security-Policy"]
        assert "Server" not in one.headers and "Access-Control-Allow-Origin" not in one.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert not re.findall(r"""["'(]\s*(?:https?:)?//(?!127\.0\.0\.1)[a-z]""", text)


OUTSIDE = ["../" * 12 + "etc/passwd", "%2e%2e/" * 12 + "etc/passwd", "%252e%252e/" * 12 + "etc"]
PATHS = [
    *(f"{folder}{path}" for path in OUTSIDE for folder in ("static/", "static/extensions/panel/")),
    "static//etc/passwd",
    "static/js//etc/passwd",
    "static/%2Fetc%2Fpasswd",
    "static/extensions/panel//etc/passwd",
    "static/extensions/panel/..%5c..%5c..%5cetc%5cpasswd",
    "static/extensions/panel/css/%2e%2e/%2e%2e/config.py",
    "static/js/%2e%2e/%2e%2e/__init__.py",
    "static/js/bokeh.min.js%00.css",
    "static/%00",
    "static/extensions/panel/%00.css",
    "static/extensions/panel/%ff.css",
    "static/extensions/panel",
    "static/extensions/panel/",
    "static/extensions/other/a.css",
    "static/extensions/../js/bokeh.min.js/x",
    "static/",
    "static/js",
    "components/this/x/_css/x",
    "components/panel.widgets/Select/_stylesheets/css/select.css",
    "autoload.js?bokeh-autoload-element=1",
    "metadata",
    "liveness",
    "index",
    "rest/session_info",
    "admin",
    "ws/../../etc/passwd",
    "etc/passwd",
    "%2e%2e/",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_other_file_can_be_read(served, path) -> None:
    before = len(served.visits)
    answer = got(served.place, path)
    assert answer.code in (400, 404)
    text = answer.body.decode()
    assert "root:" not in text and "Traceback" not in text and "site-packages" not in text
    assert len(served.visits) == before
    if answer.code == 404:
        assert "There is nothing here" in text


def test_modules_are_not_imported_by_name(served, capfd) -> None:
    got(served.place, "components/this/x/_css/x")
    assert "Beautiful is better" not in capfd.readouterr().out


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_is_sent_to_it(served, method) -> None:
    body = b"x" if method in ("POST", "PUT") else None
    assert got(served.place, method=method, body=body).code == 405
    if body:
        assert got(served.place, method=method, body=b"x" * 5000).code in (400, 413, 599)


@pytest.mark.parametrize(
    "name", ["localhost:1", "LOCALHOST", "127.0.0.1", "127.9.9.9:9", "[::1]:7"]
)
def test_the_names_of_this_machine(served, name) -> None:
    assert got(served.place, headers={"Host": name}).code == 200


NAMES = [
    "evil.example", "evil.example:5006", "localhost.evil.example", "127.0.0.1.evil.example",
    "192.168.0.7", "0.0.0.0", "", "localhost@evil.example", "localhost:x", "127.1", "a b",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_other_names_for_it(served, name) -> None:
    before = len(served.visits)
    for path in ("", "static/js/bokeh.min.js", "ws"):
        answer = got(served.place, path, headers={"Host": name})
        assert answer.code in (400, 403)
        assert name == "" or name not in answer.headers.get("Content-Security-Policy", "")
    assert len(served.visits) == before


def test_other_names_open_no_socket(served) -> None:
    async def opening(**headers: str) -> None:
        page = await fetched(served.place)
        token = TOKEN.search(page.body.decode()).group(1)
        await Wire.joined(served.place, token, headers=headers)

    for host in ("evil.example", f"evil.example:{served.port}"):
        refused(lambda host=host: opening(Host=host), 403)
    for origin in (
        "http://evil.example",
        f"http://localhost:{served.port}",  # the page is at 127.0.0.1
        "http://127.0.0.1:1",
        "null",
        "http://[",
    ):
        refused(lambda origin=origin: opening(Origin=origin), 403)
    visiting(opening(Origin=f"http://127.0.0.1:{served.port}"))


def test_other_pages_begin_no_visit(served) -> None:
    before = len(served.visits)
    for site in ("cross-site", "same-site"):
        for kind in ("image", "iframe", "script", "empty"):
            headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": kind}
            assert got(served.place, headers=headers).code == 403
            assert got(served.place, "static/js/bokeh.min.js", headers=headers).code == 403
    assert len(served.visits) == before
    clicked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}
    assert got(served.place, headers=clicked).code == 200


def test_the_token(locked) -> None:
    wrong: list[dict[str, str]] = [{}, {"Cookie": "zspace-token=a-word"}]
    wrong += [{"Cookie": f"zspace-token-{locked.port}={word}"} for word in ("", "a-wor", "a-wörd")]
    for headers in wrong:
        for path in ("", "?token=", "?token=a-word%00", "?token=%ff", "static/js/bokeh.min.js"):
            answer = got(locked.place, path, headers=headers)
            assert answer.code == 403 and "a-word" not in answer.body.decode()
        refused(lambda headers=headers: Wire.joined(locked.place, "a.b", headers=headers), 403)
    assert locked.visits == []


def test_the_token_moves_into_a_cookie(locked) -> None:
    answer = got(locked.place, "?token=a-word")
    assert (answer.code, answer.headers["Location"]) == (302, "./")
    (cookie,) = SimpleCookie(answer.headers["Set-Cookie"]).values()
    assert cookie.key == f"zspace-token-{locked.port}" and cookie.value == "a-word"
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    headers = {"Cookie": f"{cookie.key}={cookie.value}", "Host": "any-name:80"}
    page = got(locked.place, headers=headers)
    assert page.code == 200 and "a-word" not in page.body.decode()
    wire = visiting(Wire.opened(locked.place, headers=headers))
    assert wire.document["roots"]


def test_tokens_are_compared_in_constant_time(monkeypatch) -> None:
    asked = []
    monkeypatch.setattr("hmac.compare_digest", lambda *words: asked.append(words))
    Door("a-word", 1).fits("b")
    assert asked == [(b"b", b"a-word")]


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.0.7"])
def test_without_a_token_others_are_not_let_in(address) -> None:
    with pytest.raises(InputError, match="token"):
        server_of(lambda: None, address=address)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_so_many_visits_and_one_more(monkeypatch) -> None:
    monkeypatch.setattr(handlers, "MOST_VISITS", 3)
    monkeypatch.setattr(handlers, "_GONE_AFTER", 0)

    async def visit(served: Served) -> None:
        wires = [await Wire.opened(served.place) for _ in range(3)]
        full = await fetched(served.place)
        assert (full.code, full.headers["Retry-After"]) == (503, "20")
        assert "All places are taken" in full.body.decode() and "color-scheme" in full.body.decode()
        assert (await wires[0].patch())["header"]["msgtype"] == "OK"
        wires[0].socket.close()
        await asyncio.to_thread(until, lambda: visits_open(served) == 2)
        # A page that never opens its socket makes room too.
        for _ in range(5):
            assert (await fetched(served.place)).code == 200
            assert len(served.visits) == 3

    with serving() as served:
        visiting(visit(served))


def visits_open(served: Served) -> int:
    return sum(one.connection_count for one in served.visits)


def test_who_has_left_is_forgotten(monkeypatch) -> None:
    monkeypatch.setattr(handlers, "_COMES_BACK", 0.05)
    monkeypatch.setattr("zspace.explorer.page.serving._LOOKED_AFTER", 100)

    async def visit(served: Served) -> None:
        for _ in range(3):
            (await Wire.opened(served.place)).socket.close()
        await asyncio.to_thread(until, lambda: served.visits == [])

    with serving() as served:
        visiting(visit(served))


def test_sockets_without_a_visit(served) -> None:
    async def page() -> str:
        return TOKEN.search((await fetched(served.place)).body.decode()).group(1)

    token = visiting(page())
    body, _, signature = token.rpartition(".")
    before = len(served.visits)
    forged = [
        "", "x", "x.y", body, f"{body}.{signature[::-1]}", f"{body[:-2]}.{signature}",
        "eyJzZXNzaW9uX2lkIjogIngiLCAic2Vzc2lvbl9leHBpcnkiOiA5OTk5OTk5OTk5fQ",
    ]  # fmt: skip
    for word in forged:
        refused(lambda word=word: Wire.joined(served.place, word or "-"), 404)
    assert got(served.place, f"?bokeh-token={body}.forged").code == 403
    assert got(served.place, "?bokeh-session-id=mine").code == 403
    assert len(served.visits) == before

    async def many() -> None:
        for _ in range(handlers._MOST_SOCKETS):
            await Wire.joined(served.place, token)
        await Wire.joined(served.place, token)

    refused(many, 404)
