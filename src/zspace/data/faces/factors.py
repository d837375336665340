"""The vocabulary of a drawn face: continuous factors, discrete choices, and unnamed details.

A face is three rows of numbers, and the picture follows from them alone:

    factors   continuous and named, each with a range and a meaning: the true causes of the picture
    choices   discrete and named: which hair style, hat, glasses, beard, clothes, background
    details   numbers between 0 and 1 without a meaning of their own: where a blob lies, a phase
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "CHOICES",
    "CHOICE_NAMES",
    "DETAILS",
    "DETAIL_COUNT",
    "FACTORS",
    "FACTOR_NAMES",
    "FACTOR_RANGES",
    "Factor",
]


class Factor(NamedTuple):
    """A continuous cause of the picture.

    Attributes:
        name: full name.
        low: smallest value, and what is drawn for smaller ones.
        high: largest value.
        meaning: what the low and the high end look like, with the unit where there is one.
    """

    name: str
    low: float
    high: float
    meaning: str


FACTORS: tuple[Factor, ...] = (
    Factor("turn", -32.0, 32.0, "degrees; negative looks to the left of the picture"),
    Factor("nod", -10.0, 10.0, "degrees; positive looks down"),
    Factor("tilt", -14.0, 14.0, "degrees; positive rolls the head clockwise"),
    Factor("shift_x", -0.06, 0.06, "the head's place, in half frames; positive to the right"),
    Factor("shift_y", -0.05, 0.05, "the head's place, in half frames; positive down"),
    Factor("zoom", 0.90, 1.08, "size of the head; 1 is the usual one"),
    Factor("skin_tone", 0.0, 1.0, "light to dark"),
    Factor("skin_warmth", -1.0, 1.0, "rosy to golden"),
    Factor("blush", 0.0, 1.0, "redness of the cheeks"),
    Factor("age", 0.0, 1.0, "smooth to lined skin"),
    Factor("face_width", -1.0, 1.0, "narrow to wide"),
    Factor("face_length", -1.0, 1.0, "short to long below the eyes"),
    Factor("jaw", 0.0, 1.0, "pointed to square"),
    Factor("eye_size", -1.0, 1.0, "small to large"),
    Factor("eye_spacing", -1.0, 1.0, "close to wide apart"),
    Factor("eye_slant", -1.0, 1.0, "outer corners low to high"),
    Factor("eye_openness", 0.25, 1.0, "nearly closed to wide open"),
    Factor("eye_color", 0.0, 1.0, "dark brown, amber, green, blue, gray"),
    Factor("gaze", -1.0, 1.0, "looks to the left to the right of the picture"),
    Factor("makeup", 0.0, 1.0, "strength of lashes and eye shadow"),
    Factor("brow_angle", -1.0, 1.0, "worried to stern"),
    Factor("brow_height", -1.0, 1.0, "low to raised"),
    Factor("brow_thickness", 0.0, 1.0, "thin to bushy"),
    Factor("nose_length", -1.0, 1.0, "short to long"),
    Factor("nose_width", -1.0, 1.0, "narrow to broad"),
    Factor("mouth_width", -1.0, 1.0, "narrow to wide"),
    Factor("smile", -1.0, 1.0, "corners down to broad smile"),
    Factor("mouth_open", 0.0, 1.0, "closed to open; teeth show"),
    Factor("lip_fullness", -1.0, 1.0, "thin to full"),
    Factor("lipstick", 0.0, 1.0, "bare to painted lips"),
    Factor("lipstick_hue", 0.0, 1.0, "rose, red, plum"),
    Factor("hair_lightness", 0.0, 1.0, "black, brown, blond, platinum"),
    Factor("hair_redness", 0.0, 1.0, "ash to ginger"),
    Factor("hair_gray", 0.0, 1.0, "colored to gray"),
    Factor("hair_length", 0.0, 1.0, "within its style: short to long"),
    Factor("hair_volume", 0.0, 1.0, "flat to full"),
    Factor("hair_waviness", 0.0, 1.0, "straight to wavy"),
    Factor("hair_part", -1.0, 1.0, "parted on the left to the right of the picture"),
    Factor("hairline", -1.0, 1.0, "low to high forehead"),
    Factor("bangs", 0.0, 1.0, "none to down to the brows, in the styles that have them"),
    Factor("beard_density", 0.0, 1.0, "sparse to dense, where there is a beard"),
    Factor("beard_length", 0.0, 1.0, "trimmed to long, where there is a full beard"),
    Factor("glasses_size", -1.0, 1.0, "small to large, where there are glasses"),
    Factor("lens_darkness", 0.0, 1.0, "clear to sunglasses, where there are glasses"),
    Factor("accessory_hue", 0.0, 1.0, "hue of the hat and of colored frames"),
    Factor("light_direction", -75.0, 75.0, "degrees; negative comes from the left of the picture"),
    Factor("light_height", 5.0, 60.0, "degrees above the horizon"),
    Factor("light_strength", 0.0, 1.0, "diffuse to hard"),
    Factor("light_warmth", -1.0, 1.0, "cool to warm"),
    Factor("exposure", -1.0, 1.0, "dark to bright"),
    Factor("clothing_hue", 0.0, 1.0, "around the color wheel, from red"),
    Factor("clothing_lightness", 0.0, 1.0, "dark to light"),
    Factor("background_hue", 0.0, 1.0, "around the color wheel, from red"),
    Factor("background_saturation", 0.0, 1.0, "gray to colored"),
    Factor("background_lightness", 0.0, 1.0, "dark to light"),
)
FACTOR_NAMES: tuple[str, ...] = tuple(factor.name for factor in FACTORS)
FACTOR_RANGES: dict[str, tuple[float, float]] = {
    factor.name: (factor.low, factor.high) for factor in FACTORS
}

CHOICES: dict[str, tuple[str, ...]] = {
    "hair": ("bald", "buzz", "short", "swept", "bob", "long", "curtain", "updo", "curly"),
    "glasses": ("none", "round", "square", "cat_eye", "aviator"),
    "hat": ("none", "beanie", "cap", "brim"),
    "beard": ("none", "stubble", "full", "goatee", "mustache"),
    "earrings": ("none", "stud", "drop"),
    "clothing": ("crew", "v_neck", "shirt", "turtleneck", "stripes"),
    "background": ("plain", "graded", "halo", "bokeh", "stripes", "shapes", "outdoors"),
}
CHOICE_NAMES: tuple[str, ...] = tuple(CHOICES)

DETAILS: dict[str, int] = {"background": 48, "hair": 10, "clothing": 4, "hat": 2, "glasses": 2}
DETAIL_COUNT: int = sum(DETAILS.values())
