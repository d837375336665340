"""What a doctor says about one topic."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

__all__ = ["Finding", "Verdict", "worse"]

Verdict = Literal["good", "look", "bad"]

_ORDER: tuple[Verdict, ...] = ("good", "look", "bad")


@dataclass(frozen=True)
class Finding:
    """A verdict with the numbers behind it, in plain words.

    Attributes:
        topic: what it is about.
        verdict: ``"good"``, ``"look"`` (may be meant so) or ``"bad"``.
        text: the numbers, and what they mean.
        advice: the next thing to try: a command, or keys to set; empty where there is nothing to.
    """

    topic: str
    verdict: Verdict
    text: str
    advice: str = ""

    def to_dict(self) -> dict[str, str]:
        """As what JSON knows."""
        return asdict(self)


def worse(*verdicts: Verdict) -> Verdict:
    """The worst of some verdicts.

    Example:
        >>> worse("good", "look", "good")
        'look'
    """
    return max(verdicts, key=_ORDER.index)
