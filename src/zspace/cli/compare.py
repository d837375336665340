"""``zspace compare``: several runs of one data set on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zspace.cli.parameters import Backend, Overwrite

__all__ = ["compare"]


def compare(
    paths: Annotated[list[Path], typer.Argument(metavar="RUN RUN …", help="Two to six runs.")],
    split: Annotated[
        str, typer.Option("--split", help="train, validation or test: whose codes to compare.")
    ] = "train",
    map_points: Annotated[
        int, typer.Option("--map-points", min=2, help="How many codes to put on maps at most.")
    ] = 5000,
    color: Annotated[
        str | None, typer.Option("--color", help="What colors maps: label, radius or an attribute.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The page to write.")] = Path("compare.html"),
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all random draws.")] = 1,
    backend: Backend = None,
    overwrite: Overwrite = False,
) -> None:
    """Compare runs of one data set: AE, VAE, another beta, side by side, with verdicts."""
    from zspace.api import compare as compared
    from zspace.training.devices import select_backend

    if backend is not None:
        select_backend(backend)
    page = compared(
        paths, split=split, map_points=map_points, color=color, out=out, seed=seed,
        overwrite=overwrite, show_progress=True,
    )  # fmt: skip
    typer.echo(f"comparison: {page} (open it in a browser)")
