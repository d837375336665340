"""The head itself: skin with soft shading, folds and blush, and the ears."""

from __future__ import annotations

import numpy as np

from zspace.data.faces.colors import skin_color
from zspace.data.faces.scene import Scene
from zspace.data.faces.shapes import Array, Number, bump, cover, ellipse, ramp, segment

__all__ = ["paint_ears", "paint_head", "paint_near_ear", "skin"]

_SHADE = (0.80, 0.62, 0.60)


def skin(scene: Scene) -> Array:
    """Skin color of each face, (N, 3, 1, 1)."""
    color = skin_color(scene.traits.factor("skin_tone"), scene.traits.factor("skin_warmth"))
    return color[:, :, None, None]


def paint_ears(scene: Scene) -> None:
    """Both ears, behind the head; the head covers what a turn hides."""
    bare = _bare_ears(scene)
    for side in (-1.0, 1.0):
        middle_u, middle_v = scene.pose.project(
            side * (scene.pose.half_width + 0.004), 0.08, depth=-0.03
        )
        width = 0.068 + 0.05 * np.abs(scene.pose.sine)
        du, dv = scene.u - middle_u, scene.v - middle_v
        du = du - side * 0.10 * -dv
        distance = ellipse(du, dv, width=width, height=0.135)
        inner = ellipse(du - side * 0.012, dv + 0.01, width=0.62 * width, height=0.085)
        facing = scene.light.facing(du / 0.12 + 0.35 * side, dv / 0.3, z=0.75)
        scene.paint(
            scene.light.on(skin(scene) * 0.95, facing=facing),
            alpha=bare * cover(distance, scene.pixel),
        )
        hollow = bare * cover(inner, scene.pixel + 0.05) * cover(distance, 0.05)
        scene.tint(_SHADE, alpha=0.75 * hollow)


def paint_near_ear(scene: Scene) -> None:
    """The ear on the near side of a turned head, which lies on the head and not at its edge."""
    side = -np.sign(scene.pose.sine + 1e-6)
    shown = ramp(np.abs(scene.pose.sine), (0.16, 0.40)) * _bare_ears(scene)
    middle_u, middle_v = scene.pose.project(side * scene.pose.half_width, 0.08, depth=-0.03)
    du, dv = (scene.u - middle_u) * side, scene.v - middle_v
    du = du + 0.12 * dv
    distance = ellipse(du, dv, width=0.080, height=0.135)
    alpha = cover(distance, scene.pixel) * shown * ramp(du, (-0.085, -0.01))
    facing = scene.light.facing(0.35 * side + du, dv / 0.3, z=0.75)
    scene.paint(scene.light.on(skin(scene), facing=facing), alpha=alpha)
    inner = ellipse(du - 0.005, dv + 0.01, width=0.05, height=0.085)
    scene.tint(_SHADE, alpha=0.6 * shown * cover(inner, scene.pixel + 0.05))


def _bare_ears(scene: Scene) -> Array:
    """1.0 where no loose hair falls over the ears."""
    return 1.0 - scene.has("hair", "bob", "long", "curtain", "curly")


def paint_head(scene: Scene) -> None:
    """Skin of the head with its shading, the folds of age and smile, and the blush."""
    normal_x, normal_y, normal_z = _normals(scene)
    facing = scene.light.facing(normal_x, normal_y, z=normal_z)
    color = scene.light.on(skin(scene), facing=facing)
    alpha = cover(scene.outline, scene.pixel)
    scene.paint(color, alpha=alpha)
    edge = (1.0 - normal_z) ** 2
    scene.tint((0.86, 0.74, 0.70), alpha=alpha * np.clip(edge * 1.1, 0.0, 0.8))
    _blush(scene, alpha=alpha)
    _hollows(scene, alpha=alpha)
    _folds(scene, alpha=alpha)
    half_z = scene.light.z + 1.0
    length = np.sqrt(scene.light.x**2 + scene.light.y**2 + half_z**2)
    shine = (normal_x * scene.light.x + normal_y * scene.light.y + normal_z * half_z) / length
    shine = np.clip(shine, 0.0, 1.0) ** 22
    scene.glow(alpha * shine * (0.07 + 0.15 * scene.light.strength))


def _normals(scene: Scene) -> tuple[Array, Array, Array]:
    """Unit normals of an egg with nose, sockets, cheeks, lips and chin raised from it."""
    pose = scene.pose
    slope_u = (scene.u - pose.center(scene.v)) / (pose.width * 1.04)
    slope_v = (scene.v - 0.05) / (0.90 * pose.stretch)
    rest = np.sqrt(np.maximum(1.0 - slope_u**2 - slope_v**2, 0.09))
    slope_u, slope_v = slope_u / rest, slope_v / rest
    smile = np.maximum(scene.factor("smile"), 0.0)
    cheek = 0.040 + 0.022 * smile
    raised: list[tuple[Number, ...]] = [
        (0.0, 0.69, 0.50, 0.095, 0.085, 0.040),
        (0.0, 0.605, 0.54, 0.110, 0.030, -0.012),
        (0.0, 0.47, 0.56, 0.170, 0.110, 0.024),
        (0.0, -0.42, 0.42, 0.260, 0.180, 0.030),
    ]
    for side in (-1.0, 1.0):
        raised += [
            (side * pose.eye_x, 0.0, 0.46, 0.105, 0.065, -0.034),
            (side * 0.20, -0.155, 0.50, 0.130, 0.045, 0.016),
            (side * 0.30, 0.22 - 0.03 * smile, 0.42, 0.110, 0.100, cheek),
            (side * 0.37, 0.43, 0.30, 0.110, 0.130, -0.020),
        ]
    for x, y, depth, width, height, amount in raised:
        middle_u, middle_v = pose.project(x, y, depth=depth)
        du, dv = scene.u - middle_u, scene.v - middle_v
        shape = amount * bump(du, dv, width=width, height=height)
        slope_u += du * shape / (width * width)
        slope_v += dv * shape / (height * height)
    nose_u, nose_v = _nose_slopes(scene)
    slope_u += nose_u
    slope_v += nose_v
    length = 1.0 / np.sqrt(slope_u**2 + slope_v**2 + 1.0)
    return slope_u * length, slope_v * length, length


def _nose_slopes(scene: Scene) -> tuple[Array, Array]:
    """Slopes of the ridge of the nose, its tip and its wings."""
    pose = scene.pose
    tip_y = 0.275 + 0.035 * scene.factor("nose_length")
    broad = 1.0 + 0.25 * scene.factor("nose_width")
    ridge = segment(
        scene.u,
        scene.v,
        start=pose.project(0.0, -0.06, depth=0.49),
        end=pose.project(0.0, tip_y, depth=0.66),
    )
    du, dv, share = ridge
    width = 0.043 * (0.9 + 0.25 * share) * broad
    amount = (0.012 + 0.036 * share) * bump(du, dv, width=width, height=width)
    slope_u, slope_v = du * amount / width**2, dv * amount / width**2
    for x, y, depth, radius, height in (
        (0.0, 0.005, 0.68, 0.048, 0.030),
        (-0.070, 0.025, 0.57, 0.034, 0.018),
        (0.070, 0.025, 0.57, 0.034, 0.018),
    ):
        middle_u, middle_v = pose.project(x * broad, tip_y + y, depth=depth)
        du, dv = scene.u - middle_u, scene.v - middle_v
        shape = height / radius**2 * bump(du, dv, width=radius * broad, height=radius)
        slope_u += du * shape
        slope_v += dv * shape
    return slope_u, slope_v


def _blush(scene: Scene, *, alpha: Array) -> None:
    amount = 0.10 + 0.42 * scene.factor("blush")
    for side in (-1.0, 1.0):
        middle_u, middle_v = scene.pose.project(side * 0.30, 0.26, depth=0.42)
        width = 0.12 * scene.pose.shorten(side)
        spot = bump(scene.u - middle_u, scene.v - middle_v, width=width, height=0.085)
        scene.tint((0.97, 0.68, 0.66), alpha=alpha * amount * spot)
    middle_u, middle_v = scene.pose.project(0.0, 0.29, depth=0.68)
    spot = bump(scene.u - middle_u, scene.v - middle_v, width=0.06, height=0.05)
    scene.tint((0.97, 0.74, 0.72), alpha=alpha * 0.5 * amount * spot)


def _hollows(scene: Scene, *, alpha: Array) -> None:
    """Where little light gets: eye sockets, beside the nose, under the lower lip."""
    pose = scene.pose
    spots: list[tuple[Number, ...]] = [(0.0, 0.595, 0.54, 0.085, 0.022, 0.30)]
    for side in (-1.0, 1.0):
        spots += [
            (side * 0.105, -0.03, 0.46, 0.05, 0.06, 0.34),
            (side * pose.eye_x, -0.07, 0.46, 0.12, 0.035, 0.22),
        ]
    for x, y, depth, width, height, amount in spots:
        middle_u, middle_v = pose.project(x, y, depth=depth)
        spot = bump(scene.u - middle_u, scene.v - middle_v, width=width, height=height)
        scene.tint(_SHADE, alpha=alpha * amount * spot)


def _folds(scene: Scene, *, alpha: Array) -> None:
    """From the nose past the mouth, deeper with a smile and with age, and bags under the eyes."""
    smile, age = np.maximum(scene.factor("smile"), 0.0), scene.factor("age")
    for side in (-1.0, 1.0):
        start = scene.pose.project(side * 0.115, 0.30, depth=0.54)
        end = scene.pose.project(side * (0.215 + 0.03 * smile), 0.46, depth=0.46)
        du, dv, share = segment(scene.u, scene.v, start=start, end=end)
        line = bump(du, dv, width=0.020, height=0.020) * (1.0 - 0.5 * share)
        scene.tint(_SHADE, alpha=alpha * line * np.clip(0.10 + 0.30 * smile + 0.40 * age, 0, 0.7))
        middle_u, middle_v = scene.pose.project(side * scene.pose.eye_x, 0.105, depth=0.46)
        du, dv = scene.u - middle_u, scene.v - middle_v
        bag = bump(du, dv + 1.6 * du * du, width=0.085, height=0.016)
        scene.tint(_SHADE, alpha=alpha * bag * (0.06 + 0.34 * age))
    forehead_u, forehead_v = scene.pose.project(0.0, -0.30, depth=0.45)
    du, dv = scene.u - forehead_u, scene.v - forehead_v
    for place in (-0.045, 0.03):
        line = bump(du, dv + place - 0.25 * du * du, width=0.16, height=0.011)
        scene.tint(_SHADE, alpha=alpha * line * 0.45 * np.clip(age - 0.45, 0.0, 1.0))
