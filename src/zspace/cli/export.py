"""``zspace export``: codes in the formats of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zspace.cli.parameters import Backend, Overwrite, RunPath

__all__ = ["export"]


def export(
    path: RunPath,
    kind: Annotated[
        str,
        typer.Option(
            "--format",
            help="npz, parquet (embedding-atlas) or projector (TensorBoard).",
        ),
    ] = "npz",
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where to write; in the run's exports/ if not given."),
    ] = None,
    split: Annotated[
        str, typer.Option("--split", help="train, validation or test: whose codes to write.")
    ] = "train",
    limit: Annotated[
        int, typer.Option("--limit", min=0, help="How many codes at most; 0 takes all that fit.")
    ] = 0,
    images: Annotated[
        bool, typer.Option("--images/--no-images", help="Whether their images go along.")
    ] = True,
    backend: Backend = None,
    overwrite: Overwrite = False,
) -> None:
    """Write codes for other tools: NumPy, TensorBoard's projector, embedding-atlas."""
    from zspace.api import open_run
    from zspace.training.devices import select_backend

    run = open_run(path, show_progress=True)
    if backend is not None:
        select_backend(backend)
    written = run.export(
        kind, out=out, split=split, limit=limit, images=images, overwrite=overwrite
    )
    typer.echo(written.path)
    typer.echo(written.summary)
