"""``zspace explore``: a page to play with the latent space."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from zspace.cli.parameters import Backend, Condition

__all__ = ["explore"]


def explore(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="RUN [RUN2]", help="One run folder, or two to see side by side."),
    ],
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
    from zspace.api.exploring import lives_of
    from zspace.explorer.app import explorer_server, token_for
    from zspace.training.devices import select_backend

    # Beside a conditional model there may be one that is not.
    conditional = [path for path in paths if open_run(path).recipe.condition.size] or paths
    runs = [
        open_run(path, show_progress=True, condition=condition if path in conditional else None)
        for path in paths
    ]
    token = token_for(address)
    select_backend(backend)
    lives = lives_of(runs, split, tell=lambda text: typer.echo(text, err=True))
    place, serve = explorer_server(lives, address=address, port=port, token=token)
    for live in lives:
        live.side.warm_up()
    typer.echo(place)
    if token:
        typer.echo("From another machine: the same, with a name or the address of this one.")
    typer.echo("Ctrl-C ends it.")
    if show:
        webbrowser.open(place)
    serve()
