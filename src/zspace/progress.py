"""Progress of long work, with rate and time left: a bar on a terminal, plain lines on a pipe."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

__all__ = ["Advance", "duration", "track"]

Advance = Callable[..., None]
"""``advance(count=1, note="")``: so much more is done; `note` replaces the text at the end."""

_SECONDS_BETWEEN_LINES = 10.0


def duration(seconds: float) -> str:
    """A duration as a person writes it.

    Example:
        >>> duration(4.2), duration(75), duration(7265)
        ('4.2 s', '1 min 15 s', '2 h 01 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


@contextlib.contextmanager
def track(
    what: str, total: int, *, unit: str = "images", show: bool = True, transient: bool = False
) -> Iterator[Advance]:
    """Show the progress of work of known size on standard error.

    Args:
        what: what is being done, e.g. ``"encoding train"``.
        total: how many units there are.
        unit: what is counted.
        show: False keeps silent (for use from Python).
        transient: the display vanishes at the end, for a caller that prints a line of its own.

    Yields:
        A function ``advance(count=1, note="")`` to call as work is done.

    Example:
        >>> with track("counting", 2, show=False) as advance:
        ...     advance(2)
    """
    if not show:
        yield lambda count=1, note="": None
    elif sys.stderr.isatty():
        with _live_bar(what, total, unit, transient) as advance:
            yield advance
    else:
        yield _lines(what, total, unit, transient)


def _lines(what: str, total: int, unit: str, transient: bool) -> Advance:
    """Plain lines: one every few seconds, and one at the end."""
    begun = last = time.perf_counter()
    done = 0

    def advance(count: int = 1, note: str = "") -> None:
        nonlocal done, last
        done += count
        now = time.perf_counter()
        finished = done >= total
        too_soon = not finished and now - last < _SECONDS_BETWEEN_LINES
        if too_soon or (finished and transient):
            return
        last = now
        rate = done / max(now - begun, 1e-9)
        ending = (
            f"in {duration(now - begun)}" if finished else f"{duration((total - done) / rate)} left"
        )
        text = f"{what}: {done:,}/{total:,} {unit}, {rate:,.0f} {unit}/s, {ending}"
        print(text + (f" · {note}" if note else ""), file=sys.stderr, flush=True)

    return advance


@contextlib.contextmanager
def _live_bar(what: str, total: int, unit: str, transient: bool) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.text import Text

    class Pace(ProgressColumn):
        """Rate and time left (or taken)."""

        def render(self, task: Task) -> Text:
            elapsed = task.finished_time if task.finished else task.elapsed
            rate = task.completed / elapsed if elapsed else 0.0
            if not rate:
                return Text("…")
            left = f"in {duration(elapsed or 0.0)}"
            if not task.finished:
                left = f"{duration((task.remaining or 0.0) / rate)} left"
            return Text(f"{rate:,.0f} {unit}/s, {left}", style="dim")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f}"),
        Pace(),
        TextColumn("{task.fields[note]}", style="cyan"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=transient) as bar:
        task = bar.add_task(what, total=total, note="")

        def advance(count: int = 1, note: str = "") -> None:
            if note:
                bar.update(task, note=note)
            bar.update(task, advance=count)

        yield advance
