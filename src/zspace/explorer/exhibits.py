"""The figures of a run's report, as the explorer shows them: what there is, and one at a time.

Who measures and draws is handed in, as neither is the explorer's business.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Any

from zspace.errors import ZspaceError

__all__ = ["AbstractExhibits", "Exhibit", "Heading", "figure", "figures"]


@dataclass(frozen=True)
class Heading:
    """One figure in the list.

    Attributes:
        name: to ask for it by.
        title: its heading.
        is_there: whether it is at hand; else it is measured when it is asked for, which may take
            minutes.
    """

    name: str
    title: str
    is_there: bool


@dataclass(frozen=True, eq=False)
class Exhibit:
    """One figure, with what it says of this run.

    Attributes:
        name: as in its heading.
        title: its heading.
        text: two sentences, or why it does not apply to the run.
        pictures: PNG files; none where it does not apply.
        shows: what the pictures show, for who cannot see them.
        captions: one for each picture, or empty.
    """

    name: str
    title: str
    text: str
    pictures: tuple[bytes, ...] = ()
    shows: str = ""
    captions: tuple[str, ...] = ()


class AbstractExhibits(abc.ABC):
    """The figures of one run."""

    @abc.abstractmethod
    def headings(self) -> tuple[Heading, ...]:
        """All of them, in the order of the report."""

    @abc.abstractmethod
    def make(self, name: str) -> Exhibit:
        """One of them; it is measured now where it is not at hand.

        Raises:
            InputError: if there is none of this name.
            BusyError: if too many wait for figures.
        """


def figures(exhibits: AbstractExhibits | None) -> dict[str, Any]:
    """The list for the page: the content of its message ``figures``.

    Args:
        exhibits: of a side; None where it has none.

    Example:
        >>> figures(None)
        {'items': []}
    """
    headings = exhibits.headings() if exhibits is not None else ()
    return {
        "items": [
            {"name": each.name, "title": each.title, "there": each.is_there} for each in headings
        ]
    }


def figure(exhibits: AbstractExhibits | None, name: str) -> dict[str, Any]:
    """One figure for the page: the content of its message ``figure``.

    What goes wrong is said in it, as `problem`, so that whoever waits for it hears of it. May take
    minutes: to be called where nobody else waits.

    Args:
        exhibits: of a side; None where it has none.
        name: which one.

    Example:
        >>> figure(None, "radius")["problem"]
        'this model comes without figures'
    """
    if exhibits is None:
        return {"name": name, "problem": "this model comes without figures"}
    try:
        made = exhibits.make(name)
    except ZspaceError as error:
        return {"name": name, "problem": str(error)}
    except (ArithmeticError, MemoryError, OSError, ValueError):
        return {"name": name, "problem": "this could not be measured"}
    return {
        "name": made.name,
        "title": made.title,
        "text": made.text,
        "shows": made.shows,
        "captions": list(made.captions),
        "pictures": list(made.pictures),
    }
