"""``zspace walk``: paths, planes, traversals and grids of images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zspace.cli.parameters import Backend, Condition, Overwrite, RunPath, listed
from zspace.errors import InputError

__all__ = ["walk"]

_STOP = (
    "An image file, validation:12, train:5, a z-point FILE.json:3 or FILE.npy:3, mean or origin."
)


def walk(
    path: RunPath,
    stops: Annotated[list[str] | None, typer.Argument(metavar="[STOP]...", help=_STOP)] = None,
    kind: Annotated[
        str,
        typer.Option("--kind", help="line, sphere or density; plane; axes or components; or grid."),
    ] = "line",
    steps: Annotated[
        int | None, typer.Option("--steps", help="Paths: from each stop to the next (10).")
    ] = None,
    loop: Annotated[bool, typer.Option("--loop", help="Return to where it began.")] = False,
    neighbors: Annotated[
        int | None, typer.Option("--neighbors", help="density: joins of each code (10).")
    ] = None,
    power: Annotated[
        float | None, typer.Option("--power", help="density: a join costs distance^POWER (3).")
    ] = None,
    most: Annotated[
        int | None, typer.Option("--codes", help="density: at most so many (20000).")
    ] = None,
    axes: Annotated[
        str | None, typer.Option("--axes", help="axes, grid: numbers from 0, such as 3,17.")
    ] = None,
    components: Annotated[
        str | None, typer.Option("--components", help="components, grid: numbers from 1.")
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", help="axes, components: how many rows (8).")
    ] = None,
    reach: Annotated[
        float | None, typer.Option("--reach", help="axes, components: ± standard deviations (3).")
    ] = None,
    columns: Annotated[
        int | None, typer.Option("--columns", help="plane (7), axes, components (11), grid (20).")
    ] = None,
    spread: Annotated[
        str | None, typer.Option("--spread", help="grid: square or quantile (square).")
    ] = None,
    limit: Annotated[
        float | None, typer.Option("--limit", help="grid: the square is [-LIMIT, LIMIT]² (1).")
    ] = None,
    frames: Annotated[
        int | None, typer.Option("--frames", help="Animations: how many (60).")
    ] = None,
    rate: Annotated[
        float | None, typer.Option("--fps", help="Animations: frames per second (12).")
    ] = None,
    points: Annotated[
        str | None, typer.Option("--points", help="Hold it against the mean or a z of each image.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Of choices of codes.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help=".png, .jpg, .webp, .gif or .mp4; in samples/ if not given."),
    ] = None,
    condition: Condition = None,
    backend: Backend = None,
    overwrite: Overwrite = False,
) -> None:
    """Walk through the latent space between images or z-points, and see where the walk leads."""
    from zspace.api import open_run
    from zspace.training.devices import select_backend

    given = {
        "steps": steps, "loop": loop or None, "neighbors": neighbors, "power": power, "most": most,
        "axes": _numbers("--axes", axes), "components": _numbers("--components", components),
        "count": count, "reach": reach, "columns": columns, "spread": spread, "limit": limit,
        "frames": frames, "rate": rate, "points": points, "seed": seed,
    }  # fmt: skip
    options = {name: value for name, value in given.items() if value is not None}
    run = open_run(path, show_progress=True, condition=condition)
    select_backend(backend)
    made = run.walk(stops or [], kind, out=out, overwrite=overwrite, **options)
    typer.echo(f"{len(made.images):,} images in {made.path}\n{made.text}\nshown in {made.figure}")


def _numbers(option: str, text: str | None) -> list[int] | None:
    """The whole numbers of a list with commas."""
    parts = listed(text)
    if parts is None:
        return None
    if not parts or not all(part.isdecimal() for part in parts):
        raise InputError(f"{option} takes whole numbers with commas, such as 3,17; {text!r} came")
    return [int(part) for part in parts]
