"""Labels and attributes as the vectors that a conditional model is given."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float32, Integer

from zspace.data.dataset import Dataset
from zspace.errors import DataError, InputError, did_you_mean
from zspace.recipe.task import Condition

__all__ = ["condition_rows", "condition_vector", "require_conditions"]


def require_conditions(dataset: Dataset, condition: Condition) -> None:
    """Make sure that a data set has the labels or attributes that a recipe conditions on.

    Raises:
        DataError: naming what is missing.
    """
    if condition.kind == "label":
        if dataset.labels is None:
            raise DataError(
                f"condition.kind = 'label', but {dataset.path} has no labels; set it to 'none'"
            )
        classes = int(dataset.labels.max()) + 1
        if classes != condition.classes:
            raise DataError(
                f"condition.classes = {condition.classes}, but {dataset.path} has {classes} "
                f"classes; set condition.classes = {classes}"
            )
    elif condition.kind == "attributes":
        known = dataset.attribute_names
        if dataset.attributes is None or not known:
            raise DataError(
                f"condition.kind = 'attributes', but {dataset.path} has no attributes; set it to "
                "'none'"
            )
        for name in condition.names:
            if name not in known:
                raise DataError(
                    f"condition.names: {dataset.path} has no attribute {name!r}; "
                    f"{did_you_mean(name, known)}"
                )


def condition_rows(
    dataset: Dataset, rows: Integer[np.ndarray, " count"], *, condition: Condition
) -> Float32[np.ndarray, "count size"] | None:
    """What a model is told of images of a data set.

    Args:
        dataset: with the labels or attributes.
        rows: image numbers.
        condition: which of them.

    Returns:
        (count, size): one-hot for labels, −1 or 1 for attributes; None for an unconditional model.
    """
    if condition.kind == "label" and dataset.labels is not None:
        return np.eye(condition.classes, dtype=np.float32)[dataset.labels[rows]]
    if condition.kind == "attributes" and dataset.attributes is not None:
        columns = [dataset.attribute_names.index(name) for name in condition.names]
        return np.asarray(dataset.attributes[rows][:, columns], np.float32)
    return None


def condition_vector(
    condition: Condition,
    wanted: Mapping[str, float],
    *,
    label_names: tuple[str, ...] = (),
) -> dict[int, float]:
    """What was asked for, as places in the vector and their values.

    Args:
        condition: of the recipe.
        wanted: for labels one class, by number or name, with any value, such as ``{"3": 1}``; for
            attributes values by name: −1 without, 1 with, values between or beyond as well.
        label_names: names of the classes.

    Returns:
        Value by place; for labels all places, for attributes those that were named.

    Raises:
        InputError: for a class or attribute that the model does not know, or no finite number.

    Example:
        >>> condition = Condition(kind="attributes", names=("Male", "Smiling"))
        >>> condition_vector(condition, {"Smiling": 1})
        {1: 1.0}
    """
    if condition.kind == "none":
        raise InputError(
            f"the model is not conditional, but {', '.join(wanted)} was asked for; train one with "
            "condition.kind, or leave it out"
        )
    if condition.kind == "label":
        names = [str(number) for number in range(condition.classes)]
        chosen = [_class_number(each, names, label_names) for each in wanted]
        if len(chosen) != 1:
            raise InputError(f"one class was expected, {', '.join(wanted)} came; give one")
        return {place: float(place == chosen[0]) for place in range(condition.classes)}
    places = {}
    for name, value in wanted.items():
        if name not in condition.names:
            raise InputError(
                f"the model knows no attribute {name!r}; {did_you_mean(name, condition.names)}"
            )
        if not np.isfinite(value):
            raise InputError(f"{name}={value}: a number was expected, such as {name}=1")
        places[condition.names.index(name)] = float(value)
    return places


def _class_number(wanted: str, numbers: list[str], names: tuple[str, ...]) -> int:
    if wanted in names:
        return names.index(wanted)
    if wanted not in numbers:
        raise InputError(f"no class {wanted!r}; {did_you_mean(wanted, [*numbers, *names])}")
    return numbers.index(wanted)
