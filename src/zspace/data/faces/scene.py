"""The scene: a block of faces being painted together, their coordinates, light and head pose.

Coordinates are in half frames, x to the right and y down:

    x, y    the frame: the picture spans -1 to 1
    u, v    the head: turned, moved and scaled with it; (0, 0) is midway between the eyes

Numbers of one face each have the shape (N, 1, 1), planes (N, S, S), so that both combine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from zspace.data.faces.factors import DETAILS
from zspace.data.faces.pose import Pose, pose_of
from zspace.data.faces.shapes import Array, Number, rotate
from zspace.data.faces.traits import Traits

__all__ = ["Light", "Scene", "open_scene"]


@dataclass(frozen=True)
class Light:
    """One key light and the light from all around.

    Attributes:
        x, y, z: unit vector towards the key light, z towards the viewer; (N, 1, 1) each.
        ambient, key: their RGB, (N, 3, 1, 1).
        strength: 0 diffuse to 1 hard, (N, 1, 1).
    """

    x: Array
    y: Array
    z: Array
    ambient: Array
    key: Array
    strength: Array

    def facing(self, x: Number, y: Number, *, z: Number) -> Array:
        """How much key light a surface with this normal gets, 0 to 1, wrapped past the edge."""
        lit = x * self.x + y * self.y + z * self.z
        return np.clip((lit + 0.28) / 1.28, 0.0, 1.0)

    def on(self, color: Array, *, facing: Array) -> Array:
        """A surface of this color under the light, (N, 3, S, S)."""
        # Blue falls off before red where light turns to shadow, as in skin and cloth.
        glow = facing * (0.72 + 0.28 * facing)
        return color * (self.ambient + self.key * np.stack([facing, glow, glow], axis=1))


@dataclass
class Scene:
    """N faces being painted; see the module for the coordinates.

    Attributes:
        traits: what the faces are like.
        image: the picture so far, (N, 3, S, S), 0 to 1.
        x, y, u, v: coordinates of the pixel centers, (N, S, S).
        pixel: size of a pixel in head coordinates, (N, 1, 1).
        pose: where points of the head appear.
        light: the light.
    """

    traits: Traits
    image: Array
    x: Array
    y: Array
    u: Array
    v: Array
    pixel: Array
    pose: Pose
    light: Light

    def factor(self, name: str) -> Array:
        """A factor, (N, 1, 1)."""
        return self.traits.factor(name)[:, None, None]

    def has(self, name: str, *options: str) -> Array:
        """1.0 for the faces with one of these options of a choice, else 0.0; (N, 1, 1)."""
        return self.traits.is_choice(name, *options).astype(np.float32)[:, None, None]

    def detail(self, group: str, index: int = 0) -> Array:
        """A number between 0 and 1 without a name, (N, 1, 1)."""
        names = list(DETAILS)
        column = sum(DETAILS[name] for name in names[: names.index(group)]) + index
        return self.traits.details[:, column][:, None, None]

    def paint(self, color: Array, *, alpha: Array) -> None:
        """Lay a color, (N, 3) or (N, 3, S, S), over the picture where `alpha` is 1."""
        if color.ndim == 2:
            color = color[:, :, None, None]
        change = color - self.image
        change *= alpha[:, None]
        self.image += change

    def tint(self, color: tuple[float, float, float], *, alpha: Array) -> None:
        """Multiply the picture by a color where `alpha` is 1: a shadow or a stain."""
        for channel, value in enumerate(color):
            self.image[:, channel] *= 1.0 - alpha * (1.0 - value)

    def glow(self, amount: Array) -> None:
        """Add light of the color of the key light."""
        self.image += amount[:, None] * self.light.key

    def rows(self, index: np.ndarray) -> Scene:
        """A copy of the scene with some of the faces only; hand it to `merge` when painted."""
        return Scene(
            traits=self.traits.rows(index),
            image=self.image[index],
            x=self.x[index],
            y=self.y[index],
            u=self.u[index],
            v=self.v[index],
            pixel=self.pixel[index],
            pose=pose_of(self.traits.rows(index)),
            light=_light(self.traits.rows(index)),
        )

    def merge(self, part: Scene, *, index: np.ndarray) -> None:
        """Take back what was painted on the faces of `rows`."""
        self.image[index] = part.image

    @cached_property
    def outline(self) -> Array:
        """Signed distance to the outline of the bald head, (N, S, S)."""
        return self.pose.outline(self.u, self.v)

    @cached_property
    def hat_line(self) -> Array:
        """Signed distance to the lower edge of the hat: negative on the hat's side, far without."""
        front_u, front_v = self.pose.project(0.0, -0.33, depth=0.44)
        across = (self.u - front_u) / self.pose.width
        line = front_v + 0.09 * across * across
        return self.v - np.where(self.has("hat", "none") > 0.5, -9.0, line)


def open_scene(traits: Traits, *, size: int) -> Scene:
    """An empty scene of these faces, `size` pixels wide and high."""
    count = len(traits)
    centers = ((np.arange(size, dtype=np.float32) + 0.5) * (2.0 / size) - 1.0).astype(np.float32)
    shape = (count, size, size)
    x = np.broadcast_to(centers[None, None, :], shape)
    y = np.broadcast_to(centers[None, :, None], shape)

    def number(name: str) -> Array:
        return traits.factor(name)[:, None, None]

    zoom = number("zoom")
    moved_x = (x - number("shift_x")) / zoom
    moved_y = (y - number("shift_y") - 0.04) / zoom
    # The head rolls about a point of the neck, half of it made good by keeping the eyes in place.
    angle = np.radians(number("tilt"))
    u, v = rotate(moved_x, moved_y - 0.25, angle=angle)
    return Scene(
        traits=traits,
        image=np.zeros((count, 3, size, size), np.float32),
        x=x,
        y=y,
        u=u,
        v=v + 0.25,
        pixel=(2.0 / size) / zoom,
        pose=pose_of(traits),
        light=_light(traits),
    )


def _light(traits: Traits) -> Light:
    def number(name: str) -> Array:
        return traits.factor(name)[:, None, None]

    azimuth, height = np.radians(number("light_direction")), np.radians(number("light_height"))
    strength, warmth = number("light_strength"), number("light_warmth")
    ambient, key = 0.80 - 0.44 * strength, 0.30 + 0.56 * strength
    neutral = np.ones_like(warmth)
    warm = np.concatenate([1.0 + 0.07 * warmth, neutral, 1.0 - 0.12 * warmth], axis=1)
    cool = np.concatenate([0.99 - 0.03 * warmth, neutral, 1.02 + 0.05 * warmth], axis=1)
    return Light(
        x=np.sin(azimuth) * np.cos(height),
        y=-np.sin(height),
        z=np.cos(azimuth) * np.cos(height),
        ambient=(ambient * cool)[..., None],
        key=(key * warm)[..., None],
        strength=strength,
    )
