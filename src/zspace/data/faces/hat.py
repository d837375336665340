"""Hats: a knitted beanie, a cap with a visor, and a hat with a brim."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from zspace.data.faces.colors import hsv
from zspace.data.faces.scene import Scene
from zspace.data.faces.shapes import Array, Number, cover, ellipse, ramp, smooth_max

__all__ = ["paint_hat"]


def paint_hat(scene: Scene) -> None:
    """The hats of the faces that wear one, with their shadow; the last thing to be painted."""
    for option, paint in _PAINTERS.items():
        index = np.flatnonzero(scene.traits.is_choice("hat", option))
        if index.size:
            part = scene.rows(index)
            reach = 0.05 if option == "beanie" else 0.13
            shadow = cover(part.hat_line - reach, 0.14) * cover(part.outline, part.pixel)
            part.tint((0.58, 0.45, 0.46), alpha=0.70 * shadow)
            paint(part)
            scene.merge(part, index=index)


def _color(scene: Scene) -> Array:
    """The cloth, (N, 3, 1, 1)."""
    hue = scene.traits.factor("accessory_hue")
    light = 0.20 + 0.62 * scene.detail("hat", 0)[:, 0, 0]
    vivid = 0.18 + 0.5 * scene.detail("hat", 1)[:, 0, 0]
    return hsv(hue, saturation=vivid, value=light)[:, :, None, None]


def _dome(scene: Scene, *, wider: float, higher: float) -> tuple[Array, Array, Array]:
    """Distance to a dome over the skull that ends at the hat line, and its slopes."""
    pose = scene.pose
    middle = pose.skull_center
    width = pose.width + wider
    height = pose.above - 0.10 + higher
    across, down = scene.u - middle, scene.v + 0.20
    dome = ellipse(across, np.minimum(down, 0.0), width=width, height=height)
    # A soft corner where the dome meets its edge keeps hats from looking cut out.
    dome = smooth_max(dome, scene.hat_line, blend=0.02)
    return dome, np.clip(across / width, -0.96, 0.96), np.clip(down / height, -0.96, 0.3)


def _cloth(
    scene: Scene, color: Array, *, slope_x: Array, slope_y: Number, dim: Array | None = None
) -> Array:
    """Cloth of this color with these slopes under the light, times `dim`, (N, 3, S, S)."""
    depth = np.sqrt(np.maximum(1.0 - slope_x**2 - slope_y * slope_y, 0.06))
    lit = scene.light.on(color, facing=scene.light.facing(slope_x, slope_y, z=depth))
    return lit if dim is None else lit * dim[:, None]


def _beanie(scene: Scene) -> None:
    color = _color(scene)
    dome, slope_x, slope_y = _dome(scene, wider=0.050, higher=0.115)
    arc = np.arcsin(slope_x)
    ribs = np.sin(arc * 26.0)
    dim = 0.96 + 0.10 * ribs
    alpha = cover(dome, scene.pixel)
    pom_u, pom_v = scene.pose.project(0.0, -0.90, depth=0.0)
    fuzz = 0.014 * np.sin(40.0 * scene.u) * np.sin(43.0 * scene.v)
    pom = ellipse(scene.u - pom_u, scene.v - pom_v, width=0.12, height=0.11) + fuzz
    shown = (scene.detail("hat", 1) > 0.5).astype(np.float32)
    light = scene.light.facing((scene.u - pom_u) * 5.0, (scene.v - pom_v) * 5.0, z=0.6)
    scene.paint(
        scene.light.on(np.clip(color * 1.35 + 0.08, 0, 1), facing=light) * (1 + 8 * fuzz)[:, None],
        alpha=cover(pom, scene.pixel + 0.01) * shown,
    )
    scene.paint(_cloth(scene, color, slope_x=slope_x, slope_y=slope_y, dim=dim), alpha=alpha)
    edge = scene.hat_line + 0.165
    fold = cover(-edge, scene.pixel) * alpha
    folded = _cloth(scene, color * 0.93, slope_x=slope_x, slope_y=slope_y * 0.4, dim=dim + 0.05)
    scene.paint(folded, alpha=fold)
    scene.tint((0.5, 0.5, 0.52), alpha=0.55 * alpha * cover(np.abs(edge + 0.012) - 0.006, 0.03))


def _cap(scene: Scene) -> None:
    color = _color(scene)
    dome, slope_x, slope_y = _dome(scene, wider=0.028, higher=0.085)
    alpha = cover(dome, scene.pixel)
    turned = slope_x - 0.65 * scene.pose.sine
    seams = cover(np.abs(np.abs(turned) - 0.42 * (1.0 + slope_y * 0.5)) - 0.003, 0.03)
    dim = 1.0 - 0.16 * seams
    scene.paint(_cloth(scene, color, slope_x=slope_x, slope_y=slope_y, dim=dim), alpha=alpha)
    visor_u, visor_v = scene.pose.project(0.0, -0.335, depth=0.70)
    du, dv = scene.u - visor_u, scene.v - visor_v
    across = du / 0.42
    bow = 0.075 * across * across
    visor = ellipse(du, dv - bow - 0.012, width=0.43, height=0.098 - 0.10 * scene.pose.nod)
    tone = 0.74 + 0.30 * ramp(-(dv - bow), (-0.08, 0.06))
    visor_color = _cloth(scene, color * 0.92, slope_x=0.5 * across, slope_y=-0.55, dim=tone)
    scene.paint(visor_color, alpha=cover(visor, scene.pixel))
    rim = cover(np.abs(visor + 0.012) - 0.004, scene.pixel + 0.01) * ramp(dv - bow, (-0.02, 0.04))
    scene.tint((0.62, 0.62, 0.64), alpha=0.6 * rim * cover(visor, scene.pixel))


def _brim(scene: Scene) -> None:
    color = _color(scene)
    pose = scene.pose
    middle_u, middle_v = pose.project(0.0, -0.335, depth=0.05)
    du, dv = scene.u - middle_u, scene.v - middle_v
    across = du / (pose.width + 0.30)
    bow = 0.05 * across * across
    brim = ellipse(du, dv - bow + 0.02, width=pose.width + 0.30, height=0.105)
    tone = 0.80 + 0.26 * ramp(-(dv - bow), (-0.09, 0.06))
    below = _cloth(scene, color, slope_x=0.4 * across, slope_y=-0.45, dim=tone)
    dome, slope_x, slope_y = _dome(scene, wider=0.020, higher=0.125)
    dent = 0.05 * np.exp(-((slope_x / 0.25) ** 2)) * ramp(-slope_y, (0.6, 1.0))
    # The crown meets the brim in a flatter curve than the edge of a hat without one.
    base = dv - 0.4 * bow + 0.050
    crown = np.maximum(dome + dent, base)
    scene.paint(below, alpha=cover(brim, scene.pixel))
    alpha = cover(crown, scene.pixel)
    scene.paint(_cloth(scene, color, slope_x=slope_x, slope_y=slope_y), alpha=alpha)
    band = cover(np.abs(base + 0.055) - 0.055, scene.pixel) * alpha
    scene.paint(
        _cloth(scene, color * 0.42, slope_x=slope_x, slope_y=0.3 * slope_y),
        alpha=band,
    )
    edge = cover(np.abs(base - 0.004) - 0.006, 0.035) * cover(brim, scene.pixel)
    scene.tint((0.55, 0.55, 0.57), alpha=0.5 * edge * cover(np.abs(slope_x) - 0.9, 0.1))


_PAINTERS: dict[str, Callable[[Scene], None]] = {
    "beanie": _beanie,
    "cap": _cap,
    "brim": _brim,
}
