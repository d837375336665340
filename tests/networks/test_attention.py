"""Group normalization and self-attention beside PyTorch's, on the same weights."""

import keras
import numpy as np
import pytest
import torch
from keras import ops

from zspace.errors import ShapeError
from zspace.networks import ConvEncoder
from zspace.networks.attention import GROUP_EPSILON, SelfAttention
from zspace.networks.blocks import Behind, activated

DRAW = np.random.default_rng(0)
MAP = DRAW.normal(2, 3, size=(3, 5, 4, 12)).astype("float32")


def numpy(x):
    return ops.convert_to_numpy(x)


def tensor(x):
    return torch.tensor(numpy(x))


def group_normalized(x, layer, groups):
    """(batch, H, W, C) by PyTorch, with the layer's weights."""
    found = torch.nn.functional.group_norm(
        torch.tensor(x).permute(0, 3, 1, 2),
        groups,
        tensor(layer.gamma),
        tensor(layer.beta),
        eps=GROUP_EPSILON,
    )
    return found.permute(0, 2, 3, 1)


def draw_weights(layer):
    for weight in layer.weights:
        weight.assign(DRAW.normal(size=weight.shape))


@pytest.mark.parametrize("groups", [1, 3, 12])
def test_group_normalization_is_pytorchs(groups):
    layer, _ = activated(Behind("tanh", group_normalization=groups))
    layer.build(MAP.shape)
    draw_weights(layer)
    expected = group_normalized(MAP, layer, groups)
    np.testing.assert_allclose(numpy(layer(MAP)), expected.numpy(), atol=1e-4)


@pytest.mark.parametrize(("heads", "groups"), [(1, 1), (3, 4), (12, 2)])
def test_attention_is_pytorchs(heads, groups):
    layer = SelfAttention(heads, largest=5, groups=groups)
    layer.build(MAP.shape)
    draw_weights(layer)
    pixels = group_normalized(MAP, layer.normalization, groups).reshape(3, 20, 12)
    inner, outer = layer.query_key_value, layer.projection
    mixed = pixels @ tensor(inner.kernel) + tensor(inner.bias)
    # (batch, heads, pixels, channels of a head), as PyTorch wants them.
    query, key, value = (
        part.reshape(3, 20, heads, 12 // heads).transpose(1, 2) for part in mixed.split(12, dim=-1)
    )
    seen = torch.nn.functional.scaled_dot_product_attention(query, key, value)
    seen = seen.transpose(1, 2).reshape(3, 20, 12) @ tensor(outer.kernel) + tensor(outer.bias)
    expected = MAP + seen.reshape(MAP.shape).numpy()
    np.testing.assert_allclose(numpy(layer(MAP)), expected, atol=2e-4)


def test_it_starts_as_nothing_and_passes_large_maps():
    small, large = SelfAttention(largest=5), SelfAttention(largest=4)
    np.testing.assert_array_equal(numpy(small(MAP)), MAP)
    np.testing.assert_array_equal(numpy(large(MAP)), MAP)
    assert small.count_params() == 2 * 12 + 13 * 36 + 13 * 12
    assert large.count_params() == 0


def test_pixels_far_from_each_other_meet():
    layer = SelfAttention(largest=5)
    layer.build(MAP.shape)
    draw_weights(layer)
    changed = MAP.copy()
    changed[:, 0, 0] += 5
    moved = np.abs(numpy(layer(changed)) - numpy(layer(MAP))).max(axis=(0, 3))
    assert (moved > 1e-3).all()


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_precision_is_kept(precision):
    layer = SelfAttention(3, largest=5, groups=4, dtype=precision)
    assert keras.backend.standardize_dtype(layer(MAP).dtype) == precision.removeprefix("mixed_")
    assert {weight.dtype for weight in layer.weights} == {"float32"}


def test_which_maps_get_attention():
    encoder = ConvEncoder([4, 4, 4], [3, 3, 3], strides=[2, 2, 2], attention=8)
    encoder.build((None, 28, 20, 1))
    layers = [layer for layer in encoder.stack if isinstance(layer, SelfAttention)]
    assert [layer.map_shape for layer in layers] == [(14, 10, 4), (7, 5, 4), (4, 3, 4)]
    assert [layer.is_small for layer in layers] == [False, True, True]


def test_heads_that_do_not_divide_are_named():
    with pytest.raises(ShapeError, match="attention_heads = 5 does not divide the 12 channels"):
        SelfAttention(5, largest=5).build(MAP.shape)
    SelfAttention(5, largest=4).build(MAP.shape)
