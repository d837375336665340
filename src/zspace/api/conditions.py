"""What a conditional model is told where images or z-points do not bring it along."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zspace.data.conditions import condition_rows, condition_vector
from zspace.errors import InputError

if TYPE_CHECKING:
    from zspace.api.run import Run

__all__ = ["Asked", "asked_condition", "asked_conditions", "usual_condition", "wanted_values"]

_LOOKED_AT = 20_000
_EACH = "each"


class Asked(NamedTuple):
    """A condition that was asked for.

    Attributes:
        label: a few words for it.
        vector: what the model is told, (size,).
    """

    label: str
    vector: np.ndarray


def usual_condition(run: Run) -> np.ndarray | None:
    """The most frequent condition among the training images, (size,); None where there is none."""
    condition = run.recipe.condition
    if not condition.size:
        return None
    index = run.dataset.indices("train", limit=run.recipe.data.train or _LOOKED_AT)
    rows = np.asarray(condition_rows(run.dataset, index[:_LOOKED_AT], condition=condition))
    found, counts = np.unique(rows, axis=0, return_counts=True)
    usual: np.ndarray = found[counts.argmax()].astype(np.float32)
    return usual


def asked_condition(run: Run, text: str) -> np.ndarray:
    """The usual condition with what was asked for put in, (size,).

    Args:
        run: with a conditional model.
        text: a class by number or name, such as ``"3"``; or attributes, such as
            ``"Male=1,Smiling=-1"``, where a name alone stands for 1.

    Raises:
        InputError: for what the model does not know, and for a model that is not conditional.
    """
    places = condition_vector(
        run.recipe.condition, wanted_values(text), label_names=run.dataset.label_names
    )
    told = usual_condition(run)
    assert told is not None  # or `condition_vector` had refused
    for place, value in places.items():
        told[place] = value
    return told


def asked_conditions(run: Run, text: str) -> list[Asked]:
    """One condition or several.

    Args:
        run: with a conditional model.
        text: conditions as for `asked_condition`, with semicolons between them; or ``"each"``: all
            classes, or one without and one with each attribute.

    Raises:
        InputError: as `asked_condition`.
    """
    texts = [part.strip() for part in text.split(";") if part.strip()] or [text]
    condition = run.recipe.condition
    if texts == [_EACH] and condition.kind == "label":
        texts = [str(number) for number in range(condition.classes)]
    elif texts == [_EACH] and condition.kind == "attributes":
        texts = [f"{name}={value}" for name in condition.names for value in (-1, 1)]
    return [Asked(_label(run, each), asked_condition(run, each)) for each in texts]


def _label(run: Run, text: str) -> str:
    """Few words for what was asked for: "no Male, Smiling"."""
    names = run.dataset.label_names
    if run.recipe.condition.kind == "label":
        return names[int(text)] if text.isdecimal() and int(text) < len(names) else text
    signs = {1.0: "", -1.0: "no "}
    return ", ".join(
        f"{signs[value]}{name}" if value in signs else f"{name} {value:g}"
        for name, value in wanted_values(text).items()
    )


def wanted_values(text: str) -> dict[str, float]:
    """Names and values of ``"Male=1,Smiling=-1"``; a name alone stands for 1.

    Example:
        >>> wanted_values("Male, Smiling=-1")
        {'Male': 1.0, 'Smiling': -1.0}
    """
    wanted = {}
    for part in text.split(","):
        name, equals, value = (each.strip() for each in part.partition("="))
        try:
            wanted[name] = float(value) if equals else 1.0
        except ValueError:
            name = ""
        if not name:
            raise InputError(
                f"condition {text!r}: expected names with values, such as Male=1,Smiling=-1, or a "
                "class, such as 3"
            )
    return wanted
