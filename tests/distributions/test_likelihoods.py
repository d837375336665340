"""Likelihood layers: from a decoder's output to a distribution over images, saved and loaded."""

import math

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from keras import ops
from scipy import special, stats

from zspace.distributions import LIKELIHOODS, SPREAD_LIKELIHOODS
from zspace.errors import InputError, ShapeError

CHOICES = ("no", "shared", "per_pixel")
VARIANTS = [(kind, {}) for kind in LIKELIHOODS if kind not in SPREAD_LIKELIHOODS] + [
    (kind, {"variance": 0.01, "learn_variance": choice})
    for kind in SPREAD_LIKELIHOODS
    for choice in CHOICES
]
NAMES = ["-".join([kind, *map(str, given.values())]) for kind, given in VARIANTS]
SHAPE = (2, 3, 2, 2)

every_variant = pytest.mark.parametrize(("kind", "arguments"), VARIANTS, ids=NAMES)
every_spread = pytest.mark.parametrize("kind", SPREAD_LIKELIHOODS)


def numpy(x):
    return ops.convert_to_numpy(x)


def tensor(x):
    return ops.convert_to_tensor(np.asarray(x, np.float32))


def output_shape(likelihood):
    return (*SHAPE[:-1], SHAPE[-1] * likelihood.parameters_per_channel)


def some_output(likelihood, size=1.0, seed=0):
    return np.random.default_rng(seed).normal(0, size, output_shape(likelihood)).astype(np.float32)


def some_images(seed=1):
    levels = np.random.default_rng(seed).integers(0, 256, SHAPE)
    return (levels / 255).astype(np.float32)


def log_prob(likelihood, output, images):
    return numpy(likelihood.distribution(tensor(output)).log_prob(tensor(images)))


@every_variant
def test_images_of_every_likelihood(kind, arguments):
    likelihood = LIKELIHOODS[kind](**arguments)
    output = tensor(some_output(likelihood))
    distribution = likelihood.distribution(output)
    for images in (distribution.mean(), distribution.mode(), distribution.sample(1)):
        assert images.shape == SHAPE
        assert keras.backend.standardize_dtype(images.dtype) == "float32"
        assert numpy(images).min() >= 0
        assert numpy(images).max() <= 1
    assert distribution.log_prob(tensor(some_images())).shape == SHAPE[:1]
    np.testing.assert_array_equal(numpy(likelihood(output)), numpy(distribution.mean()))
    generator = keras.random.SeedGenerator(1)
    first, second = (numpy(distribution.sample(generator)) for _ in range(2))
    assert (first != second).any()


@every_variant
@settings(max_examples=5)
@given(
    seed=st.integers(0, 2**16),
    size=st.sampled_from([0.0, 1e-6, 1.0, 30.0, 1e4]),
    images=arrays.arrays(np.float32, SHAPE, elements=st.sampled_from([0.0, 1 / 255, 0.3, 1.0])),
)
def test_nothing_is_nan_or_infinite(gradients, kind, arguments, seed, size, images):
    likelihood = LIKELIHOODS[kind](**arguments)
    some = some_output(likelihood, size, seed)
    output = np.concatenate([some, np.full_like(some, size), np.full_like(some, -size)])
    images = tensor(np.concatenate([images] * 3))

    def all_of(output):
        distribution = likelihood.distribution(output)
        found = [distribution.mean(), distribution.mode(), distribution.sample(1)]
        return distribution.log_prob(images), found

    score, found = all_of(tensor(output))
    assert all(np.isfinite(numpy(one)).all() for one in (score, *found))

    def score_and_mean(output):
        score, (mean, *_) = all_of(output)
        return ops.sum(score) + ops.sum(mean)

    assert np.isfinite(gradients(score_and_mean, output)).all()


@every_spread
@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("variance", [1.0, 0.01])
def test_the_variance_is_that_of_a_pixel(kind, choice, variance):
    """Fixed, or at its start, for all three densities: against SciPy's of this variance."""
    likelihood = LIKELIHOODS[kind](variance, learn_variance=choice)
    output, images = some_output(likelihood), some_images()
    location = output
    if choice == "per_pixel":
        output[..., 1::2] = 0
        location = output[..., ::2]
    location = special.expit(np.float64(location))
    exact = {
        "normal": stats.norm(location, np.sqrt(variance)),
        "laplace": stats.laplace(location, np.sqrt(variance / 2)),
        "discretized_logistic": stats.logistic(location, np.sqrt(3 * variance) / np.pi),
    }[kind]
    np.testing.assert_allclose(exact.var(), variance)
    each = exact.logpdf(np.float64(images))
    if kind == "discretized_logistic":
        upper = np.where(images == 1, np.inf, images + 0.5 / 255)
        lower = np.where(images == 0, -np.inf, images - 0.5 / 255)
        each = np.log(exact.cdf(upper) - exact.cdf(lower))
    np.testing.assert_allclose(
        log_prob(likelihood, output, images), each.sum((1, 2, 3)), rtol=3e-5, atol=3e-4
    )
    trained = ["log_variance"] if choice == "shared" else []
    assert [weight.name for weight in likelihood.trainable_variables] == trained


def test_the_numbers_of_a_channel_lie_side_by_side():
    likelihood = LIKELIHOODS["normal"](0.01, learn_variance="per_pixel")
    output = np.zeros((1, 1, 1, 4), np.float32)
    output[..., 2], output[..., 3] = 2.0, np.log(5)
    inner = likelihood.distribution(tensor(output)).inner
    np.testing.assert_allclose(numpy(inner.center).ravel(), special.expit([0, 2]), rtol=1e-6)
    variances = np.exp(numpy(inner.log_variance)).ravel()
    np.testing.assert_allclose(variances, [0.01, 0.05], rtol=1e-6)


@every_spread
@pytest.mark.parametrize("learned", [-1e4, -40.0, 40.0, 1e4])
def test_a_learned_variance_has_soft_bounds(kind, learned):
    likelihood = LIKELIHOODS[kind](0.01, learn_variance="shared")
    images = some_images()
    white = np.full(output_shape(likelihood), 30, np.float32)
    likelihood.log_variance.assign(learned)
    perfect, wrong = (log_prob(likelihood, white, x) for x in (np.ones(SHAPE), images))
    # 12 numbers an image, each at most at a density of 1 / (2·√exp(−14)), about.
    assert (perfect <= 12 * 8).all()
    assert np.isfinite(wrong).all()
    assert (wrong > -1e8).all()


@pytest.mark.parametrize("learned", [-1e4, -40.0, 40.0, 1e4])
def test_a_learned_variance_comes_back_from_its_bounds(gradients, learned):
    likelihood = LIKELIHOODS["normal"](0.01, learn_variance="per_pixel")
    output = np.zeros(output_shape(likelihood), np.float32)
    output[..., 1::2] = learned
    images = tensor(some_images())
    (slope,) = gradients(lambda given: likelihood.distribution(given).log_prob(images), output)
    assert (np.sign(slope[..., 1::2]) == -np.sign(learned)).mean() > 0.8


def test_the_best_shared_variance_is_the_mean_squared_error(gradients):
    """The slope of the σ-VAE's loss is 0 there (https://arxiv.org/abs/2006.13202, eq. 6)."""
    likelihood = LIKELIHOODS["normal"](1.0, learn_variance="shared")
    output, images = some_output(likelihood), some_images()
    square = np.mean((special.expit(np.float64(output)) - images) ** 2)

    def score(log_variance):
        return likelihood.around(tensor(special.expit(output)), log_variance).log_prob(
            tensor(images)
        )

    for factor, sign in ((1, 0), (2, -1), (0.5, 1)):
        (slope,) = gradients(score, np.log(factor * square))
        assert abs(slope) < 1e-4 if sign == 0 else np.sign(slope) == sign


@every_spread
def test_draws_have_the_variance(kind):
    likelihood = LIKELIHOODS[kind](1e-3)
    distribution = likelihood.distribution(tensor(np.zeros((20_000, 1, 1, 1))))
    draws = numpy(distribution.sample(1))
    assert draws.mean() == pytest.approx(0.5, abs=1e-3)
    assert draws.var() == pytest.approx(1e-3, rel=0.05)


def test_beta_scores_the_moved_pixels_and_gives_images_back():
    """As it is published: the density at v/256 + ½/256 for pixels v = 0, …, 255."""
    likelihood = LIKELIHOODS["beta"]()
    output = some_output(likelihood, 3.0)
    levels = np.round(255 * some_images())
    levels[0, 0, 0], levels[0, 0, 1] = 0, 255
    below = 12 - np.logaddexp(0, 12 - np.float64(output))
    bounded = np.logaddexp(0, below + 7) - 7
    alpha, beta = (np.exp(bounded[..., start::2]) for start in (0, 1))
    exact = stats.beta(alpha, beta)
    expected = exact.logpdf((levels + 0.5) / 256).sum((1, 2, 3))
    np.testing.assert_allclose(log_prob(likelihood, output, levels / 255), expected, rtol=1e-5)
    mean = np.clip((exact.mean() * 256 - 0.5) / 255, 0, 1)
    found = likelihood.distribution(tensor(output))
    np.testing.assert_allclose(numpy(found.mean()), mean, atol=1e-6)
    # A hill over the middle of a bin has its mode at that pixel.
    hill = np.log([1 + 80 * (7.5 / 256), 1 + 80 * (248.5 / 256)]).reshape(1, 1, 1, 2)
    mode = likelihood.distribution(tensor(hill)).mode()
    assert numpy(mode).item() == pytest.approx(7 / 255, abs=1e-4)


@every_variant
def test_a_saved_likelihood_is_the_same(tmp_path, kind, arguments):
    likelihood = LIKELIHOODS[kind](**arguments)
    inputs = keras.Input(output_shape(likelihood)[1:])
    model = keras.Model(inputs, likelihood(inputs))
    if kind in SPREAD_LIKELIHOODS:
        likelihood.log_variance.assign(-3.5)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras").layers[-1]
    assert type(again) is type(likelihood)
    assert again.get_config() == likelihood.get_config()
    output, images = some_output(likelihood), some_images()
    expected = log_prob(likelihood, output, images)
    np.testing.assert_array_equal(log_prob(again, output, images), expected)


@pytest.mark.parametrize(("written", "meant"), [(False, "no"), (True, "shared")])
def test_a_normal_likelihood_of_an_older_model_loads(written, meant):
    likelihood = LIKELIHOODS["normal"].from_config(
        {"name": "likelihood", "variance": 0.1, "learn_variance": written}
    )
    likelihood.load_own_variables({"0": np.float32(-4.0)})
    assert likelihood.get_config()["learn_variance"] == meant
    inner = likelihood.distribution(tensor(some_output(likelihood))).inner
    assert numpy(inner.log_variance) == -4.0


def test_a_compiled_mean_follows_the_learned_variance():
    likelihood = LIKELIHOODS["discretized_logistic"](1e-4, learn_variance="shared")
    inputs = keras.Input(output_shape(likelihood)[1:])
    model = keras.Model(inputs, likelihood(inputs))
    output = np.full(output_shape(likelihood), 3, np.float32)
    sharp = model.predict(output, verbose=0)
    likelihood.log_variance.assign(math.log(0.5))
    broad = model.predict(output, verbose=0)
    assert broad.max() < sharp.min() - 0.1
    np.testing.assert_allclose(broad, numpy(likelihood(tensor(output))), rtol=1e-5)


@every_spread
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"learn_variance": "always"}, "expected a learn_variance of no, shared, per_pixel, got"),
        ({"variance": 0.0}, "expected a variance above 0, got 0.0"),
        ({"variance": math.nan}, "expected a variance above 0, got nan"),
    ],
)
def test_wrong_arguments_are_refused(kind, wrong, message):
    with pytest.raises(InputError, match=message):
        LIKELIHOODS[kind](**wrong)


@pytest.mark.parametrize("kind", ["beta", "categorical"])
def test_a_decoder_with_a_wrong_number_of_channels_is_refused(kind):
    with pytest.raises(ShapeError, match="numbers for each channel of an image, got 3 in all"):
        LIKELIHOODS[kind]().distribution(tensor(np.zeros((1, 2, 2, 3))))
