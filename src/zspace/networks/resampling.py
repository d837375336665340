"""Feature maps made larger or smaller by whole factors, to exactly the size that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from zspace.networks.layers import Conv2D
from zspace.networks.transposed import TransposedConv

__all__ = ["Averaging", "Upsampling", "enlarging"]


def _nearest(x: Any, axis: int, factor: int) -> Any:
    return ops.repeat(x, factor, axis=axis)


def _bilinear(x: Any, axis: int, factor: int) -> Any:
    """Linear interpolation along one axis; what lies beyond an edge is as the edge."""
    extent = x.shape[axis]
    before = ops.concatenate([_part(x, axis, 0, 1), _part(x, axis, 0, extent - 1)], axis=axis)
    after = ops.concatenate([_part(x, axis, 1, extent), _part(x, axis, extent - 1, extent)], axis)
    phases = []
    for number in range(factor):
        # Where the center of the small pixel lies, in large pixels from the center of its own.
        place = (number + 0.5) / factor - 0.5
        neighbor = before if place < 0 else after
        phases.append((1 - abs(place)) * x + abs(place) * neighbor)
    together = ops.stack(phases, axis=axis + 1)
    shape = list(x.shape)
    shape[axis] = extent * factor
    return ops.reshape(together, (-1, *shape[1:]))


def _part(x: Any, axis: int, first: int, end: int) -> Any:
    return x[:, first:end] if axis == 1 else x[:, :, first:end]


_KINDS = {"nearest": _nearest, "bilinear": _bilinear}


@keras.saving.register_keras_serializable(package="zspace")
class Upsampling(keras.layers.Layer):
    """Each pixel becomes factor × factor, (batch, h, w, C) to (batch, H, W, C), without weights.

    Surplus rows and columns at the lower and right border are cut off, so that H and W may be any
    that a convolution of this stride turns into h and w. Followed by a convolution it is what
    Odena, Dumoulin and Olah recommend instead of a transposed convolution, which lays its kernel
    over some pixels more often than over others and so leaves a checkerboard: "Deconvolution and
    checkerboard artifacts", 2016, https://distill.pub/2016/deconv-checkerboard/.

    Args:
        factor: how many times as high and as wide.
        kind: ``"nearest"`` repeats each pixel, ``"bilinear"`` interpolates between the centers.
        output_size: (H, W).
    """

    def __init__(
        self, factor: int, kind: str, *, output_size: Sequence[int], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.factor = factor
        self.kind = kind
        self.output_size = list(output_size)

    def call(self, x: Any) -> Any:
        """(batch, H, W, C) of (batch, h, w, C)."""
        for axis in (1, 2):
            x = _KINDS[self.kind](x, axis, self.factor)
        return x[:, : self.output_size[0], : self.output_size[1], :]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, H, W, C)."""
        return (input_shape[0], *self.output_size, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "factor": self.factor,
            "kind": self.kind,
            "output_size": self.output_size,
        }


@keras.saving.register_keras_serializable(package="zspace")
class Averaging(keras.layers.Layer):
    """Each square of pixels becomes its mean: (batch, H, W, C) to (batch, ⌈H/f⌉, ⌈W/f⌉, C).

    Squares that reach over the lower or right border are filled with zeros, as a convolution with
    padding "same" sees them. Keras' own pooling treats borders differently on each backend.

    Args:
        factor: side f of a square.
    """

    def __init__(self, factor: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x: Any) -> Any:
        """(batch, ⌈H/f⌉, ⌈W/f⌉, C) of (batch, H, W, C)."""
        factor = self.factor
        _, height, width, channels = self.compute_output_shape(x.shape)
        missing = [height * factor - x.shape[1], width * factor - x.shape[2]]
        if any(missing):
            x = ops.pad(x, [[0, 0], [0, missing[0]], [0, missing[1]], [0, 0]])
        return ops.mean(ops.reshape(x, (-1, height, factor, width, factor, channels)), axis=(2, 4))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """(batch, ⌈H/f⌉, ⌈W/f⌉, C)."""
        batch, height, width, channels = input_shape
        return (batch, -(-height // self.factor), -(-width // self.factor), channels)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "factor": self.factor}


def enlarging(
    filters: int,
    kernel: int,
    *,
    stride: int,
    output_size: Sequence[int],
    upsample: str,
    **settings: Any,
) -> list[keras.layers.Layer]:
    """The layers that make a map `stride` times as large and give it other channels.

    Args:
        filters: output channels.
        kernel: kernel size.
        stride: how many times as high and as wide.
        output_size: (H, W), exactly.
        upsample: ``"transpose"``: a transposed convolution. ``"nearest"``, ``"bilinear"``:
            up-sampling, then a convolution.
        settings: padding, kernel_initializer and dtype.
    """
    if upsample == "transpose":
        return [TransposedConv(filters, kernel, stride=stride, output_size=output_size, **settings)]
    convolution = Conv2D(filters, kernel, **settings)
    if stride == 1:
        return [convolution]
    dtype = settings.get("dtype")
    return [Upsampling(stride, upsample, output_size=output_size, dtype=dtype), convolution]
