"""The explorer as a server that a browser visits, and as an object that a notebook shows."""

from __future__ import annotations

import ipaddress
import secrets
import sys
from collections.abc import Callable, Sequence
from typing import Any

from zspace.errors import InputError
from zspace.explorer.live import Live

__all__ = ["explorer_server", "explorer_view", "token_for"]

_NOTEBOOK_HEIGHT = 860
_MISSING = 'the explorer needs Panel; install it with: pip install "zspace[explorer]"'


def explorer_view(lives: Sequence[Live]) -> Any:
    """The explorer as a Panel object, for a notebook or another page.

    Args:
        lives: one model, or two side by side.

    Raises:
        InputError: if Panel is not installed.
    """
    _require_panel()
    import panel

    from zspace.explorer.page.desk import page_of

    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        panel.extension(inline=True)  # the scripts that a notebook needs, from this machine
    page = page_of(lives)
    page.param.update(sizing_mode="stretch_width", height=_NOTEBOOK_HEIGHT)
    return page


def explorer_server(
    lives: Sequence[Live],
    *,
    address: str = "127.0.0.1",
    port: int = 0,
    token: str | None = None,
) -> tuple[str, Callable[[], None]]:
    """A server for the explorer, bound to its port.

    Args:
        lives: one model, or two side by side.
        address: to listen on.
        port: 0 takes a free one.
        token: that visitors must bring, from `token_for`.

    Returns:
        Where to visit it, and a function that serves until it is stopped.

    Raises:
        InputError: if Panel is not installed, or the address or port cannot be had.
    """
    _require_panel()
    from zspace.explorer.page.desk import document_of
    from zspace.explorer.page.serving import server_of

    try:
        server = server_of(
            lambda: document_of(lives, is_own=token is None),
            address=address, port=port, token=token,
        )  # fmt: skip
    except OSError as error:
        raise InputError(
            f"{address}, port {port} cannot be listened on ({error.strerror}); choose another port"
        ) from error
    found = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # all that there are
    visited = f"[{found}]" if ":" in found else found
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
