import numpy as np
import pytest
from keras import ops
from scipy import stats

from zspace.distributions import Epsilon


def numpy(x):
    return ops.convert_to_numpy(x)


def test_noise_is_standard_normal_and_bounded_per_component():
    layer = Epsilon(2.0, seed=4)
    noise = numpy(layer(np.zeros((5000, 4), np.float32)))
    assert np.abs(noise).max() == 2.0
    inside = noise[np.abs(noise) < 2.0]
    assert stats.kstest(inside, stats.truncnorm(-2, 2).cdf).pvalue > 1e-3
    # Clipped, not redrawn: as many lie on the bound as a normal distribution has past it.
    past = 2 * stats.norm.sf(2)
    assert stats.binomtest((np.abs(noise) == 2).sum(), noise.size, past).pvalue > 1e-3


@pytest.mark.parametrize("scale", [0.0, 0.5])
def test_the_scale_changes_without_rebuilding(scale):
    like = np.zeros((100, 3), np.float32)
    full, scaled = Epsilon(seed=4), Epsilon(seed=4)
    reference = numpy(full(like))
    scaled.build(like.shape)
    scaled.scale.assign(scale)
    np.testing.assert_allclose(numpy(scaled(like)), scale * reference, rtol=1e-6)


def test_the_seed_goes_on_where_it_was_saved():
    like = np.zeros((2, 3), np.float32)
    first, second = Epsilon(seed=4), Epsilon(seed=4)
    first(like)
    store = {}
    first.save_own_variables(store)
    following = numpy(first(like))
    second.build(like.shape)
    assert not np.array_equal(numpy(second(like)), following)
    second.load_own_variables(store)
    np.testing.assert_array_equal(numpy(second(like)), following)
