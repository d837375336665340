"""Sections of the page that tell what measurements and the doctor have left in analysis/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from zspace.errors import RunError
from zspace.files import read_json
from zspace.report.measurements import MEASUREMENTS
from zspace.report.page import Section
from zspace.report.pictures import Picture, picture_of_file
from zspace.run import RunFolder

__all__ = ["diagnosis_section", "measured_sections"]

_VERDICTS = {"good": "good", "look": "to look at", "bad": "bad"}


def measured_sections(run: RunFolder) -> list[Section]:
    """One section for each measurement whose numbers and picture are there, in their order.

    Raises:
        RunError: if a file cannot be read.
    """
    sections = []
    for name, measurement in MEASUREMENTS.items():
        numbers = run.analysis / f"{name}.json"
        first = run.analysis / f"{name}.png"
        if not numbers.is_file() or not first.is_file():
            continue
        found = _read(numbers)
        pictures = [
            picture_of_file(path, f"{measurement.shows}, described above", caption=_caption(path))
            for path in [first, *sorted(run.analysis.glob(f"{name}-*.png"))]
        ]
        sections.append(
            Section(
                name,
                measurement.title,
                str(found.get("text", "")),
                pictures,
                theory=f"docs/theory/{measurement.theory}.md",
            )
        )
    return sections


def diagnosis_section(run: RunFolder) -> list[Section]:
    """What the doctor found, with a verdict on each topic; nothing where there was no doctor.

    Raises:
        RunError: if a file cannot be read.
    """
    numbers, picture = run.analysis / "doctor.json", run.analysis / "doctor.png"
    if not numbers.is_file() or not picture.is_file():
        return []
    found = _read(numbers)
    findings = [
        {
            "verdict": str(each.get("verdict", "")),
            "word": _VERDICTS.get(str(each.get("verdict")), ""),
            "topic": str(each.get("topic", "")),
            "text": str(each.get("text", "")),
            "advice": str(each.get("advice", "")),
        }
        for each in found.get("findings", [])
    ]
    counts = found.get("verdicts", {})
    said = ", ".join(f"{counts.get(key, 0)} {word}" for key, word in _VERDICTS.items())
    text = (
        f"The doctor looked at {found.get('count', 0):,} {found.get('split', '')} codes; of "
        f"{len(findings)} topics it found {said}."
    )
    shown: list[Picture] = [
        picture_of_file(picture, "Rate or spread of each axis, radii, and the terms over epochs")
    ]
    return [
        Section(
            "doctor", "The doctor’s findings", text, shown, findings=findings,
            theory="docs/guide/doctor.md",
        )
    ]  # fmt: skip


def _caption(path: Path) -> str:
    """What a further picture of a measurement is colored by."""
    _, _, ending = path.stem.partition("-")
    return f"colored by {ending.replace('_', ' ')}" if ending else ""


def _read(path: Path) -> dict[str, Any]:
    again = f"delete it, or make it again with: zspace analyze or zspace doctor {path.parents[1]}"
    try:
        found = read_json(path)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise RunError(f"{path} is no readable JSON ({error}); {again}") from error
    if not isinstance(found, dict):
        raise RunError(f"{path} must hold a JSON object, a {type(found).__name__} came; {again}")
    return found
