"""Several runs of one data set on one page: verdicts, pictures on the same axes, what differs."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from zspace.analysis.random_kinds import NORMAL
from zspace.figures.together import run_colors
from zspace.files import write_json, write_text
from zspace.report.analyze import finite
from zspace.report.compared_sections import compared_sections
from zspace.report.gathered import Gathered, gather_side
from zspace.report.page import render
from zspace.report.sides import Side, differences
from zspace.report.verdict_rows import verdict_rows
from zspace.report.wording import percent

__all__ = ["build_comparison"]


def build_comparison(
    found: Sequence[Side],
    images: UInt8[np.ndarray, "count height width channels"],
    *,
    out: Path,
    advance: Callable[..., None] = lambda *_: None,
) -> Path:
    """Measure the runs and write the page, with a JSON file of the numbers beside it.

    Args:
        found: from `zspace.report.sides.sides`, with decode and encode in their material.
        images: some images of the data set, to be reconstructed by all.
        out: the page.
        advance: called with the number of runs that are measured.

    Returns:
        `out`.

    Raises:
        InputError: if codes are not finite, or there is nothing to color maps by that name.
        StorageError: if the disk is full or may not be written.
    """
    measured: dict[str, Gathered] = {}
    for side in found:
        measured[side.name] = gather_side(side, images)
        advance(1)
    rows = verdict_rows(measured)
    differing = differences(found)
    colors = run_colors(list(measured))
    dataset = found[0].facts.environment["dataset"]
    page = render(
        "compare.html",
        names=list(measured),
        dataset=str(dataset.get("name", "")),
        summary=_summary(measured),
        measured_on=_measured_on(found),
        rows=rows,
        colors=colors,
        sections=compared_sections(found, measured, images=images),
        differing=_about_differences(differing),
        differences=differing,
        date=datetime.date.today().isoformat(),
        footer="Every picture shows all runs on the same axes.",
    )
    write_json(
        out.with_suffix(".json"),
        finite(
            {
                "runs": {side.name: str(side.run.path) for side in found},
                "verdicts": [
                    {"topic": row.topic, "values": list(row.values), "verdict": row.verdict}
                    for row in rows
                ],
                "differences": dict(differing),
                "measured": {name: each.to_dict() for name, each in measured.items()},
            }
        ),
    )
    write_text(out, page)
    return out


def _summary(measured: dict[str, Gathered]) -> str:
    """One paragraph: what is compared, and the answer to the question behind it."""
    kinds = [
        f"{name} is a {'VAE' if found.facts.is_vae else 'plain autoencoder'}"
        for name, found in measured.items()
    ]
    among = {
        name: next(each.shares[0] for each in found.density.kinds if each.name == NORMAL)
        for name, found in measured.items()
    }
    shares = ", ".join(f"{percent(share)} in {name}" for name, share in among.items())
    return (
        f"{'; '.join(kinds)}. Random z-points of N(0,\u00a0I) land among the codes with a share of "
        f"{shares}; that decides whether they decode to images like the data."
    )


def _measured_on(found: Sequence[Side]) -> str:
    counts = {side.material.codes.count for side in found}
    said = " and ".join(f"{count:,}" for count in sorted(counts))
    split = found[0].material.subject("z").images
    return (
        f"Measured on the codes of {said} {split}; reconstruction and KL are those of the last "
        "epoch. Shares and verdicts are of these runs alone, not of autoencoders as such."
    )


def _about_differences(rows: list[tuple[str, list[str]]]) -> str:
    data = [key for key, _ in rows if key.startswith("images: ")]
    if not rows:
        return "Nothing: the runs have one recipe and one data set."
    text = f"{len(rows)} keys of recipe and data differ; all others are the same."
    if data:
        text += " The images themselves differ too, so hold small differences for nothing."
    return text
