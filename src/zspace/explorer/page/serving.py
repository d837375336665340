"""A server for the page: where it listens, what it answers, and how long visits are kept."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

import panel as pn
from bokeh.server.views.ico_handler import IcoHandler
from bokeh.server.views.multi_root_static_handler import MultiRootStaticHandler
from bokeh.server.views.static_handler import StaticHandler
from panel.io.server import DocHandler, WSHandler
from tornado.routing import AnyMatches, Matcher, Rule

from zspace.errors import InputError
from zspace.explorer.page import handlers
from zspace.explorer.page.door import Door, is_own_name

__all__ = ["server_of"]

_NEVER_OPENED = 60_000  # slow lines take a while for the scripts
_LOOKED_AFTER = 5_000
_WEEK = 7 * 24 * 3600
_CONNECTION = {
    "max_body_size": 1024,
    "body_timeout": 10,
    "idle_connection_timeout": 60,
}
_log = logging.getLogger(__name__)

# Panel and Bokeh add more, among it a way to import any Python module by its name in the address.
_ANSWERS = {
    DocHandler: handlers.Page,
    WSHandler: handlers.Socket,
    StaticHandler: handlers.BokehFiles,
    MultiRootStaticHandler: handlers.PanelFiles,
    IcoHandler: handlers.Icon,
}


def server_of(
    page: Callable[[], Any],
    *,
    address: str = "127.0.0.1",
    port: int = 0,
    token: str | None = None,
) -> Any:
    """A server, bound and not yet started.

    Args:
        page: makes a page for a visitor.
        address: to listen on.
        port: 0 takes a free one.
        token: that visitors must bring; None asks for none.

    Raises:
        InputError: if other machines reach the address, and there is no token.
    """
    if token is None and not is_own_name(address):
        raise InputError(f"a token was expected for {address}, which others can reach; none came")
    server = pn.io.server.get_server(
        page, address=address, port=port, show=False, start=False, title="zspace",
        location=False, index=None, http_server_kwargs=dict(_CONNECTION),
        websocket_max_message_size=handlers.MOST_MESSAGE,
        unused_session_lifetime_milliseconds=_NEVER_OPENED,
        check_unused_sessions_milliseconds=_LOOKED_AFTER,
        # A page's visit is known by a random name. Signed, none but the server can invent one.
        sign_sessions=True, secret_key=secrets.token_bytes(32), session_token_expiration=_WEEK,
        # These would be written into the page, where its scripts can read them.
        include_headers=[], include_cookies=[],
        # A computer that went to sleep closes no connection.
        keep_alive_milliseconds=0, websocket_ping_interval=20, websocket_ping_timeout=20,
        log_function=_logged,
    )  # fmt: skip
    _keep_only_ours(server._tornado, Door(token, server.port))  # noqa: SLF001 (Bokeh has no other way)
    return server


class _Unwelcome(Matcher):
    """Matches what is turned away, before any handler is made."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def match(self, request: Any) -> dict[str, Any] | None:
        refusal = self._door.refusal(request)
        return None if refusal is None else {"target_kwargs": {"refusal": refusal}}


class _Token(Matcher):
    """Matches the address with the token in it."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def match(self, request: Any) -> dict[str, Any] | None:
        return {} if request.path == "/" and self._door.brings_token(request) else None


def _keep_only_ours(application: Any, door: Door) -> None:
    """Answer with our handlers where there is one, and with nothing else."""
    router = application.wildcard_router
    kept = [
        Rule(rule.matcher, _ANSWERS[rule.target], rule.target_kwargs)
        for rule in router.rules
        if rule.target in _ANSWERS
    ]
    router.rules = [
        Rule(_Unwelcome(door), handlers.TurnedAway),
        Rule(_Token(door), handlers.Welcome, {"door": door}),
        *kept,
        Rule(AnyMatches(), handlers.TurnedAway),
    ]


def _logged(handler: Any) -> None:
    """Log failures alone, and without the query, which may hold the token."""
    if handler.get_status() >= 500 and handler.get_status() != 503:
        _log.error("%s %s failed", handler.request.method, handler.request.path)
