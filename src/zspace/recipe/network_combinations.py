"""Which choices of encoder and decoder go together."""

from __future__ import annotations

from collections.abc import Iterator

from zspace.recipe.mirrored import WholeDecoder, whole_decoder
from zspace.recipe.sections import Decoder, Encoder

__all__ = ["of_the_networks"]


def of_the_networks(encoder: Encoder, decoder: Decoder) -> Iterator[str]:
    """One line for each pair of choices that makes no sense together: what, why, what to do."""
    whole = whole_decoder(encoder, decoder)
    yield from _of_keys_without_effect(encoder, decoder, whole=whole)
    yield from _of_padding(encoder, whole)
    yield from _of_normalization(encoder, whole)


def _of_keys_without_effect(
    encoder: Encoder, decoder: Decoder, *, whole: WholeDecoder
) -> Iterator[str]:
    if encoder.blocks > 1 and encoder.kind != "resnet":
        yield (
            f"encoder.blocks = {encoder.blocks} has no effect on a {encoder.kind} encoder; set "
            "encoder.kind = 'resnet', or leave it out"
        )
    if decoder.blocks is not None and whole.kind != "resnet":
        yield (
            f"decoder.blocks = {decoder.blocks} has no effect on a {whole.kind} decoder; set "
            "decoder.kind = 'resnet', or leave it out"
        )
    if decoder.upsample is not None and whole.kind == "dense":
        yield (
            f"decoder.upsample = {decoder.upsample!r}: a dense decoder has no feature maps to "
            "enlarge; leave it out, or set decoder.kind = 'conv'"
        )
    if encoder.attention and encoder.kind == "dense":
        yield (
            f"encoder.attention = {encoder.attention}: a dense encoder has no feature maps; leave "
            "it out, or set encoder.kind = 'conv'"
        )
    if decoder.attention and whole.kind == "dense":
        yield (
            f"decoder.attention = {decoder.attention}: a dense decoder has no feature maps; leave "
            "it out, or set decoder.kind = 'conv'"
        )
    heads = encoder.attention_heads
    if heads > 1 and not encoder.attention and not whole.behind["attention"]:
        yield f"encoder.attention_heads = {heads} has no effect without encoder.attention; set it"
    if decoder.attention_heads is not None and not whole.behind["attention"]:
        yield (
            f"decoder.attention_heads = {decoder.attention_heads} has no effect without "
            "decoder.attention; set it"
        )


def _of_padding(encoder: Encoder, whole: WholeDecoder) -> Iterator[str]:
    if encoder.padding == "same":
        return
    valid = f"encoder.padding = {encoder.padding!r}"
    if encoder.kind == "resnet" or whole.kind == "resnet":
        yield (
            f"{valid}: a residual block adds what went through it to what went around it, which "
            "must be of one size; set it to 'same'"
        )
    elif whole.kind == "conv" and whole.upsample != "transpose":
        yield (
            f"{valid} is that of the decoder too, where decoder.upsample = {whole.upsample!r} "
            "needs 'same'; set it, or upsample by 'transpose'"
        )


def _of_normalization(encoder: Encoder, whole: WholeDecoder) -> Iterator[str]:
    channels = {
        _list_of(encoder.kind): encoder.units if encoder.kind == "dense" else encoder.filters
    }
    if encoder.bottleneck:
        channels["bottleneck"] = (encoder.bottleneck,)
    groups, is_batch = encoder.group_normalization, encoder.batch_normalization
    yield from _of_groups("encoder", groups, is_batch=is_batch, channels=channels)
    channels = {_list_of(whole.kind): whole.units if whole.kind == "dense" else whole.filters}
    groups, is_batch = (whole.behind[f"{kind}_normalization"] for kind in ("group", "batch"))
    yield from _of_groups("decoder", groups, is_batch=is_batch, channels=channels)


def _list_of(kind: str) -> str:
    return "units" if kind == "dense" else "filters"


def _of_groups(
    section: str, groups: int, *, is_batch: bool, channels: dict[str, tuple[int, ...]]
) -> Iterator[str]:
    if groups and is_batch:
        yield (
            f"{section}.batch_normalization and {section}.group_normalization = {groups} would "
            "both normalize the same layers; leave one of them out"
        )
    for name, counts in channels.items():
        indivisible = [count for count in counts if groups and count % groups]
        if indivisible:
            yield (
                f"{section}.group_normalization = {groups} does not divide {indivisible[0]} of "
                f"{section}.{name} = {list(counts)}; choose a number of groups that divides all"
            )
