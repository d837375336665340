"""``zspace recipes``: what is shipped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["experiments", "header", "recipes"]


def recipes(
    name: Annotated[str, typer.Argument(help="Print this recipe instead of the list.")] = "",
) -> None:
    """List the shipped recipes by reference experiment: what they show, and how long they take."""
    from zspace.recipe import load_recipe, shipped_recipes

    if name:
        load_recipe(name)
        path = shipped_recipes().get(name, Path(name))
        typer.echo(path.read_text(encoding="utf-8"), nl=False)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("experiment", "recipe", "data", "shows", "time"):
        table.add_column(column, no_wrap=column in ("experiment", "recipe"))
    rows = []
    for each, path in shipped_recipes().items():
        about = header(path.read_text(encoding="utf-8"))
        source = load_recipe(each).data.source
        numbers = experiments(about)
        shown = ", ".join(f"E{number}" for number in numbers) or "–"
        rows.append((numbers or [99], each, shown, source, about["shows"], about["time"]))
    for _, each, shown, *others in sorted(rows):
        table.add_row(shown, each, *others)
    console = Console()
    if not console.is_terminal:
        console.width = 200
    console.print(table)


def header(text: str) -> dict[str, str]:
    r"""The ``# key: value`` lines at the head of a recipe file.

    Example:
        >>> header("# shows: faces\n# time: 3 min\n[data]")
        {'shows': 'faces', 'time': '3 min'}
    """
    lines = [line[1:].partition(":") for line in text.splitlines() if line.startswith("#")]
    return {key.strip(): value.strip() for key, colon, value in lines if colon}


def experiments(about: dict[str, str]) -> list[int]:
    """The numbers of the reference experiments that a recipe is of, from its header.

    Example:
        >>> experiments({"experiment": "E13, E14"}), experiments({"experiment": "none"})
        ([13, 14], [])
    """
    return [int(number) for number in re.findall(r"\bE(\d+)\b", about.get("experiment", ""))]
