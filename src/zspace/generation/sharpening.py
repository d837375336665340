"""Decoded images made sharper or larger, by Pillow."""

from __future__ import annotations

import math
from numbers import Real

import numpy as np
from jaxtyping import Float, Float32
from PIL import Image, ImageEnhance

from zspace.errors import InputError
from zspace.generation.draws import require_whole

__all__ = ["sharpened", "upscaled"]

_MOST_PIXELS = 1 << 14


def sharpened(
    images: Float[np.ndarray, "count height width channels"], factor: float
) -> Float32[np.ndarray, "count height width channels"]:
    """Images between smoothed, as they are, and sharpened, by Pillow's `ImageEnhance.Sharpness`.

    smoothed + factor·(image − smoothed), pixels as 0…255 and cut there, with a smoothing over
    3 × 3 pixels. Decoded images are softer than photos; factors of 3 to 7 bring out edges, and
    no detail that the model has not made.

    Args:
        images: (n, H, W, C), floats in 0…1, C being 1 or 3.
        factor: 0 smooths, 1 leaves the images as they are, more sharpens.

    Returns:
        (n, H, W, C), float32 in 0…1, in 256 levels unless the factor is 1.

    Raises:
        InputError: if the factor is negative or not finite.

    Example:
        >>> gray = np.full((1, 4, 4, 1), 0.4, np.float32)
        >>> sharpened(gray, 3.0).round(2).max()
        np.float32(0.4)
    """
    is_number = isinstance(factor, Real) and not isinstance(factor, bool)
    if not is_number or not 0 <= factor < math.inf:
        raise InputError(
            f"a sharpening factor must be a number of at least 0, {factor!r} came; 1 leaves the "
            "images as they are"
        )
    if factor == 1:
        return np.asarray(images, np.float32)
    enhanced = [ImageEnhance.Sharpness(one).enhance(factor) for one in _pillow(images)]
    return _floats(enhanced, images.shape[-1])


def upscaled(
    images: Float[np.ndarray, "count height width channels"], factor: int
) -> Float32[np.ndarray, "count large_height large_width channels"]:
    """Images `factor` times as high and wide, by Lanczos' filter.

    Args:
        images: (n, H, W, C), floats in 0…1, C being 1 or 3.
        factor: a whole number of at least 1, which leaves the images as they are.

    Returns:
        (n, factor·H, factor·W, C), float32 in 0…1, in 256 levels unless the factor is 1.

    Raises:
        InputError: if the factor is no such number, or images would be over 16384 pixels wide.

    Example:
        >>> upscaled(np.zeros((2, 8, 6, 3), np.float32), 4).shape
        (2, 32, 24, 3)
    """
    require_whole("upscale", factor, least=1)
    height, width = images.shape[1:3]
    if factor * max(height, width) > _MOST_PIXELS:
        raise InputError(
            f"upscale {factor} makes images of {factor * height}×{factor * width} pixels, at most "
            f"{_MOST_PIXELS} were expected; give at most {_MOST_PIXELS // max(height, width)}"
        )
    if factor == 1:
        return np.asarray(images, np.float32)
    size = (factor * width, factor * height)
    larger = [one.resize(size, Image.Resampling.LANCZOS) for one in _pillow(images)]
    return _floats(larger, images.shape[-1])


def _pillow(images: Float[np.ndarray, "count height width channels"]) -> list[Image.Image]:
    """Each image as Pillow's, in 256 levels."""
    levels = np.rint(np.clip(images, 0, 1) * np.float32(255)).astype(np.uint8)
    return [Image.fromarray(one[..., 0] if one.shape[-1] == 1 else one) for one in levels]


def _floats(images: list[Image.Image], channels: int) -> np.ndarray:
    """Pillow's images as (n, H, W, C), float32 in 0…1."""
    arrays = np.stack([np.asarray(one, np.float32) for one in images]) / np.float32(255)
    return arrays.reshape(*arrays.shape[:3], channels)
