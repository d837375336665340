import numpy as np
import pytest
from keras import ops
from scipy import stats

from zspace.distributions import Bernoulli, Deterministic, Normal, StandardNormalPrior
from zspace.objectives.elbo import ELBO
from zspace.objectives.objective import Latents
from zspace.objectives.terms import bits_per_dimension, nats_per_image, reduction_divisor

SHAPE = (4, 5, 3)


def tensor(x):
    return ops.convert_to_tensor(np.asarray(x, np.float32))


@pytest.mark.parametrize(
    ("reduction", "reduce"),
    [
        ("sum", lambda x: x.sum((1, 2, 3)).mean()),
        ("channel_mean", lambda x: x.mean(3).sum((1, 2)).mean()),
        ("mean", lambda x: x.mean()),
    ],
)
def test_terms_are_scipys(reduction, reduce):
    generator = np.random.default_rng(0)
    logits, x = generator.normal(size=(6, *SHAPE)), generator.integers(0, 2, size=(6, *SHAPE))
    mean, log_variance = generator.normal(size=(2, 6, 7))
    terms = ELBO(SHAPE, beta=0.7, reduction=reduction).terms(
        tensor(x),
        likelihood=Bernoulli(tensor(logits)),
        latents=Latents(
            Normal(tensor(mean), tensor(log_variance)), StandardNormalPrior(7).distribution()
        ),
    )
    expected = reduce(-stats.bernoulli(1 / (1 + np.exp(-logits))).logpmf(x))
    kl = 0.5 * (np.exp(log_variance) + mean**2 - 1 - log_variance).sum(1).mean()
    np.testing.assert_allclose(float(terms.reconstruction), expected, rtol=1e-5)
    np.testing.assert_allclose(float(terms.kl), kl, rtol=1e-5)
    np.testing.assert_allclose(float(terms.total), expected + 0.7 * kl, rtol=1e-5)


def test_the_elbo_is_a_lower_bound_of_the_exact_marginal():
    """p(z) = N(0, 1), p(x | z) = N(z, ½): log p(x) = log N(x; 0, 1.5), tight at the posterior."""
    x = np.array([[0.3], [1.4], [-2.0]])
    exact = stats.norm(0, np.sqrt(1.5)).logpdf(x).ravel()
    mean, variance = x / 1.5, 1 / 3
    # Averaged over the true posterior: E[(x − z)²] = (x − mean)² + variance.
    expected_log = -0.5 * (np.log(np.pi) + ((x - mean) ** 2 + variance) / 0.5).ravel()
    from zspace.distributions import kl_divergence

    prior = StandardNormalPrior(1).distribution()
    for factor in (1.0, 0.5, 2.0):
        q = Normal(tensor(mean), tensor(np.full_like(mean, np.log(variance * factor))))
        kl = ops.convert_to_numpy(kl_divergence(q, prior))
        bound = expected_log - (factor - 1) * variance - kl
        if factor == 1.0:
            np.testing.assert_allclose(bound, exact, rtol=1e-5)
        else:
            assert (bound < exact).all()


def test_a_plain_autoencoder_has_no_kl_term():
    terms = ELBO(SHAPE, beta=3.0).terms(
        tensor(np.zeros((2, *SHAPE))),
        likelihood=Bernoulli(tensor(np.zeros((2, *SHAPE)))),
        latents=Latents(
            Deterministic(tensor(np.ones((2, 7)))), StandardNormalPrior(7).distribution()
        ),
    )
    assert float(terms.kl) == float(terms.weighted_kl) == 0
    np.testing.assert_allclose(float(terms.total), 60 * np.log(2), rtol=1e-6)


def test_scales():
    assert reduction_divisor("mean", (96, 96, 3)) == 27648
    # E4: 4515 with "channel_mean" is 0.49 per pixel and channel.
    nats = nats_per_image(4515, "channel_mean", image_shape=(96, 96, 3))
    assert round(nats / 27648, 2) == 0.49
    np.testing.assert_allclose(bits_per_dimension(nats, (96, 96, 3)), 0.49 / np.log(2), rtol=1e-3)
