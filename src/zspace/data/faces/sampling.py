"""Draw the traits of faces: which ones exist, how often, and what goes with what.

Face i of a seed has a random generator of its own, so it does not depend on how many faces are
drawn beside it. The dependences are mild, as in portraits: gray hair comes with age, dark hair with
dark skin, beards rarely with long curled lashes.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32
from scipy.special import ndtri

from zspace.data.faces.factors import (
    CHOICE_NAMES,
    CHOICES,
    DETAIL_COUNT,
    FACTOR_NAMES,
    FACTOR_RANGES,
)
from zspace.data.faces.traits import Traits
from zspace.errors import DataError

__all__ = ["sample_traits"]

Numbers = Float32[np.ndarray, " count"]

_EXTRA = ("style", "bangs_on", "lipstick_on", "sunglasses_on", "gray_on", "open_on")
_COLUMNS = {name: i for i, name in enumerate((*FACTOR_NAMES, *CHOICE_NAMES, *_EXTRA))}

# Standard deviations, in factor units, of the factors that are normal around the middle.
_NORMAL = {
    "turn": 13.0, "nod": 4.0, "tilt": 5.0, "shift_x": 0.02, "shift_y": 0.018,
    "skin_warmth": 0.5, "face_width": 0.5, "face_length": 0.45, "eye_size": 0.45,
    "eye_spacing": 0.4, "eye_slant": 0.45, "gaze": 0.4, "brow_angle": 0.45, "brow_height": 0.45,
    "nose_length": 0.5, "nose_width": 0.45, "mouth_width": 0.45, "lip_fullness": 0.45,
    "hairline": 0.45, "glasses_size": 0.45, "light_direction": 34.0, "light_warmth": 0.5,
    "exposure": 0.4,
}  # fmt: skip
_HAIR_SHARES = {
    "masculine": (0.10, 0.15, 0.31, 0.24, 0.02, 0.05, 0.03, 0.02, 0.08),
    "feminine": (0.005, 0.015, 0.06, 0.06, 0.20, 0.28, 0.17, 0.11, 0.095),
}
_BEARD_SHARES = (0.40, 0.18, 0.20, 0.12, 0.10)
_GLASSES_SHARES = (0.79, 0.06, 0.075, 0.03, 0.045)
_HAT_SHARES = (0.875, 0.045, 0.045, 0.035)
_BACKGROUND_SHARES = (0.14, 0.20, 0.14, 0.20, 0.08, 0.12, 0.12)
_CLOTHING_SHARES = (0.30, 0.20, 0.24, 0.12, 0.14)


def sample_traits(count: int, *, seed: int = 0, start: int = 0) -> Traits:
    """The traits of faces `start` to `start + count - 1` of a seed.

    Args:
        count: number of faces.
        seed: which endless row of faces, 0 or more.
        start: index of the first face, 0 or more.

    Returns:
        traits of `count` faces; face i depends on (seed, i) alone.

    Raises:
        DataError: a negative number came.

    Example:
        >>> sample_traits(3, seed=1).factor("turn")[2] == sample_traits(1, seed=1, start=2).factor(
        ...     "turn"
        ... )[0]
        np.True_
    """
    for name, value in (("count", count), ("seed", seed), ("start", start)):
        if value < 0:
            raise DataError(f"{name} must be 0 or more, not {value}; choose a number from 0 up")
    numbers = np.empty((count, len(_COLUMNS) + DETAIL_COUNT), np.float32)
    for row in range(count):
        generator = np.random.default_rng((seed, start + row))
        generator.random(dtype=np.float32, out=numbers[row])
    uniform = {name: numbers[:, column] for name, column in _COLUMNS.items()}
    factors = _shape_and_pose(uniform)
    masculine = uniform["style"] < 0.5
    _presentation(factors, uniform, masculine=masculine)
    choices = _choices(factors, uniform, masculine=masculine)
    _hair(factors, uniform, choices=choices)
    return Traits(
        factors=np.stack([np.clip(factors[n], *FACTOR_RANGES[n]) for n in FACTOR_NAMES], axis=1),
        choices=np.stack([choices[name] for name in CHOICE_NAMES], axis=1).astype(np.int8),
        details=numbers[:, len(_COLUMNS) :],
    )


def _shape_and_pose(uniform: dict[str, Numbers]) -> dict[str, Numbers]:
    """Every factor, uniform over its range or normal around its middle."""
    factors = {}
    for name in FACTOR_NAMES:
        low, high = FACTOR_RANGES[name]
        if name in _NORMAL:
            # The tails are cut, and not clipped, so that no value piles up at an end of the range.
            share = 0.02 + 0.96 * uniform[name]
            normal = ndtri(share).astype(np.float32) * _NORMAL[name]
            factors[name] = np.clip(normal + 0.5 * (low + high), low, high)
        else:
            factors[name] = low + (high - low) * uniform[name]
    factors["age"] = uniform["age"] ** 1.7
    factors["skin_tone"] = 0.03 + 0.95 * uniform["skin_tone"] ** 1.45
    factors["background_saturation"] = uniform["background_saturation"] ** 1.6
    factors["zoom"] = 0.96 + 0.09 * uniform["zoom"]
    factors["light_height"] = 15.0 + 35.0 * uniform["light_height"]
    factors["light_strength"] = 0.15 + 0.8 * uniform["light_strength"]
    factors["eye_openness"] = 0.55 + 0.45 * np.sqrt(uniform["eye_openness"])
    # Half of the faces smile, a few frown, the others are at rest: two humps, as in portraits.
    mood = uniform["smile"]
    factors["smile"] = np.where(mood < 0.53, mood / 0.53 * 0.70 - 0.48, 0.38 + (mood - 0.53) * 1.31)
    opened = 0.15 + 0.85 * uniform["mouth_open"]
    chance = np.where(factors["smile"] > 0.25, 0.68, 0.20)
    depth = np.where(factors["smile"] > 0.25, opened, 0.65 * opened)
    factors["mouth_open"] = np.where(uniform["open_on"] < chance, depth, 0.0).astype(np.float32)
    return factors


def _presentation(
    factors: dict[str, Numbers], uniform: dict[str, Numbers], *, masculine: np.ndarray
) -> None:
    """What differs, on average, between more masculine and more feminine portraits."""
    lean = np.where(masculine, 1.0, -1.0).astype(np.float32)
    factors["jaw"] = 0.30 + 0.16 * lean + 0.40 * uniform["jaw"]
    factors["brow_thickness"] = 0.27 + 0.18 * lean + 0.45 * uniform["brow_thickness"]
    factors["eye_size"] = factors["eye_size"] - 0.25 * lean
    factors["lip_fullness"] = factors["lip_fullness"] - 0.25 * lean
    factors["nose_width"] = factors["nose_width"] + 0.15 * lean
    factors["face_length"] = factors["face_length"] + 0.10 * lean
    painted = uniform["lipstick_on"] < np.where(masculine, 0.0, 0.5)
    factors["lipstick"] = np.where(painted, 0.35 + 0.65 * uniform["lipstick"], 0.0)
    factors["makeup"] = np.where(masculine, 0.12, 0.3 + 0.7 * uniform["makeup"])
    factors["blush"] = uniform["blush"] ** 1.5 * np.where(masculine, 0.6, 1.0)
    for name in ("lipstick", "makeup", "blush"):
        factors[name] = factors[name].astype(np.float32)


def _choices(
    factors: dict[str, Numbers], uniform: dict[str, Numbers], *, masculine: np.ndarray
) -> dict[str, np.ndarray]:
    """Styles and accessories."""
    men = _pick(uniform["hair"], _HAIR_SHARES["masculine"])
    women = _pick(uniform["hair"], _HAIR_SHARES["feminine"])
    choices = {
        "hair": np.where(masculine, men, women),
        "glasses": _pick(uniform["glasses"], _GLASSES_SHARES),
        "hat": _pick(uniform["hat"], _HAT_SHARES),
        "beard": np.where(masculine, _pick(uniform["beard"], _BEARD_SHARES), 0),
        "earrings": _pick(uniform["earrings"], (0.65, 0.17, 0.18)),
        "clothing": _pick(uniform["clothing"], _CLOTHING_SHARES),
        "background": _pick(uniform["background"], _BACKGROUND_SHARES),
    }
    choices["earrings"] = np.where(masculine, 0, choices["earrings"])
    dark = uniform["sunglasses_on"] < 0.22
    tint = np.where(dark, 0.75 + 0.25 * uniform["lens_darkness"], 0.12 * uniform["lens_darkness"])
    factors["lens_darkness"] = tint.astype(np.float32)
    factors["beard_density"] = 0.35 + 0.65 * uniform["beard_density"]
    return choices


def _hair(
    factors: dict[str, Numbers], uniform: dict[str, Numbers], *, choices: dict[str, np.ndarray]
) -> None:
    """Hair color from skin tone and age; bangs for the styles that have them."""
    tone, age = factors["skin_tone"], factors["age"]
    light = uniform["hair_lightness"] * np.clip(1.15 - 1.15 * tone, 0.12, 1.0)
    factors["hair_lightness"] = light.astype(np.float32)
    factors["hair_redness"] = uniform["hair_redness"] ** 2
    # Light eyes are common with light skin and rare with dark.
    factors["eye_color"] = uniform["eye_color"] * np.clip(1.25 - 1.3 * tone, 0.2, 1.0)
    grayed = uniform["gray_on"] < np.clip(1.5 * age - 0.6, 0.0, 0.8)
    strong = np.where(grayed, 0.6 + 0.4 * uniform["hair_gray"], 0.1 * uniform["hair_gray"])
    factors["hair_gray"] = strong.astype(np.float32)
    can = np.isin(choices["hair"], [CHOICES["hair"].index(n) for n in ("short", "bob", "long")])
    short = choices["hair"] == CHOICES["hair"].index("short")
    banged = can & (uniform["bangs_on"] < np.where(short, 0.25, 0.5))
    level = np.where(banged, 0.7 + 0.3 * uniform["bangs"], 0.0)
    factors["bangs"] = level.astype(np.float32)
    factors["hair_waviness"] = uniform["hair_waviness"] ** 1.3


def _pick(uniform: Numbers, shares: tuple[float, ...]) -> np.ndarray:
    """Indices with these shares, from uniform numbers."""
    edges = np.cumsum(shares)[:-1] / np.sum(shares)
    return np.searchsorted(edges, uniform, side="right")
