"""Self-attention between the pixels of a small feature map."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from zspace.errors import ShapeError
from zspace.networks.layers import Dense

__all__ = ["GROUP_EPSILON", "SelfAttention"]

GROUP_EPSILON = 1e-5
"""Added to the variance of a group of channels, as in the paper on group normalization."""


@keras.saving.register_keras_serializable(package="zspace")
class SelfAttention(keras.layers.Layer):
    """Every pixel of a feature map looks at every other: (batch, H, W, C) to the same shape.

    ``x + P · softmax(Q·Kᵀ / √d) · V`` for each head, with Q, K, V linear in the normalized x, and d
    channels a head. So what is at one place can depend on what is at any other (both eyes, both
    sides of a face) without many layers between them. Its cost grows with (H·W)², so it is for
    small maps only; larger ones pass through, without any weights. P starts at zero, and the
    network as one without attention.

    Source: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, between the pixels of an image as
    in Zhang et al. 2018, https://arxiv.org/abs/1805.08318.

    Args:
        heads: number of heads, which must divide the channels.
        largest: longer side in pixels of the largest map that it works on.
        groups: of channels that are normalized by themselves ahead of it.

    Raises:
        ShapeError: at building, if heads do not divide the channels.

    Example:
        >>> layer = SelfAttention(2, largest=8)
        >>> layer.build((None, 8, 6, 4))
        >>> layer.count_params()  # normalization 8, Q, K, V 60, P 20
        88
    """

    def __init__(self, heads: int = 1, *, largest: int, groups: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads = heads
        self.largest = largest
        self.groups = groups

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make the weights, where the map is small enough."""
        height, width, channels = self.map_shape = tuple(input_shape[1:])
        self.is_small = max(height, width) <= self.largest
        if self.is_small:
            if channels % self.heads:
                raise ShapeError(
                    f"attention_heads = {self.heads} does not divide the {channels} channels of "
                    f"the feature map of {height}×{width} pixels; choose a divisor of {channels}"
                )
            self.normalization = keras.layers.GroupNormalization(
                self.groups, epsilon=GROUP_EPSILON, dtype=self.dtype_policy
            )
            self.query_key_value = Dense(3 * channels, dtype=self.dtype_policy)
            self.projection = Dense(channels, kernel_initializer="zeros", dtype=self.dtype_policy)
            self.normalization.build(input_shape)
            pixels = (None, height * width, channels)
            self.query_key_value.build(pixels)
            self.projection.build(pixels)
        self.built = True

    def call(self, x: Any) -> Any:
        """(batch, H, W, C) of (batch, H, W, C)."""
        if not self.is_small:
            return x
        height, width, channels = self.map_shape
        pixels = ops.reshape(self.normalization(x), (-1, height * width, channels))
        by_head = (-1, height * width, 3, self.heads, channels // self.heads)
        parts = ops.transpose(ops.reshape(self.query_key_value(pixels), by_head), (2, 0, 3, 1, 4))
        query, key, value = parts[0], parts[1], parts[2]
        scores = ops.matmul(query, ops.swapaxes(key, -1, -2))
        scores = ops.cast(scores, "float32") / (channels // self.heads) ** 0.5
        weights = ops.cast(ops.softmax(scores, axis=-1), value.dtype)
        seen = ops.transpose(ops.matmul(weights, value), (0, 2, 1, 3))
        seen = self.projection(ops.reshape(seen, (-1, height * width, channels)))
        return x + ops.reshape(seen, (-1, height, width, channels))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {
            **super().get_config(),
            "heads": self.heads,
            "largest": self.largest,
            "groups": self.groups,
        }
