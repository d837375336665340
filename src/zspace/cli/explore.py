"""``zspace explore``: a page to play with the latent space."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from zspace.cli.parameters import Backend, Condition, RunPath

__all__ = ["explore"]


def explore(
    path: RunPath,
    split: Annotated[str, typer.Option("--split", help="Whose codes are on the map.")] = "train",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any.")] = 5006,
    address: Annotated[
        str, typer.Option("--address", help="To listen on; other than 127.0.0.1 wants a token.")
    ] = "127.0.0.1",
    show: Annotated[bool, typer.Option("--show/--no-show", help="Open a browser.")] = True,
    condition: Condition = None,
    backend: Backend = None,
) -> None:
    """Click any point of the latent space and see its image, on a page in the browser."""
    from zspace.api import open_run
    from zspace.api.exploring import side_of
    from zspace.explorer.app import explorer_server, token_for
    from zspace.training.devices import select_backend

    run = open_run(path, show_progress=True, condition=condition)
    select_backend(backend)
    token = token_for(address)
    side = side_of(run, split)
    place, serve = explorer_server(side, address=address, port=port, token=token)
    side.warm_up()
    typer.echo(f"{place}\nCtrl-C ends it.")
    if show:
        webbrowser.open(place)
    serve()
