import keras
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from zspace.distributions import (
    BernoulliLikelihood,
    DeterministicPosterior,
    Epsilon,
    NormalLikelihood,
    NormalPosterior,
    StandardNormalPrior,
)
from zspace.errors import ShapeError
from zspace.networks import (
    ConvDecoder,
    ConvEncoder,
    DenseDecoder,
    DenseEncoder,
    ResNetDecoder,
    ResNetEncoder,
)
from zspace.networks.attention import SelfAttention
from zspace.networks.blocks import downsampled
from zspace.networks.resampling import Averaging, Upsampling
from zspace.networks.residual import ResidualBlock
from zspace.networks.transposed import TransposedConv


def numpy(x):
    return ops.convert_to_numpy(x)


IMAGES = np.random.default_rng(0).uniform(size=(2, 13, 10, 3)).astype("float32")
POINTS = np.random.default_rng(1).normal(size=(2, 6)).astype("float32")
BEHIND = {"activation": "selu", "batch_normalization": True, "dropout": 0.3}
GROUPS = {"group_normalization": 2, "attention": 8, "attention_heads": 2, "dropout": 0.3}
LAYERS = [
    (ConvEncoder([4, 5], [3, 4], strides=[2, 3], padding="valid", bottleneck=7, **BEHIND), IMAGES),
    (ConvDecoder([13, 10], [5, 4, 3], kernels=[3, 4], strides=[3, 2], **BEHIND), POINTS),
    (DenseEncoder([9, 8], **BEHIND), IMAGES),
    (DenseDecoder([13, 10, 3], [8, 9], **BEHIND), POINTS),
    (
        ConvDecoder(
            [13, 10], [6, 4, 3], kernels=[3, 4], strides=[3, 2], upsample="bilinear", **GROUPS
        ),
        POINTS,
    ),
    (ResNetEncoder([4, 6], [3, 4], strides=[2, 3], blocks=2, bottleneck=8, **GROUPS), IMAGES),
    (ResNetDecoder([13, 10], [6, 4, 3], kernels=[3, 4], strides=[3, 2], **GROUPS), POINTS),
    (ResidualBlock(4, 3, stride=3, **BEHIND), IMAGES),
    (ResidualBlock(4, 3, stride=3, upsample="nearest", output_size=[37, 30]), IMAGES),
    (SelfAttention(3, largest=13), IMAGES),
    (SelfAttention(2, largest=12), IMAGES),
    (Upsampling(2, "bilinear", output_size=[25, 20]), IMAGES),
    (Averaging(3), IMAGES),
    (TransposedConv(4, 3, stride=2, padding="valid", output_size=[28, 21]), IMAGES),
    (DeterministicPosterior(4), POINTS),
    (NormalPosterior(4), POINTS),
]


@pytest.mark.parametrize(("layer", "inputs"), LAYERS, ids=lambda part: type(part).__name__)
def test_the_contract_of_every_layer(layer, inputs, tmp_path):
    """Right output shape, all arguments in the configuration, all weights in the file."""
    found = layer(inputs)
    if not isinstance(found, dict):
        assert tuple(found.shape) == tuple(layer.compute_output_shape(inputs.shape))
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    model = keras.Sequential([keras.Input(inputs.shape[1:]), layer])
    model.save(tmp_path / "layer.keras")
    loaded = keras.saving.load_model(tmp_path / "layer.keras")
    before, after = model.predict(inputs, verbose=0), loaded.predict(inputs, verbose=0)
    for first, second in zip(keras.tree.flatten(before), keras.tree.flatten(after), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    "layer",
    [
        BernoulliLikelihood(),
        NormalLikelihood(0.3, learn_variance=True),
        StandardNormalPrior(5),
        Epsilon(2.0, scale=0.5, seed=9),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_parts_are_restored_from_their_configuration(layer):
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


@settings(max_examples=200)
@given(
    extent=st.integers(1, 200),
    kernel=st.integers(1, 9),
    stride=st.integers(1, 5),
    padding=st.sampled_from(["same", "valid"]),
)
def test_downsampled_is_what_keras_does(extent, kernel, stride, padding):
    layer = keras.layers.Conv1D(1, kernel, stride, padding=padding)
    if padding == "valid" and extent < kernel:
        with pytest.raises(ShapeError, match="does not fit"):
            downsampled(extent, kernel=kernel, stride=stride, padding=padding)
        return
    expected = layer.compute_output_shape((1, extent, 1))[1]
    assert downsampled(extent, kernel=kernel, stride=stride, padding=padding) == expected


@settings(max_examples=25)
@given(
    height=st.integers(9, 40),
    width=st.integers(9, 40),
    layers=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3)), min_size=1, max_size=3),
    padding=st.sampled_from(["same", "valid"]),
    upsample=st.sampled_from(["transpose", "nearest", "bilinear"]),
)
def test_any_image_size_comes_back(height, width, layers, padding, upsample):
    kernels, strides = map(list, zip(*layers, strict=True))
    count = len(layers)
    try:
        encoder = ConvEncoder([2] * count, kernels, strides=strides, padding=padding)
        features = encoder.compute_output_shape((1, height, width, 3))
        decoder = ConvDecoder(
            [height, width],
            [2] * count + [3],
            kernels=kernels[::-1],
            strides=strides[::-1],
            padding=padding,
            upsample="transpose" if padding == "valid" else upsample,
        )
    except (ShapeError, ValueError):
        assert padding == "valid"
        return
    assert features[1] == 2 * decoder.sizes[0][0] * decoder.sizes[0][1]
    image = numpy(decoder(np.ones((1, 4), np.float32)))
    assert image.shape == (1, height, width, 3)
    assert np.isfinite(image).all()


@pytest.mark.parametrize("missing", [(0, 0), (1, 0), (1, 1)])
def test_transposed_convolution_is_pytorchs(missing):
    """With "valid" padding: PyTorch's conv_transpose2d with that output_padding."""
    sizes = [2 * (extent - 1) + 3 + more for extent, more in zip((4, 5), missing, strict=True)]
    layer = TransposedConv(2, 3, stride=2, padding="valid", output_size=sizes)
    x = np.random.default_rng(0).normal(size=(1, 4, 5, 3)).astype("float32")
    found = numpy(layer(x))
    kernel = torch.tensor(numpy(layer.convolution.kernel)).permute(3, 2, 0, 1)
    expected = torch.nn.functional.conv_transpose2d(
        torch.tensor(x).permute(0, 3, 1, 2), kernel, stride=2, output_padding=missing
    )
    np.testing.assert_allclose(found, expected.permute(0, 2, 3, 1).numpy(), atol=1e-5)


def test_selu_comes_with_its_initialization_and_alpha_dropout():
    encoder = ConvEncoder([4], [3], strides=[2], activation="selu", dropout=0.2)
    kinds = [type(layer).__name__ for layer in encoder.stack]
    assert kinds == ["Conv2D", "Activation", "AlphaDropout", "Flatten"]
    initializer = encoder.stack[0].kernel_initializer
    assert isinstance(initializer, keras.initializers.LecunNormal)


def test_group_normalization_stands_where_batch_normalization_does():
    options = {"group_normalization": 2, "dropout": 0.2, "attention": 4}
    encoder = ConvEncoder([4], [3], strides=[2], **options)
    kinds = [type(layer).__name__ for layer in encoder.stack]
    behind = ["GroupNormalization", "LeakyReLU", "Dropout", "SelfAttention"]
    assert kinds == ["Conv2D", *behind, "Flatten"]
    decoder = ConvDecoder([8, 8], [4, 1], kernels=[3], strides=[2], upsample="nearest", **options)
    kinds = [type(layer).__name__ for layer in decoder.stack]
    assert kinds == ["Dense", "Reshape", *behind, "Upsampling", "Conv2D"]


def test_a_network_of_the_first_version_opens():
    """Its configuration knows no group normalization, attention or up-sampling."""
    encoder = ConvEncoder([4], [3], strides=[2], batch_normalization=True, dropout=0.2)
    decoder = ConvDecoder([8, 8], [4, 1], kernels=[3], strides=[2], activation="elu")
    for layer in (encoder, decoder):
        config = layer.get_config()
        for name in ("group_normalization", "attention", "attention_heads", "upsample"):
            config.pop(name, None)
        assert type(layer).from_config(config).get_config() == layer.get_config()


def test_normalization_stands_ahead_of_the_activation():
    encoder = ConvEncoder([4], [3], strides=[2], batch_normalization=True, dropout=0.2)
    kinds = [type(layer).__name__ for layer in encoder.stack]
    assert kinds == ["Conv2D", "BatchNormalization", "LeakyReLU", "Dropout", "Flatten"]


def test_training_mode_reaches_dropout_and_normalization():
    encoder = ConvEncoder([4], [3], strides=[2], batch_normalization=True, dropout=0.5)
    still = numpy(encoder(IMAGES, training=False))
    np.testing.assert_array_equal(still, numpy(encoder(IMAGES, training=False)))
    assert not np.array_equal(still, numpy(encoder(IMAGES, training=True)))
    # The moving averages have learned from the one training call.
    assert not np.array_equal(still, numpy(encoder(IMAGES, training=False)))


def test_an_unknown_argument_is_refused():
    with pytest.raises(ValueError, match="batch_normalisation"):
        ConvEncoder([4], [3], strides=[2], batch_normalisation=True)


def test_lists_that_do_not_fit_are_named():
    with pytest.raises(ShapeError, match="filters has 2, kernels has 1, strides has 2"):
        ConvEncoder([4, 5], [3], strides=[2, 2])
    with pytest.raises(ShapeError, match="at least one dense layer"):
        DenseEncoder([])
    with pytest.raises(ShapeError, match="up-sampling needs padding 'same', 'valid' came"):
        ConvDecoder([9, 9], [4, 1], kernels=[3], strides=[2], padding="valid", upsample="nearest")


def test_bottleneck_saves_weights_where_the_reference_says_so():
    """E8: flatten 9216, latent 256: 4,719,104 weights in two heads; 2,491,136 with dense 256."""
    features = 6 * 6 * 256
    wide = NormalPosterior(256)
    wide.build((None, features))
    assert wide.count_params() == 4_719_104
    encoder = ConvEncoder([256], [3], strides=[16], bottleneck=256)
    encoder.build((None, 96, 96, 3))
    narrow = NormalPosterior(256)
    narrow.build((None, 256))
    dense = next(layer for layer in encoder.stack if isinstance(layer, keras.layers.Dense))
    assert dense.count_params() + narrow.count_params() == 2_491_136
