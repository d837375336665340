"""Hair: the mass behind the head, the front with its hairline, strands and highlights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zspace.data.faces.colors import hair_color
from zspace.data.faces.hairstyles import style_numbers
from zspace.data.faces.pose import MIDDLE
from zspace.data.faces.scene import Scene
from zspace.data.faces.shapes import Array, Number, bump, cover, ellipse, mix, ramp, smooth_max

__all__ = ["Hair", "comb", "paint_back_hair", "paint_front_hair", "paint_hair_shadow"]

_SHADE = (0.72, 0.55, 0.53)


@dataclass(frozen=True)
class Hair:
    """Planes that the hair of a block is painted from, (N, S, S) each.

    Attributes:
        mass: signed distance to the whole silhouette of the hair.
        face: signed distance to the opening in which the face shows.
        strand: coordinate across the strands, about -1 to 1.
        texture: light and dark strands, about -1 to 1.
        normal_x, normal_y: slope of the surface.
        shown: 0 where there is no hair at all: bald heads, and above the edge of a hat.
        style: proportions of the style, (N, 1, 1) each.
    """

    mass: Array
    face: Array
    strand: Array
    texture: Array
    normal_x: Array
    normal_y: Array
    shown: Array
    style: dict[str, Array]


def comb(scene: Scene) -> Hair:
    """Lay out the hair of a block of faces."""
    style = style_numbers(scene.traits)
    hatted = 1.0 - scene.has("hat", "none")
    cropped = scene.has("hair", "short", "swept") * ramp(scene.factor("hair_waviness"), (0.55, 0.9))
    style["curl"] = np.maximum(style["curl"], 0.65 * cropped)
    volume = style["volume"] + style["fuller"] * scene.factor("hair_volume")
    volume = volume * (1.0 - 0.70 * hatted)
    u = scene.u + _wave(scene, style=style)
    middle = scene.pose.skull_center
    mass, width, height = _mass(scene, u=u, volume=volume, style=style)
    top = scene.v - MIDDLE
    part = middle + 0.42 * width * scene.factor("hair_part") * ramp(-scene.v, (-0.1, 0.5))
    fan = np.sqrt(np.maximum(1.0 - np.minimum(top / height, 0.0) ** 2, 0.03))
    strand = (u - part) / (width * fan)
    spacing = scene.pixel / (width * fan)
    texture = _texture(scene, strand=strand, spacing=spacing, style=style)
    return Hair(
        mass=mass,
        face=_opening(scene, strand=strand, style=style),
        strand=strand,
        texture=texture,
        normal_x=np.clip((u - middle) / width, -0.95, 0.95),
        normal_y=np.clip(top / height, -0.95, 0.25),
        shown=(1.0 - scene.has("hair", "bald")) * (1.0 - cover(scene.hat_line + 0.05, scene.pixel)),
        style=style,
    )


def _wave(scene: Scene, *, style: dict[str, Array]) -> Array:
    """How far waves move the hair sideways at each point."""
    amount = 0.050 * scene.factor("hair_waviness") * style["loose"] * (1.0 - style["curl"])
    phase = 6.2832 * scene.detail("hair", 0)
    pace = 10.0 + 5.0 * scene.detail("hair", 1)
    side = ramp(scene.u, (-0.4, 0.4))
    return amount * ramp(scene.v, (-0.4, 0.2)) * np.sin(pace * scene.v + phase + 2.6 * side)


def _mass(
    scene: Scene, *, u: Array, volume: Array, style: dict[str, Array]
) -> tuple[Array, Array, Array]:
    """Silhouette of the hair, half its width, and its height over the widest part."""
    pose = scene.pose
    down = scene.v - MIDDLE
    loose = style["loose"]
    # Short hair thins out towards the ears; loose hair keeps its width.
    thin = mix(loose, (ramp(scene.v, (-0.06, -0.62)), 1.0))
    width = pose.width + (0.85 * volume + 0.004) * thin
    bottom = style["bottom"] + style["longer"] * scene.factor("hair_length")
    fraction = np.clip(down / (bottom - MIDDLE), 0.0, 1.0)
    width = width * (1.0 + style["flare"] * fraction)
    height = pose.above + volume
    across = (u - pose.skull_center) / width
    upper = np.minimum(down / height, 0.0)
    closing = np.clip(down / (bottom - MIDDLE), 0.0, 1.3) ** style["corner"]
    level = np.sqrt(across * across + upper * upper + closing + 1e-5)
    slope = np.sqrt((across / width) ** 2 + (upper / height) ** 2 + 0.35) / level
    mass = (level - 1.0) / slope
    bumps = np.sin(21.0 * u + 6.0 * scene.detail("hair", 2)) * np.sin(19.0 * scene.v + 2.0 * u)
    fine = np.sin(43.0 * u + 11.0 * scene.v) * np.sin(37.0 * scene.v - 9.0 * u)
    mass = mass - style["curl"] * (0.024 * bumps + 0.010 * fine)
    tousled = scene.factor("hair_waviness") * (1.0 - loose) * scene.has("hair", "short", "swept")
    tips = np.sin(15.0 * across + 6.0 * scene.detail("hair", 8)) + 0.6 * np.sin(31.0 * across)
    mass = mass - 0.016 * tousled * tips * ramp(-scene.v, (0.3, 0.6))
    short = smooth_max(mass, _nape(scene, bottom=bottom), blend=0.05)
    return np.where(loose > 0.5, mass, short), width, height


def _nape(scene: Scene, *, bottom: Array) -> Array:
    """Distance to the lower edge of short hair: down in front of the ears, and far behind them."""
    side = -np.sign(scene.pose.sine + 1e-6)
    ear_u, _ = scene.pose.project(side * scene.pose.half_width, 0.10, depth=-0.03)
    behind = np.maximum((scene.u - ear_u) * side - 0.01, 0.0)
    middle = np.abs(scene.u - scene.pose.center(scene.v)) / scene.pose.width
    # On the far side there is only the temple.
    far = np.abs(scene.pose.sine) * ramp((scene.pose.center(scene.v) - scene.u) * side, (0.0, 0.4))
    edge = bottom + 5.0 * behind + 0.16 * (middle - 0.80) - 0.6 * far
    return (scene.v - edge) * 0.8


def _opening(scene: Scene, *, strand: Array, style: dict[str, Array]) -> Array:
    """Signed distance to the opening for the face: hairline, sides, drape and bangs."""
    pose = scene.pose
    front_u, front_v = pose.project(0.0, -0.435 - 0.040 * scene.factor("hairline"), depth=0.40)
    sides_u, _ = pose.project(0.0, 0.0, depth=0.30)
    width = style["opening"] * pose.half_width * (0.45 + 0.55 * pose.cosine)
    du = scene.u - mix(ramp(scene.v, (-0.35, 0.1)), (front_u, sides_u))
    lean = style["sweep"] * scene.factor("hair_part") * ramp(-scene.v, (0.05, 0.35))
    raggedness = np.sin(23.0 * strand + 6.0 * scene.detail("hair", 3)) + np.sin(51.0 * strand)
    raggedness = 0.005 * raggedness
    v = scene.v + lean * du / width + raggedness
    rise = 0.06 - front_v
    opening = _arch(du / width, np.minimum(v - 0.06, 0.0) / rise, width=width, height=rise)
    du = scene.u - front_u - 0.10 * scene.factor("hair_part")
    fall = style["drape"] * np.abs(du) ** 1.5
    drape = (front_v - 0.02 + fall - v) / np.sqrt(1.0 + (1.4 * style["drape"]) ** 2 * np.abs(du))
    opening = smooth_max(opening, drape, blend=0.05)
    bangs = scene.factor("bangs") * style["bangs"]
    ends = front_v - 0.05 + (0.325 + 0.040 * scene.factor("hairline")) * bangs
    jags = 0.020 * np.abs(np.sin(9.0 * strand + 6.0 * scene.detail("hair", 4)))
    slant = 0.16 * (scene.detail("hair", 5) - 0.5) * du
    fringe = ends + 0.20 * du * du + slant - jags - scene.v
    return np.where(bangs > 0.02, np.maximum(opening, fringe), opening)


def _arch(across: Array, down: Array, *, width: Array, height: Array) -> Array:
    """Distance to a curve between an ellipse and a rectangle: temples that recede a little."""
    square = across * across
    level = square * square + down * down - 1.0
    slope = np.sqrt((4.0 * across * square / width) ** 2 + (2.0 * down / height) ** 2 + 0.5)
    return level / slope


def _texture(scene: Scene, *, strand: Array, spacing: Array, style: dict[str, Array]) -> Array:
    """Strands as sums of waves, without those that are finer than the `spacing` of the pixels."""
    sway = 0.6 * np.sin(3.1 * scene.v + 6.2832 * scene.detail("hair", 6))
    sway = sway + 2.2 * scene.factor("hair_part") * scene.v * (1.0 - style["loose"])
    phase = 6.2832 * scene.detail("hair", 7)

    def kept(pace: float) -> Array:
        return np.clip(1.9 - pace * spacing, 0.0, 1.0)

    locks = np.sin(9.0 * strand + sway + phase)
    thin = np.sin(23.0 * strand + 1.7 * sway + 2.0 * phase + 1.2 * locks)
    hairs = np.sin(58.0 * strand + 2.0 * sway + 3.0 * phase)
    straight = 0.46 * locks * kept(9.0) + 0.36 * thin * kept(26.0) + 0.22 * hairs * kept(62.0)
    curls = np.sin(24.0 * scene.u + 2.0 * np.sin(15.0 * scene.v + phase)) * np.sin(
        23.0 * scene.v + 2.0 * np.sin(16.0 * scene.u)
    )
    return mix(style["curl"], (straight, 0.85 * curls))


def _paint(scene: Scene, *, hair: Hair, alpha: Array, dim: Number) -> None:
    """Hair with strands, light, and the ring of shine that follows the head."""
    traits = scene.traits
    color = hair_color(
        traits.factor("hair_lightness"),
        redness=traits.factor("hair_redness"),
        gray=traits.factor("hair_gray"),
    )[:, :, None, None]
    depth = np.sqrt(np.maximum(1.0 - 0.8 * hair.normal_x**2 - 0.8 * hair.normal_y**2, 0.05))
    facing = scene.light.facing(0.85 * hair.normal_x, 0.85 * hair.normal_y, z=depth)
    shade = (1.0 + 0.20 * hair.texture) * dim
    shade = shade * (1.0 - 0.38 * np.clip(hair.normal_x**2 - 0.25, 0.0, 1.0))
    scene.paint(scene.light.on(color, facing=facing) * shade[:, None], alpha=alpha)
    # Dark hair shines in the color of the light, light hair in its own.
    strand = hair.normal_x - 0.35 * scene.light.x
    place = scene.v + 0.52 - 0.24 * strand * strand - 0.035 * hair.texture
    ring = bump(strand, place, width=0.55, height=0.060)
    lower = 0.45 * bump(np.abs(strand) - 0.62, scene.v - 0.15, width=0.13, height=0.16)
    ring = (ring + lower * hair.style["loose"]) * (0.75 + 0.5 * hair.texture)
    matte = 1.0 - 0.6 * hair.style["curl"]
    bright = color.mean(axis=1) * 0.24 + 0.14
    scene.glow(alpha * ring * bright * matte * dim * (0.5 + 0.6 * facing))


def paint_back_hair(scene: Scene, hair: Hair) -> None:
    """Hair behind the head and the neck, in their shadow, and the knot of an updo."""
    knot = scene.has("hair", "updo")
    knot_u, knot_v = scene.pose.project(0.0, -0.75, depth=-0.12)
    radius = 0.14 + 0.06 * scene.factor("hair_volume")
    distance = ellipse(scene.u - knot_u, scene.v - knot_v, width=1.15 * radius, height=radius)
    _paint(
        scene,
        hair=hair,
        alpha=cover(distance, scene.pixel) * knot * hair.shown,
        dim=0.80 + 0.25 * ramp(-distance, (0.0, 0.12)),
    )
    alpha = cover(hair.mass, scene.pixel + 0.008) * hair.shown * hair.style["loose"]
    dim = 0.80 - 0.34 * ramp(scene.v, (0.2, 0.75)) * cover(np.abs(scene.u) - 0.40, 0.35)
    _paint(scene, hair=hair, alpha=alpha, dim=dim)


def paint_hair_shadow(scene: Scene, hair: Hair) -> None:
    """The soft shadow of the hair on the forehead and the sides of the face."""
    near = 1.0 - cover(hair.face + 0.030, 0.12)
    alpha = near * cover(scene.outline, scene.pixel) * hair.shown * cover(scene.v - 0.55, 0.5)
    short = scene.has("hair", "buzz")
    scene.tint(_SHADE, alpha=alpha * (0.50 - 0.34 * short))


def paint_front_hair(scene: Scene, hair: Hair) -> None:
    """Hair over the head, outside the opening for the face."""
    buzz = scene.has("hair", "buzz")
    soft = scene.pixel + 0.012 + 0.07 * buzz
    alpha = (1.0 - cover(hair.face, soft)) * cover(hair.mass, scene.pixel + 0.008 + 0.02 * buzz)
    alpha = alpha * hair.shown * (1.0 - 0.22 * buzz)
    rim = 1.0 - 0.30 * cover(hair.face - 0.035, 0.09)
    _paint(scene, hair=hair, alpha=alpha, dim=rim)
