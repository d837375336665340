"""Networks: images to features, and z-points to the parameters of a likelihood."""

from collections.abc import Callable
from typing import Any

from zspace.networks.conv import ConvDecoder, ConvEncoder
from zspace.networks.dense import DenseDecoder, DenseEncoder

__all__ = ["DECODERS", "ENCODERS", "ConvDecoder", "ConvEncoder", "DenseDecoder", "DenseEncoder"]

ENCODERS: dict[str, Callable[..., Any]] = {"conv": ConvEncoder, "dense": DenseEncoder}
DECODERS: dict[str, Callable[..., Any]] = {"conv": ConvDecoder, "dense": DenseDecoder}
