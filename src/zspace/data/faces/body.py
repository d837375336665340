"""Neck, shoulders and clothes."""

from __future__ import annotations

import numpy as np

from zspace.data.faces.colors import hsv
from zspace.data.faces.head import skin
from zspace.data.faces.scene import Scene
from zspace.data.faces.shapes import Array, cover, ellipse, ramp, smooth_min

__all__ = ["paint_body"]

_SHADE = (0.70, 0.52, 0.50)


def paint_body(scene: Scene) -> None:
    """Neck and shoulders with the shadow of the chin, and the clothes over them."""
    across, down = _body_frame(scene)
    neck_half = 0.245 + 0.055 * scene.factor("jaw") + 0.02 * scene.factor("face_width")
    flare = np.maximum(down - 0.80, 0.0)
    neck = np.abs(across) - neck_half - 1.6 * flare * flare
    slope = 0.915 + 0.17 * np.abs(across) ** 1.6
    body = smooth_min(neck, (slope - down) * 0.9, blend=0.07)
    # The neck ends behind the head.
    body = np.maximum(body, 0.35 - scene.y)
    normal_x = across / (neck_half * 1.25)
    rest = np.sqrt(np.maximum(1.0 - normal_x**2, 0.15))
    facing = scene.light.facing(normal_x * 0.85, -0.05, z=rest)
    scene.paint(
        scene.light.on(skin(scene) * 0.97, facing=facing),
        alpha=cover(body, scene.pixel),
    )
    for side in (-1.0, 1.0):
        line = np.abs(across - side * (0.17 - 0.30 * (down - 0.75))) - 0.006
        scene.tint(_SHADE, alpha=0.22 * cover(line, scene.pixel + 0.04) * cover(body, 0.05))
    _clothes(scene, across=across, down=down, body=body)
    shadow = scene.pose.outline(scene.u + 0.10 * scene.light.x, scene.v - 0.13)
    alpha = cover(shadow, 0.13) * cover(body, scene.pixel)
    scene.tint(_SHADE, alpha=alpha * (0.60 + 0.30 * scene.light.strength))


def _body_frame(scene: Scene) -> tuple[Array, Array]:
    """Across and down from the middle of the neck, which bends from the head to the shoulders."""
    tilt = np.radians(scene.factor("tilt"))
    base = 0.4 * scene.factor("shift_x")
    top = scene.factor("shift_x") - np.sin(tilt) * 0.32 - 0.20 * scene.pose.sine
    bend = 1.0 - ramp(scene.y, (0.55, 1.05))
    return scene.x - base - (top - base) * bend, scene.y - scene.factor("shift_y")


def _clothes(scene: Scene, *, across: Array, down: Array, body: Array) -> None:
    """Cloth below a neckline, lit as a rounded body, with a collar where there is one."""
    crew = ellipse(across, down - 0.82, width=0.32, height=0.145)
    v_neck = (np.abs(across) * 0.95 + (down - 1.10)) * 0.7
    v_neck = np.maximum(v_neck, np.abs(across) - 0.33)
    collar = (np.abs(across) * 1.25 + (down - 1.06)) * 0.62
    turtle = down - 0.80 + 0.25 * across * across
    opening = np.where(scene.has("clothing", "v_neck") > 0.5, v_neck, crew)
    opening = np.where(scene.has("clothing", "shirt") > 0.5, collar, opening)
    opening = np.where(scene.has("clothing", "turtleneck") > 0.5, turtle, opening)
    top = 0.83 - 0.10 * scene.has("clothing", "turtleneck")
    cloth = np.maximum(np.maximum(body - 0.016, -opening), top - down)
    hue, light = scene.traits.factor("clothing_hue"), scene.traits.factor("clothing_lightness")
    muted = 0.12 + 0.55 * scene.traits.details[:, -4]
    color = hsv(hue, saturation=muted, value=0.16 + 0.76 * light)[:, :, None, None]
    normal_x = across * 0.8
    folds = 0.10 * np.sin(9.0 * across + 7.0 * down + 6.0 * scene.detail("clothing", 1))
    facing = scene.light.facing(normal_x + folds, -0.30, z=0.8)
    color = scene.light.on(color, facing=facing)
    stripes = ramp(np.sin(down * 44.0 + 2.2 * across * across), (-0.25, 0.25))
    color *= (1.0 - 0.42 * scene.has("clothing", "stripes") * stripes)[:, None]
    alpha = cover(cloth, scene.pixel)
    scene.paint(color, alpha=alpha)
    rim = cover(np.abs(opening - 0.026) - 0.004, scene.pixel + 0.012)
    scene.tint((0.55, 0.52, 0.55), alpha=alpha * rim * 0.55)
    cast = cover(np.abs(opening) - 0.012, 0.05) * cover(body, scene.pixel) * (1.0 - alpha)
    scene.tint((0.60, 0.45, 0.45), alpha=0.45 * cast)
    ribs = scene.has("clothing", "turtleneck") * np.sin(across * 75.0) * ramp(-down, (-0.95, -0.88))
    scene.tint((0.80, 0.80, 0.80), alpha=alpha * np.clip(0.55 * ribs, 0.0, 1.0))
