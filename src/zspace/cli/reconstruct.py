"""``zspace reconstruct``: originals beside what the model makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zspace.cli.parameters import Backend, Condition, Out, Overwrite, RunPath

__all__ = ["reconstruct"]


def reconstruct(
    path: RunPath,
    images: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[IMAGE]...", help="Image files; validation images if none."),
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, help="How many validation images.")] = 10,
    epsilon_scale: Annotated[
        float,
        typer.Option(
            "--epsilon-scale", min=0, help="0: the mean code. 1: a draw of the posterior."
        ),
    ] = 0.0,
    condition: Condition = None,
    out: Out = None,
    backend: Backend = None,
    overwrite: Overwrite = False,
) -> None:
    """Encode and decode images; originals and reconstructions side by side."""
    from zspace.api import open_run
    from zspace.training.devices import select_backend

    run = open_run(path, condition=condition)
    select_backend(backend)
    made = run.reconstruct(
        images, count=count, out=out, epsilon_scale=epsilon_scale, overwrite=overwrite
    )
    typer.echo(f"originals and reconstructions in {made.path}")
