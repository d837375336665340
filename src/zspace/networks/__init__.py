"""Networks: images to features, and z-points to the parameters of a likelihood.

conv, dense, resnet    an encoder and a decoder each
residual               the block that resnet is made of
attention              self-attention between the pixels of a small map
resampling             maps made larger or smaller; transposed: by a convolution
layers                 Keras' layers with gradients that are right in bfloat16
blocks                 what all of them share
"""

from collections.abc import Callable
from typing import Any

from zspace.networks.conv import ConvDecoder, ConvEncoder
from zspace.networks.dense import DenseDecoder, DenseEncoder
from zspace.networks.resnet import ResNetDecoder, ResNetEncoder

__all__ = [
    "DECODERS",
    "ENCODERS",
    "ConvDecoder",
    "ConvEncoder",
    "DenseDecoder",
    "DenseEncoder",
    "ResNetDecoder",
    "ResNetEncoder",
]

ENCODERS: dict[str, Callable[..., Any]] = {
    "conv": ConvEncoder,
    "dense": DenseEncoder,
    "resnet": ResNetEncoder,
}
DECODERS: dict[str, Callable[..., Any]] = {
    "conv": ConvDecoder,
    "dense": DenseDecoder,
    "resnet": ResNetDecoder,
}
