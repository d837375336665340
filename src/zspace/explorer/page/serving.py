"""A server for the page: where it listens, who may come in, and how long visits are kept."""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Callable, Iterator
from typing import Any

import panel as pn
from bokeh.server import urls
from bokeh.server.auth_provider import AuthProvider
from bokeh.server.util import bind_sockets
from panel.io.server import WSHandler
from tornado.web import HTTPError

__all__ = ["Door", "server_of"]

_COOKIE = "zspace-token"
_MOST_MESSAGE = 32 * 2**20
_FORGOTTEN_AFTER = 30_000
_LOOKED_AFTER = 10_000


class Door(AuthProvider):
    """Lets in who brings the token, once in the address and from then on in a cookie.

    Args:
        token: the word; None lets everybody in.
    """

    def __init__(self, token: str | None) -> None:
        self._token = token
        super().__init__()

    @property
    def get_user(self) -> Callable[[Any], str] | None:
        """Says who asks, or raises; Bokeh asks for the page, its script and its socket."""
        return None if self._token is None else self._visitor

    @property
    def get_user_async(self) -> None:
        """Nothing: the question is answered at once."""

    @property
    def login_url(self) -> None:
        """There is no page to log in on."""

    @property
    def get_login_url(self) -> Callable[[Any], str] | None:
        """Never used, as whoever has no token is turned away; Bokeh wants one with `get_user`."""
        return None if self._token is None else (lambda handler: "/")

    @property
    def login_handler(self) -> None:
        """There is no page to log in on."""

    @property
    def logout_url(self) -> None:
        """Nobody logs out."""

    @property
    def logout_handler(self) -> None:
        """Nobody logs out."""

    def _visitor(self, handler: Any) -> str:
        given = handler.get_query_argument("token", None)
        if given is not None and self._fits(given):
            handler.set_cookie(_COOKIE, given, httponly=True, samesite="Strict")
            return "visitor"
        if self._fits(handler.get_cookie(_COOKIE) or ""):
            return "visitor"
        raise HTTPError(403, reason="open the address with the token that zspace explore printed")

    def _fits(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), str(self._token).encode())


class _QuickHandler(WSHandler):
    """Sends small messages at once: else each waits some 40 ms for the one before it."""

    def open(self) -> None:
        self.set_nodelay(True)
        super().open()


def server_of(
    page: Callable[[], Any],
    *,
    address: str = "127.0.0.1",
    port: int = 0,
    token: str | None = None,
    origins: tuple[str, ...] = (),
) -> Any:
    """A server, bound and not yet started.

    Args:
        page: makes a page for a visitor.
        address: to listen on.
        port: 0 takes a free one.
        token: that visitors must bring; None asks for none.
        origins: hosts, with ports, whose pages may open a socket, besides this machine's own names.
    """
    port = port or _free_port(address)
    names = [f"{name}:{port}" for name in ("127.0.0.1", "localhost")]
    with _quick_sockets():
        return pn.io.server.get_server(
            page, address=address, port=port, show=False, start=False, title="zspace",
            websocket_origin=[*names, *origins], auth_provider=Door(token),
            websocket_max_message_size=_MOST_MESSAGE,
            unused_session_lifetime_milliseconds=_FORGOTTEN_AFTER,
            check_unused_sessions_milliseconds=_LOOKED_AFTER,
        )  # fmt: skip


def _free_port(address: str) -> int:
    """A port that nobody listens on now: the names that may open a socket have it in them."""
    (one, *others), port = bind_sockets(address, 0)
    for each in (one, *others):
        each.close()
    return int(port)


@contextlib.contextmanager
def _quick_sockets() -> Iterator[None]:
    """Let servers that are made now use the quick handler."""
    plain = list(urls.per_app_patterns)
    for place, pattern in enumerate(plain):
        if pattern[1] is WSHandler:
            urls.per_app_patterns[place] = (pattern[0], _QuickHandler, *pattern[2:])
    try:
        yield
    finally:
        urls.per_app_patterns[:] = plain
