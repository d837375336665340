"""``zspace generate``: z-points to images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from zspace.cli.parameters import Backend, Condition, Overwrite, RunPath, listed
from zspace.errors import InputError

__all__ = ["generate"]


def generate(
    path: RunPath,
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            help="normal (default), uniform, sphere; ellipsoid, mixture, kernel: fitted to the "
            "codes; prior: the model's own. Several with commas: a row each.",
        ),
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", min=1, help="Images (64), or in each row (10).")
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option("--scale", help="normal, ellipsoid: factor of standard deviations (1)."),
    ] = None,
    truncation: Annotated[
        str | None,
        typer.Option("--truncation", help="normal, ellipsoid: components within ± this."),
    ] = None,
    limit: Annotated[
        str | None, typer.Option("--limit", help="uniform: each component is in ± this (1).")
    ] = None,
    radius: Annotated[
        str | None, typer.Option("--radius", help="sphere: its radius (√ of the latent size).")
    ] = None,
    inside: Annotated[
        str | None, typer.Option("--inside", help="ellipsoid: only this inner share of it (1).")
    ] = None,
    components: Annotated[
        str | None, typer.Option("--components", help="mixture: how many normals (10).")
    ] = None,
    bandwidth: Annotated[
        str | None,
        typer.Option("--bandwidth", help="kernel: noise around a code, of the codes' spread."),
    ] = None,
    epsilon_scale: Annotated[
        str | None,
        typer.Option("--epsilon-scale", help="prior: noise around its centers (1)."),
    ] = None,
    points: Annotated[
        Path | None,
        typer.Option("--points", help="Decode these: a .json beside a picture, or a .npy."),
    ] = None,
    rows: Annotated[
        str | None, typer.Option("--rows", help="Of --points only these, such as 3,7-9.")
    ] = None,
    sharpen: Annotated[
        str | None,
        typer.Option("--sharpen", help="Sharpness: 0 smooths, 1 leaves as it is; a row each."),
    ] = None,
    pixels: Annotated[
        str | None, typer.Option("--pixels", help="mean (default), mode or sample of a pixel.")
    ] = None,
    upscale: Annotated[
        int, typer.Option("--upscale", min=1, help="Times as large, by Lanczos' filter.")
    ] = 1,
    single: Annotated[
        bool, typer.Option("--single", help="A folder with a file for each image.")
    ] = False,
    format_: Annotated[
        str | None, typer.Option("--format", help="png (default), jpeg or webp.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Of the z-points (1).")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Picture, or folder with --single; else in the run's samples/."),
    ] = None,
    condition: Condition = None,
    backend: Backend = None,
    overwrite: Overwrite = False,
) -> None:
    """Decode random z-points, or your own, to a picture, with the points beside it as JSON.

    Any one number of a method, or --sharpen, may be a series with commas: a row of images for each.
    """
    from zspace.api import open_run
    from zspace.training.devices import select_backend

    given = {
        "scale": scale,
        "truncation": truncation,
        "limit": limit,
        "radius": radius,
        "inside": inside,
        "components": components,
        "bandwidth": bandwidth,
        "epsilon_scale": epsilon_scale,
        "sharpen": sharpen,
    }
    options: dict[str, Any] = {
        name: _numbers(name, text) for name, text in given.items() if text is not None
    }
    if points is None:
        _require_owner(method or "normal", [name for name in options if name != "sharpen"])
    more = {
        "seed": seed,
        "rows": rows,
        "pixels": pixels,
        "format": format_,
        "condition": condition,
    }
    options |= {name: value for name, value in more.items() if value is not None}
    if points is not None and method is not None:
        raise InputError("--points says what to decode, --method what to draw; give one of them")
    run = open_run(path, show_progress=True)
    select_backend(backend)
    made = run.generate(
        method or "normal",
        count=count,
        points=points,
        out=out,
        overwrite=overwrite,
        upscale=upscale,
        single=single,
        **options,
    )
    typer.echo(f"{len(made.images)} images in {made.path}")


def _numbers(name: str, text: str) -> list[float]:
    """The numbers in a list with commas; whole ones as such."""
    try:
        return [int(part) if part.isdigit() else float(part) for part in listed(text) or [""]]
    except ValueError:
        option = name.replace("_", "-")
        raise InputError(
            f"--{option}: expected a number, or several with commas, got {text!r}"
        ) from None


def _require_owner(method: str, options: list[str]) -> None:
    """Refuse options of methods that were not asked for."""
    from zspace.api.drawing import methods_with

    for name in options:
        owners = methods_with(name)
        if not set(owners) & set(listed(method) or []):
            raise InputError(
                f"--{name.replace('_', '-')} belongs to --method {' or '.join(owners)}, not to "
                f"{method}"
            )
