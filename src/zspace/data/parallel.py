"""Work on all cores, results in order, and never much of it waiting in memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["cores", "ordered"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ordered(
    function: Callable[[Item], Result], items: Iterable[Item], *, workers: int = 0
) -> Iterator[Result]:
    """``map(function, items)`` on threads: same results, same order, bounded look-ahead.

    Threads are enough, since decoding, resizing and array arithmetic release Python's lock.

    Args:
        function: what to do with each item; what it raises is raised here, in order.
        items: drawn one by one from this thread, only as far ahead as keeps the workers busy.
        workers: number of threads; 0 takes one for each core.

    Example:
        >>> list(ordered(str, range(3)))
        ['0', '1', '2']
    """
    workers = workers or cores()
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="zspace-data")
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
