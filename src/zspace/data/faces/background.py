"""What is behind the head: plain, graded or busy, and always out of focus."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from zspace.data.faces.colors import hsv
from zspace.data.faces.scene import Scene
from zspace.data.faces.shapes import Array, Number, box, bump, cover, mix, ramp, rotate

__all__ = ["paint_background"]


def paint_background(scene: Scene) -> None:
    """Fill the picture."""
    count = len(scene.traits)
    scene.paint(_color(scene, 0.0, brighter=0.0), alpha=np.ones((count, 1, 1), np.float32))
    names = scene.traits.choice("background")
    for option, paint in _PAINTERS.items():
        index = np.flatnonzero(scene.traits.is_choice("background", option))
        if index.size:
            part = scene if index.size == len(names) else scene.rows(index)
            paint(part)
            if part is not scene:
                scene.merge(part, index=index)


def _color(scene: Scene, hue_shift: Number, *, brighter: Number) -> Array:
    """A color near that of the background, (N, 3, 1, 1)."""
    shift = np.asarray(hue_shift, np.float32).reshape(-1)
    bright = np.asarray(brighter, np.float32).reshape(-1)
    traits = scene.traits
    value = np.clip(0.14 + 0.76 * traits.factor("background_lightness") + bright, 0.05, 1.0)
    saturation = 0.04 + 0.52 * traits.factor("background_saturation")
    color = hsv(traits.factor("background_hue") + shift, saturation=saturation, value=value)
    return color[:, :, None, None]


def _graded(scene: Scene) -> None:
    angle = 6.2832 * scene.detail("background", 0)
    along, _ = rotate(scene.x, scene.y, angle=angle)
    end = _color(
        scene, 0.16 * (scene.detail("background", 1) - 0.5), brighter=0.42 * _sign(scene, 2)
    )
    scene.paint(np.broadcast_to(end, scene.image.shape), alpha=ramp(along, (-1.1, 1.1)))


def _halo(scene: Scene) -> None:
    """A studio backdrop, lighter behind the head."""
    x = scene.x - 0.8 * (scene.detail("background", 0) - 0.5)
    spot = bump(x, scene.y + 0.1, width=0.75, height=0.75)
    light = _color(scene, 0.03, brighter=0.24)
    dark = _color(scene, -0.02, brighter=-0.14)
    scene.paint(np.broadcast_to(dark, scene.image.shape), alpha=1.0 - spot)
    scene.paint(np.broadcast_to(light, scene.image.shape), alpha=0.8 * spot)


def _bokeh(scene: Scene) -> None:
    """Lights out of focus."""
    _graded(scene)
    for blob in range(9):
        place, radius, hue, glow = (scene.detail("background", 4 * blob + 4 + k) for k in range(4))
        # Golden steps around the head spread the blobs, and the frame's middle is hidden anyway.
        angle = 6.2832 * (0.618 * blob + 0.3 * place)
        far = 0.75 + 0.45 * ((0.37 * blob) % 1.0)
        dx, dy = scene.x - far * np.cos(angle), scene.y + 0.15 - far * np.sin(angle)
        distance = np.sqrt(dx * dx + dy * dy) - (0.10 + 0.20 * radius)
        color = _color(scene, 0.5 * (hue - 0.5), brighter=0.10 + 0.45 * glow)
        disk = cover(distance, 0.06) * (0.65 + 0.35 * ramp(distance, (-0.12, 0.0)))
        scene.paint(np.broadcast_to(color, scene.image.shape), alpha=(0.20 + 0.45 * glow) * disk)


def _stripes(scene: Scene) -> None:
    """Panels, curtains or blinds."""
    upright = (scene.detail("background", 0) < 0.7).astype(np.float32)
    angle = 1.5708 * (1.0 - upright) + 0.3 * (scene.detail("background", 1) - 0.5)
    along, _ = rotate(scene.x, scene.y, angle=angle)
    number = 3.0 + 9.0 * scene.detail("background", 2)
    wave = np.sin(along * number + 6.2832 * scene.detail("background", 3))
    soft = 0.25 + 0.75 * scene.detail("background", 4)
    shift = 0.10 * (scene.detail("background", 5) - 0.5)
    color = _color(scene, shift, brighter=0.26 * _sign(scene, 6))
    scene.paint(np.broadcast_to(color, scene.image.shape), alpha=0.85 * ramp(wave, (-soft, soft)))


def _shapes(scene: Scene) -> None:
    """Furniture, frames and windows, blurred."""
    _graded(scene)
    for block in range(6):
        a, b, c, d, e = (scene.detail("background", 5 * block + 5 + k) for k in range(5))
        side = 1.0 if block % 2 else -1.0
        dx, dy = scene.x - side * (0.35 + 0.75 * a), scene.y - (1.9 * b - 1.15)
        dx, dy = rotate(dx, dy, angle=0.5 * (c - 0.5))
        distance = box(dx, dy, width=0.10 + 0.35 * d, height=0.12 + 0.45 * e)
        color = _color(scene, 0.6 * (c - 0.5), brighter=0.9 * (((a + e) * 7.0) % 1.0 - 0.45))
        blur = 0.06 + 0.14 * (((a + d) * 5.0) % 1.0)
        scene.paint(np.broadcast_to(color, scene.image.shape), alpha=0.85 * cover(distance, blur))


def _outdoors(scene: Scene) -> None:
    """Sky, a row of trees or hills, and ground, far out of focus."""
    warm = scene.detail("background", 0)
    light = (0.62 + 0.36 * scene.factor("background_lightness"))[:, :, :, None]
    sky_top = _constant((0.42, 0.62, 0.86)) + (warm[..., None] * _constant((0.25, -0.05, -0.28)))
    sky_low = _constant((0.86, 0.90, 0.94)) + (warm[..., None] * _constant((0.08, -0.08, -0.24)))
    sky = mix(ramp(scene.y, (-1.1, 0.3))[:, None], (sky_top, sky_low))
    scene.paint(sky * light, alpha=np.ones((len(warm), 1, 1), np.float32))
    level = 0.35 - 0.75 * scene.detail("background", 1)
    hills = 0.10 * np.sin(3.0 * scene.x + 6.0 * warm) + 0.06 * np.sin(
        7.0 * scene.x + 9.0 * scene.detail("background", 2)
    )
    hue = 0.22 + 0.16 * scene.traits.factor("background_hue")
    saturation = 0.28 + 0.25 * scene.traits.factor("background_saturation")
    green = hsv(hue, saturation=saturation, value=0.42)
    ground = green[:, :, None, None] * light
    scene.paint(
        np.broadcast_to(ground, scene.image.shape), alpha=cover(level + hills - scene.y, 0.16)
    )
    for blob in range(6):
        a, b, c = (scene.detail("background", 3 * blob + 3 + k) for k in range(3))
        side = 1.0 if blob % 2 else -1.0
        dx, dy = scene.x - side * (0.45 + 0.6 * a), scene.y - level - 0.5 * (b - 0.4)
        leaf = bump(dx, dy, width=0.12 + 0.15 * c, height=0.10 + 0.16 * b)
        tone = ground * (0.55 + 1.1 * c)[..., None]
        scene.paint(np.broadcast_to(tone, scene.image.shape), alpha=0.8 * leaf)


def _constant(color: tuple[float, float, float]) -> Array:
    return np.array(color, np.float32)[None, :, None, None]


def _sign(scene: Scene, index: int) -> Array:
    """Between -1 and 1, and not near 0."""
    value = scene.detail("background", index) * 2.0 - 1.0
    return np.where(value < 0.0, -0.35 + 0.65 * value, 0.35 + 0.65 * value).astype(np.float32)


_PAINTERS: dict[str, Callable[[Scene], None]] = {
    "graded": _graded,
    "halo": _halo,
    "bokeh": _bokeh,
    "stripes": _stripes,
    "shapes": _shapes,
    "outdoors": _outdoors,
}
