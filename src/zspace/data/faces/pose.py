"""Head pose: where the points of a turned and nodding head appear, and the outline of the head.

The head has its own space: X to its left ear's side (right in the picture), Y down, and a depth
towards the viewer, all in half frames; (0, 0) is midway between the eyes, depth 0 the axis of the
neck. A point with more depth moves more when the head turns: that is the parallax that makes a
drawn head look solid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from zspace.data.faces.shapes import Array, Number, ramp
from zspace.data.faces.traits import Traits

__all__ = ["MIDDLE", "Pose", "pose_of"]

_EYE_DEPTH = 0.46
MIDDLE = -0.04  # height of the widest part of the head


@dataclass(frozen=True)
class Pose:
    """Turn and nod of N heads with the proportions of their faces; each number is (N, 1, 1).

    Attributes:
        sine, cosine: of the turn.
        nod: sine of the nod, positive downwards.
        half_width: of the face seen from the front.
        width: half the width of the head as it appears.
        above, below: heights of the head above and below its widest part, as they appear.
        stretch: length of the lower face, 1 is the usual one.
        jaw: 0 pointed to 1 square.
        eye_x: half the distance between the eyes.
    """

    sine: Array
    cosine: Array
    nod: Array
    half_width: Array
    width: Array
    above: Array
    below: Array
    stretch: Array
    jaw: Array
    eye_x: Array

    def project(self, x: Number, y: Number, *, depth: Number) -> tuple[Array, Array]:
        """Where a point of the head appears, (u, v); `y` below the eyes follows the face length."""
        across = x * self.cosine + (depth - 0.8 * _EYE_DEPTH) * self.sine
        down = np.where(np.asarray(y) > 0.0, y * self.stretch, y)
        return across, (down + (depth - 0.7 * _EYE_DEPTH) * self.nod).astype(np.float32)

    def shorten(self, side: float) -> Array:
        """How much narrower a feature on this side (-1, 0, 1) appears for the turn."""
        # cos(turn + lean) / cos(lean) for features that lie 20 degrees to the side.
        edge_on = self.cosine - self.sine * math.tan(math.radians(20.0)) * side
        return np.clip(edge_on, 0.3, 1.2)

    def center(self, v: Array) -> Array:
        """u of the middle of the head at the height v: a turned chin leads, the skull trails."""
        lean = ramp(v, (-0.3, 0.85 * self.stretch))
        return (-0.34 + 0.33 * lean) * self.sine

    @property
    def skull_center(self) -> Array:
        """u of the middle of the skull, which hair and hats follow, (N, 1, 1)."""
        return -0.335 * self.sine

    def outline(self, u: Array, v: Array) -> Array:
        """Signed distance to the outline of the bald head; first order at the outline."""
        level, slope = self._level(u, v)
        return level / slope

    def _level(self, u: Array, v: Array) -> tuple[Array, Array]:
        down = v - MIDDLE
        lower = down > 0.0
        height = np.where(lower, self.below, self.above)
        fraction = np.abs(down) / height
        power = np.where(lower, 2.0 + 0.75 * self.jaw, 2.5)
        taper = np.where(lower, 0.20 - 0.16 * self.jaw, 0.0)
        width = self.width * (1.0 - taper * np.minimum(fraction, 1.2) ** 1.5)
        across = (u - self.center(v)) / width
        rise = (fraction + 1e-4) ** (power - 1.0)
        slope_u, slope_v = 2.0 * across / width, power * rise / height
        slope_v = slope_v + taper * np.abs(across * across) * 2.0
        level = across * across + rise * fraction - 1.0
        return level, np.sqrt(slope_u * slope_u + slope_v * slope_v + 0.4)


def pose_of(traits: Traits) -> Pose:
    """The pose and the proportions that the factors ask for."""

    def number(name: str) -> Array:
        return traits.factor(name)[:, None, None]

    turn, nod = np.radians(number("turn")), np.sin(np.radians(number("nod")))
    sine, cosine = np.sin(turn), np.cos(turn)
    half_width = 0.515 * (1.0 + 0.085 * number("face_width"))
    stretch = 1.0 + 0.06 * number("face_length")
    side = 0.55 * sine
    return Pose(
        sine=sine,
        cosine=cosine,
        nod=nod,
        half_width=half_width,
        width=np.sqrt((half_width * cosine) ** 2 + side * side),
        above=0.70 * (1.0 + 0.15 * nod),
        below=(0.80 * stretch - MIDDLE) * (1.0 - 0.12 * np.abs(nod)) + 0.05 * nod,
        stretch=stretch,
        jaw=number("jaw"),
        eye_x=0.222 * (1.0 + 0.07 * number("eye_spacing") + 0.03 * number("face_width")),
    )
