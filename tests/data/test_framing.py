"""Which part of an image is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zspace.data.framing import Framing
from zspace.errors import DataError, ImageError

SIDES = st.integers(1, 5000)
CROPS = st.none() | st.floats(0, 1, exclude_min=True)


@given(
    width=SIDES, height=SIDES, size=st.tuples(st.integers(1, 512), st.integers(1, 512)), crop=CROPS
)
def test_the_part_kept_is_inside_centered_and_not_empty(width, height, size, crop):
    left, top, right, bottom = Framing(size, crop).box(width, height)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert 0 <= (width - right) - left <= 1
    assert 0 <= (height - bottom) - top <= 1


@given(
    width=st.integers(200, 5000),
    height=st.integers(200, 5000),
    size=st.tuples(st.integers(16, 64), st.integers(16, 64)),
    crop=st.none() | st.floats(0.5, 1),
)
def test_nothing_is_stretched(width, height, size, crop):
    left, top, right, bottom = Framing(size, crop).box(width, height)
    across, down = (right - left) / size[1], (bottom - top) / size[0]
    assert across == pytest.approx(down, rel=0.06)


@given(width=SIDES, height=SIDES)
def test_an_image_of_the_wanted_shape_is_kept_whole(width, height):
    assert Framing((height, width)).box(width, height) == (0, 0, width, height)
    assert Framing((1, 1)).box(width, width) == (0, 0, width, width)


@given(width=SIDES, height=SIDES, crop=st.integers(1, 5000))
def test_pixels_are_a_centered_square_or_an_error(width, height, crop):
    framing = Framing((64, 64), crop)
    if crop > min(width, height):
        with pytest.raises(ImageError, match="smaller than the crop"):
            framing.box(width, height)
    else:
        left, top, right, bottom = framing.box(width, height)
        assert right - left == bottom - top == crop


def test_a_fraction_of_celeba_equals_its_pixels():
    assert Framing((96, 96), 148 / 178).box(178, 218) == Framing((96, 96), 148).box(178, 218)


def test_it_is_read_back_from_the_description_of_a_data_set():
    information = {"size": [28, 20], "crop": 0.5, "channels": 1, "more": None}
    assert Framing.from_information(information) == Framing((28, 20), 0.5, 1)
    with pytest.raises(DataError, match=r"dataset\.json"):
        Framing.from_information({"size": 3})
