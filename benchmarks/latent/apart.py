"""Ways that are compared, each in a process of its own, in turns."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self


class Apart:
    """A way in its own process, so that one library's threads and memory are not another's.

    Args:
        make: called there once with `given`; what it returns is what is timed. It has to be a
            function that can be imported.
        given: its arguments.

    Attributes:
        processor_seconds: of each repetition, of all its threads, but not of processes that it has
            started itself.
    """

    def __init__(self, make: Callable[..., Callable[[], Any]], **given: Any) -> None:
        self.processor_seconds: list[float] = []
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there, make, given))
        self._process.start()
        there.close()

    def __call__(self) -> float:
        """Seconds of one more repetition.

        Raises:
            ImportError: if the way needs a package that is not installed.
            RuntimeError: if it failed there.
        """
        try:
            self._here.send("go")
            kind, found = self._here.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            raise RuntimeError("the process has died") from error
        if kind != "seconds":
            raise (ImportError if kind == "lacks" else RuntimeError)(found)
        seconds, busy = found
        self.processor_seconds.append(busy)
        return float(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._here.close()
        self._process.join(20)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def turns(ways: dict[str, Apart], repetitions: int) -> dict[str, list[float]]:
    """Seconds of each repetition of each way, after one that is not counted.

    A way that lacks a package is left out; what it lacks is printed.
    """
    seconds: dict[str, list[float]] = {}
    for name, way in ways.items():
        try:
            way()
        except ImportError as error:
            print(f"{name}: left out ({error})", flush=True)
        else:
            seconds[name] = []
    for _ in range(repetitions):
        for name, found in seconds.items():
            found.append(ways[name]())
    return seconds


def _serve(
    there: Connection, make: Callable[..., Callable[[], Any]], given: dict[str, Any]
) -> None:
    way = None
    try:
        while there.recv() == "go":
            way = way or make(**given)
            start, busy = time.perf_counter(), time.process_time()
            way()
            there.send(("seconds", (time.perf_counter() - start, time.process_time() - busy)))
    except ImportError as error:
        there.send(("lacks", str(error)))
    except (EOFError, KeyboardInterrupt):
        pass
