"""Residual networks, and every combination of networks that a recipe allows."""

import itertools

import keras
import numpy as np
import pytest
import torch
from keras import ops

from zspace.assemble import assemble
from zspace.networks import ResNetDecoder, ResNetEncoder
from zspace.networks.residual import ResidualBlock
from zspace.recipe import Recipe
from zspace.recipe.mirrored import whole_decoder


def numpy(x):
    return ops.convert_to_numpy(x)


def conv(kernel, channels, filters, *, bias=True):
    return kernel * kernel * channels * filters + bias * filters


def test_a_block_is_pytorchs():
    """Activation, strided convolution, activation, convolution; averages and 1×1 around it."""
    x = np.random.default_rng(0).normal(size=(2, 6, 8, 3)).astype("float32")
    block = ResidualBlock(5, 3, stride=2, activation="elu")
    block.build(x.shape)
    draw = np.random.default_rng(1)
    for weight in block.weights:
        weight.assign(draw.normal(size=weight.shape))
    _, first, _, second = block.branch
    around = block.shortcut[1]

    def kernel(layer):
        return torch.tensor(numpy(layer.kernel)).permute(3, 2, 0, 1)

    given = torch.tensor(x).permute(0, 3, 1, 2)
    functional = torch.nn.functional
    # Keras pads a stride of 2 on even sizes at the lower and right border alone.
    inner = functional.pad(functional.elu(given), (0, 1, 0, 1))
    inner = functional.conv2d(inner, kernel(first), torch.tensor(numpy(first.bias)), stride=2)
    bias = torch.tensor(numpy(second.bias))
    inner = functional.conv2d(functional.elu(inner), kernel(second), bias, padding=1)
    expected = inner + functional.conv2d(functional.avg_pool2d(given, 2), kernel(around))
    np.testing.assert_allclose(numpy(block(x)), expected.permute(0, 2, 3, 1), atol=1e-4)


def test_a_block_begins_as_its_shortcut():
    x = np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype("float32")
    np.testing.assert_array_equal(numpy(ResidualBlock(3, 3)(x)), x)
    larger = ResidualBlock(3, 3, stride=2, upsample="nearest", output_size=[11, 10])
    np.testing.assert_array_equal(numpy(larger(x)), x.repeat(2, 1).repeat(2, 2)[:, :11])


def test_weights_counted_by_hand():
    """24×24×1, filters 4/6, two blocks at each resolution, groups, attention at 6 pixels."""
    behind = {"group_normalization": 2, "attention": 6}
    lists = {"strides": [2, 2], "blocks": 2}
    encoder = ResNetEncoder([4, 6], [3, 5], **lists, **behind)
    encoder.build((None, 24, 24, 1))
    same_4 = 2 * (2 * 4) + 2 * conv(3, 4, 4)
    same_6 = 2 * (2 * 6) + 2 * conv(5, 6, 6)
    down = 2 * 4 + 2 * 6 + conv(5, 4, 6) + conv(5, 6, 6) + conv(1, 4, 6, bias=False)
    attention = 2 * 6 + 7 * 18 + 7 * 6
    expected = conv(3, 1, 4) + 2 * same_4 + down + same_6 + attention + 2 * 6
    assert encoder.count_params() == expected

    decoder = ResNetDecoder([24, 24], [6, 4, 1], kernels=[5, 3], **lists, **behind)
    decoder.build((None, 7))
    up = 2 * 6 + 2 * 4 + conv(5, 6, 4) + conv(5, 4, 4) + conv(1, 6, 4, bias=False)
    dense = 8 * 6 * 6 * 6
    assert decoder.count_params() == (
        dense + attention + same_6 + up + 2 * same_4 + 2 * 4 + conv(3, 4, 1)
    )


def recipe(size, encoder, decoder, upsample=None):
    layers = {"filters": [4, 8], "kernels": [3, 4], "strides": [2, 3]}
    return Recipe.from_dict(
        {
            "data": {"size": size, "channels": 1},
            "encoder": {**layers, **encoder},
            "decoder": {**decoder, **({"upsample": upsample} if upsample else {})},
            "latent": {"size": 3},
        }
    )


ALL = {"group_normalization": 2, "attention": 9, "attention_heads": 2, "dropout": 0.1}
SIZES = ([45, 45], [89, 109], [28, 20])
COMBINATIONS = [
    (encoder, decoder, upsample)
    for encoder, decoder, upsample in itertools.product(
        ("conv", "resnet", "dense"),
        ("conv", "resnet", "dense"),
        (None, "transpose", "nearest", "bilinear"),
    )
    if decoder != "dense" or upsample is None
]


@pytest.mark.parametrize("number", range(len(COMBINATIONS)))
def test_every_combination_gives_the_image_back(number):
    encoder, decoder, upsample = COMBINATIONS[number]
    size = SIZES[number % len(SIZES)]
    behind = ALL if encoder != "dense" else {"units": [6, 4], "group_normalization": 2}
    given = {"units": [4]} if decoder == "dense" else {}
    if encoder == "dense" != decoder:
        given = {"attention": 9, "attention_heads": 2}
    model = assemble(
        recipe(size, {"kind": encoder, **behind}, {"kind": decoder, **given}, upsample)
    )
    output = model.decoder(np.zeros((2, 3), np.float32), training=False)
    assert tuple(output.shape) == (2, *size, 1)
    assert tuple(model.decoder.compute_output_shape((2, 3))) == (2, *size, 1)
    assert np.isfinite(numpy(output)).all()
    features = model.encoder(np.zeros((2, *size, 1), np.float32), training=False)
    assert tuple(features.shape) == tuple(model.encoder.compute_output_shape((2, *size, 1)))


def gradients(model, images):
    """Of the loss by each trainable weight, in tensorflow's eager mode."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = model.compute_loss(x=images, y=images, y_pred=model(images, training=True))
    return tape.gradient(loss, [weight.value for weight in model.trainable_weights])


@pytest.mark.parametrize(
    ("kind", "upsample"),
    [("conv", "bilinear"), ("conv", "transpose"), ("resnet", "nearest"), ("resnet", "transpose")],
)
def test_gradients_reach_all_weights(kind, upsample):
    """From the second step on: what ends a residual branch starts at zero, and hides the rest."""
    model = assemble(recipe([13, 10], {"kind": kind, "blocks": 1, **ALL}, {}, upsample))
    images = np.random.default_rng(0).uniform(size=(4, 13, 10, 1)).astype("float32")
    model.compile(optimizer="sgd")
    first = gradients(model, images)
    for weight, gradient in zip(model.trainable_weights, first, strict=True):
        weight.assign_sub(0.01 * gradient)
    found = gradients(model, images)
    dead = [
        weight.path
        for weight, gradient in zip(model.trainable_weights, found, strict=True)
        if gradient is None or not np.abs(numpy(gradient)).max() > 0
    ]
    assert not dead


def test_the_decoder_mirrors_the_encoder():
    made = recipe([45, 28], {"kind": "resnet", "blocks": 2, **ALL}, {})
    whole = whole_decoder(made.encoder, made.decoder)
    assert (whole.kind, whole.upsample, whole.blocks) == ("resnet", "nearest", 2)
    assert (whole.filters, whole.kernels, whole.strides) == ((8, 4), (4, 3), (3, 2))
    model = assemble(made)
    assert isinstance(model.decoder, ResNetDecoder)
    assert model.decoder.behind.settings() == model.encoder.behind.settings()
    other = recipe([45, 28], {}, {"kind": "resnet", "attention": 8, "activation": "elu"})
    behind = whole_decoder(other.encoder, other.decoder).behind
    single = {"kind": "conv", "kernels": [3], "strides": [6]}
    for kind in ("conv", "dense"):
        lone = recipe([45, 28], {"kind": kind}, single)
        assert whole_decoder(lone.encoder, lone.decoder).filters == (8,)
    assert (behind["attention"], behind["activation"], behind["dropout"]) == (8, "elu", 0.0)


def test_dropout_layers_have_seeds_that_are_saved():
    encoder = ResNetEncoder([4, 4], [3, 3], strides=[2, 2], dropout=0.3)
    encoder.build((None, 8, 8, 1))
    assert len(encoder.non_trainable_variables) == 3  # two blocks, and the end
    x = np.ones((2, 8, 8, 1), np.float32)
    assert not np.array_equal(numpy(encoder(x, training=True)), numpy(encoder(x, training=True)))
    still = numpy(encoder(x, training=False))
    np.testing.assert_array_equal(still, numpy(encoder(x, training=False)))


def test_precision_is_kept():
    options = {"group_normalization": 2, "attention": 8, "dtype": "mixed_bfloat16"}
    encoder = ResNetEncoder([4, 4], [3, 3], strides=[2, 2], **options)
    decoder = ResNetDecoder([13, 9], [4, 4, 1], kernels=[3, 3], strides=[2, 2], **options)
    features = encoder(np.ones((2, 13, 9, 1), np.float32))
    for part, output in ((encoder, features), (decoder, decoder(features))):
        assert keras.backend.standardize_dtype(output.dtype) == "bfloat16"
        assert {weight.dtype for weight in part.trainable_weights} == {"float32"}
