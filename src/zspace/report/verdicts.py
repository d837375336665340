"""The table of a comparison: a number for each run in each row, and what follows from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from zspace.report.wording import number, percent

__all__ = ["Row", "best", "row", "said"]


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        topic: what was measured.
        values: for each run, as text.
        verdict: what follows.
    """

    topic: str
    values: tuple[str, ...]
    verdict: str


def said(value: float | None, *, share: bool = False) -> str:
    """A value of the table as text: a dash for what a run does not have.

    Example:
        >>> said(None), said(14.93), said(0.43, share=True).replace("\u00a0", " ")
        ('–', '14.93', '43 %')
    """
    if value is None or math.isnan(value):
        return "–"
    if share:
        return percent(value)
    return f"{value:,.0f}" if value == round(value) else number(value)


def best(
    values: Mapping[str, float | None], *, lowest: bool, close: float = 0.02, what: str
) -> str:
    """Who has the best value, or that it makes no difference.

    Args:
        values: by the name of the run; None for a run without one.
        lowest: whether less is better.
        close: difference, as a share of the larger one, that is none.
        what: what the best one does, as in "reconstructs best".

    Example:
        >>> best({"ae": 100.0, "vae": 120.0}, lowest=True, what="reconstructs best")
        'ae reconstructs best; vae is 20 % behind.'
        >>> best({"ae": 100.0, "vae": 101.0}, lowest=True, what="reconstructs best")
        'No difference to speak of.'
    """
    known = {name: value for name, value in values.items() if value is not None}
    if len(known) < 2:
        return "Only one run has it." if known else "No run has it."
    order = sorted(known, key=lambda name: known[name], reverse=not lowest)
    first, second, last = known[order[0]], known[order[1]], known[order[-1]]
    scale = max(abs(first), abs(last), 1e-300)
    if abs(first - last) <= close * scale:
        return "No difference to speak of."
    if abs(first - second) <= close * scale:
        alike = [name for name in order if abs(known[name] - first) <= close * scale]
        return f"{_listed(alike)} alike; {order[-1]} is {_behind(first, last)} behind."
    behind = [f"{name} is {_behind(first, known[name])} behind" for name in order[1:]]
    return f"{order[0]} {what}; {', '.join(behind)}."


def _behind(first: float, other: float) -> str:
    share = abs(other - first) / max(abs(first), 1e-300)
    return f"{number(share + 1)} times" if share > 2 else percent(share).replace("\u00a0", " ")


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def row(
    topic: str,
    values: Mapping[str, float | None],
    *,
    verdict: Callable[[Mapping[str, float | None]], str],
    share: bool = False,
) -> Row:
    """A row whose verdict follows from its values.

    Args:
        topic: what was measured.
        values: by the name of the run.
        verdict: what to say about them.
        share: whether they are shares, to be shown in percent.
    """
    shown = tuple(said(value, share=share) for value in values.values())
    return Row(topic, shown, verdict(values))
