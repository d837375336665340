"""What a run's latent space is measured from, and the report of what was found."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zspace.errors import DataError, InputError, RunError

if TYPE_CHECKING:
    from zspace.api.run import Run
    from zspace.report.material import Material

__all__ = ["gathered", "reported"]


def gathered(
    run: Run,
    split: str,
    *,
    points: str | None = None,
    map_count: int = 20_000,
    colors: Sequence[str] | None = None,
    seed: int = 1,
) -> Material:
    """The codes of a split with what measurements need: see `zspace.api.Run.analyze`."""
    from zspace.report.material import Material

    def unseen() -> np.ndarray | None:
        try:
            z: np.ndarray = run.codes("validation").z()
        except (DataError, RunError):  # no such images, or they are gone
            return None
        return z

    return Material(
        codes=run.codes(split),
        split=split,
        seed=seed,
        points=points,
        decode=run.decode,  # the model is loaded when it is first needed
        encode=run.encode_images,
        unseen=unseen if split == "train" else None,
        map_count=map_count,
        colors=None if colors is None else tuple(colors),
    )


def reported(run: Run, only: Sequence[str] | None) -> Path:
    """The report, with what it shows made anew where it is missing: see `zspace.api.Run.report`."""
    from zspace.report.analyze import chosen_measurements
    from zspace.report.build import build_report

    method = "normal" if run.recipe.latent.prior == "standard_normal" else "prior"
    if not run.is_fresh(run.folder.samples / f"{method}.png"):
        run.generate(method)
    if run.recipe.task.corrupts:
        if not run.is_fresh(run.folder.analysis / "restoration.json"):
            run.restore()
    elif not run.is_fresh(run.folder.samples / "reconstructions.png"):
        run.reconstruct()
    if not run.is_fresh(run.folder.analysis / "doctor.json"):
        for split in ("validation", "train"):  # the first with images enough to judge by
            with contextlib.suppress(InputError):
                run.doctor(split)
                break
    stale = [
        name
        for name in chosen_measurements(only)
        if not run.is_fresh(run.folder.analysis / f"{name}.json")
    ]
    if stale:
        run.analyze(stale, lenient=True)
    return build_report(run.folder)
