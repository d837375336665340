"""What the server answers with: the page, its socket, its scripts, or a refusal."""

from __future__ import annotations

import asyncio
import contextlib
import html
import logging
import re
from pathlib import Path
from typing import Any

from bokeh.core.serialization import DeserializationError
from bokeh.server.session import ServerSession
from bokeh.server.views.ico_handler import IcoHandler
from bokeh.server.views.multi_root_static_handler import MultiRootStaticHandler
from bokeh.server.views.static_handler import StaticHandler
from bokeh.util.token import check_token_signature, get_session_id
from panel.io.server import DocHandler, WSHandler
from tornado.web import RequestHandler
from tornado.websocket import WebSocketClosedError

from zspace.explorer.page.door import FULL, NOTHING, Door, Refusal
from zspace.explorer.page.messages import may_ask

__all__ = [
    "MOST_MESSAGE",
    "MOST_VISITS",
    "BokehFiles",
    "Icon",
    "Page",
    "PanelFiles",
    "Socket",
    "TurnedAway",
    "Welcome",
]

MOST_VISITS = 40
"""Pages that are open at once: twice as many as are to stay fluid."""

MOST_MESSAGE = 28 * 2**20
"""Bytes of one message with all that belongs to it: an upload of 20 MiB, also as base64."""

_MOST_TEXT = 4 * 2**20  # it is parsed while all others wait; the numbers of 500,000 selected codes
_MOST_SOCKETS = 3  # of one page: a lost one may still look open while the next one comes
_GONE_AFTER = 3_000
_COMES_BACK = 15
_PAGE = (Path(__file__).parent / "turned_away.html").read_text(encoding="utf-8")
_BOKEH_FILE = re.compile(r"js/[a-z-]+\.min\.js")
_PANEL_FILE = re.compile(
    r"panel/(?:[A-Za-z0-9@^._-]+/)*[A-Za-z0-9@^._-]+\.(?:css|js|png|svg|woff2)"
)
_TURNED_AWAY, _TOO_LARGE = 1008, 1009
_log = logging.getLogger(__name__)

_POLICY = {
    "default-src": "'none'",
    # BokehJS compiles templates, and the components' scripts are loaded from blobs.
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' blob: ws://{host} wss://{host}",
    "worker-src": "blob:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
}
_POLICY_OF_REFUSALS = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def _guard(handler: Any) -> None:
    """Set the headers that every answer has."""
    handler.clear_header("Server")
    for name, value in _HEADERS.items():
        handler.set_header(name, value)
    policy = "; ".join(f"{name} {sources}" for name, sources in _POLICY.items())
    handler.set_header("Content-Security-Policy", policy.format(host=handler.request.host))


def _refuse(handler: Any, refusal: Refusal) -> None:
    """Answer with a small page that says why."""
    handler.set_status(refusal.status)
    handler.set_header("Content-Type", "text/html; charset=UTF-8")
    handler.set_header("Cache-Control", "no-store")
    handler.set_header("Content-Security-Policy", _POLICY_OF_REFUSALS)
    if refusal.status == FULL.status:
        handler.set_header("Retry-After", "20")
    words = {"TITLE": html.escape(refusal.title), "TEXT": html.escape(refusal.text)}
    handler.finish(re.sub("TITLE|TEXT", lambda found: words[found[0]], _PAGE))


def _refuse_broken(handler: Any, status: int, **_: Any) -> None:
    """Answer for what failed; its reason goes to the log alone, as it may name files."""
    title = "Something went wrong" if status >= 500 else "This cannot be answered"
    text = "Reload the page. If that does not help, zspace explore says more where it was started."
    _refuse(handler, NOTHING if status == 404 else Refusal(status, title, text))


class TurnedAway(RequestHandler):
    """Answers whoever may not come in, or asks for what is not there."""

    def initialize(self, refusal: Refusal = NOTHING) -> None:
        """Take what to say."""
        self._refusal = refusal

    set_default_headers = _guard

    def prepare(self) -> None:
        """Say it, whatever was asked."""
        _refuse(self, self._refusal)


class Welcome(RequestHandler):
    """Moves the token from the address, where others may see it, into a cookie."""

    def initialize(self, door: Door) -> None:
        """Take the token."""
        self._door = door

    set_default_headers = _guard

    def get(self) -> None:
        """Set the cookie, and send the browser to the address without the token."""
        # Lax, as a strict cookie does not come along when the address was clicked in a chat or
        # mail on the web. It is kept from all that other pages ask for, sockets above all.
        self.set_cookie(
            self._door.cookie,
            str(self._door.token),
            httponly=True,
            samesite="Lax",
            secure=self.request.protocol == "https",
        )
        self.set_header("Cache-Control", "no-store")
        self.redirect("./")


class Page(DocHandler):
    """The page; making one begins a visit, if there is a place for it."""

    set_default_headers = _guard
    write_error = _refuse_broken

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Make the page, if there is a place for one more."""
        visits = self.application_context
        if len(visits.sessions) >= MOST_VISITS:
            # Those who have left, or whose page never opened its socket.
            await visits._cleanup_sessions(_GONE_AFTER)  # noqa: SLF001 (Bokeh has no other way)
        if len(visits.sessions) >= MOST_VISITS:
            _refuse(self, FULL)
            return
        await super().get(*args, **kwargs)


class Socket(WSHandler):
    """The page's connection: joins a visit that there is, and passes on what a page may ask."""

    set_default_headers = _guard
    write_error = _refuse_broken

    def check_origin(self, origin: str) -> bool:
        """Whether the page is of this server: the door has looked, by the name it was called."""
        return True

    async def prepare(self) -> None:
        """Turn away who comes without an invitation, before the socket is open."""
        self._received, self._pulled = 0, False
        await super().prepare()
        if not self._finished and not self._is_invited():
            _refuse(self, NOTHING)

    def _is_invited(self) -> bool:
        """Whether it comes with what a page was given, and the visit of that page still is.

        A visit that has ended would be made anew, with other numbers for all its parts.
        """
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "").split(",")
        kept = self.application
        try:
            token = offered[1].strip()
            signed = check_token_signature(token, signed=True, secret_key=kept.secret_key)
            session = self.application_context.get_session(get_session_id(token))
        except Exception:  # noqa: BLE001 (whatever is wrong with it, it is no invitation)
            return False
        return signed and session.connection_count < _MOST_SOCKETS

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Send small messages at once: else each waits some 40 ms for the one before it."""
        self.set_nodelay(True)
        super().open(*args, **kwargs)

    async def on_message(self, fragment: str | bytes) -> None:
        """Take in a part of a message, while all of its parts together are not too large."""
        self._received += len(fragment)
        is_long_text = isinstance(fragment, str) and len(fragment) > _MOST_TEXT
        if self._received > MOST_MESSAGE or is_long_text:
            # Tornado looks at each fragment by itself, and Bokeh keeps as many as are announced.
            self.close(_TOO_LARGE, "more than 20 MiB were sent")
            return
        await super().on_message(fragment)
        # A socket with much to read would be read to its end before others have a turn.
        await asyncio.sleep(0)

    def on_close(self) -> None:
        """End the visit soon, if its page does not come back."""
        session = None if self.connection is None else self.connection.session
        super().on_close()

        def end() -> None:
            if session is not None and session.connection_count == 0:
                session.request_expiration()

        # A page that lost its connection tries again every two seconds.
        self.application.io_loop.call_later(_COMES_BACK, end)

    async def send_message(self, message: Any) -> None:
        """Send, or not, where the page was closed meanwhile; Bokeh would warn of each."""
        with contextlib.suppress(WebSocketClosedError):
            await message.send(self)

    async def _receive(self, fragment: str | bytes) -> Any:
        try:
            message = await self.receiver.consume(fragment)
        except Exception:  # noqa: BLE001 (no parser was written for all that may come)
            self._protocol_error("not understood")
            return None
        if message is not None:
            self._received = 0
        return message

    async def _handle(self, message: Any) -> Any:
        if message.msgtype == "PULL-DOC-REQ" and not self._pulled:
            self._pulled = True  # a page needs its document once, and large it is
            return await ServerSession.pull(message, self.connection)
        events = message.content.get("events") if message.msgtype == "PATCH-DOC" else None
        if not isinstance(events, list):
            self._protocol_error("not asked for")
            return None
        events[:] = [event for event in events if may_ask(event)]
        try:
            return await ServerSession.patch(message, self.connection)
        except Exception as error:  # noqa: BLE001 (a page that goes on is worth more)
            is_ours = not isinstance(error, DeserializationError)
            _log.warning("a question of a page failed: %r", error, exc_info=is_ours)
        # Outside the handler of the exception, else Bokeh sends the traceback along.
        return self.connection.error(message, "this could not be done")

    def _protocol_error(self, message: str) -> None:
        self.close(_TURNED_AWAY, message)

    def _internal_error(self, message: str) -> None:
        self.close(_TURNED_AWAY, "not understood")


class BokehFiles(StaticHandler):
    """BokehJS."""

    set_default_headers = _guard
    write_error = _refuse_broken

    def prepare(self) -> None:
        """Turn away who asks for anything but a script of BokehJS."""
        if not _BOKEH_FILE.fullmatch(self.path_args[0] or ""):
            _refuse(self, NOTHING)


class PanelFiles(MultiRootStaticHandler):
    """Panel's scripts and styles, and no other package's."""

    set_default_headers = _guard
    write_error = _refuse_broken

    def prepare(self) -> None:
        """Turn away who asks for anything but a script, a style or a picture."""
        asked = self.path_args[0] or ""
        if not _PANEL_FILE.fullmatch(asked) or ".." in asked.split("/"):
            _refuse(self, NOTHING)


class Icon(IcoHandler):
    """The small picture of the browser's tab."""

    set_default_headers = _guard
