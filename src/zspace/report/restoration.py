"""The section of the page on what a model restored, and how it did beside the baselines."""

from __future__ import annotations

import json
from typing import Any

from zspace.analysis.baselines import KEEPING
from zspace.errors import RunError
from zspace.files import read_json
from zspace.report.page import Section
from zspace.report.pictures import picture_of_file
from zspace.run import RunFolder

__all__ = ["about_restoration", "restoration_section"]

_DONE = {
    "denoise": "covered with noise",
    "drop_pixels": "stripped of most pixels",
    "mask": "masked with black boxes",
    "recolor": "stripped of their colors",
}


def restoration_section(run: RunFolder) -> list[Section]:
    """What `zspace restore` left; nothing where it was not run.

    Raises:
        RunError: if a file cannot be read.
    """
    numbers, picture = run.analysis / "restoration.json", run.samples / "restored.png"
    if not numbers.is_file() or not picture.is_file():
        return []
    try:
        text = about_restoration(read_json(numbers))
    except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise RunError(
            f"{numbers} cannot be read ({error!r}); make it again with: zspace restore {run.path}"
        ) from error
    shown = picture_of_file(picture, "Rows of originals, of what was given, and of what came back")
    return [Section("restoration", "Restoration", text, [shown])]


def about_restoration(record: dict[str, Any]) -> str:
    """What was asked of the model, how near it came, and whether it beats the best baseline.

    Args:
        record: the content of restoration.json.
    """
    quality = record["quality"]
    given, made = quality["as given"], quality["restored"]
    kept = quality.get(KEEPING)
    ours = ("as given", "restored", KEEPING)
    others = {name: each for name, each in quality.items() if name not in ours}
    text = (
        f"{record['images']:,} validation images were {_DONE[record['task']['kind']]}, and "
        f"restored. PSNR went from {_decibels(given)} to {_decibels(made)}"
    )
    if made["ssim"] is not None:
        text += f", SSIM from {given['ssim']:.2f} to {made['ssim']:.2f}"
    if kept is not None:
        text += f", and to {_decibels(kept)} where what was given is kept"
    if not others:
        return text + "."
    best = max(others, key=lambda name: others[name]["psnr"] or float("inf"))
    ahead = ((kept or made)["psnr"] or 0) - (others[best]["psnr"] or 0)
    verdict = "ahead of" if ahead > 0 else "behind"
    return text + (
        f". The best that needs no training, {best}, comes to {_decibels(others[best])}: the model "
        f"is {abs(ahead):.1f} dB {verdict} it."
    )


def _decibels(quality: dict[str, float | None]) -> str:
    return "no error" if quality["psnr"] is None else f"{quality['psnr']:.1f} dB"
