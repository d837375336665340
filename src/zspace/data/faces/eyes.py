"""Eyes with lids, lashes, iris and highlight, and the brows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zspace.data.faces.colors import hair_color, iris_color
from zspace.data.faces.head import skin
from zspace.data.faces.scene import Scene
from zspace.data.faces.shapes import Array, bump, cover, ramp, rotate

__all__ = ["paint_brows", "paint_eyes"]

_DARK = (0.10, 0.07, 0.07)


class _Eye(NamedTuple):
    """One eye in its own frame: `x` runs to the outer corner, `y` down, from the eye's middle."""

    side: float
    x: Array
    y: Array
    half: Array
    upper: Array
    lower: Array
    inside: Array


def paint_eyes(scene: Scene) -> None:
    """Both eyes."""
    for side in (-1.0, 1.0):
        eye = _open_eye(scene, side)
        _ball(scene, eye)
        _iris(scene, eye)
        _lids(scene, eye)


def _open_eye(scene: Scene, side: float) -> _Eye:
    """The opening between the lids: two arcs that meet in the corners."""
    size = 1.0 + 0.11 * scene.factor("eye_size")
    middle_u, middle_v = scene.pose.project(side * scene.pose.eye_x, 0.0, depth=0.46)
    x = (scene.u - middle_u) * side / scene.pose.shorten(side)
    slant = 0.045 + 0.10 * scene.factor("eye_slant")
    x, y = rotate(x, scene.v - middle_v, angle=-slant)
    half = 0.126 * size
    squint = 0.22 * np.clip(scene.factor("smile"), 0.0, 1.0)
    opened = scene.factor("eye_openness")
    across = x / half
    arc = np.maximum(1.0 - across * across, -0.3)
    # The upper arc is highest towards the nose, the lower one towards the temple, as in real eyes.
    upper = -0.090 * size * opened * (1.0 - 0.35 * squint) * arc * (1.0 - 0.16 * across)
    lower = 0.049 * size * (0.35 + 0.65 * opened) * (1.0 - squint) * arc * (1.0 + 0.14 * across)
    steep = 1.0 / np.sqrt(1.0 + (across * 0.9) ** 2)
    distance = np.maximum((upper - y) * steep, (y - lower) * steep)
    inside = cover(np.maximum(distance, np.abs(x) - half), scene.pixel)
    return _Eye(side, x, y, half, upper, lower, inside)


def _ball(scene: Scene, eye: _Eye) -> None:
    """The white, shaded like a ball and darker under the upper lid."""
    # Head light only reaches the white in part, so it is no brighter than the skin around it.
    light = (0.66 + 0.26 * scene.light.ambient + 0.10 * scene.light.key) * 0.93
    white = light * np.array([0.97, 0.955, 0.95], np.float32)[None, :, None, None]
    scene.paint(np.broadcast_to(white, scene.image.shape), alpha=eye.inside)
    round_off = np.clip((eye.x / eye.half) ** 2, 0.0, 1.0)
    lid_shadow = ramp(eye.upper - eye.y, (-0.055, 0.0))
    shade = eye.inside * np.clip(0.34 * round_off + 0.50 * lid_shadow, 0.0, 0.8)
    scene.tint((0.66, 0.58, 0.60), alpha=shade)
    corner = bump(eye.x + 0.96 * eye.half, eye.y - 0.004, width=0.018, height=0.016)
    scene.tint((0.95, 0.66, 0.64), alpha=eye.inside * corner)


def _iris(scene: Scene, eye: _Eye) -> None:
    """Iris with a dark rim, lighter away from the light, the pupil and the highlight."""
    look = eye.side * (scene.factor("gaze") * 0.032 + 0.012 * scene.pose.sine)
    radius = 0.066 * (1.0 + 0.05 * scene.factor("eye_size"))
    dx, dy = eye.x - look, eye.y + 0.014
    distance = np.sqrt(dx * dx + dy * dy)
    color = iris_color(scene.traits.factor("eye_color"))[:, :, None, None]
    inner = ramp(distance, (0.2 * radius, 0.75 * radius))
    inner = inner * ramp(distance, (radius, 0.72 * radius))
    lower = ramp(dy, (-0.6 * radius, 0.9 * radius))
    glow = 0.55 + 0.40 * inner + 0.50 * inner * lower
    alpha = eye.inside * cover(distance - radius, scene.pixel)
    scene.paint(color * glow[:, None], alpha=alpha)
    pupil = cover(distance - 0.43 * radius, scene.pixel + 0.008)
    scene.paint(np.full((len(color), 3), 0.03, np.float32), alpha=alpha * pupil)
    lid_shadow = ramp(eye.upper - eye.y, (-0.045, 0.0))
    scene.tint((0.45, 0.40, 0.42), alpha=alpha * 0.7 * lid_shadow)
    spot_x = eye.side * (0.45 * radius * np.clip(scene.light.x * 1.5, -1.0, 1.0))
    spot = np.sqrt((dx - spot_x) ** 2 + (dy + 0.40 * radius) ** 2) - 0.27 * radius
    shown = eye.inside * ramp(scene.factor("eye_openness"), (0.25, 0.45))
    scene.paint(np.ones((len(color), 3), np.float32), alpha=0.92 * shown * cover(spot, scene.pixel))


def _lids(scene: Scene, eye: _Eye) -> None:
    """Lash line, lower lid, crease and shadow of the upper lid."""
    makeup = scene.factor("makeup")
    across = eye.x / eye.half
    on_eye = cover(np.abs(across) - 1.0, 0.25)
    taper = 0.45 + 0.55 * ramp(across, (-1.0, 0.6))
    thick = (0.011 + 0.011 * makeup) * taper
    wing = 0.10 * makeup * np.maximum(across - 0.75, 0.0)
    line = np.abs(eye.y - eye.upper + 0.5 * thick + wing) - thick
    reach = cover(np.abs(across - 0.04) - 1.06 - 0.12 * makeup, 0.12)
    lash = cover(line, scene.pixel + 0.006) * reach
    dark = np.broadcast_to(np.array([_DARK], np.float32), (len(makeup), 3))
    scene.paint(dark, alpha=lash * (0.72 + 0.25 * makeup))
    below = np.abs(eye.y - eye.lower - 0.004) - 0.006
    scene.tint((0.55, 0.42, 0.40), alpha=cover(below, scene.pixel + 0.012) * on_eye * 0.55)
    lid = 0.030 + 0.010 * scene.factor("brow_height")
    crease = np.abs(eye.y - eye.upper * 0.92 + lid) - 0.004
    scene.tint((0.62, 0.48, 0.46), alpha=0.62 * cover(crease, scene.pixel + 0.016) * on_eye)
    shadow = bump(eye.x - 0.02, eye.y + 0.085, width=0.085, height=0.030) * (1.0 - eye.inside)
    scene.tint((0.74, 0.58, 0.60), alpha=0.50 * makeup * shadow)


def paint_brows(scene: Scene) -> None:
    """Two arcs, thick towards the nose and pointed towards the temples, with a hairy edge."""
    hair = hair_color(
        scene.traits.factor("hair_lightness"),
        redness=scene.traits.factor("hair_redness"),
        gray=0.6 * scene.traits.factor("hair_gray"),
    )
    color = np.clip(hair * 0.62 + 0.02, 0.0, 1.0)[:, :, None, None]
    color = 0.78 * color + 0.10 * skin(scene)
    thickness = scene.factor("brow_thickness")
    raised = 0.172 + 0.026 * scene.factor("brow_height") + 0.012 * scene.factor("eye_size")
    for side in (-1.0, 1.0):
        place = side * (scene.pose.eye_x + 0.012)
        middle_u, middle_v = scene.pose.project(place, -raised, depth=0.50)
        x = (scene.u - middle_u) * side / scene.pose.shorten(side)
        y = scene.v - middle_v
        across = x / 0.150
        bent = np.maximum(across - 0.25, 0.0)
        curve = -0.028 + 0.045 * across * across + 0.028 * bent * bent
        curve = curve - scene.factor("brow_angle") * 0.028 * across
        taper = 1.0 - 0.75 * ramp(across, (-0.3, 1.1))
        half = (0.014 + 0.017 * thickness) * taper
        ends = cover(np.abs(across - 0.02) - 1.0, 0.34)
        hairs = 0.0022 * np.sin(across * 31.0 + y * 50.0)
        body = cover(np.abs(y - curve + hairs) - half, scene.pixel + 0.014)
        scene.paint(
            np.broadcast_to(color, scene.image.shape) * scene.light.ambient.clip(0.7, 1.0),
            alpha=body * ends * (0.66 + 0.26 * thickness),
        )
