"""Runs of one data set, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zspace.api.measuring import gathered
from zspace.api.run import open_run
from zspace.errors import InputError, OutputExistsError
from zspace.progress import track

__all__ = ["compare"]

_IMAGES = 100


def compare(
    paths: Sequence[Path | str],
    *,
    split: str = "train",
    map_points: int = 5000,
    color: str | None = None,
    out: Path | str = "compare.html",
    seed: int = 1,
    overwrite: bool = False,
    show_progress: bool = False,
) -> Path:
    """Compare two to six runs of one data set on one page, with a JSON file of the numbers.

    Args:
        paths: the run folders.
        split: whose codes; they are made first where they are missing.
        map_points: how many codes are put on maps at most.
        color: what colors the maps; None takes the labels, or an attribute.
        out: the page.
        seed: of all random draws.
        overwrite: whether a page that is there is replaced.
        show_progress: on standard error.

    Returns:
        `out`.

    Raises:
        InputError: if there are too few or too many runs, or they are of different data sets.
        OutputExistsError: if the page is there and `overwrite` is false.
        RunError: if a path is no run, or a run has not ended an epoch.
    """
    from zspace.report.compare import build_comparison
    from zspace.report.sides import require_comparable, sides

    out = Path(out)
    if out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--out {out}: expected a .html file")
    if out.exists() and not overwrite:
        raise OutputExistsError(f"{out} exists already; pass --overwrite to replace it")
    runs = [open_run(path, show_progress=show_progress) for path in paths]
    require_comparable([run.folder for run in runs])  # before anything takes time
    found = sides(
        [
            (
                run.folder,
                gathered(
                    run,
                    split,
                    map_count=map_points,
                    colors=None if color is None else (color,),
                    seed=seed,
                ),
            )
            for run in runs
        ]
    )
    dataset = runs[0].dataset
    images = dataset.rows(dataset.spread("validation", _IMAGES))
    with track("comparing", len(found), unit="runs", show=show_progress) as advance:
        return build_comparison(found, images, out=out, advance=advance)
