"""The two models that every way trains: what the recipes mnist-vae and celeba-vae say."""

from __future__ import annotations

import math
from dataclasses import dataclass

BATCH = 128
SLOPE = 0.3
"""Of the leaky ReLU below 0."""
KERNEL = 3


@dataclass(frozen=True)
class Shape:
    """A convolutional VAE: as many convolutions as transposed convolutions, a pixel's logits.

    Attributes:
        recipe: the shipped recipe.
        image: (H, W, C).
        filters: of the encoder, and backwards of the decoder.
        strides: likewise.
        latent: number of latent axes.
        learning_rate: of Adam.
    """

    recipe: str
    image: tuple[int, int, int]
    filters: tuple[int, ...]
    strides: tuple[int, ...]
    latent: int
    learning_rate: float

    @property
    def sides(self) -> list[int]:
        """Height of the images, and of the maps behind each convolution; width is the same."""
        sides = [self.image[0]]
        for stride in self.strides:
            sides.append(-(-sides[-1] // stride))
        return sides

    @property
    def smallest(self) -> tuple[int, int, int]:
        """The map between convolutions and dense layers."""
        return (self.sides[-1], self.sides[-1], self.filters[-1])


SHAPES = {
    "mnist": Shape("mnist-vae", (28, 28, 1), (32, 64, 128), (1, 2, 2), 16, 1e-3),
    "celeba": Shape("celeba-vae", (96, 96, 3), (32, 64, 128, 256), (2, 2, 2, 2), 256, 5e-4),
}


def multiply_adds(shape: Shape) -> int:
    """Of a training step, for one image: forward, and backward to weights and to inputs.

    Each layer's three products cost alike; the first convolution needs no gradient of its input. A
    transposed convolution is a convolution read backwards, and costs the same.
    """
    channels = (shape.image[2], *shape.filters)
    convolutions = [
        shape.sides[layer + 1] ** 2 * KERNEL**2 * channels[layer] * channels[layer + 1]
        for layer in range(len(shape.filters))
    ]
    mean_log_variance_decoder = 3 * math.prod(shape.smallest) * shape.latent
    return 3 * (2 * sum(convolutions) + mean_log_variance_decoder) - convolutions[0]
