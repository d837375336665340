"""Maps made larger and smaller: PyTorch's interpolation and pooling, exact sizes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from zspace.networks.resampling import Averaging, Upsampling, enlarging


def images(height, width, channels=2):
    return np.random.default_rng(0).normal(size=(3, height, width, channels)).astype("float32")


def numpy(x):
    return ops.convert_to_numpy(x)


def first(x):
    return torch.tensor(x).permute(0, 3, 1, 2)


def last(x):
    return x.permute(0, 2, 3, 1).numpy()


@settings(max_examples=30)
@given(
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    factor=st.integers(1, 4),
    kind=st.sampled_from(["nearest", "bilinear"]),
)
def test_up_sampling_is_pytorchs(height, width, factor, kind):
    x = images(height, width)
    size = [factor * height, factor * width]
    corners = {} if kind == "nearest" else {"align_corners": False}
    expected = torch.nn.functional.interpolate(first(x), scale_factor=factor, mode=kind, **corners)
    found = numpy(Upsampling(factor, kind, output_size=size)(x))
    np.testing.assert_allclose(found, last(expected), atol=1e-5)
    if height > 1 and width > 1 and factor > 1:
        cut = numpy(Upsampling(factor, kind, output_size=[size[0] - 1, size[1] - 1])(x))
        np.testing.assert_array_equal(cut, found[:, :-1, :-1])


@settings(max_examples=30)
@given(height=st.integers(1, 12), width=st.integers(1, 12), factor=st.integers(1, 4))
def test_averages_are_pytorchs(height, width, factor):
    x = images(height, width)
    padded = torch.nn.functional.pad(first(x), (0, -width % factor, 0, -height % factor))
    expected = torch.nn.functional.avg_pool2d(padded, factor)
    np.testing.assert_allclose(numpy(Averaging(factor)(x)), last(expected), atol=1e-6)


@pytest.mark.parametrize("upsample", ["transpose", "nearest", "bilinear"])
@pytest.mark.parametrize(("stride", "size"), [(1, [5, 4]), (2, [9, 8]), (3, [13, 12])])
def test_layers_that_enlarge_give_the_size_they_are_asked_for(upsample, stride, size):
    options = {"padding": "same", "kernel_initializer": "glorot_uniform", "dtype": "float32"}
    x = images(5, 4)
    for layer in enlarging(7, 3, stride=stride, output_size=size, upsample=upsample, **options):
        x = layer(x)
    assert tuple(x.shape) == (3, *size, 7)


def test_a_constant_stays_one_where_no_transposed_convolution_is():
    """The cause of checkerboards, and its cure: kernels that overlap unevenly, or do not."""
    options = {"padding": "same", "kernel_initializer": "ones", "dtype": "float32"}
    spread = {}
    for upsample in ("transpose", "nearest", "bilinear"):
        x = np.ones((1, 8, 8, 1), np.float32)
        for layer in enlarging(1, 3, stride=2, output_size=[16, 16], upsample=upsample, **options):
            x = layer(x)
        spread[upsample] = np.ptp(numpy(x)[0, 2:-2, 2:-2])
    assert spread == {"transpose": 3, "nearest": 0, "bilinear": 0}
