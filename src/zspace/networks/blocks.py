"""What every network is built from: one weighted layer and what stands behind it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from zspace.errors import ShapeError

__all__ = [
    "Behind",
    "activation_layer",
    "apply_in_order",
    "block",
    "build_in_order",
    "check_equal_lengths",
    "initializer",
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
        return keras.layers.LeakyReLU(negative_slope=0.3, dtype=dtype)
    return keras.layers.Activation(name, dtype=dtype)


@dataclass(frozen=True)
class Behind:
    """What stands behind each weighted layer of a network.

    Attributes:
        activation: name of the activation. SELU's dropout is alpha dropout.
        batch_normalization: whether to normalize ahead of the activation.
        dropout: rate in [0, 1) behind the activation; 0 adds no layer.
        dtype: precision policy of the layers.
    """

    activation: str
    batch_normalization: bool
    dropout: float
    dtype: Any = None


def block(layer: keras.layers.Layer, behind: Behind) -> list[keras.layers.Layer]:
    """A weighted layer without activation, and what stands behind it."""
    layers = [layer]
    if behind.batch_normalization:
        layers.append(keras.layers.BatchNormalization(dtype=behind.dtype))
    layers.append(activation_layer(behind.activation, behind.dtype))
    if behind.dropout:
        selu = behind.activation == "selu"
        kind = keras.layers.AlphaDropout if selu else keras.layers.Dropout
        # On PyTorch Keras takes the noise of a layer without a seed from PyTorch's global state,
        # which no checkpoint holds. Keras itself draws missing seeds just like this.
        seed = random.randint(1, 10**9)
        layers.append(kind(behind.dropout, seed=seed, dtype=behind.dtype))
    return layers


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
        x = layer(x, training=training) if isinstance(layer, _MODAL) else layer(x)
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
