"""Turn-taking: so many at a time, in the order of coming, and nobody waits for ever."""

from __future__ import annotations

import threading
import time
from collections import deque
from types import TracebackType
from typing import Self

from zspace.errors import BusyError, InputError

__all__ = ["Gate"]


class Gate:
    """Lets at most so many threads through at a time, first come, first served.

    Unlike a semaphore it is fair, so that one visitor who drags does not keep out another, and it
    turns away who would be one too many to wait, or has waited too long.

    Args:
        at_once: how many may be inside.
        waiting: how many may wait.
        patience: seconds that one waits at most.

    Raises:
        InputError: if a number is out of range.

    Example:
        >>> gate = Gate(at_once=1)
        >>> with gate:
        ...     gate.inside
        1
    """

    def __init__(self, *, at_once: int = 1, waiting: int = 40, patience: float = 10.0) -> None:
        if at_once < 1 or waiting < 0 or not patience >= 0:
            raise InputError(
                "a gate needs at_once of 1 or more, and waiting and patience of 0 or more; "
                f"{at_once}, {waiting} and {patience} came"
            )
        self._at_once, self._most_waiting, self._patience = at_once, waiting, patience
        self._lock = threading.Lock()
        self._line: deque[threading.Event] = deque()
        self._inside = 0

    @property
    def inside(self) -> int:
        """How many are inside."""
        return self._inside

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._line)

    def enter(self) -> None:
        """Wait for a turn.

        Raises:
            BusyError: if too many wait already, or it takes too long.
        """
        with self._lock:
            if self._inside < self._at_once:  # then nobody waits: `leave` hands turns on
                self._inside += 1
                return
            if len(self._line) >= self._most_waiting:
                raise BusyError(
                    f"{len(self._line)} others are waiting for an image, and no more may; try "
                    "again in a moment"
                )
            turn = threading.Event()
            self._line.append(turn)
        began = time.monotonic()
        try:
            if turn.wait(self._patience):
                return
        except BaseException:  # Ctrl-C while waiting: nobody is to be handed this turn
            if self._gave_up(turn):
                raise
            self.leave()
            raise
        if self._gave_up(turn):
            raise BusyError(
                f"no turn came in {time.monotonic() - began:.0f} s, as others ask for many "
                "images; try again in a moment"
            )

    def _gave_up(self, turn: threading.Event) -> bool:
        """Step out of the line, unless the turn has come in the meantime."""
        with self._lock:
            if turn.is_set():
                return False
            self._line.remove(turn)
            return True

    def leave(self) -> None:
        """Let the next one in."""
        with self._lock:
            if self._line:
                self._line.popleft().set()  # the turn is handed on: as many are inside as before
            else:
                self._inside -= 1

    def __enter__(self) -> Self:
        self.enter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()
