"""Batches as a model gets them: all of them, in order, read ahead."""

import threading

import numpy as np
import pytest

from zspace.data.inputs import Inputs
from zspace.recipe import Recipe
from zspace.training.batches import Batches, _Feed, make_feed


@pytest.fixture
def batches(tiny_data):
    inputs, index = Inputs.of_recipe(Recipe(), tiny_data), tiny_data.indices("train")
    return Batches(inputs, index, batch_size=7, epoch=3)


def test_iterating_gives_every_batch_in_order(batches):
    expected = [batches[number] for number in range(len(batches))]
    assert len(expected) > 1
    for _ in range(2):
        np.testing.assert_equal(list(batches), expected)


def test_tensorflow_gets_the_same_epoch_after_epoch(tiny_data):
    inputs, index = Inputs.of_recipe(Recipe(), tiny_data), tiny_data.indices("train")
    feed, made = make_feed(), []
    for epoch in range(3):
        batches = Batches(inputs, index, batch_size=7, epoch=epoch)
        made.append(feed(batches))
        assert int(made[-1].cardinality()) == len(batches)
        for given, expected in zip(made[-1], batches, strict=True):
            np.testing.assert_equal(tuple(np.asarray(each) for each in given), expected)
    assert made[0] is made[1] is made[2]
    fewer = Batches(inputs, index[:20], batch_size=7, epoch=0)
    assert [len(given) for (given,) in feed(fewer)] == [7, 7, 6]


def test_other_backends_get_the_same_in_every_epoch(batches):
    feed = _Feed(batches)
    assert len(feed) == len(batches)
    for _ in range(2):
        given = [feed[number] for number in range(len(feed))]
        np.testing.assert_equal(given, list(batches))


def test_what_goes_wrong_while_reading_arrives(batches, monkeypatch):
    good = Batches.__getitem__

    def torn(self, number):
        if number == 1:
            raise OSError("the cable is out")
        return good(self, number)

    monkeypatch.setattr(Batches, "__getitem__", torn)
    read = iter(batches)
    next(read)
    with pytest.raises(OSError, match="the cable is out"):
        next(read)


def test_no_thread_stays_when_an_epoch_is_left_early(batches):
    before = threading.active_count()
    read = iter(batches)
    next(read)
    read.close()
    assert threading.active_count() == before
