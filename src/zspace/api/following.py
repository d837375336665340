"""A run whose training goes on, in another process: its newest model, again and again.

Nothing but the run folder says how far the training is. A run is under way as long as its
model.keras is missing or older than a checkpoint; a run that was interrupted looks the same, and
goes on as soon as somebody resumes it.
"""

from __future__ import annotations

import contextlib
import gc
import threading
import time
import weakref
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from zspace.api.run import Run
from zspace.api.sides import Underway, side_of, side_underway
from zspace.errors import BusyError, RunError
from zspace.explorer.live import Live
from zspace.explorer.side import Side
from zspace.run import RunFolder

__all__ = ["Follower", "Mark", "mark_of", "note_on"]

_ENCODING = "Training has ended; all images are being encoded."
_TRIES = 3

# Two models built at a time would take twice the memory and the time, beside a training; and what
# keeps native libraries quiet changes standard error for the whole process.
_BUILDING = threading.Lock()


class Mark(NamedTuple):
    """How far a training is, by its files.

    Attributes:
        epoch: epochs behind the newest checkpoint; 0 where all are gone.
        changed: when it was written, in ns; with its size, so that a file that is being copied
            here counts as another one when it is whole.
        size: in bytes.
        has_ended: whether model.keras is there and as new.
    """

    epoch: int
    changed: int
    size: int
    has_ended: bool


def mark_of(folder: RunFolder) -> Mark | None:
    """How far the training of a run is; None where there is nothing to see yet.

    Lists a folder and opens no file, so it may be asked every second.
    """
    for _ in range(_TRIES):
        # Older checkpoints are removed at any time, also between the list and the question.
        with contextlib.suppress(FileNotFoundError):
            epochs, has_ended = folder.saved_epochs(), folder.model_is_current()
            if not epochs:
                return Mark(0, 0, 0, has_ended) if has_ended else None
            newest = folder.checkpoint(epochs[0]).stat()
            return Mark(epochs[0], newest.st_mtime_ns, newest.st_size, has_ended)
    return None


def note_on(underway: Underway) -> str:
    """A sentence on a model in the middle of its training."""
    return f"After epoch {underway.epoch} of {underway.epochs}; it goes on with each checkpoint."


class Follower:
    """Replaces the model of a `Live` whenever the run has a new checkpoint, until training ends.

    It does so in a thread of its own, which ends by itself when nobody holds the `Live` anymore.
    New models take their turns at the gate of the old one.

    Args:
        live: whose model is replaced.
        run: the run; only its folder and condition are kept.
        split: whose codes are on the map.
        seen: what `mark_of` said before the present model was made.
        every: seconds between two looks.
        tell: is told in the terminal what happened; None: nobody is.

    Example:
        ``follower = Follower(live, run, seen=mark).start()``; later ``follower.stop()``.
    """

    def __init__(
        self,
        live: Live,
        run: Run,
        *,
        seen: Mark,
        split: str = "train",
        every: float = 2.0,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._live = weakref.ref(live)
        self._folder: RunFolder = run.folder
        self._told: np.ndarray | None = run.told
        self._seen, self._split, self._every = seen, split, every
        self._gate = live.side.coding.gate
        self._tell = tell or (lambda text: None)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="zspace-follower", daemon=True)

    @property
    def is_going(self) -> bool:
        """Whether its thread looks for checkpoints."""
        return self._thread.is_alive()

    def start(self) -> Follower:
        """Begin to look."""
        self._thread.start()
        return self

    def stop(self, *, patience: float = 30.0) -> None:
        """End it; a model that is being made is made first.

        Args:
            patience: seconds to wait for that.
        """
        self._ended.set()
        self._thread.join(patience)

    def look(self) -> bool:
        """Look once, and make the newest model if it has not been seen: what its thread does.

        Returns:
            Whether there is more to come.
        """
        live, mark = self._live(), mark_of(self._folder)
        if live is None:
            return False
        if mark is None or mark == self._seen:
            return True
        try:
            with _BUILDING:
                self._replace(live, mark)
        except Exception as error:  # noqa: BLE001 (a broken file fails in any of many ways)
            if mark_of(self._folder) != mark:
                return True  # it was removed or overwritten meanwhile; the next look takes the next
            text = " ".join(str(error).split()) or type(error).__name__
            self._tell(f"{self._folder.name}: epoch {mark.epoch} cannot be shown: {text}")
            live.replace(live.side, _failed(mark))
        self._seen = mark
        return not mark.has_ended

    def _go_on(self) -> None:
        pause = self._every
        while not self._ended.wait(pause):
            begun = time.monotonic()
            if not self.look():
                return
            # At least as long a pause as the work took: the training needs the machine, too.
            pause = max(self._every, time.monotonic() - begun)

    def _replace(self, live: Live, mark: Mark) -> None:
        gc.collect()  # a model that visitors have let go is a circle, and may be large
        # Opened anew: a run that is resumed with more epochs has another recipe.
        run = Run(self._folder)
        run.told = self._told
        if mark.has_ended:
            if not run.is_fresh(self._folder.codes(self._split) / "codes.json"):
                live.replace(live.side, _ENCODING)
            side, note = side_of(run, self._split, gate=self._gate), ""
        else:
            underway = side_underway(run, self._split, gate=self._gate)
            side, note = underway.side, note_on(underway)
        _check_alike(side, live.side)
        with contextlib.suppress(BusyError):  # then the first visitor waits a little
            side.warm_up()
        live.replace(side, note)
        self._tell(f"{side.name}: {note or 'training has ended; its last model is shown.'}")


def _failed(mark: Mark) -> str:
    if mark.has_ended:
        return "Training has ended, but its last model cannot be shown; this is an earlier one."
    return (
        f"The checkpoint of epoch {mark.epoch} cannot be shown; this is an earlier one, and the "
        "next is tried."
    )


def _check_alike(side: Side, before: Side) -> None:
    """Refuse another kind of model: visitors hold z-points and images of the one before."""
    kinds = [(each.latent_size, each.coding.image_shape) for each in (side, before)]
    if kinds[0] != kinds[1]:
        raise RunError(
            "the run was started anew with another recipe; end zspace explore and start it again"
        )
