"""What every network is built from: one weighted layer and what stands behind it."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import keras

from zspace.errors import ShapeError
from zspace.networks.attention import GROUP_EPSILON, SelfAttention
from zspace.networks.layers import Dense, LeakyReLU

__all__ = [
    "Behind",
    "activated",
    "activation_layer",
    "apply_in_order",
    "attention",
    "block",
    "build_in_order",
    "check_equal_lengths",
    "downsampled",
    "initializer",
    "layer_sizes",
    "start",
]


_MODAL = (keras.layers.BatchNormalization, keras.layers.Dropout, keras.layers.AlphaDropout)
"""Layers that behave differently in training."""


def initializer(activation: str | None) -> str:
    """The weight initialization that fits an activation.

    LeCun-normal for SELU, whose self-normalization rests on it (Klambauer et al. 2017,
    https://arxiv.org/abs/1706.02515); Glorot-uniform, Keras' default, otherwise.
    """
    return "lecun_normal" if activation == "selu" else "glorot_uniform"


def activation_layer(name: str, dtype: Any = None) -> keras.layers.Layer:
    """The activation as a layer; leaky_relu has a negative slope of 0.3, as Keras' layer has."""
    if name == "leaky_relu":
        return LeakyReLU(negative_slope=0.3, dtype=dtype)
    return keras.layers.Activation(name, dtype=dtype)


@dataclass(frozen=True)
class Behind:
    """What stands behind each weighted layer of a network, or ahead of it in a residual block.

    Attributes:
        activation: name of the activation. SELU's dropout is alpha dropout.
        batch_normalization: whether to normalize ahead of the activation.
        group_normalization: number of groups of channels that are normalized by themselves, each
            image alone, ahead of the activation; 0 normalizes none. It must divide the channels.
            Source: Wu and He, "Group normalization", 2018, https://arxiv.org/abs/1803.08494.
        dropout: rate in [0, 1) behind the activation; 0 adds no layer.
        attention: longer side in pixels of the largest feature map that gets self-attention; 0 is
            none. See `zspace.networks.attention.SelfAttention`.
        attention_heads: of it.
        dtype: precision policy of the layers.
    """

    activation: str = "leaky_relu"
    batch_normalization: bool = False
    group_normalization: int = 0
    dropout: float = 0.0
    attention: int = 0
    attention_heads: int = 1
    dtype: Any = None

    @classmethod
    def taken_from(cls, arguments: dict[str, Any]) -> dict[str, Any]:
        """Take the attributes, but for dtype, out of a network's keyword arguments.

        Example:
            >>> arguments = {"activation": "elu", "name": "encoder"}
            >>> Behind.taken_from(arguments), arguments
            ({'activation': 'elu'}, {'name': 'encoder'})
        """
        names = [each.name for each in fields(cls) if each.name != "dtype"]
        return {name: arguments.pop(name) for name in names if name in arguments}

    def settings(self) -> dict[str, Any]:
        """The attributes, but for dtype, for a network's configuration."""
        return {each.name: getattr(self, each.name) for each in fields(self)[:-1]}


def activated(behind: Behind) -> list[keras.layers.Layer]:
    """Normalization, activation and dropout."""
    layers = []
    if behind.batch_normalization:
        layers.append(keras.layers.BatchNormalization(dtype=behind.dtype))
    if behind.group_normalization:
        groups = behind.group_normalization
        layers.append(
            keras.layers.GroupNormalization(groups, epsilon=GROUP_EPSILON, dtype=behind.dtype)
        )
    layers.append(activation_layer(behind.activation, behind.dtype))
    if behind.dropout:
        selu = behind.activation == "selu"
        kind = keras.layers.AlphaDropout if selu else keras.layers.Dropout
        # On PyTorch Keras takes the noise of a layer without a seed from PyTorch's global state,
        # which no checkpoint holds. Keras itself draws missing seeds just like this.
        seed = random.randint(1, 10**9)
        layers.append(kind(behind.dropout, seed=seed, dtype=behind.dtype))
    return layers


def attention(behind: Behind) -> list[keras.layers.Layer]:
    """Self-attention, where it is wanted; it does nothing to maps that are too large for it."""
    if not behind.attention:
        return []
    return [
        SelfAttention(
            behind.attention_heads,
            largest=behind.attention,
            groups=behind.group_normalization or 1,
            dtype=behind.dtype,
        )
    ]


def block(layer: keras.layers.Layer, behind: Behind) -> list[keras.layers.Layer]:
    """A weighted layer without activation, and what stands behind it."""
    return [layer, *activated(behind)]


def start(
    shape: tuple[int, int, int], behind: Behind, *, is_activated: bool = True
) -> list[keras.layers.Layer]:
    """A dense layer to the smallest feature map of a decoder, and what stands behind it.

    Args:
        shape: (height, width, channels) of the map.
        behind: what stands behind it.
        is_activated: whether its activation belongs here, not to the block behind it.
    """
    dense = Dense(
        math.prod(shape), kernel_initializer=initializer(behind.activation), dtype=behind.dtype
    )
    reshape = keras.layers.Reshape(shape, dtype=behind.dtype)
    if not is_activated:
        layers = [dense, reshape]
    elif behind.group_normalization:
        # Its groups are of channels, which there are only once the map has its shape.
        layers = [dense, reshape, *activated(behind)]
    else:
        layers = [*block(dense, behind), reshape]
    return [*layers, *attention(behind)]


def build_in_order(
    layers: Sequence[keras.layers.Layer], input_shape: tuple[int | None, ...]
) -> tuple[int | None, ...]:
    """Build layers one behind the other; the shape that leaves the last one."""
    for layer in layers:
        if not layer.built:
            layer.build(input_shape)
        input_shape = tuple(layer.compute_output_shape(input_shape))
    return input_shape


def apply_in_order(layers: Sequence[keras.layers.Layer], x: Any, *, training: bool | None) -> Any:
    """Call layers one behind the other, telling those that care whether this is training."""
    for layer in layers:
        modal = isinstance(layer, _MODAL) or getattr(layer, "is_modal", False)
        x = layer(x, training=training) if modal else layer(x)
    return x


def check_equal_lengths(**lists: Sequence[int]) -> None:
    """Make sure that lists describe the same number of layers, and at least one.

    Raises:
        ShapeError: naming each list and its length.
    """
    lengths = {name: len(values) for name, values in lists.items()}
    if len(set(lengths.values())) != 1 or not all(lengths.values()):
        text = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ShapeError(f"expected one entry for each layer, at least one layer, but {text}")


def downsampled(extent: int, *, kernel: int, stride: int, padding: str) -> int:
    """Height or width behind one strided convolution.

    ``ceil(extent / stride)`` with "same", ``floor((extent - kernel) / stride) + 1`` with "valid"
    padding (https://arxiv.org/abs/1603.07285).

    Raises:
        ShapeError: if a "valid" kernel is larger than what it is to slide over.

    Example:
        >>> downsampled(45, kernel=3, stride=2, padding="same")
        23
        >>> downsampled(45, kernel=3, stride=2, padding="valid")
        22
    """
    if padding == "same":
        return -(-extent // stride)
    if extent < kernel:
        raise ShapeError(
            f"a kernel of {kernel} with padding 'valid' does not fit {extent} remaining pixels; "
            "use fewer layers, smaller kernels or strides, or padding 'same'"
        )
    return (extent - kernel) // stride + 1


def layer_sizes(
    image_size: Sequence[int], kernels: Sequence[int], *, strides: Sequence[int], padding: str
) -> list[tuple[int, int]]:
    """(height, width) ahead of a decoder's first layer and behind each of its layers.

    They are those of an encoder with the same kernels and strides in reverse order.

    Example:
        >>> layer_sizes((45, 28), [3, 3], strides=[2, 2], padding="same")
        [(12, 7), (23, 14), (45, 28)]
    """
    sizes = [(image_size[0], image_size[1])]
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        height, width = (
            downsampled(extent, kernel=kernel, stride=stride, padding=padding)
            for extent in sizes[0]
        )
        sizes.insert(0, (height, width))
    return sizes
