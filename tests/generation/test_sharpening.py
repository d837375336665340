"""Sharpening and enlarging: against Pillow itself, and what both have to leave alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from zspace.errors import InputError
from zspace.generation import sharpened, upscaled

IMAGES = np.random.default_rng(0).random((3, 9, 7, 3), np.float32)


@pytest.mark.parametrize("factor", [0, 0.5, 3, 6.0, 7])
@pytest.mark.parametrize("channels", [1, 3])
def test_sharpness_is_pillow_s(factor: float, channels: int) -> None:
    images = IMAGES[..., :channels]
    made = sharpened(images, factor)
    assert (made.shape, made.dtype) == (images.shape, np.float32)
    for image, one in zip(images, made, strict=True):
        levels = np.rint(image * 255).astype(np.uint8).squeeze()
        expected = np.asarray(ImageEnhance.Sharpness(Image.fromarray(levels)).enhance(factor))
        np.testing.assert_array_equal(np.rint(one * 255).squeeze(), expected)


def test_a_factor_of_1_changes_nothing() -> None:
    np.testing.assert_array_equal(sharpened(IMAGES, 1), IMAGES)
    np.testing.assert_array_equal(upscaled(IMAGES, 1), IMAGES)


@given(st.integers(0, 255), st.floats(0, 20))
def test_a_plain_image_stays_as_it_is(level: int, factor: float) -> None:
    plain = np.full((1, 5, 5, 3), level / 255, np.float32)
    np.testing.assert_allclose(sharpened(plain, factor), plain, atol=1e-6)


def test_edges_grow_with_the_factor() -> None:
    edge = np.full((1, 8, 8, 1), 0.4, np.float32)
    edge[:, :, 4:] = 0.6
    jumps = [float(np.ptp(sharpened(edge, factor))) for factor in (0, 1, 3, 6)]
    assert jumps == sorted(jumps) and jumps[0] < jumps[-1]


@pytest.mark.parametrize("channels", [1, 3])
def test_enlarging_is_pillow_s(channels: int) -> None:
    images = IMAGES[..., :channels]
    made = upscaled(images, 4)
    assert (made.shape, made.dtype) == ((3, 36, 28, channels), np.float32)
    levels = Image.fromarray(np.rint(images[1] * 255).astype(np.uint8).squeeze())
    expected = np.asarray(levels.resize((28, 36), Image.Resampling.LANCZOS))
    np.testing.assert_array_equal(np.rint(made[1] * 255).squeeze(), expected)


def test_values_past_black_and_white_are_cut() -> None:
    wild = np.array([-3.0, 0.5, 9.0], np.float32).reshape(1, 1, 3, 1)
    np.testing.assert_allclose(upscaled(sharpened(wild, 0), 2).max(), 1.0)
    assert sharpened(wild, 3).min() == 0


@pytest.mark.parametrize("factor", [-1, float("nan"), float("inf"), True])
def test_bad_sharpening(factor: float) -> None:
    with pytest.raises(InputError, match="1 leaves the images as they are"):
        sharpened(IMAGES, factor)


def test_bad_enlarging() -> None:
    for factor in (0, -2, 1.5, True):
        with pytest.raises(InputError, match="upscale must be a whole number"):
            upscaled(IMAGES, factor)
    with pytest.raises(InputError, match="give at most 1820"):
        upscaled(IMAGES, 1821)
