"""The decoder of a recipe as a whole: what it leaves out is taken from the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zspace.recipe.sections import Decoder, Encoder

__all__ = ["BEHIND", "WholeDecoder", "whole_decoder"]


@dataclass(frozen=True)
class WholeDecoder:
    """Every choice of a decoder.

    Attributes:
        kind: ``"conv"``, ``"resnet"`` or ``"dense"``.
        filters: conv, resnet: channels of the first map and of all layers but the output layer.
        kernels: conv, resnet: kernel size of each layer.
        strides: conv, resnet: stride of each layer.
        units: dense: width of each layer but the output layer.
        blocks: resnet: residual blocks at each resolution.
        upsample: conv, resnet: how maps are enlarged.
        behind: what stands behind each layer, by the names of the keys.
    """

    kind: str
    filters: tuple[int, ...]
    kernels: tuple[int, ...]
    strides: tuple[int, ...]
    units: tuple[int, ...]
    blocks: int
    upsample: str
    behind: dict[str, Any]


BEHIND = (
    "activation",
    "batch_normalization",
    "group_normalization",
    "dropout",
    "attention",
    "attention_heads",
)
"""The keys, of encoder and decoder alike, that say what stands behind each layer."""


def whole_decoder(encoder: Encoder, decoder: Decoder) -> WholeDecoder:
    """Every choice of the decoder of this encoder.

    Args:
        encoder: its section.
        decoder: its section, in which anything may be left out.

    Example:
        >>> found = whole_decoder(Encoder(kind="resnet", filters=(8, 16, 24, 32)), Decoder())
        >>> found.kind, found.filters, found.upsample
        ('resnet', (32, 24, 16, 8), 'nearest')
    """
    kind = encoder.kind if decoder.kind == "mirror" else decoder.kind
    kernels, strides = encoder.kernels[::-1], encoder.strides[::-1]
    filters = encoder.filters[::-1]
    if decoder.kernels:
        kernels, strides = decoder.kernels, decoder.strides
        own = decoder.filters[:1] if encoder.kind == "dense" else ()
        filters = (*(own or encoder.filters[-1:]), *decoder.filters)
    return WholeDecoder(
        kind=kind,
        filters=filters,
        kernels=kernels,
        strides=strides,
        units=decoder.units or encoder.units[::-1],
        blocks=decoder.blocks or encoder.blocks,
        upsample=decoder.upsample or ("nearest" if kind == "resnet" else "transpose"),
        behind={name: _first_given(decoder, encoder, name=name) for name in BEHIND},
    )


def _first_given(decoder: Decoder, encoder: Encoder, *, name: str) -> Any:
    value = getattr(decoder, name)
    return getattr(encoder, name) if value is None else value
