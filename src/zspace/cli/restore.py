"""``zspace restore``: what a model trained to restore images makes of corrupted ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zspace.cli.parameters import Backend, Condition, Out, Overwrite, RunPath

__all__ = ["restore"]


def restore(
    path: RunPath,
    images: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[IMAGE]...", help="Image files; validation images if none."),
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, help="How many validation images.")] = 100,
    damaged: Annotated[
        bool,
        typer.Option("--damaged", help="Take the files as they are: noisy, with holes, or gray."),
    ] = False,
    condition: Condition = None,
    out: Out = None,
    backend: Backend = None,
    overwrite: Overwrite = False,
) -> None:
    """Original, corrupted and restored images, with PSNR and SSIM beside simple baselines."""
    from zspace.api import open_run
    from zspace.training.devices import select_backend

    run = open_run(path, condition=condition)
    select_backend(backend)
    made = run.restore(images, count=count, damaged=damaged, out=out, overwrite=overwrite)
    if made.quality:
        typer.echo(made.table())
    typer.echo(f"{len(made.images)} restored images in {made.path}")
