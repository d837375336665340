"""``zspace prepare``: from a source of images to a prepared data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zspace.errors import DataError

__all__ = ["prepare"]

_SOURCE = (
    "faces, mnist, fashion-mnist, cifar10, celeba, folder, npz or npy; or the path of a folder of "
    "images, an archive of one, a .npz or a .npy."
)
_FROM = "Where the source's files are; without it the standard sets are downloaded."
_CROP = "Pixels (148) or a fraction (0.83) of the shorter side to keep, centered."
_LIMIT = "At most so many images, evenly spaced; 0 takes all. For faces: how many are drawn."


def prepare(
    source: Annotated[str, typer.Argument(help=_SOURCE)],
    out: Annotated[Path, typer.Option("--out", help="The folder to make.")],
    from_path: Annotated[Path | None, typer.Option("--from", help=_FROM)] = None,
    size: Annotated[str, typer.Option(help="Pixels: 64, or height x width: 28x20.")] = "",
    crop: Annotated[str, typer.Option(help=_CROP)] = "",
    gray: Annotated[bool, typer.Option("--gray", help="One channel instead of three.")] = False,
    limit: Annotated[int, typer.Option(help=_LIMIT)] = 0,
    seed: Annotated[int, typer.Option(help="Of the random validation split.")] = 1,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first unreadable image.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a prepared data set at --out.")
    ] = False,
) -> None:
    """Make a prepared data set from images of almost any kind."""
    from zspace.data import Dataset
    from zspace.data import prepare as prepare_data

    dataset: Dataset = prepare_data(
        source,
        out,
        from_path=from_path,
        overwrite=overwrite,
        show_progress=True,
        size=_size(size),
        crop=_crop(crop),
        gray=gray,
        limit=limit,
        seed=seed,
        strict=strict,
    )
    height, width, channels = dataset.shape
    parts = ", ".join(f"{name} {len(rows):,}" for name, rows in dataset.splits.items())
    line = f"{dataset.count:,} images of {height}×{width}×{channels} in {out} ({parts})"
    skipped = len(dataset.information["skipped"])
    typer.echo(line + (f"; {skipped:,} skipped, listed in {out}/dataset.json" if skipped else ""))


def _size(text: str) -> int | tuple[int, int] | None:
    """A side, or height x width.

    Example:
        >>> _size("64"), _size("28x20"), _size("")
        (64, (28, 20), None)
    """
    if not text:
        return None
    try:
        sides = [int(side) for side in text.lower().replace("×", "x").split("x")]
    except ValueError:
        sides = []
    if len(sides) == 1:
        return sides[0]
    if len(sides) == 2:
        return (sides[0], sides[1])
    raise DataError(f"--size: expected pixels as 64, or height x width as 28x20; got {text!r}")


def _crop(text: str) -> int | float | None:
    """Pixels where it is a whole number, a fraction where it has a point.

    Example:
        >>> _crop("148"), _crop("0.83"), _crop("")
        (148, 0.83, None)
    """
    if not text:
        return None
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        raise DataError(
            f"--crop: expected pixels as 148, or a fraction as 0.83; got {text!r}"
        ) from None
