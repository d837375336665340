"""Binary attributes of drawn faces, spelled as CelebA's, computed from factors and choices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Int8

from zspace.data.faces.traits import Traits

__all__ = ["ATTRIBUTE_NAMES", "attributes_of"]


def _hair_shows(traits: Traits) -> np.ndarray:
    under_hat = traits.is_choice("hair", "buzz") & ~traits.is_choice("hat", "none")
    return ~traits.is_choice("hair", "bald") & ~under_hat


def _colored(traits: Traits, low: float, high: float) -> np.ndarray:
    """Hair that shows, is not gray, is no ginger, and is this light."""
    light = traits.factor("hair_lightness")
    ginger = (traits.factor("hair_redness") > 0.6) & (light > 0.3)
    in_range = (light >= low) & (light < high)
    return _hair_shows(traits) & (traits.factor("hair_gray") <= 0.5) & ~ginger & in_range


def _bangs(traits: Traits) -> np.ndarray:
    can = traits.is_choice("hair", "short", "bob", "long")
    return can & (traits.factor("bangs") > 0.5)


def _glasses(traits: Traits) -> np.ndarray:
    return ~traits.is_choice("glasses", "none")


def _earrings(traits: Traits) -> np.ndarray:
    # Loose hair covers the ears, and there is nothing to see.
    bare = traits.is_choice("hair", "bald", "buzz", "short", "swept", "updo")
    return bare & ~traits.is_choice("earrings", "none")


def _wavy(traits: Traits) -> np.ndarray:
    loose = traits.is_choice("hair", "bob", "long", "curtain")
    curly = traits.is_choice("hair", "curly")
    short = traits.is_choice("hair", "short", "swept") & traits.is_choice("hat", "none")
    waviness = traits.factor("hair_waviness")
    return curly | (loose & (waviness > 0.5)) | (short & (waviness > 0.7))


_ATTRIBUTES: dict[str, Callable[[Traits], np.ndarray]] = {
    "Bald": lambda t: t.is_choice("hair", "bald") & t.is_choice("hat", "none"),
    "Bangs": _bangs,
    "Beard": lambda t: t.is_choice("beard", "stubble", "full", "goatee"),
    "Black_Hair": lambda t: _colored(t, 0.0, 0.2),
    "Blond_Hair": lambda t: _colored(t, 0.58, 2.0),
    "Brown_Hair": lambda t: _colored(t, 0.2, 0.55),
    "Eyeglasses": _glasses,
    "Goatee": lambda t: t.is_choice("beard", "goatee"),
    "Gray_Hair": lambda t: _hair_shows(t) & (t.factor("hair_gray") > 0.5),
    "Mouth_Slightly_Open": lambda t: t.factor("mouth_open") > 0.2,
    "Mustache": lambda t: t.is_choice("beard", "mustache", "full", "goatee"),
    "Pale_Skin": lambda t: t.factor("skin_tone") < 0.1,
    "Rosy_Cheeks": lambda t: (t.factor("blush") > 0.6) & (t.factor("skin_tone") < 0.6),
    "Smiling": lambda t: t.factor("smile") > 0.25,
    "Sunglasses": lambda t: _glasses(t) & (t.factor("lens_darkness") > 0.6),
    "Wavy_Hair": _wavy,
    "Wearing_Earrings": _earrings,
    "Wearing_Hat": lambda t: ~t.is_choice("hat", "none"),
    "Wearing_Lipstick": lambda t: t.factor("lipstick") > 0.3,
}
ATTRIBUTE_NAMES: tuple[str, ...] = tuple(_ATTRIBUTES)


def attributes_of(traits: Traits) -> Int8[np.ndarray, "count attributes"]:
    """1 where a face has an attribute, -1 where not, columns as in `ATTRIBUTE_NAMES`."""
    columns = [np.where(has(traits), 1, -1) for has in _ATTRIBUTES.values()]
    return np.stack(columns, axis=1).astype(np.int8)
