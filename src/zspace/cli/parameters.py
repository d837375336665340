"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Backend", "Condition", "Out", "Overwrite", "RunPath", "listed"]

RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="The run folder.")]
Backend = Annotated[str | None, typer.Option("--backend", help="tensorflow, jax or torch.")]
Condition = Annotated[
    str | None,
    typer.Option(
        "--condition",
        help="Of a conditional model: a class (3), or attributes (Male=1,Smiling=-1).",
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Picture to write; in the run's samples/ if not given.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there already.")]


def listed(text: str | None) -> list[str] | None:
    """The names in a list with commas; None where none was given.

    Example:
        >>> listed("radius, clusters"), listed(None)
        (['radius', 'clusters'], None)
    """
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]
