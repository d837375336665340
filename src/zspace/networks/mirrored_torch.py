"""Strided convolutions on PyTorch, of maps that are upside down and mirrored.

With padding "same" and a stride, Keras pads a map more at the lower and right sides than at the
others. PyTorch pads all sides alike, so Keras copies each map into a larger one, and cuts each map
that a transposed convolution gives. In a mirrored map the larger side comes first. There both sides
can have it: what the stride then leaves over, at the far end, no window reaches.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

__all__ = ["conv", "conv_transpose"]


def conv(x: Any, kernel: Any, *, bias: Any, stride: int) -> Any:
    """A convolution with padding "same", plus `bias`.

    Args:
        x: mirrored maps, (batch, h, w, c).
        kernel: as Keras has it, (size, size, c, filters).
        bias: (filters,), or None.
        stride: of height and width.

    Returns:
        Mirrored maps, (batch, ceil(h / stride), ceil(w / stride), filters).
    """
    size = kernel.shape[0]
    sides = []
    for extent in x.shape[1:3]:
        padding = (-(-extent // stride) - 1) * stride + size - extent
        # Below zero, it is how many rows no window of Keras' reaches, which now come first.
        first = padding - max(padding, 0) // 2
        sides.append((first, padding - first))
    x = x.permute(0, 3, 1, 2)
    both = [first for first, _ in sides]
    if not all(first >= 0 and first - last < stride for first, last in sides):
        x, both = _padded(x, sides), [0, 0]
    y = functional.conv2d(x, _mirrored(kernel), bias, stride, both)
    return y.permute(0, 2, 3, 1)


def conv_transpose(
    x: Any, kernel: Any, *, bias: Any, stride: int, output_size: tuple[int, int]
) -> Any:
    """A transposed convolution with padding "same", plus `bias`.

    Args:
        x: mirrored maps, (batch, h, w, c).
        kernel: as Keras has it, (size, size, filters, c).
        bias: (filters,).
        stride: of height and width.
        output_size: (H, W); what is more than that is cut off where a map that is not mirrored has
            its lower and right borders.

    Returns:
        Mirrored maps, (batch, H, W, filters).
    """
    size = kernel.shape[0]
    last = max(size - stride, 0) // 2
    firsts = [
        (extent - 1) * stride + size - last - wanted
        for extent, wanted in zip(x.shape[1:3], output_size, strict=True)
    ]
    x, kernel = x.permute(0, 3, 1, 2), _mirrored(kernel)
    if all(0 <= first - last < stride for first in firsts):
        more = [first - last for first in firsts]
        y = functional.conv_transpose2d(x, kernel, bias, stride, firsts, more)
    else:
        y = functional.conv_transpose2d(x, kernel, None, stride)
        y = _padded(y, [(-first, -last) for first in firsts]) + bias[:, None, None]
    return y.permute(0, 2, 3, 1)


def _mirrored(kernel: Any) -> Any:
    turned = kernel.flip(0, 1).permute(3, 2, 0, 1)
    return turned.contiguous(memory_format=torch.channels_last)


def _padded(x: Any, sides: list[tuple[int, int]]) -> Any:
    """Rows and columns of zeros added to (batch, c, h, w), or taken away where negative."""
    (top, bottom), (left, right) = sides
    return functional.pad(x, (left, right, top, bottom))
