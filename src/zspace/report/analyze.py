"""Measure the codes of a run: numbers, pictures and sentences to its folder analysis/."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zspace.errors import InputError, did_you_mean
from zspace.figures.save import save_figure
from zspace.files import whole_file, write_json
from zspace.progress import track
from zspace.report.material import Material, require_finite
from zspace.report.measurements import MEASUREMENTS, Measured
from zspace.run import RunFolder

__all__ = ["Analysis", "analyze", "chosen_measurements", "finite"]


@dataclass(frozen=True)
class Analysis:
    """One measurement of a run, and where it was written.

    Attributes:
        name: a key of `zspace.report.measurements.MEASUREMENTS`.
        title: its heading.
        text: what it shows for this run, or why it was left out.
        numbers: as in its JSON file; empty where it was left out.
        pictures: the files.
    """

    name: str
    title: str
    text: str
    numbers: dict[str, Any]
    pictures: tuple[Path, ...] = ()

    @property
    def is_left_out(self) -> bool:
        """Whether it does not apply to this run."""
        return not self.pictures


def chosen_measurements(only: Sequence[str] | None) -> list[str]:
    """The names that were asked for, in the order of the page; all, for None.

    Raises:
        InputError: if there is no measurement of a name.
    """
    for name in only or ():
        if name not in MEASUREMENTS:
            raise InputError(f"no measurement {name!r}; {did_you_mean(name, MEASUREMENTS)}")
    return [name for name in MEASUREMENTS if only is None or name in only]


def analyze(
    run: RunFolder,
    material: Material,
    *,
    only: Sequence[str] | None = None,
    lenient: bool | None = None,
    show_progress: bool = False,
) -> list[Analysis]:
    """Carry out measurements and write each to analysis/NAME.json and .png.

    Args:
        run: an opened run.
        material: its codes, and what to do with them.
        only: names of measurements; None takes all.
        lenient: whether what does not apply is left out, with the reason as its text; None is
            lenient where all are measured.
        show_progress: on standard error.

    Returns:
        What was found, in the order of the page.

    Raises:
        InputError: if a code is not finite, a name is unknown, or a measurement does not
            apply and none is left out.
        StorageError: if the disk is full or may not be written.
    """
    names = chosen_measurements(only)
    lenient = only is None if lenient is None else lenient
    require_finite(material.codes, material.split)
    done = []
    with track(
        f"measuring {material.split} codes", len(names), unit="measurements", show=show_progress
    ) as advance:
        for name in names:
            advance(0, name)
            try:
                measured = MEASUREMENTS[name].measure(material)
            except InputError as error:
                if not lenient:
                    raise
                _forget(run, name)
                done.append(Analysis(name, MEASUREMENTS[name].title, f"left out: {error}", {}))
            else:
                done.append(_written(run, name, measured, material))
            advance(1, name)
    return done


def _written(run: RunFolder, name: str, measured: Measured, material: Material) -> Analysis:
    own = MEASUREMENTS[name].own
    numbers = {
        "title": MEASUREMENTS[name].title,
        "text": measured.text,
        "split": material.split,
        "points": own if own == "both" else material.subject(own).points,
        "seed": material.seed,
        **finite(measured.numbers),
    }
    _forget(run, name)
    pictures = []
    for ending, figure in measured.figures.items():
        pictures.append(run.analysis / f"{name}{'-' * bool(ending)}{ending}.png")
        save_figure(figure, pictures[-1])
    if measured.arrays:
        with whole_file(run.analysis / f"{name}.npz") as beside:
            np.savez(beside, **measured.arrays)  # type: ignore[arg-type]
    write_json(run.analysis / f"{name}.json", numbers)
    return Analysis(name, MEASUREMENTS[name].title, measured.text, numbers, tuple(pictures))


def _forget(run: RunFolder, name: str) -> None:
    """Remove what an earlier measurement left, so that nothing old stands beside the new."""
    for path in [*run.analysis.glob(f"{name}-*.png"), *run.analysis.glob(f"{name}.*")]:
        path.unlink()


def finite(value: Any) -> Any:
    """The same without NaN and infinities, which JSON does not know: they become null.

    Example:
        >>> finite({"a": [1.0, float("nan")]})
        {'a': [1.0, None]}
    """
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
