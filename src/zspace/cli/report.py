"""``zspace report``: one page that tells what happened."""

from __future__ import annotations

from typing import Annotated

import typer

from zspace.cli.parameters import Backend, RunPath, listed

__all__ = ["report"]


def report(
    path: RunPath,
    only: Annotated[
        str | None,
        typer.Option(
            "--only", help="Measurements to make, with commas; what is there is shown anyhow."
        ),
    ] = None,
    backend: Backend = None,
) -> None:
    """Write report.html: samples, curves, the doctor's findings, every measurement, recipe."""
    from zspace.api import open_run
    from zspace.training.devices import select_backend

    run = open_run(path, show_progress=True)
    select_backend(backend)
    typer.echo(f"report: {run.report(listed(only))} (open it in a browser)")
