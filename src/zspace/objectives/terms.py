"""Pure formulas of loss terms and their scales."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["REDUCTIONS", "bits_per_dimension", "nats_per_image", "reduction_divisor"]

REDUCTIONS = ("sum", "channel_mean", "mean")


def reduction_divisor(reduction: str, image_shape: Sequence[int]) -> int:
    """What the summed negative log-likelihood of an image is divided by.

    Args:
        reduction: ``"sum"``: 1, nats per image, the true ELBO. ``"channel_mean"``: C, summed over
            height and width and averaged over channels, as Keras' cross entropy per pixel is.
            ``"mean"``: H·W·C.
        image_shape: (H, W, C).

    Example:
        >>> [reduction_divisor(name, (96, 96, 3)) for name in REDUCTIONS]
        [1, 3, 27648]
    """
    height, width, channels = image_shape
    return {"sum": 1, "channel_mean": channels, "mean": height * width * channels}[reduction]


def nats_per_image(reduced: float, reduction: str, *, image_shape: Sequence[int]) -> float:
    """A reduced reconstruction term as nats per image."""
    return reduced * reduction_divisor(reduction, image_shape)


def bits_per_dimension(nats: float, image_shape: Sequence[int]) -> float:
    """Nats per image as bits per pixel and channel: nats / (H·W·C·ln 2).

    Example:
        >>> round(bits_per_dimension(math.log(2) * 784, (28, 28, 1)), 12)
        1.0
    """
    return nats / (math.prod(image_shape) * math.log(2))
