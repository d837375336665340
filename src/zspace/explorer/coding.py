"""Decoding and encoding for many visitors: checked on the way in and out, so many at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32, Float64, Real, UInt8

from zspace.errors import InputError, ShapeError
from zspace.explorer.gate import Gate

__all__ = ["MOST_AT_ONCE", "Coding", "as_z"]

MOST_AT_ONCE = 128
"""Images that one question may ask for: a walk, a strip."""

_FARTHEST = 1e12


def as_z(z: Real[np.ndarray, "*_z"], *, size: int) -> Float64[np.ndarray, " latent"]:
    """One z-point, checked, as float64.

    Args:
        z: (latent,).
        size: of the latent space.

    Raises:
        InputError: if a number is not finite, or beyond 10¹², where float32 knows no places.
        ShapeError: if it has another latent size.

    Example:
        >>> as_z(np.array([1, 2]), size=2).tolist()
        [1.0, 2.0]
    """
    if z.shape != (size,):
        raise ShapeError(f"a z-point of shape ({size},) was expected, {z.shape} came")
    found = z.astype(np.float64)
    fine = np.abs(found) <= _FARTHEST
    if not fine.all():
        axis = int(np.argmin(fine))
        raise InputError(
            f"a z-point must be finite numbers up to {_FARTHEST:g}, {found[axis]} came on axis "
            f"{axis}; move the slider back, or press undo"
        )
    return found


@dataclass(frozen=True, eq=False)
class Coding:
    """A model to decode and to encode with.

    Attributes:
        decoder: z-points (n, latent), float32, to images (n, H, W, C) in 0…1: ``run.decode``.
        encoder: images (n, H, W, C), uint8, to posterior means (n, latent):
            ``run.encode_images``; None where there is none.
        latent_size: number of axes.
        image_shape: (H, W, C).
        gate: turns; several models on one machine share one.

    Example:
        >>> gray = lambda z: np.full((len(z), 2, 2, 1), 0.5, np.float32)
        >>> Coding(gray, None, latent_size=3, image_shape=(2, 2, 1)).decode(np.zeros((1, 3))).shape
        (1, 2, 2, 1)
    """

    decoder: Callable[[np.ndarray], np.ndarray]
    encoder: Callable[[np.ndarray], np.ndarray] | None
    latent_size: int
    image_shape: tuple[int, int, int]
    gate: Gate = field(default_factory=Gate)

    def decode(
        self, points: Real[np.ndarray, "count size"]
    ) -> Float32[np.ndarray, "count height width channels"]:
        """Images of z-points.

        Raises:
            InputError: if a z-point is not finite, there are none or more than `MOST_AT_ONCE`, or
                what is decoded is not finite.
            ShapeError: if the points have another latent size.
            BusyError: if too many ask at once.
        """
        if not 1 <= len(points) <= MOST_AT_ONCE:
            raise InputError(
                f"1 to {MOST_AT_ONCE} z-points at a time are decoded, {len(points)} came; ask for "
                "fewer steps"
            )
        z = np.stack([as_z(point, size=self.latent_size) for point in points])
        with self.gate:
            images = np.asarray(self.decoder(z.astype(np.float32)), np.float32)
        if not np.isfinite(images).all():
            raise InputError(
                "the decoder gives values that are not finite here; go nearer to the codes, or "
                "press undo"
            )
        return images

    def encode(
        self, images: UInt8[np.ndarray, "count height width channels"]
    ) -> Float64[np.ndarray, "count latent"]:
        """Posterior means of images.

        Raises:
            InputError: if the model has no encoder at hand, there are too many images, or a code
                is not finite.
            ShapeError: if they have another shape.
            BusyError: if too many ask at once.
        """
        if self.encoder is None:
            raise InputError("there is no encoder at hand, so no image can be placed here")
        if images.shape[1:] != self.image_shape or not 1 <= len(images) <= MOST_AT_ONCE:
            raise ShapeError(
                f"1 to {MOST_AT_ONCE} images of shape {self.image_shape} were expected, "
                f"{images.shape} came"
            )
        with self.gate:
            codes = np.asarray(self.encoder(images))
        return np.stack([as_z(code, size=self.latent_size) for code in codes])
