"""``zspace doctor``: what the KL term did in a run."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from zspace.cli.parameters import Backend, RunPath

__all__ = ["doctor"]

_COLORS = {"good": "green", "look": "yellow", "bad": "red"}


def doctor(
    path: RunPath,
    split: Annotated[
        str, typer.Option("--split", help="validation, train or test: whose codes to look at.")
    ] = "validation",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the findings and all numbers as JSON.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all random draws.")] = 1,
    backend: Backend = None,
) -> None:
    """Say what the KL term did: rate, active axes, information, radius, beta, schedule."""
    from zspace.api import open_run
    from zspace.training.devices import select_backend

    run = open_run(path, show_progress=True)
    if backend is not None:  # without codes to make, no backend is needed at all
        select_backend(backend)
    found = run.doctor(split, seed=seed)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
        return
    for line in found.text().splitlines():
        typer.echo(_colored(line) if sys.stdout.isatty() else line)
    typer.echo(f"\npicture: {found.picture}")


def _colored(line: str) -> str:
    """A line that begins with a verdict, in its color."""
    verdict = line[:4]
    if verdict not in _COLORS or line[4:6] != "  ":
        return line
    return typer.style(line, fg=_COLORS[verdict], bold=True)
