"""Serves the explorer of a made model on a free port, and says where: run by conftest.py."""

from __future__ import annotations

import sys

from explored import made_side

from zspace.explorer.app import explorer_server

if __name__ == "__main__":
    token = sys.argv[1] if len(sys.argv) > 1 else None
    place, serve = explorer_server(made_side(), token=token)
    print(place, flush=True)
    serve()
