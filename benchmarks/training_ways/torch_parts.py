"""Encoder and decoder in PyTorch, for the plain loop and for pythae."""

from __future__ import annotations

import math
from itertools import pairwise

from torch import nn
from training_ways.shapes import KERNEL, SLOPE, Shape


def trunk(shape: Shape) -> nn.Sequential:
    """Images (n, C, H, W) to features (n, F)."""
    layers: list[nn.Module] = []
    channels = (shape.image[2], *shape.filters)
    for (before, after), stride in zip(pairwise(channels), shape.strides, strict=True):
        layers += [nn.Conv2d(before, after, KERNEL, stride, padding=1), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers, nn.Flatten())


def features(shape: Shape) -> int:
    """F."""
    return math.prod(shape.smallest)


def decoder(shape: Shape) -> nn.Sequential:
    """z-points (n, latent) to logits (n, C, H, W)."""
    height, width, depth = shape.smallest
    layers: list[nn.Module] = [
        nn.Linear(shape.latent, features(shape)),
        nn.LeakyReLU(SLOPE),
        nn.Unflatten(1, (depth, height, width)),
    ]
    channels = (*shape.filters[::-1], shape.image[2])
    for (before, after), stride in zip(pairwise(channels), shape.strides[::-1], strict=True):
        layers += [
            nn.ConvTranspose2d(before, after, KERNEL, stride, padding=1, output_padding=stride - 1),
            nn.LeakyReLU(SLOPE),
        ]
    return nn.Sequential(*layers[:-1])
