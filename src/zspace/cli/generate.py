"""``zspace generate``: random z-points to images."""

from __future__ import annotations

from typing import Annotated

import typer

from zspace.cli.parameters import Backend, Out, Overwrite, RunPath
from zspace.errors import InputError

__all__ = ["generate"]


def generate(
    path: RunPath,
    method: Annotated[
        str, typer.Option("--method", help="normal, uniform, or prior: the model's own.")
    ] = "normal",
    count: Annotated[int, typer.Option("--count", min=1, help="How many images.")] = 64,
    limit: Annotated[
        float | None, typer.Option("--limit", help="uniform: each component is in ± this (1).")
    ] = None,
    scale: Annotated[
        float | None, typer.Option("--scale", help="normal: standard deviation (1).")
    ] = None,
    epsilon_scale: Annotated[
        float | None,
        typer.Option("--epsilon-scale", min=0, help="prior: noise around its centers (1)."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the z-points.")] = 1,
    out: Out = None,
    backend: Backend = None,
    overwrite: Overwrite = False,
) -> None:
    """Decode random z-points to a grid of images, with the points beside it as JSON."""
    from zspace.api import open_run
    from zspace.training.devices import select_backend

    belongs = {"limit": "uniform", "scale": "normal", "epsilon_scale": "prior"}
    given = {"limit": limit, "scale": scale, "epsilon_scale": epsilon_scale}
    options = {name: value for name, value in given.items() if value is not None}
    for name in options:
        if method in belongs.values() and belongs[name] != method:
            option = name.replace("_", "-")
            raise InputError(f"--{option} belongs to --method {belongs[name]}, not to {method}")
    run = open_run(path)
    select_backend(backend)
    made = run.generate(method, count=count, out=out, overwrite=overwrite, seed=seed, **options)
    typer.echo(f"{count} images in {made.path}")
