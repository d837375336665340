"""Priors: densities, draws, what is trained, and how they are saved."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import special, stats

from zspace.distributions import (
    PRIORS,
    MixturePrior,
    Normal,
    NormalMixture,
    NormalPrior,
    StandardNormalPrior,
    VampPrior,
)
from zspace.errors import ShapeError

SHAPE = (4, 3, 1)


def numpy(x):
    return ops.convert_to_numpy(x)


def tensor(x):
    return ops.convert_to_tensor(np.asarray(x, np.float32))


def encode(images):
    """A posterior for each image: its brightness and its first pixels."""
    first = images[:, 0, :2, 0]
    return {"mean": 20 * first - 10, "log_variance": ops.log(images[:, 1, :2, 0])}


def make(kind):
    if kind == "mixture":
        prior = MixturePrior(2, components=4, scale=6.0, seed=3)
        prior.log_weights.assign([0.0, 1.0, -1.0, 0.5])
        prior.log_variances.assign(np.linspace(-2, 1, 8).reshape(4, 2))
        return prior
    if kind == "vampprior":
        return VampPrior(2, image_shape=SHAPE, components=4, seed=3)
    return NormalPrior(2, scale=3.0) if kind == "normal" else StandardNormalPrior(2)


def in_scipy(prior):
    arrays = {name: numpy(value).astype(float) for name, value in prior.as_mixture(encode).items()}
    weights = np.exp(arrays["log_weights"])
    return weights, stats.norm(arrays["mean"], np.exp(0.5 * arrays["log_variance"]))


@pytest.mark.parametrize("kind", list(PRIORS))
def test_the_density_is_that_of_the_arrays(kind):
    prior = make(kind)
    weights, components = in_scipy(prior)
    np.testing.assert_allclose(weights.sum(), 1, rtol=1e-5)
    x = np.random.default_rng(0).normal(size=(7, 2)) * 5
    densities = components.logpdf(x[:, None]).sum(-1)
    expected = special.logsumexp(densities, b=weights, axis=1)
    found = numpy(prior.distribution(encode).log_prob(tensor(x)))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_normal_priors_are_what_they_say():
    x = np.random.default_rng(0).normal(size=(7, 2))
    for prior, scale in ((StandardNormalPrior(2), 1), (NormalPrior(2, scale=3.0), 3)):
        distribution = prior.distribution()
        assert type(distribution) is Normal
        expected = stats.norm(0, scale).logpdf(x).sum(-1)
        np.testing.assert_allclose(numpy(distribution.log_prob(tensor(x))), expected, rtol=1e-5)
        arrays = {name: tuple(value.shape) for name, value in prior.as_mixture().items()}
        assert arrays == {"log_weights": (1,), "mean": (1, 2), "log_variance": (1, 2)}


@pytest.mark.parametrize("kind", list(PRIORS))
def test_samples_follow_the_density(kind):
    prior = make(kind)
    weights, components = in_scipy(prior)
    draws = numpy(prior.sample(20_000, 5, encode=encode))
    assert draws.shape == (20_000, 2)
    for axis in range(2):

        def distribution(x, axis=axis):
            return components.cdf(np.asarray(x)[:, None, None])[..., axis] @ weights

        assert stats.kstest(draws[:, axis], distribution).pvalue > 1e-3
    # Both axes are of one component: a density over the plane, not only on each axis.
    own = special.logsumexp(components.logpdf(draws[:, None]).sum(-1), b=weights, axis=1)
    generator = np.random.default_rng(6)
    chosen = generator.choice(len(weights), 20_000, p=weights / weights.sum())
    other = generator.normal(components.args[0][chosen], components.args[1][chosen])
    other = special.logsumexp(components.logpdf(other[:, None]).sum(-1), b=weights, axis=1)
    assert stats.ks_2samp(own, other).pvalue > 1e-3


@pytest.mark.parametrize("kind", list(PRIORS))
def test_seeds(kind):
    prior = make(kind)
    first, again = (numpy(prior.sample(50, 5, encode=encode)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, numpy(prior.sample(50, 6, encode=encode)))
    generator = keras.random.SeedGenerator(5)
    one, two = (numpy(prior.sample(50, generator, encode=encode)) for _ in range(2))
    assert not np.array_equal(one, two)


@pytest.mark.parametrize("kind", list(PRIORS))
def test_epsilon_scale_shrinks_the_deviation_from_the_own_center(kind):
    prior = make(kind)
    whole, half, centers = (
        numpy(prior.sample(300, 5, encode=encode, epsilon_scale=scale)) for scale in (1, 0.5, 0)
    )
    np.testing.assert_allclose(half, (whole + centers) / 2, atol=1e-5)
    known = numpy(prior.as_mixture(encode)["mean"])
    assert np.abs(centers[:, None] - known[None]).max(-1).min(-1).max() < 1e-6


def test_the_number_of_draws_may_be_unknown_when_compiled():
    """As with the last batch of an epoch, of which TensorFlow compiles any size at once."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the other backends compile every size anew")
    import tensorflow as tf

    for kind in PRIORS:
        prior = make(kind)
        compiled = tf.function(
            lambda x, prior=prior: prior.sample(ops.shape(x)[0], 5, encode=encode),
            input_signature=[tf.TensorSpec((None, 2))],
        )
        np.testing.assert_allclose(
            compiled(np.zeros((9, 2), np.float32)), prior.sample(9, 5, encode=encode), atol=1e-5
        )


def test_a_mixture_starts_with_equal_weights_and_drawn_centers():
    prior = MixturePrior(50, components=40, scale=2.0, seed=3)
    arrays = {name: numpy(value) for name, value in prior.as_mixture().items()}
    np.testing.assert_allclose(np.exp(arrays["log_weights"]), 1 / 40, rtol=1e-5)
    assert np.abs(arrays["log_variance"]).max() < 1e-6
    assert stats.kstest(arrays["mean"].ravel(), stats.norm(0, 2).cdf).pvalue > 1e-3
    same, other = (MixturePrior(50, components=40, scale=2.0, seed=seed) for seed in (3, 4))
    np.testing.assert_array_equal(numpy(same.centers), numpy(prior.centers))
    assert not np.array_equal(numpy(other.centers), numpy(prior.centers))


def test_only_a_trainable_mixture_is_trained():
    assert len(MixturePrior(2).trainable_variables) == 3
    fixed = MixturePrior(2, trainable=False)
    assert not fixed.trainable_variables and len(fixed.variables) == 3
    # Who freezes a model and thaws it again sets this on every layer.
    fixed.trainable = True
    assert not fixed.trainable_variables


def test_a_mixture_is_fitted_to_points():
    """Maximum likelihood by gradient steps finds two clusters."""
    generator = np.random.default_rng(0)
    centers = np.array([[-3.0, 0.0], [3.0, 1.0]])
    points = centers[generator.integers(2, size=400)] + 0.3 * generator.normal(size=(400, 2))

    class Fit(keras.Model):
        def __init__(self):
            super().__init__()
            self.prior = MixturePrior(2, components=2, seed=1)

        def call(self, x):
            return -self.prior.distribution().log_prob(x)[:, None]

    model = Fit()
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss=lambda y, out: ops.mean(out))
    repeated = np.tile(points, (100, 1))
    model.fit(repeated, repeated[:, :1], epochs=3, batch_size=400, shuffle=False, verbose=0)
    found = {name: numpy(value) for name, value in model.prior.as_mixture().items()}
    order = np.argsort(found["mean"][:, 0])
    np.testing.assert_allclose(found["mean"][order], centers, atol=0.1)
    np.testing.assert_allclose(np.exp(0.5 * found["log_variance"]), 0.3, atol=0.05)
    np.testing.assert_allclose(np.exp(found["log_weights"]), 0.5, atol=0.07)


def test_a_mixture_of_extreme_variances_gives_no_nan(gradients):
    prior = MixturePrior(2, components=2)
    x = np.full((3, 2), 4.0, np.float32)
    for raw in (-1e3, -30.0, 30.0, 1e3):
        prior.log_variances.assign(np.full((2, 2), raw))
        assert np.isfinite(numpy(prior.distribution().log_prob(tensor(x)))).all()
        (found,) = gradients(lambda x: prior.distribution().log_prob(x), x)
        assert np.isfinite(found).all()


def test_a_vampprior_is_the_mixture_of_its_pseudo_inputs_posteriors():
    prior = make("vampprior")
    mixture = prior.distribution(encode)
    assert type(mixture) is NormalMixture
    expected = encode(prior.images())
    np.testing.assert_allclose(numpy(mixture.centers)[0], numpy(expected["mean"]))
    np.testing.assert_allclose(numpy(mixture.log_variances)[0], numpy(expected["log_variance"]))
    assert numpy(mixture.log_weights).tolist() == [[0.0] * 4]
    images = numpy(prior.images())
    assert images.shape == (4, *SHAPE) and 0 < images.min() < 0.3 and 0.7 < images.max() < 1
    for call in (prior.distribution, prior.as_mixture, lambda: prior.sample(3, 1)):
        with pytest.raises(TypeError, match="expected a function from images to posterior"):
            call()


def test_a_vampprior_starts_from_images():
    prior = make("vampprior")
    images = np.random.default_rng(0).uniform(size=(4, *SHAPE))
    images[0, 0, 0], images[0, 0, 1] = 0, 1
    prior.start_from(images)
    np.testing.assert_allclose(numpy(prior.images()), np.clip(images, 0.02, 0.98), atol=1e-6)
    with pytest.raises(
        ShapeError, match=r"expected images of shape \(4, 4, 3, 1\).*\(5, 4, 3, 1\)"
    ):
        prior.start_from(np.zeros((5, *SHAPE)))


def test_the_pseudo_inputs_are_trained():
    class Fit(keras.Model):
        def __init__(self):
            super().__init__()
            self.prior = make("vampprior")

        def call(self, x):
            return -self.prior.distribution(encode).log_prob(x)[:, None]

    model = Fit()
    before = numpy(model.prior.images())
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss=lambda y, out: ops.mean(out))
    points = np.random.default_rng(0).normal(size=(64, 2))
    losses = model.fit(points, np.zeros((64, 1)), epochs=5, batch_size=64, verbose=0)
    assert losses.history["loss"][-1] < losses.history["loss"][0]
    moved = np.abs(numpy(model.prior.images()) - before)
    # The encoder of this test looks at the first pixels of two rows.
    assert moved[:, :2, :2].max() > 0 and moved[:, 2:].max() == 0


@pytest.mark.parametrize("kind", list(PRIORS))
def test_saved_and_loaded(kind, tmp_path):
    @keras.saving.register_keras_serializable(package="tests")
    class Holder(keras.Model):
        def __init__(self, prior, **kwargs):
            super().__init__(**kwargs)
            self.prior = prior

        def call(self, x):
            return x

        def build(self, input_shape):
            self.built = True

        def get_config(self):
            return {"prior": keras.saving.serialize_keras_object(self.prior)}

        @classmethod
        def from_config(cls, config):
            return cls(keras.saving.deserialize_keras_object(config["prior"]))

    prior = make(kind)
    for weight in prior.weights:
        weight.assign(weight + 0.25)
    model = Holder(prior)
    model.build(None)
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras").prior
    assert type(loaded) is type(prior) and loaded.get_config() == prior.get_config()
    before, after = prior.as_mixture(encode), loaded.as_mixture(encode)
    for name in before:
        np.testing.assert_array_equal(numpy(before[name]), numpy(after[name]))


def test_a_fixed_mixture_stays_fixed_when_loaded():
    fixed = MixturePrior.from_config(MixturePrior(2, trainable=False).get_config())
    assert not fixed.trainable_variables


def test_the_config_of_the_first_version_still_loads():
    config = {"name": "standard_normal_prior", "trainable": True, "dtype": "float32", "size": 3}
    assert StandardNormalPrior.from_config(config).size == 3
