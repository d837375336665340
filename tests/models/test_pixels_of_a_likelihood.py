"""What of a likelihood is decoded: mean, mode, sample."""

import keras
import numpy as np
import pytest

from zspace.assemble import assemble
from zspace.distributions import LIKELIHOODS
from zspace.errors import InputError
from zspace.models.halves import PIXELS
from zspace.recipe import Recipe

Z = np.random.default_rng(0).normal(size=(5, 2))


def small(likelihood):
    keras.utils.set_random_seed(1)
    recipe = {
        "data": {"size": [6, 5], "channels": 1},
        "encoder": {"filters": [4], "kernels": [3], "strides": [2]},
        "latent": {"size": 2},
        "likelihood": likelihood,
    }
    return assemble(Recipe.from_dict(recipe))


@pytest.mark.parametrize("kind", sorted(LIKELIHOODS))
def test_every_likelihood_has_them_all(kind):
    model = small({"kind": kind})
    for pixels in PIXELS:
        images = model.decode(Z, pixels=pixels, seed=3)
        assert images.shape == (5, 6, 5, 1) and images.dtype == np.float32, pixels
        assert 0 <= images.min() <= images.max() <= 1, pixels
    first = model.decode(Z, pixels="sample", seed=3)
    np.testing.assert_array_equal(first, model.decode(Z, pixels="sample", seed=3))
    assert not np.array_equal(first, model.decode(Z, pixels="sample", seed=4))
    np.testing.assert_array_equal(model.decode(Z), model.decode(Z, pixels="mean"))


# Of a normal and a Laplace the draws are clipped to 0…1, which moves their average.
@pytest.mark.parametrize("kind", sorted(set(LIKELIHOODS) - {"normal", "laplace"}))
def test_samples_are_around_the_mean(kind):
    """The average of n draws is within 5 standard errors of the mean, itself estimated."""
    model = small({"kind": kind})
    points = np.repeat(Z[:1], 900, axis=0)
    drawn = model.decode(points, pixels="sample", seed=1).astype(float)
    error = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - model.decode(Z[:1])[0]) < 5 * error + 1e-3).all()


def test_blocks_have_noise_of_their_own():
    model = small({"kind": "bernoulli"})
    drawn = model.decode(np.repeat(Z[:1], 8, axis=0), pixels="sample", batch_size=4)
    assert not np.array_equal(drawn[:4], drawn[4:])


def test_the_mode_of_a_bernoulli_is_its_rounded_mean():
    model = small({"kind": "bernoulli"})
    np.testing.assert_array_equal(model.decode(Z, pixels="mode"), np.rint(model.decode(Z)))


def test_unknown_pixels_are_named():
    with pytest.raises(InputError, match="no pixels 'mea'"):
        small({"kind": "bernoulli"}).decode(Z, pixels="mea")
