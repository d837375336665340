"""A run as what the explorer explores, whether its training has ended or goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from zspace.api.following import Follower, Mark, mark_of, note_on
from zspace.api.run import Run, open_run
from zspace.api.sides import side_of, side_underway
from zspace.errors import InputError, RunError
from zspace.explorer.gate import Gate
from zspace.explorer.live import Live
from zspace.run import RunFolder

__all__ = ["MOST_RUNS", "explored", "live_of", "lives_of", "side_of"]

MOST_RUNS = 2
"""Models that one page shows side by side."""

_LOOKS_EVERY = 2.0


def live_of(
    run: Run | Path | str,
    split: str = "train",
    *,
    gate: Gate | None = None,
    tell: Callable[[str], None] | None = None,
) -> Live:
    """One run to explore. If its training goes on, so does what is returned.

    Of a run that has ended it is the model with all its codes, made first where they are missing.
    Of one that is being trained it is the newest checkpoint's, with codes of up to 5,000 images,
    replaced after each checkpoint, and at last by the trained model.

    Args:
        run: opened, or its folder.
        split: whose codes are on the map.
        gate: turns to decode and encode; runs of one page share one. None makes one.
        tell: is told what is waited for, and of each new model. None waits for nothing.

    Raises:
        RunError: if there is neither model nor checkpoint, and nobody to be told so.
        DataError: if there are no codes, and no images to make them of.

    Example:
        ``live = live_of("runs/faces-vae")``, then ``live.side`` and ``live.note``.
    """
    opened = run if isinstance(run, Run) else open_run(run)
    turns = Gate() if gate is None else gate
    mark = _first_mark(opened.folder, tell)
    if mark.has_ended:
        live = Live(side_of(opened, split, gate=turns))
    else:
        live = _first_live(opened, split, gate=turns, mark=mark)
    # Where a finished run has just been resumed with more epochs, only its recipe tells.
    if not mark.has_ended or mark.epoch < opened.recipe.training.epochs:
        Follower(live, opened, seen=mark, split=split, every=_LOOKS_EVERY, tell=tell).start()
    return live


def lives_of(
    runs: Sequence[Run | Path | str],
    split: str = "train",
    *,
    tell: Callable[[str], None] | None = None,
) -> tuple[Live, ...]:
    """One run to explore, or two side by side.

    Args:
        runs: opened, or their folders.
        split: whose codes are on the maps.
        tell: as for `live_of`.

    Raises:
        InputError: if there are more than two or none, or their images differ in shape; and as
            `live_of`.
    """
    if not 1 <= len(runs) <= MOST_RUNS:
        raise InputError(f"one run or two were expected, {len(runs)} came; name two at most")
    opened = [each if isinstance(each, Run) else open_run(each) for each in runs]
    shapes = ["×".join(map(str, each.recipe.data.shape)) for each in opened]
    if len(set(shapes)) > 1:
        raise InputError(
            f"two runs side by side must be of images of one shape, {opened[0].folder.name} is of "
            f"{shapes[0]} and {opened[1].folder.name} of {shapes[1]}; explore each by itself"
        )
    gate = Gate()
    return tuple(live_of(each, split, gate=gate, tell=tell) for each in opened)


def explored(run: Run, split: str = "train", *, other: Run | Path | str | None = None) -> Any:
    """The explorer of a run as a Panel object, for a notebook: `Run.explorer`.

    Args:
        run: opened.
        split: whose codes are on the map.
        other: a second run, to see beside it.

    Raises:
        InputError: if Panel is not installed; and as `lives_of`.
    """
    from zspace.explorer.app import explorer_view

    return explorer_view(lives_of([run] if other is None else [run, other], split))


def _first_mark(folder: RunFolder, tell: Callable[[str], None] | None) -> Mark:
    """How far a run is, waited for where there is nothing yet."""
    mark = mark_of(folder)
    if mark is None and tell is not None:
        tell(f"{folder.name}: waiting for the first checkpoint; Ctrl-C ends it.")
        while mark is None:
            time.sleep(_LOOKS_EVERY)
            mark = mark_of(folder)
    if mark is None:
        raise RunError(
            f"{folder.path} holds no model and no checkpoint yet; wait for the first one, or start "
            f"its training with: zspace train --resume --out {folder.path}"
        )
    return mark


def _first_live(run: Run, split: str, *, gate: Gate, mark: Mark | None) -> Live:
    """The newest checkpoint's model; tried again where that was removed while it was read."""
    while True:
        try:
            underway = side_underway(run, split, gate=gate)
            return Live(underway.side, note_on(underway))
        except RunError:
            now = mark_of(run.folder)
            if now in (None, mark):
                raise
            mark = now
