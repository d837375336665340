"""A model that may be replaced by a newer one while visitors look at it."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable

from zspace.explorer.side import Side

__all__ = ["Live"]


class Live:
    """What a page shows of one run: its newest model, and a sentence on where that comes from.

    All threads may ask and replace. A `Side` never changes, so who holds one goes on with it until
    it asks again; it is freed when the last one has let go.

    Args:
        side: the model.
        note: a sentence for the page; empty for a run that has ended.

    Example:
        ``live = Live(side)``; ``live.listen(page.look_again)``; then ``live.replace(newer, note)``.
    """

    def __init__(self, side: Side, note: str = "") -> None:
        self._lock = threading.Lock()
        self._shown = (0, side, note)
        self._numbers = itertools.count()
        self._listeners: dict[int, Callable[[], None]] = {}

    @property
    def side(self) -> Side:
        """The newest model."""
        return self._shown[1]

    @property
    def note(self) -> str:
        """Where it comes from, such as "After epoch 7 of 20; it goes on with each checkpoint."."""
        return self._shown[2]

    @property
    def version(self) -> int:
        """How often it has been replaced."""
        return self._shown[0]

    def replace(self, side: Side, note: str) -> None:
        """Show another model from now on, or the same one with another note; tell all who listen.

        A listener that fails is put on record, and the others hear of it all the same.

        Args:
            side: the model.
            note: a sentence for the page.
        """
        with self._lock:
            self._shown = (self._shown[0] + 1, side, note)
            listeners = list(self._listeners.values())
        for heard in listeners:
            try:
                heard()
            except Exception:
                logging.getLogger(__name__).exception("a page could not take in a newer model")

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Be told of each replacement.

        Args:
            heard: called after it, in the thread that replaces; it is to return soon.

        Returns:
            What ends the listening; it may be called more than once.
        """
        with self._lock:
            number = next(self._numbers)
            self._listeners[number] = heard

        def end() -> None:
            with self._lock:
                self._listeners.pop(number, None)

        return end
