"""What was found of a direction, as text for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zspace.directions import Direction

if TYPE_CHECKING:
    from zspace.api.attributes import Found

__all__ = ["described", "table"]

_METHODS = {"mean": "difference of means", "logistic": "logistic regression"}
_WORST = 5


def described(direction: Direction) -> str:
    """Of how many images it is, how well it tells apart, and the worst five changes it makes."""
    lines = [
        f"{direction.name}: {_METHODS[direction.method]} of {direction.count_with:,} images with "
        f"and {direction.count_without:,} without, length {direction.length:.3g}"
        + (f"; at right angles to {', '.join(direction.against)}" if direction.against else "")
    ]
    separation, leakage = direction.test.get("separation"), direction.test.get("leakage")
    if separation:
        lines.append(
            f"tells apart: AUC {separation['auc']:.3f} (95 %: {separation['low']:.3f} to "
            f"{separation['high']:.3f}) on held-out images, {separation['count_with']:,} with and "
            f"{separation['count_without']:,} without"
        )
    if leakage and leakage["leaks"]:
        first = (direction.made_of.get("attribute"), *direction.against)
        lines += ["", *_leaks(leakage, first)]
    return "\n".join(lines)


def table(found: Sequence[Found]) -> str:
    """One line for each direction."""
    if not found:
        return "no directions yet; find one with: zspace attribute find RUN ATTRIBUTE"
    rows = [("name", "method", "with", "without", "length", "AUC", "most changed beside it", "")]
    for each in found:
        direction = each.direction
        separation, leakage = direction.test.get("separation"), direction.test.get("leakage")
        own = direction.made_of.get("attribute")
        others = [leak for leak in (leakage or {}).get("leaks", []) if leak["name"] != own][:1]
        rows.append(
            (
                direction.name,
                direction.method,
                f"{direction.count_with:,}",
                f"{direction.count_without:,}",
                f"{direction.length:.3g}",
                f"{separation['auc']:.3f}" if separation else "–",
                f"{others[0]['name']} {_points(_seen(others[0]))}" if others else "–",
                "; ".join(each.notes),
            )
        )
    return _aligned(rows, numbers=(2, 3, 4, 5))


def _leaks(leakage: dict[str, Any], first: Sequence[str | None]) -> list[str]:
    """The direction's own attribute, those it leaves alone, and the worst five others."""
    leaks = leakage["leaks"]
    shown = [leak for name in first for leak in leaks if leak["name"] == name]
    shown += [leak for leak in leaks if leak["name"] not in first][:_WORST]
    rows = [("", "in images", "in codes", "in the data", "cosine", "AUC of its reader")]
    rows += [
        (
            leak["name"],
            _points(leak["image_change"]),
            _points(leak["change"]),
            # Of its own attribute the groups differ by all there is, which says nothing.
            "–" if leak["name"] == first[0] else _points(leak["in_data"]),
            f"{leak['cosine']:+.2f}".replace("-", "−"),
            "–" if leak["reader_auc"] is None else f"{leak['reader_auc']:.3f}",
        )
        for leak in shown
    ]
    many = len(leaks) - len(shown)
    count = f"{leakage['count']:,} held-out images"
    lines = [
        f"factor 1 changes the mean probability of {count} by percentage points:",
        _aligned(rows, numbers=(1, 2, 3, 4, 5)),
    ]
    if many > 0:
        lines.append(f"{many} more attributes change less")
    if leakage["left_out"]:
        lines.append(f"too rare to be read: {', '.join(leakage['left_out'])}")
    return lines


def _seen(leak: dict[str, Any]) -> float:
    value: float = leak["change"] if leak["image_change"] is None else leak["image_change"]
    return value


def _points(value: float | None) -> str:
    """A change of probability in percentage points.

    Example:
        >>> _points(0.214), _points(-0.03), _points(None)
        ('+21.4', '−3.0', '–')
    """
    return "–" if value is None else f"{100 * value:+.1f}".replace("-", "−")


def _aligned(rows: Sequence[Sequence[str]], *, numbers: Sequence[int]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            text.rjust(width) if column in numbers else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
