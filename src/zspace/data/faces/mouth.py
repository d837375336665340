"""Nose lines and mouth: lips, teeth, and the shadows around them."""

from __future__ import annotations

import numpy as np

from zspace.data.faces.colors import lip_color, skin_color
from zspace.data.faces.scene import Scene
from zspace.data.faces.shapes import Array, bump, cover, ramp

__all__ = ["mouth_frame", "paint_mouth", "paint_nose"]

_NOSTRIL = (0.42, 0.27, 0.25)
_SHADE = (0.78, 0.60, 0.57)


def paint_nose(scene: Scene) -> None:
    """Nostrils, wings, the shadow under the tip and the one that the key light casts."""
    pose = scene.pose
    tip_y = 0.275 + 0.035 * scene.factor("nose_length")
    broad = 1.0 + 0.25 * scene.factor("nose_width")
    under_u, under_v = pose.project(0.0, tip_y + 0.072, depth=0.60)
    du, dv = scene.u - under_u, scene.v - under_v
    scene.tint(_SHADE, alpha=0.55 * bump(du, dv, width=0.075 * broad, height=0.024))
    cast = np.clip(scene.light.x * 1.3, -1.0, 1.0)
    width = 0.055
    shadow = bump(du + 0.095 * cast * broad, dv + 0.04, width=width, height=0.062)
    scene.tint(_SHADE, alpha=0.62 * scene.light.strength * np.abs(cast) * shadow)
    for side in (-1.0, 1.0):
        shorten = pose.shorten(side)
        hole_u, hole_v = pose.project(side * 0.043 * broad, tip_y + 0.052, depth=0.61)
        dx, dy = (scene.u - hole_u) * side / shorten, scene.v - hole_v
        hole = bump(dx, dy + 0.25 * dx, width=0.021 * broad, height=0.0115)
        scene.tint(_NOSTRIL, alpha=np.clip(1.15 * hole, 0.0, 0.95))
        wing_u, wing_v = pose.project(side * 0.083 * broad, tip_y + 0.022, depth=0.56)
        dx, dy = (scene.u - wing_u) * side / shorten, scene.v - wing_v
        curve = dx + 6.0 * dy * dy
        wing = bump(curve - 0.014, dy, width=0.011, height=0.030)
        scene.tint(_SHADE, alpha=0.62 * wing)


def mouth_frame(scene: Scene) -> tuple[Array, Array, Array]:
    """Coordinates of the mouth.

    Returns:
        across: -1 in the left corner of the mouth, 1 in the right one.
        down: from the line between the closed lips, positive below it.
        half: half the width of the mouth as it appears.
    """
    smile = scene.factor("smile")
    wide = 0.172 * (1.0 + 0.09 * scene.factor("mouth_width") + 0.25 * np.maximum(smile, 0.0))
    middle_u, middle_v = scene.pose.project(0.0, 0.505, depth=0.555)
    left_u, _ = scene.pose.project(-wide, 0.505, depth=0.47)
    right_u, _ = scene.pose.project(wide, 0.505, depth=0.47)
    du = scene.u - middle_u
    left, right = middle_u - left_u, right_u - middle_u
    # The two halves are foreshortened differently; the blend keeps the lips smooth in the middle.
    half = left + (right - left) * ramp(du, (-0.06, 0.06))
    across = du / half
    lift = 0.052 * smile + 0.020 * np.maximum(smile, 0.0) + 0.011
    # Past the corners the curve goes on straight, so that nothing there bends back into the lips.
    bend = np.minimum(across * across, 2.0 * np.abs(across) - 1.0 + 1e-6)
    bend = np.where(np.abs(across) < 1.0, across * across, bend)
    down = scene.v - middle_v + lift * bend - 0.35 * lift
    return across, down, half


def paint_mouth(scene: Scene) -> None:
    """Lips, the opening with teeth, the line between closed lips, highlight and corners."""
    across, down, _ = mouth_frame(scene)
    smile, opened = np.maximum(scene.factor("smile"), 0.0), scene.factor("mouth_open")
    full = 1.0 + 0.30 * scene.factor("lip_fullness") - 0.14 * smile
    arc = np.maximum(1.0 - across * across, -0.2)
    gap_top = -(0.006 + 0.012 * opened) * arc * opened
    gap_bottom = (0.030 + 0.055 * opened + 0.012 * smile) * opened * arc
    dip = 0.30 * np.exp(-((across / 0.20) ** 2))
    peak = np.maximum(1.0 - np.abs(across) ** 1.5, -0.2)
    top = gap_top - 0.046 * full * peak * (1.0 - dip)
    plump = np.maximum(1.0 - np.abs(across) ** 2.4, -0.2)
    bottom = gap_bottom + 0.058 * full * plump
    lips = np.maximum(np.maximum(top - down, down - bottom), (np.abs(across) - 1.0) * 0.17)
    _around(scene, across=across, down=down - bottom)
    _lips(scene, lips=lips, across=across, down=down, bottom=bottom)
    gap = np.maximum(np.maximum(gap_top - down, down - gap_bottom), (np.abs(across) - 0.94) * 0.17)
    _inside(scene, gap=gap, across=across, down=down - gap_top)
    line = np.abs(down) - 0.005 - 0.003 * np.abs(across)
    closed = 1.0 - ramp(opened, (0.02, 0.16))
    seam = cover(line, scene.pixel + 0.010) * cover(np.abs(across) - 1.03, 0.14)
    scene.tint((0.42, 0.26, 0.27), alpha=0.85 * seam * closed)


def _around(scene: Scene, *, across: Array, down: Array) -> None:
    """The shadow that the lower lip casts, and the dimples."""
    under = bump(across, down - 0.022, width=0.50, height=0.017)
    scene.tint(_SHADE, alpha=0.50 * under)
    smile = np.abs(scene.factor("smile"))
    for side in (-1.0, 1.0):
        dimple = bump(across - side * 1.10, down + 0.045, width=0.075, height=0.028)
        scene.tint(_SHADE, alpha=(0.22 + 0.35 * smile) * dimple)


def _lips(scene: Scene, *, lips: Array, across: Array, down: Array, bottom: Array) -> None:
    traits = scene.traits
    skin = skin_color(traits.factor("skin_tone"), traits.factor("skin_warmth"))
    color = lip_color(skin, lipstick=traits.factor("lipstick"), hue=traits.factor("lipstick_hue"))[
        :, :, None, None
    ]
    # The upper lip faces down and is darker than the lower one.
    below = ramp(down / np.maximum(bottom, 0.004), (0.2, 1.0))
    slope = np.where(down < 0.0, 0.42, -0.30 + 0.9 * below)
    normal_x = 0.35 * across + 0.5 * scene.pose.sine
    facing = scene.light.facing(normal_x, slope, z=0.85)
    painted = scene.factor("lipstick")
    soft = scene.pixel + 0.018 * (1.0 - painted)
    alpha = cover(lips, soft) * (0.78 + 0.20 * painted)
    scene.paint(scene.light.on(color, facing=facing), alpha=alpha)
    shine = bump(across - 0.25 * scene.light.x, down - 0.55 * bottom, width=0.30, height=0.014)
    scene.glow(alpha * shine * (0.10 + 0.16 * painted))


def _inside(scene: Scene, *, gap: Array, across: Array, down: Array) -> None:
    """The open mouth: dark, with the upper teeth following the upper lip."""
    count = len(scene.traits)
    opened = scene.factor("mouth_open")
    alpha = cover(gap, scene.pixel) * ramp(opened, (0.02, 0.16))
    dark = np.broadcast_to(np.array([[0.26, 0.085, 0.085]], np.float32), (count, 3))
    scene.paint(dark, alpha=alpha)
    edge = 0.046 * np.maximum(1.0 - 0.55 * across * across, 0.1)
    teeth = alpha * cover(down - edge, scene.pixel + 0.004) * cover(np.abs(across) - 0.84, 0.14)
    light = 0.60 + 0.26 * scene.light.ambient + 0.14 * scene.light.key
    white = light * np.array([0.985, 0.965, 0.925], np.float32)[None, :, None, None]
    scene.paint(np.broadcast_to(white, scene.image.shape), alpha=teeth * 0.97)
    shade = np.clip(0.55 * across**2 + 0.45 * ramp(-down, (-0.016, 0.0)), 0.0, 0.8)
    scene.tint((0.70, 0.58, 0.56), alpha=teeth * shade)
    tongue = bump(across, down - 0.085, width=0.45, height=0.022)
    scene.paint(
        np.broadcast_to(np.array([[0.66, 0.29, 0.30]], np.float32), (count, 3)),
        alpha=alpha * (1.0 - teeth) * tongue * 0.8,
    )
