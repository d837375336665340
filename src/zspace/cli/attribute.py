"""``zspace attribute``: directions of the latent space, found, listed, and applied to images."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from zspace.cli.parameters import Backend, Condition, Out, Overwrite, RunPath, listed
from zspace.errors import InputError

__all__ = ["apply", "attribute", "find", "saved"]

attribute = typer.Typer(
    help="Attribute arithmetic: find a direction that stands for a property, and move images on it."
)


@attribute.command()
def find(
    path: RunPath,
    attribute: Annotated[
        str | None,
        typer.Argument(metavar="[ATTRIBUTE]", help="An attribute of the data, or a class."),
    ] = None,
    having: Annotated[
        Path | None,
        typer.Option("--with", help="Instead: a folder of images, or a file of rows of the codes."),
    ] = None,
    lacking: Annotated[
        Path | None,
        typer.Option("--without", help="Likewise; all other codes if not given."),
    ] = None,
    method: Annotated[
        str, typer.Option("--method", help="mean: difference of means; or logistic.")
    ] = "mean",
    against: Annotated[
        str | None,
        typer.Option("--against", help="Directions or attributes to leave alone, with commas."),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="What to save it under.")] = None,
    split: Annotated[
        str, typer.Option("--split", help="train, validation or test: whose codes.")
    ] = "train",
    condition: Condition = None,
    backend: Backend = None,
    overwrite: Overwrite = False,
) -> None:
    """Find a direction, test it on held-out images, and save it with the run."""
    from zspace.api import open_run
    from zspace.api.attribute_text import described
    from zspace.training.devices import select_backend

    run = open_run(path, show_progress=True, condition=condition)
    if backend is not None:
        select_backend(backend)
    found = run.attributes.find(
        attribute, having=having, lacking=lacking, method=method, against=listed(against) or (),
        name=name, split=split, overwrite=overwrite,
    )  # fmt: skip
    _tell(found.notes)
    typer.echo(described(found.direction))
    typer.echo(f"saved in {found.path}")


@attribute.command()
def apply(
    path: RunPath,
    direction: Annotated[
        str, typer.Argument(metavar="NAME", help="A saved direction, or an attribute.")
    ],
    images: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[IMAGE]...", help="Image files; validation images if none."),
    ] = None,
    factors: Annotated[
        str | None,
        typer.Option("--factors", help="How far, with commas; -4 to 4 if not given."),
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, help="How many validation images.")] = 5,
    condition: Condition = None,
    out: Out = None,
    backend: Backend = None,
    overwrite: Overwrite = False,
) -> None:
    """Move images along a direction; originals and what becomes of them, a row each."""
    from zspace.api import open_run
    from zspace.training.devices import select_backend

    steps = {} if factors is None else {"factors": _numbers(factors)}
    run = open_run(path, show_progress=True, condition=condition)
    select_backend(backend)
    made = run.attributes.apply(
        direction, images, count=count, out=out, overwrite=overwrite, **steps
    )
    _tell(made.notes)
    typer.echo(f"{len(made.images)} images at {made.z.shape[1]} factors in {made.path}")


@attribute.command("list")
def saved(
    path: RunPath,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
) -> None:
    """List the saved directions of a run."""
    from zspace.api import open_run
    from zspace.api.attribute_text import table

    found = open_run(path).attributes.listed()
    if as_json:
        typer.echo(json.dumps({each.direction.name: each.direction.to_dict() for each in found}))
    else:
        typer.echo(table(found))


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in listed(text) or []]
    except ValueError:
        raise InputError(
            f"--factors takes numbers with commas, such as -2,0,2; {text!r} came"
        ) from None


def _tell(notes: Iterable[str]) -> None:
    for note in notes:
        typer.echo(f"zspace: {note}", err=True)
