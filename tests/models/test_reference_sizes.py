"""The shipped networks have the sizes of the published ones."""

import math

import pytest

from zspace.assemble import assemble
from zspace.recipe import load_recipe


def weights(part):
    return sum(math.prod(each.shape) for each in part.trainable_variables)


@pytest.mark.parametrize(
    ("name", "encoder", "decoder"),
    [
        # The summaries printed in the keras.io example: 69,076 and 65,089.
        ("keras-io-mnist", 69_076, 65_089),
    ],
)
def test_weights_are_counted_as_published(name, encoder, decoder):
    model = assemble(load_recipe(name))
    assert weights(model.encoder) + weights(model.posterior) == encoder
    assert weights(model.decoder) == decoder
