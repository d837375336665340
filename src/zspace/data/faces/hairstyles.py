"""Proportions of the hair styles, as numbers that `hair` draws from.

All styles are one shape with different proportions: a mass around the skull, cut at the bottom,
with an opening for the face. Lengths are in half frames.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zspace.data.faces.factors import CHOICES
from zspace.data.faces.shapes import Array
from zspace.data.faces.traits import Traits

__all__ = ["STYLES", "Style", "style_numbers"]


class Style(NamedTuple):
    """One hair style.

    Attributes:
        volume, fuller: height over the skull with no and with full hair volume.
        opening: width of the opening for the face, 1 is the width of the face.
        bottom, longer: where the hair ends below the eyes, and what full length adds.
        flare: how much wider the hair gets towards its bottom.
        corner: power of the curve that closes the mass at the bottom; 2 is round, 6 is square.
        loose: 1 where hair falls beside the face and over the ears.
        drape: how steeply the hairline falls from the part to the sides.
        sweep: how much the hairline leans to the side of the part.
        curl: 1 for curls, which roughen outline and strands.
        bangs: 1 where the style can have bangs.
    """

    volume: float
    fuller: float
    opening: float
    bottom: float
    longer: float
    flare: float
    corner: float
    loose: float
    drape: float
    sweep: float
    curl: float
    bangs: float


STYLES: dict[str, Style] = {
    "bald": Style(0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "buzz": Style(0.010, 0.012, 0.93, 0.02, 0.04, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "short": Style(0.050, 0.060, 0.945, 0.03, 0.07, 0.0, 2.0, 0.0, 0.0, 0.045, 0.0, 1.0),
    "swept": Style(0.095, 0.090, 0.945, 0.03, 0.07, 0.0, 2.0, 0.0, 0.0, 0.125, 0.0, 0.0),
    "bob": Style(0.075, 0.070, 0.83, 0.50, 0.26, 0.10, 4.5, 1.0, 0.45, 0.05, 0.0, 1.0),
    "long": Style(0.065, 0.065, 0.83, 1.00, 0.60, 0.16, 5.0, 1.0, 0.70, 0.03, 0.0, 1.0),
    "curtain": Style(0.075, 0.065, 0.86, 0.80, 0.60, 0.13, 4.5, 1.0, 1.45, 0.0, 0.0, 0.0),
    "updo": Style(0.030, 0.035, 0.94, 0.03, 0.04, 0.0, 2.0, 0.0, 0.30, 0.04, 0.0, 0.0),
    "curly": Style(0.105, 0.150, 0.87, 0.22, 0.50, 0.0, 2.3, 1.0, 0.0, 0.0, 1.0, 0.0),
}


def style_numbers(traits: Traits) -> dict[str, Array]:
    """Each proportion of the style of each face, (N, 1, 1)."""
    table = np.array([STYLES[name] for name in CHOICES["hair"]], np.float32)
    rows = table[traits.choice("hair")]
    return {name: rows[:, column][:, None, None] for column, name in enumerate(Style._fields)}
