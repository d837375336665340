"""Glasses: frames of four shapes, clear or dark lenses, and their shadow on the face."""

from __future__ import annotations

import numpy as np

from zspace.data.faces.colors import hsv
from zspace.data.faces.scene import Scene
from zspace.data.faces.shapes import Array, cover, ramp, rotate, segment

__all__ = ["paint_glasses"]

# Half width, half height, power of the superellipse, and slant of each shape of lens.
_LENSES = {
    "round": (0.158, 0.150, 2.1, 0.0),
    "square": (0.172, 0.122, 4.5, 0.02),
    "cat_eye": (0.176, 0.122, 2.9, 0.16),
    "aviator": (0.178, 0.150, 2.7, -0.10),
}


def paint_glasses(scene: Scene) -> None:
    """The glasses of the faces that wear any."""
    index = np.flatnonzero(~scene.traits.is_choice("glasses", "none"))
    if index.size:
        part = scene.rows(index)
        _paint(part)
        scene.merge(part, index=index)


def _paint(scene: Scene) -> None:
    frame, left, right = _frame(scene)
    on_face = cover(scene.outline, scene.pixel)
    shadow = cover(frame - 0.012, 0.05)
    # The shadow falls below the frame: the same planes, moved down by a fixed part of the frame.
    rows = max(1, round(0.0125 * scene.image.shape[-1]))
    shadow = np.concatenate([np.zeros_like(shadow[:, :rows]), shadow[:, :-rows]], axis=1)
    scene.tint((0.66, 0.50, 0.48), alpha=0.55 * shadow * on_face)
    _lenses(scene, left=left, right=right)
    temples = _temples(scene)
    metal = np.maximum(scene.has("glasses", "aviator"), (scene.detail("glasses", 0) < 0.2) * 1.0)
    color = _frame_color(scene, metal=metal.astype(np.float32))
    alpha = np.maximum(cover(frame, scene.pixel), cover(temples, scene.pixel) * on_face)
    light = 0.75 + 0.45 * ramp(-(scene.v + 0.6 * scene.u * scene.light.x), (-0.2, 0.25))
    scene.paint(color[:, :, None, None] * light[:, None], alpha=alpha)


def _frame_color(scene: Scene, *, metal: Array) -> Array:
    """Black, tortoise, colored, or metal, (N, 3)."""
    kind = scene.detail("glasses", 1)[:, :, 0]
    hue = scene.traits.factor("accessory_hue")
    color = np.where(kind < 0.45, 0.085, np.array([[0.30, 0.17, 0.09]], np.float32))
    color = np.where(kind > 0.72, hsv(hue, saturation=0.65, value=0.42), color)
    gold = np.where(kind < 0.5, np.array([[0.70, 0.56, 0.34]]), np.array([[0.55, 0.56, 0.59]]))
    return np.where(metal[:, :, 0] > 0.5, gold, color).astype(np.float32)


def _lens(scene: Scene, side: float) -> Array:
    """Signed distance to the rim of one lens."""
    sizes = [_LENSES[name] for name in ("round", *_LENSES)]
    table = np.array(sizes, np.float32)[scene.traits.choice("glasses")]
    width, height, power, slant = (table[:, k][:, None, None] for k in range(4))
    scale = 1.0 + 0.10 * scene.factor("glasses_size")
    middle_u, middle_v = scene.pose.project(side * (scene.pose.eye_x + 0.010), 0.025, depth=0.54)
    x = (scene.u - middle_u) * side / scene.pose.shorten(side)
    x, y = rotate(x, scene.v - middle_v, angle=-slant)
    # Aviators and cat eyes are drops: wider below towards the nose, or above to the temple.
    drop = slant * 1.4
    y = y * (1.0 - drop * x / width)
    width, height = width * scale, height * scale
    level = (np.abs(x / width) ** power + np.abs(y / height) ** power + 1e-6) ** (1.0 / power)
    return (level - 1.0) * np.minimum(width, height)


def _frame(scene: Scene) -> tuple[Array, Array, Array]:
    """Distance to rims and bridge, and to each lens."""
    left, right = _lens(scene, -1.0), _lens(scene, 1.0)
    thin = np.maximum(scene.has("glasses", "aviator"), (scene.detail("glasses", 0) < 0.2) * 1.0)
    thick = np.where(thin > 0.5, 0.0075, 0.010 + 0.010 * scene.detail("glasses", 0))
    thick = thick.astype(np.float32)
    rims = np.minimum(np.abs(left), np.abs(right)) - thick
    bridge_u, bridge_v = scene.pose.project(0.0, -0.035, depth=0.58)
    du = scene.u - bridge_u
    bridge = np.abs(scene.v - bridge_v - 2.5 * du * du) - thick
    bridge = np.maximum(bridge, np.abs(du) - 0.14)
    # The bridge ends at the rims.
    bridge = np.maximum(bridge, -np.minimum(left, right))
    return np.minimum(rims, bridge), left, right


def _temples(scene: Scene) -> Array:
    """Distance to the arms from the rims to the ears."""
    nearest = np.full_like(scene.u, 9.0)
    scale = 1.0 + 0.10 * scene.factor("glasses_size")
    for side in (-1.0, 1.0):
        start = scene.pose.project(
            side * (scene.pose.eye_x + 0.010 + 0.165 * scale), -0.035, depth=0.46
        )
        end = scene.pose.project(side * (scene.pose.half_width + 0.02), -0.02, depth=0.0)
        du, dv, _ = segment(scene.u, scene.v, start=start, end=end)
        arm = np.sqrt(du * du + dv * dv) - 0.011
        nearest = np.minimum(nearest, arm)
    return nearest


def _lenses(scene: Scene, *, left: Array, right: Array) -> None:
    """Tint, and a streak of reflected light."""
    inside = cover(np.minimum(left, right), scene.pixel)
    dark = scene.factor("lens_darkness")
    fade = 1.0 - 0.25 * ramp(scene.v, (0.0, 0.18))
    tint = hsv(scene.traits.factor("accessory_hue"), saturation=0.30, value=0.13)
    light = scene.light.ambient[:, :1, 0] * 0.4 + 0.6
    alpha = inside * (0.02 + 0.93 * dark) * (1.0 - (1.0 - fade) * dark)
    scene.paint(np.broadcast_to(tint * light[:, :, 0], tint.shape), alpha=alpha)
    streak = np.abs(((scene.u + 0.55 * scene.v + 0.05) % 0.44) - 0.16) - 0.030
    scene.image += (inside * cover(streak, 0.03) * (0.045 + 0.10 * dark))[:, None]
