"""How near images come to what they should be: PSNR and SSIM."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from zspace.errors import ShapeError

__all__ = ["Quality", "image_quality", "unit"]

_WINDOW = 11
"""Pixels that SSIM's Gaussian window of σ = 1.5 covers."""


class Quality(NamedTuple):
    """Two measures of each of n images.

    Attributes:
        psnr: (n,) decibels: −10·log10 of the mean squared error of pixels in 0…1. Infinite for
            equal images. Twice the error costs 6 dB.
        ssim: (n,) at most 1, for equal images; how alike means, contrasts and patterns are in
            windows of 11×11 pixels (Wang et al. 2004, https://doi.org/10.1109/TIP.2003.819861).
            NaN for images smaller than that.
    """

    psnr: Float[np.ndarray, " count"]
    ssim: Float[np.ndarray, " count"]

    def to_dict(self) -> dict[str, float | None]:
        """Means over the images with a finite value; None where there is none."""
        finite = {name: of[np.isfinite(of)] for name, of in self._asdict().items()}
        return {name: float(of.mean()) if len(of) else None for name, of in finite.items()}


def image_quality(
    images: Shaped[np.ndarray, "*_images"],
    originals: Shaped[np.ndarray, "*_originals"],
) -> Quality:
    """Compare images with originals, each with its own.

    Args:
        images: (n, H, W, C), uint8, or floats where 0 is black and 1 white.
        originals: of the same shape; uint8 or floats.

    Returns:
        PSNR and SSIM, as scikit-image computes them with the settings of SSIM's paper.

    Raises:
        ShapeError: if the shapes differ, or there is no image.

    Example:
        >>> black = np.zeros((1, 16, 16, 1))
        >>> float(image_quality(black + 0.1, black).psnr[0].round(6))
        20.0
    """
    from skimage.metrics import structural_similarity

    if images.shape != originals.shape or not len(images):
        raise ShapeError(
            f"expected as many images as originals, of one shape, got {images.shape} and "
            f"{originals.shape}"
        )
    settings: dict[str, Any] = {
        "data_range": 1.0,
        "gaussian_weights": True,
        "sigma": 1.5,
        "use_sample_covariance": False,
        "channel_axis": -1,
    }
    fits = min(images.shape[1:3]) >= _WINDOW
    psnr, ssim = [], []
    for image, original in zip(images, originals, strict=True):
        pair = unit(image), unit(original)
        error = float(np.mean((pair[0] - pair[1]) ** 2))
        psnr.append(-10 * np.log10(error) if error else np.inf)
        ssim.append(structural_similarity(*pair, **settings) if fits else np.nan)
    return Quality(np.array(psnr), np.array(ssim))


def unit(pixels: Shaped[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """Pixels as float64 in 0…1."""
    if pixels.dtype.kind in "iu":
        return pixels / 255.0
    return np.clip(pixels.astype(np.float64), 0, 1)
