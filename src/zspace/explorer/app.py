"""The explorer as a server that a browser visits, and as an object that a notebook shows."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable
from typing import Any

from zspace.errors import InputError
from zspace.explorer.side import Side

__all__ = ["explorer_server", "explorer_view", "token_for"]

_MISSING = 'the explorer needs Panel; install it with: pip install "zspace[explorer]"'


def explorer_view(side: Side) -> Any:
    """The explorer of one model as a Panel object, for a notebook or another page.

    Args:
        side: the model.

    Raises:
        InputError: if Panel is not installed.
    """
    _require_panel()
    from zspace.explorer.page.layout import page_of

    return page_of(side)


def explorer_server(
    side: Side, *, address: str = "127.0.0.1", port: int = 0, token: str | None = None
) -> tuple[str, Callable[[], None]]:
    """A server for the explorer, bound to its port.

    Args:
        side: the model.
        address: to listen on.
        port: 0 takes a free one.
        token: that visitors must bring, from `token_for`.

    Returns:
        Where to visit it, and a function that serves until it is stopped.

    Raises:
        InputError: if Panel is not installed, or the address or port cannot be had.
    """
    _require_panel()
    from zspace.explorer.page.layout import document_of
    from zspace.explorer.page.serving import server_of

    try:
        # Whoever has the token may call this machine by any of its names.
        origins = ("*",) if token else ()
        server = server_of(
            lambda: document_of(side), address=address, port=port, token=token, origins=origins
        )
    except OSError as error:
        raise InputError(
            f"{address}, port {port} cannot be listened on ({error.strerror}); choose another port"
        ) from error
    visited = f"[{address}]" if ":" in address else address
    place = f"http://{visited}:{server.port}/" + (f"?token={token}" if token else "")

    def serve() -> None:
        server.start()
        server.io_loop.start()

    return place, serve


def token_for(address: str) -> str | None:
    """A new token, where an address can be reached from other machines; None where it cannot.

    Raises:
        InputError: if it is no address.

    Example:
        >>> token_for("127.0.0.1") is None, len(token_for("0.0.0.0"))
        (True, 43)
    """
    if address == "localhost":
        return None
    try:
        is_own = ipaddress.ip_address(address).is_loopback
    except ValueError as error:
        raise InputError(f"an IP address to listen on was expected, {address!r} came") from error
    return None if is_own else secrets.token_urlsafe(32)


def _require_panel() -> None:
    try:
        import panel  # noqa: F401
    except ImportError as error:
        raise InputError(_MISSING) from error
