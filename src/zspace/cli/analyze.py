"""``zspace analyze``: a run's latent space measured."""

from __future__ import annotations

import json
import textwrap
from typing import Annotated

import typer

from zspace.cli.parameters import Backend, RunPath, listed

__all__ = ["analyze"]

_COLUMNS = 96


def analyze(
    path: RunPath,
    only: Annotated[
        str | None,
        typer.Option(
            "--only", help="Measurements by name, with commas, as radius,clusters; else all."
        ),
    ] = None,
    split: Annotated[
        str, typer.Option("--split", help="train, validation or test: whose codes to measure.")
    ] = "train",
    points: Annotated[
        str | None,
        typer.Option("--points", help="mean or z for all; else what suits each measurement."),
    ] = None,
    map_points: Annotated[
        int, typer.Option("--map-points", min=2, help="How many codes to put on maps at most.")
    ] = 20_000,
    color: Annotated[
        str | None,
        typer.Option(
            "--color", help="What colors maps, with commas: label, radius, kl, or an attribute."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all numbers as JSON.")] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all random draws.")] = 1,
    backend: Backend = None,
) -> None:
    """Measure the latent space: radius, axes, PCA, clusters, maps and more, to analysis/."""
    from zspace.api import open_run
    from zspace.training.devices import select_backend

    run = open_run(path, show_progress=True)
    if backend is not None:  # with codes that are there, only consistency needs one
        select_backend(backend)
    done = run.analyze(
        listed(only), split=split, points=points, map_points=map_points, colors=listed(color),
        seed=seed,
    )  # fmt: skip
    if as_json:
        found = {each.name: each.numbers for each in done}
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for each in done:
        typer.echo(f"{each.name} · {each.title}")
        typer.echo(
            textwrap.fill(
                each.text, _COLUMNS, initial_indent="  ", subsequent_indent="  ",
                break_long_words=False, break_on_hyphens=False,
            )
        )  # fmt: skip
        for picture in each.pictures:
            typer.echo(f"  {picture}")
        typer.echo("")
    typer.echo(f"all on one page: zspace report {path}")
