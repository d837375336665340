"""What takes long is made once, however many ask at the same time, and the latest are kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["Once"]

Made = TypeVar("Made")


@dataclass(eq=False)
class _Entry(Generic[Made]):
    lock: threading.Lock = field(default_factory=threading.Lock)
    values: list[Made] = field(default_factory=list)


class Once(Generic[Made]):
    """Keeps what was made last. Who asks for one thing does not wait for another.

    Args:
        most: how many are kept; those that nobody has asked for longest go.

    Example:
        >>> squares = Once(most=2)
        >>> squares.get(3, lambda: 9), squares.get(3, lambda: 10)
        (9, 9)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, _Entry[Made]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What was made under this key; it is made now where it is not there.

        Args:
            key: its name.
            make: makes it. What it raises is raised, and nothing is kept.
        """
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
        with entry.lock:
            if not entry.values:
                entry.values.append(make())
            return entry.values[0]
