"""A server for the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn

__all__ = ["server_of"]


def server_of(page: Callable[[], Any], *, address: str = "127.0.0.1", port: int = 0) -> Any:
    server = pn.serve(
        page, address=address, port=port, show=False, start=False, title="zspace", verbose=False,
        websocket_origin=[f"127.0.0.1:{port}", f"localhost:{port}"],
    )
    return server
