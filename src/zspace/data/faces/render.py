"""Render traits to pictures: the order in which the parts of a face are painted."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8

from zspace.data.faces.background import paint_background
from zspace.data.faces.beard import paint_beard
from zspace.data.faces.body import paint_body
from zspace.data.faces.earrings import paint_earrings
from zspace.data.faces.eyes import paint_brows, paint_eyes
from zspace.data.faces.glasses import paint_glasses
from zspace.data.faces.hair import comb, paint_back_hair, paint_front_hair, paint_hair_shadow
from zspace.data.faces.hat import paint_hat
from zspace.data.faces.head import paint_ears, paint_head, paint_near_ear
from zspace.data.faces.mouth import paint_mouth, paint_nose
from zspace.data.faces.scene import Scene, open_scene
from zspace.data.faces.traits import Traits

__all__ = ["render"]

# Planes of a block stay in the cache of a core, and memory does not grow with the number of faces.
_BLOCK_PIXELS = 40_000
# Smaller pictures are drawn twice as large and averaged: lashes are thinner than their pixels.
_DIRECT_SIZE = 64


def render(traits: Traits, *, size: int) -> UInt8[np.ndarray, "count size size 3"]:
    """Pictures of these faces, (N, size, size, 3)."""
    times = 1 if size >= _DIRECT_SIZE else 2
    drawn = size * times
    block = max(1, _BLOCK_PIXELS // (drawn * drawn))
    images = np.empty((len(traits), size, size, 3), np.uint8)
    for start in range(0, len(traits), block):
        rows = slice(start, min(start + block, len(traits)))
        image = _render_block(traits.rows(rows), size=drawn)
        if times > 1:
            image = image.reshape(len(image), 3, size, times, size, times).mean(axis=(3, 5))
        np.clip(image * 255.0 + 0.5, 0.0, 255.0, out=image)
        images[rows] = image.transpose(0, 2, 3, 1).astype(np.uint8)
    return images


def _render_block(traits: Traits, *, size: int) -> np.ndarray:
    scene = open_scene(traits, size=size)
    hair = comb(scene)
    paint_background(scene)
    paint_back_hair(scene, hair)
    paint_body(scene)
    paint_ears(scene)
    paint_head(scene)
    paint_near_ear(scene)
    paint_nose(scene)
    paint_beard(scene)
    paint_mouth(scene)
    paint_hair_shadow(scene, hair)
    paint_eyes(scene)
    paint_brows(scene)
    paint_glasses(scene)
    paint_earrings(scene)
    paint_front_hair(scene, hair)
    paint_hat(scene)
    return _develop(scene)


def _develop(scene: Scene) -> np.ndarray:
    """Exposure, a soft shoulder for the lights, and slightly darker corners."""
    exposure = 0.985 + 0.15 * scene.factor("exposure")
    corners = 1.0 - 0.10 * np.clip(scene.x**2 + scene.y**2 - 0.6, 0.0, 1.4)
    image = np.maximum(scene.image, 0.0) * (exposure * corners)[:, None]
    # Linear up to 0.8, then bending so that 1.35 becomes white: no burnt-out cheeks.
    over = np.clip((image - 0.8) / 0.55, 0.0, 1.0)
    return np.minimum(image, 0.8) + 0.2 * over * (2.0 - over)
