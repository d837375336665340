"""Who may come in: by which name the server was called, from which page, and with which token."""

from __future__ import annotations

import hmac
import ipaddress
import re
from typing import Any, NamedTuple
from urllib.parse import urlsplit

__all__ = ["FULL", "NOTHING", "Door", "Refusal", "is_own_name"]

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")


class Refusal(NamedTuple):
    """Why a request is not answered.

    Attributes:
        status: of HTTP.
        title: a few words.
        text: what to do about it.
    """

    status: int
    title: str
    text: str


FULL = Refusal(
    503,
    "All places are taken",
    "As many people as this computer can serve are here already. Close a page of the explorer "
    "that is no longer needed, wait a moment, and reload this one.",
)
NOTHING = Refusal(404, "There is nothing here", "The explorer is the page at the address itself.")
_METHOD = Refusal(405, "This cannot be sent", "The explorer is a page to be opened.")
_NAME = Refusal(
    403,
    "Not under this name",
    "The explorer answers to 127.0.0.1 and localhost only. Open the address that zspace explore "
    "printed.",
)
_ELSEWHERE = Refusal(
    403,
    "Not from another page",
    "The explorer does not work inside other pages. Open the address that zspace explore printed.",
)
_TOKEN = Refusal(
    403,
    "The token is missing",
    "Open the whole address that zspace explore printed, to its last letter, in a browser that "
    "keeps cookies.",
)


class Door:
    """Decides about a request before anything of the page is made.

    Args:
        token: the word that a visitor brings, once in the address and from then on in a cookie;
            None lets everybody in who calls this machine by its own name.
        port: of the server.

    Example:
        >>> Door("word", 5006).fits("word"), Door("word", 5006).fits("wort")
        (True, False)
    """

    def __init__(self, token: str | None, port: int) -> None:
        self.token = token
        # Cookies know no ports, so two explorers on one machine would take each other's.
        self.cookie = f"zspace-token-{port}"

    def refusal(self, request: Any) -> Refusal | None:
        """Why a request is turned away; None where it is welcome.

        Args:
            request: of tornado.
        """
        if request.method not in ("GET", "HEAD"):
            return _METHOD
        host = _HOST.fullmatch(request.host)
        # A page of a stranger may have its own name lead to 127.0.0.1, and would then be allowed
        # to read what it gets. The name gives it away; with a token, the missing cookie does.
        # Any port is fine, as it is another one at the near end of an SSH tunnel.
        if host is None or (self.token is None and not is_own_name(host["name"])):
            return _NAME
        if not _is_own_page(request):
            return _ELSEWHERE
        if self.token is not None and not self._has_token(request):
            return _TOKEN
        return None

    def brings_token(self, request: Any) -> bool:
        """Whether the right token is in the address: it then moves into the cookie."""
        given = request.query_arguments.get("token")
        if self.token is None or not given:
            return False
        return self.fits(given[0].decode("utf-8", "replace"))

    def fits(self, given: str) -> bool:
        """Whether it is the token, found out in a time that tells nothing of it."""
        wanted = self.token or ""
        return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())

    def _has_token(self, request: Any) -> bool:
        kept = request.cookies.get(self.cookie)
        return (kept is not None and self.fits(kept.value)) or self.brings_token(request)


def is_own_name(name: str) -> bool:
    """Whether a name or address can only mean the machine itself.

    Example:
        >>> [is_own_name(name) for name in ("localhost", "[::1]", "127.0.0.1", "evil.example")]
        [True, True, True, False]
    """
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_own_page(request: Any) -> bool:
    """Whether a browser asks for the explorer's own page, or because a person opened it.

    Else any page on the web could fill all places, or try out whether an explorer runs here.
    """
    origin = request.headers.get("Origin")
    if origin is not None and _netloc(origin) != request.host.lower():
        return False
    if request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin"):
        return True
    return request.headers.get("Sec-Fetch-Dest") == "document"


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
