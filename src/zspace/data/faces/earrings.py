"""Earrings, where the ears are bare."""

from __future__ import annotations

import numpy as np

from zspace.data.faces.scene import Scene
from zspace.data.faces.shapes import cover, ellipse, ramp

__all__ = ["paint_earrings"]


def paint_earrings(scene: Scene) -> None:
    """Studs and drops at the lobes that show."""
    worn = 1.0 - scene.has("earrings", "none")
    worn = worn * scene.has("hair", "bald", "buzz", "short", "swept", "updo")
    drop = scene.has("earrings", "drop")
    gold = np.array([[0.93, 0.78, 0.45]], np.float32)
    silver = np.array([[0.86, 0.88, 0.92]], np.float32)
    metal = np.where(scene.detail("glasses", 1)[:, :, 0] < 0.6, gold, silver)
    for side in (-1.0, 1.0):
        lobe_u, lobe_v = scene.pose.project(
            side * (scene.pose.half_width + 0.020), 0.262, depth=-0.03
        )
        # The ear on the far side of a turned head is hidden.
        shown = worn * ramp(-side * scene.pose.sine, (-0.20, -0.05))
        du, dv = scene.u - lobe_u, scene.v - lobe_v
        stud = ellipse(du, dv - 0.085 * drop, width=0.024, height=0.024 + 0.050 * drop)
        alpha = cover(stud, scene.pixel) * shown
        light = 0.85 + 0.5 * ramp(-dv - 0.3 * du, (-0.03, 0.05))
        scene.paint(metal.astype(np.float32)[:, :, None, None] * light[:, None], alpha=alpha)
