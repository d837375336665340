"""``zspace report``: one page that tells what happened."""

from __future__ import annotations

import typer

from zspace.cli.parameters import Backend, RunPath

__all__ = ["report"]


def report(path: RunPath, backend: Backend = None) -> None:
    """Write report.html: recipe, curves, reconstructions, samples, radius histogram."""
    from zspace.api import open_run
    from zspace.training.devices import select_backend

    run = open_run(path, show_progress=True)
    select_backend(backend)
    typer.echo(f"report: {run.report()} (open it in a browser)")
