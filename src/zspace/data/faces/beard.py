"""Stubble, full beards, goatees and mustaches."""

from __future__ import annotations

import numpy as np

from zspace.data.faces.colors import hair_color
from zspace.data.faces.mouth import mouth_frame
from zspace.data.faces.scene import Scene
from zspace.data.faces.shapes import Array, cover, ellipse, ramp, smooth_min

__all__ = ["paint_beard"]


def paint_beard(scene: Scene) -> None:
    """The beards of the faces that have one; before the lips, which stay free."""
    index = np.flatnonzero(~scene.traits.is_choice("beard", "none"))
    if index.size:
        part = scene.rows(index)
        _paint(part)
        scene.merge(part, index=index)


def _paint(scene: Scene) -> None:
    across, down, half = mouth_frame(scene)
    density = scene.factor("beard_density")
    full, stubble = scene.has("beard", "full"), scene.has("beard", "stubble")
    jaw = _jaw(scene, across=across, down=down)
    lip = _mustache(across=across, down=down, half=half)
    chin = _chin(scene, across=across, down=down, half=half)
    area = np.where(full + stubble > 0.5, smooth_min(jaw, lip, blend=0.04), lip)
    area = np.where(scene.has("beard", "goatee") > 0.5, smooth_min(chin, lip, blend=0.03), area)
    rough = 1.0 - stubble
    fringe = np.sin(53.0 * scene.u + 5.0 * np.sin(9.0 * scene.v)) + np.sin(97.0 * scene.u)
    area = np.where(stubble > 0.5, np.maximum(area, scene.outline + 0.03), area)
    soft = np.where(stubble > 0.5, 0.09, 0.075 - 0.040 * density)
    alpha = cover(area + 0.005 * rough * fringe, scene.pixel + soft)
    strength = np.where(stubble > 0.5, 0.16 + 0.32 * density, 0.72 + 0.26 * density)
    traits = scene.traits
    gray = 0.85 * traits.factor("hair_gray")
    color = hair_color(
        0.85 * traits.factor("hair_lightness"),
        redness=np.clip(1.3 * traits.factor("hair_redness"), 0.0, 1.0),
        gray=gray,
    )[:, :, None, None]
    # Strands grow away from the mouth; coarser pixels show none of them.
    fan = scene.u / (0.55 + scene.v) - 0.25 * np.sin(4.0 * scene.v)
    seen = rough * np.clip(0.055 / scene.pixel - 1.1, 0.0, 1.0)
    strands = np.sin(95.0 * fan + 3.0 * np.sin(17.0 * scene.v)) + np.sin(57.0 * fan)
    normal_x = 1.4 * (scene.u - scene.pose.center(scene.v))
    facing = scene.light.facing(normal_x, 0.35, z=0.75 - 0.5 * normal_x**2)
    light = scene.light.on(color * 0.86, facing=facing)
    light *= (1.0 + 0.060 * seen * strands)[:, None]
    scene.paint(light, alpha=alpha * strength)


def _jaw(scene: Scene, *, across: Array, down: Array) -> Array:
    """Distance to the beard of cheeks and chin: inside the outline, which it lengthens below."""
    pose = scene.pose
    length = 0.012 + 0.16 * scene.factor("beard_length") ** 1.5
    length = length * scene.has("beard", "full")
    low = ramp(scene.v, (0.30, 0.80))
    inside = scene.outline - length * low
    front_u, _ = pose.project(0.0, 0.50, depth=0.45)
    side = (scene.u - front_u) / (pose.half_width * 0.98)
    cheek = 0.475 - 0.44 * np.minimum(side * side, 1.4) * (1.0 + 0.1 * scene.factor("hairline"))
    below = (cheek * pose.stretch - scene.v) * 0.8
    # The skin under the lower lip stays bare.
    bare = ellipse(across, down - 0.045, width=0.62, height=0.080) * 0.14
    return np.maximum(np.maximum(inside, below), -bare)


def _mustache(*, across: Array, down: Array, half: Array) -> Array:
    """Distance to two strokes from under the nose to the corners of the mouth."""
    reach = np.abs(across)
    middle = -0.068 + 0.062 * reach * reach
    thick = 0.034 - 0.016 * reach
    return np.maximum(np.abs(down - middle) - thick, (reach - 1.12) * half)


def _chin(scene: Scene, *, across: Array, down: Array, half: Array) -> Array:
    """Distance to the beard of a goatee: the chin, and strokes down from the mustache."""
    length = 0.02 + 0.08 * scene.factor("beard_length")
    chin = ellipse(across * half, down - 0.215, width=0.135, height=0.095 + length)
    ring = np.abs(ellipse(across * half, down - 0.055, width=0.196, height=0.135)) - 0.020
    joined = smooth_min(chin, np.maximum(ring, -down - 0.02), blend=0.07)
    return np.maximum(joined, scene.outline - length)
