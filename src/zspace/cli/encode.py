"""``zspace encode``: a run's data set to codes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zspace.cli.parameters import Backend, Overwrite, RunPath

__all__ = ["encode"]


def encode(
    path: RunPath,
    split: Annotated[
        list[str] | None,
        typer.Option("--split", help="train, validation or test; both of the first if not given."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Another prepared data set than the run's own.")
    ] = None,
    epsilon_scale: Annotated[
        float | None,
        typer.Option(
            "--epsilon-scale",
            min=0,
            help="Noise of the z-points drawn from the codes; 0: none, 1: the posterior's.",
        ),
    ] = None,
    backend: Backend = None,
    overwrite: Overwrite = False,
) -> None:
    """Encode the images of a run: means and log-variances to codes/."""
    from zspace.api import open_run
    from zspace.training.devices import select_backend

    run = open_run(path, show_progress=True)
    select_backend(backend)
    for name in split or ["train", "validation"]:
        codes = run.encode(name, data=data, epsilon_scale=epsilon_scale, overwrite=overwrite)
        typer.echo(f"{codes.count:,} codes of size {codes.latent_size} in {run.folder.codes(name)}")
