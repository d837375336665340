"""Runs laid side by side: whether they can be compared, in what they differ, what each one has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zspace.errors import InputError
from zspace.report.facts import Facts, read_facts
from zspace.report.material import Material
from zspace.run import RunFolder

__all__ = ["Side", "differences", "require_comparable", "sides"]

_MOST = 6
_DATA_KEYS = ("sha256", "crop", "train", "validation")


@dataclass(frozen=True, eq=False)
class Side:
    """One of the runs.

    Attributes:
        name: what it is called on the page; no two have one name.
        run: its folder.
        facts: its recipe, environment and history.
        material: its codes and model.
    """

    name: str
    run: RunFolder
    facts: Facts
    material: Material


def require_comparable(runs: Sequence[RunFolder]) -> None:
    """Refuse what cannot be compared.

    Args:
        runs: opened.

    Raises:
        InputError: if there are fewer than two or more than six, one came twice, or they are of
            different data sets or image shapes.
        RunError: if a run lacks recipe, environment or history.
    """
    if not 2 <= len(runs) <= _MOST:
        raise InputError(
            f"two to {_MOST} runs can be compared, {len(runs)} came; name the folders of some runs"
        )
    paths = [run.path.resolve() for run in runs]
    twice = [str(path) for path, count in Counter(paths).items() if count > 1]
    if twice:
        raise InputError(f"{twice[0]} came twice; name each run once")
    facts = [read_facts(run) for run in runs]
    for name, other in zip(_names(paths)[1:], facts[1:], strict=True):
        ours, theirs = facts[0].environment["dataset"], other.environment["dataset"]
        for what, one, two in (
            ("data set", ours.get("name"), theirs.get("name")),
            ("image shape", _shape(facts[0]), _shape(other)),
        ):
            if one != two:
                raise InputError(
                    f"runs of one data set can be compared, but {_names(paths)[0]} has the {what} "
                    f"{one} and {name} {two}; train both on the same prepared images"
                )


def sides(runs: Sequence[tuple[RunFolder, Material]]) -> list[Side]:
    """The runs, which are comparable, with names of their own.

    Args:
        runs: each with its codes and model.
    """
    names = _names([run.path.resolve() for run, _ in runs])
    return [
        Side(name, run, read_facts(run), material)
        for name, (run, material) in zip(names, runs, strict=True)
    ]


def _names(paths: Sequence[Path]) -> list[str]:
    """The folders' names, with as much of the path as tells them apart."""
    depth = 1
    while True:
        names = ["/".join(path.parts[-depth:]) for path in paths]
        if len(set(names)) == len(names):
            return names
        depth += 1


def _shape(facts: Facts) -> str:
    return "×".join(map(str, facts.shape))


def differences(found: Sequence[Side]) -> list[tuple[str, list[str]]]:
    """All that differs between the runs: keys of data and recipe, with the value of each run.

    Args:
        found: the runs.

    Returns:
        Rows of a key and its values, data first.
    """
    tables = [_knobs(side.facts) for side in found]
    keys = list(dict.fromkeys(key for table in tables for key in table))
    rows = []
    for key in keys:
        values = [table.get(key, "–") for table in tables]
        if len(set(values)) > 1:
            rows.append((key, values))
    return rows


def _knobs(facts: Facts) -> dict[str, str]:
    """Data and recipe, flat, as text."""
    dataset = facts.environment["dataset"]
    knobs = {f"images: {key}": str(dataset[key])[:12] for key in _DATA_KEYS if key in dataset}
    knobs["backend"] = str(facts.environment.get("backend", "–"))
    for section, keys in facts.recipe.items():
        if isinstance(keys, dict):
            knobs |= {f"{section}.{key}": _plain(value) for key, value in keys.items()}
    return knobs


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
