"""Choosing images, and holding some out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zspace.data.splits import choose, hold_out
from zspace.errors import DataError

SPLIT = st.lists(st.integers(0, 2), min_size=1, max_size=60).map(lambda it: np.array(it, np.uint8))


@given(split=SPLIT, limit=st.integers(0, 70))
def test_exactly_as_many_as_wanted_and_in_proportion(split, limit):
    chosen = choose(split, len(split), limit=limit)
    assert len(chosen) == (min(limit, len(split)) or len(split))
    assert (np.diff(chosen) > 0).all()
    groups = len(np.unique(split))
    if limit >= groups:
        assert len(np.unique(split[chosen])) == groups
    for code in np.unique(split):
        exact = len(chosen) * (split == code).mean()
        assert abs((split[chosen] == code).sum() - exact) < 2.01


@given(count=st.integers(2, 500), seed=st.integers(0, 2**32))
def test_a_random_tenth_validates_and_the_seed_decides(count, seed):
    split, drawn = hold_out(None, count, seed=seed)
    assert drawn
    assert (split == 1).sum() == max(1, round(count / 10))
    assert np.array_equal(split, hold_out(None, count, seed=seed)[0])


def test_an_official_split_stays():
    official = np.array([0, 1, 2, 0], np.uint8)
    assert hold_out(official, 4, seed=1) == (official, False) or np.array_equal(
        hold_out(official, 4, seed=1)[0], official
    )


def test_test_images_stay_test_images_where_validation_is_drawn():
    official = np.array([0] * 10 + [2] * 5, np.uint8)
    split, drawn = hold_out(official, 15, seed=1)
    assert drawn
    assert np.bincount(split).tolist() == [9, 1, 5]
    assert (split[10:] == 2).all()
    assert (official[:10] == 0).all()


def test_test_images_alone_are_trained_on():
    assert np.bincount(hold_out(np.full(20, 2, np.uint8), 20, seed=1)[0]).tolist() == [18, 2]


@pytest.mark.parametrize("split", [None, np.array([0], np.uint8)])
def test_one_image_is_too_few(split):
    with pytest.raises(DataError, match="at least two"):
        hold_out(split, 1, seed=1)
