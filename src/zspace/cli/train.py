"""``zspace train``: a recipe and a prepared data set to a run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["train"]

_SET = "Change a key of the recipe, such as latent.size=16; may be given several times."


def train(
    recipe: Annotated[
        str | None, typer.Argument(help="A shipped recipe (zspace recipes) or a .toml file.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Prepared data set (zspace prepare).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Run folder; runs/RECIPE if not given.")
    ] = None,
    changes: Annotated[list[str] | None, typer.Option("--set", help=_SET)] = None,
    backend: Annotated[
        str | None, typer.Option("--backend", help="tensorflow, jax or torch.")
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option("--precision", help="auto, or a value of training.precision."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the newest checkpoint.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a run at --out.")] = False,
) -> None:
    """Train a recipe on a prepared data set."""
    from zspace.api import train as train_run
    from zspace.run import RunFolder

    changes = [*(changes or ()), *([f"training.precision={precision}"] if precision else ())]
    try:
        run = train_run(
            recipe,
            data=data,
            out=out,
            changes=changes,
            backend=backend,
            resume=resume,
            overwrite=overwrite,
        )
    except KeyboardInterrupt:
        folder = out or Path("runs") / Path(recipe or "").stem
        kept = RunFolder(folder).saved_epochs()
        print(
            "zspace: stopped; "
            + (
                f"finished epochs are kept, go on with: zspace train --resume --out {folder}"
                if kept
                else "no epoch was finished, so nothing is kept"
            ),
            file=sys.stderr,
        )
        raise typer.Exit(2) from None
    typer.echo(f"trained: {run.folder.path} (next: zspace report {run.folder.path})")
