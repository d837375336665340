"""Colors of skin, hair, eyes, lips and cloth from one or two numbers each, as RGB in 0 to 1."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

__all__ = ["Colors", "hair_color", "hsv", "iris_color", "lip_color", "palette", "skin_color"]

Colors = Float32[np.ndarray, "faces 3"]
Numbers = Float32[np.ndarray, " faces"]

_SKIN = (
    (0.0, (0.950, 0.815, 0.730)),
    (0.2, (0.930, 0.760, 0.640)),
    (0.4, (0.890, 0.680, 0.530)),
    (0.6, (0.735, 0.520, 0.390)),
    (0.8, (0.545, 0.365, 0.270)),
    (1.0, (0.375, 0.245, 0.185)),
)
_HAIR = (
    (0.0, (0.070, 0.062, 0.070)),
    (0.22, (0.155, 0.105, 0.085)),
    (0.42, (0.330, 0.205, 0.130)),
    (0.62, (0.600, 0.420, 0.235)),
    (0.82, (0.850, 0.680, 0.420)),
    (1.0, (0.945, 0.855, 0.670)),
)
_IRIS = (
    (0.0, (0.20, 0.110, 0.070)),
    (0.3, (0.36, 0.205, 0.105)),
    (0.5, (0.47, 0.365, 0.150)),
    (0.68, (0.33, 0.450, 0.250)),
    (0.85, (0.25, 0.470, 0.660)),
    (1.0, (0.50, 0.580, 0.640)),
)
_LIPSTICK = (
    (0.0, (0.86, 0.40, 0.44)),
    (0.5, (0.76, 0.10, 0.16)),
    (1.0, (0.50, 0.09, 0.24)),
)


def palette(value: Numbers, stops: tuple[tuple[float, tuple[float, float, float]], ...]) -> Colors:
    """Colors along a row of stops (position, RGB), linear between them."""
    places = [place for place, _ in stops]
    channels = [np.interp(value, places, [color[i] for _, color in stops]) for i in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def hsv(hue: Numbers, *, saturation: Numbers | float, value: Numbers | float) -> Colors:
    """RGB of hue, saturation and value, each in 0 to 1.

    Example:
        >>> hsv(np.zeros(1, np.float32), saturation=1.0, value=1.0).tolist()
        [[1.0, 0.0, 0.0]]
    """
    hue = np.asarray(hue, np.float32)
    wheel = [
        np.clip(np.abs((hue + offset) % 1.0 * 6.0 - 3.0) - 1.0, 0.0, 1.0)
        for offset in (0.0, 2.0 / 3.0, 1.0 / 3.0)
    ]
    rgb = np.stack(wheel, axis=-1)
    saturation, value = np.asarray(saturation)[..., None], np.asarray(value)[..., None]
    return (value * (1.0 - saturation * (1.0 - rgb))).astype(np.float32)


def skin_color(tone: Numbers, warmth: Numbers) -> Colors:
    """Skin under neutral light: tone 0 (light) to 1 (dark), warmth -1 (rosy) to 1 (golden)."""
    shift = np.array([0.0, 0.022, -0.030], np.float32)
    return palette(tone, _SKIN) * (1.0 + warmth[:, None] * shift)


def hair_color(lightness: Numbers, *, redness: Numbers, gray: Numbers) -> Colors:
    """Hair: lightness 0 (black) to 1 (platinum), mixed with ginger and with gray."""
    color = palette(lightness, _HAIR)
    ginger = np.array([0.66, 0.27, 0.10], np.float32) * (0.35 + 0.95 * lightness[:, None])
    # Redness shows in mid-brown hair only: pigment hides it in black, and there is none in blond.
    shown = redness * np.clip(1.0 - np.abs(lightness - 0.45) / 0.4, 0.0, 1.0)
    color += (ginger - color) * 0.85 * shown[:, None]
    silver = np.array([0.60, 0.60, 0.615], np.float32) * (0.85 + 0.5 * lightness[:, None])
    return color + (silver - color) * gray[:, None]


def iris_color(value: Numbers) -> Colors:
    """Iris: dark brown, amber, hazel, green, blue, gray."""
    return palette(value, _IRIS)


def lip_color(skin: Colors, *, lipstick: Numbers, hue: Numbers) -> Colors:
    """Lips: redder than the skin by themselves, painted to the degree of `lipstick`."""
    bare = skin * np.array([0.86, 0.57, 0.58], np.float32)
    return bare + (palette(hue, _LIPSTICK) - bare) * (0.85 * lipstick[:, None])
