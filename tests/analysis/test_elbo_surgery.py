"""The rate cut in two: a linear Gaussian encoder, where each part is known exactly."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch import distributions as td

from zspace.analysis import elbo_surgery as module
from zspace.analysis.elbo_surgery import elbo_surgery, moment_gap
from zspace.analysis.mixture import NormalMixture
from zspace.analysis.posteriors import Posteriors
from zspace.analysis.rate import rate
from zspace.errors import InputError

CASES = {
    "weak": (np.array([[0.5, 0.2], [0.0, 0.4]]), np.array([0.8, 1.0]), np.zeros(2)),
    "correlated": (np.array([[1.0, 0.8], [0.2, 1.2]]), np.array([0.3, 0.5]), np.zeros(2)),
    "off center": (np.array([[1.0, 0.0], [0.0, 0.3]]), np.array([0.2, 0.9]), np.array([1.0, -2])),
    "many axes": (0.3 * np.eye(6), np.full(6, 0.9), np.zeros(6)),
}


def linear_gaussian(case: str, count: int, *, full: bool = False, seed: int = 0):
    """x from N(0, I), q(z | x) = N(A·x + b, diag v); with I(x; z) and KL(q(z) ‖ N(0, I))."""
    matrix, variance, offset = CASES[case]
    size = len(variance)
    x = np.random.default_rng(seed).standard_normal((count, size))
    log_variance = np.log(variance) + np.zeros((count, size))
    tril = np.sqrt(variance) * np.eye(size) + np.zeros((count, 1, 1)) if full else None
    posteriors = Posteriors(x @ matrix.T + offset, log_variance, tril)
    aggregate = matrix @ matrix.T + np.diag(variance)
    information = 0.5 * (np.linalg.slogdet(aggregate)[1] - np.log(variance).sum())
    q = td.MultivariateNormal(torch.tensor(offset), torch.tensor(aggregate))
    p = td.MultivariateNormal(torch.zeros(size).double(), torch.eye(size).double())
    return posteriors, float(information), float(td.kl_divergence(q, p))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("full", [False, True])
def test_both_parts_are_found(case: str, full: bool) -> None:
    count = 1000 if full else 20_000
    posteriors, information, gap = linear_gaussian(case, count, full=full)
    measured = elbo_surgery(posteriors, compared=1500)
    slack = 4 * measured.information_error + 0.05 + (0.15 if full else 0)
    assert measured.information == pytest.approx(information, abs=slack)
    assert measured.information - slack < information < measured.information_at_most + slack
    assert measured.gap - slack < gap < measured.gap_at_most + slack
    assert measured.moments is not None
    assert measured.moments.total == pytest.approx(gap, abs=0.02 if not full else 0.15)
    assert measured.rate == pytest.approx(information + gap, abs=slack)
    assert not measured.is_at_ceiling


def test_information_is_that_of_torchs_densities() -> None:
    posteriors, _, _ = linear_gaussian("correlated", 200)
    measured = elbo_surgery(posteriors, compared=200, seed=3)
    noise = np.random.default_rng((3, 1)).standard_normal((200, 2))
    z = torch.tensor(posteriors.place(noise))
    q = td.Independent(
        td.Normal(
            torch.tensor(posteriors.mean), torch.exp(torch.tensor(posteriors.log_variance) / 2)
        ),
        1,
    )
    densities = q.log_prob(z[:, None, :])
    gains = densities.diagonal() - (torch.logsumexp(densities, dim=1) - math.log(200))
    assert measured.information == pytest.approx(float(gains.mean()), rel=1e-9)


def test_each_part_of_the_gap_by_moments() -> None:
    generator = np.random.default_rng(0)
    noise = np.full((40_000, 2), math.log(0.5))

    def gap(mean: np.ndarray):
        return moment_gap(Posteriors(mean, noise), NormalMixture.standard(2))

    mean = math.sqrt(0.5) * generator.standard_normal((40_000, 2))
    none = gap(mean)
    assert none.total < 0.002
    moved = gap(mean + np.array([1.0, 0.0]))
    assert moved.offsets == pytest.approx(0.5, abs=0.02)
    assert moved.total - moved.offsets < 0.002
    wide = gap(2 * mean)
    exact = 2 * 0.5 * (2.5 - 1 - math.log(2.5))
    assert wide.variances == pytest.approx(exact, abs=0.02)
    turned = gap(mean @ np.array([[1.0, 1.0], [0.0, 0.0]]))
    assert turned.correlations == pytest.approx(-0.5 * math.log(1 - 0.5**2), abs=0.01)


def test_chance_is_taken_off_the_gap() -> None:
    """Uncorrected, 300 codes of 20 axes would show about 0.2 nats that are not there."""
    totals = []
    for seed in range(20):
        mean = math.sqrt(0.5) * np.random.default_rng(seed).standard_normal((300, 20))
        given = Posteriors(mean, np.full((300, 20), math.log(0.5)))
        totals.append(moment_gap(given, NormalMixture.standard(20)).total)
    assert np.mean(totals) < 0.06


def test_many_axes_go_without_correlations(monkeypatch) -> None:
    posteriors, _, _ = linear_gaussian("correlated", 2000)
    whole = moment_gap(posteriors, NormalMixture.standard(2))
    monkeypatch.setattr(module, "_LARGEST_COVARIANCE", 1)
    axes = moment_gap(posteriors, NormalMixture.standard(2))
    assert math.isnan(axes.correlations)
    assert axes.total == pytest.approx(whole.offsets + whole.variances)


def test_points_tell_all_images_apart_up_to_the_ceiling() -> None:
    mean = np.random.default_rng(0).standard_normal((5000, 16))
    measured = elbo_surgery(Posteriors(mean, np.full((5000, 16), -25.0)), compared=700)
    assert measured.information == pytest.approx(math.log(700), abs=1e-6)
    assert measured.is_at_ceiling and measured.ceiling == math.log(700)
    assert measured.information_at_most > 100
    assert measured.gap < 1


def test_codes_that_follow_the_prior_have_neither_part() -> None:
    measured = elbo_surgery(Posteriors(np.zeros((500, 3)), np.zeros((500, 3))))
    assert measured.information == pytest.approx(0, abs=1e-9)
    assert measured.gap == 0
    assert measured.gap_at_most == pytest.approx(0, abs=1e-9)
    assert measured.prior_where_dense == pytest.approx(0.99, abs=0.02)
    assert measured.codes_in_prior == pytest.approx(0.99, abs=0.02)


def test_holes_are_seen() -> None:
    sides = np.where(np.arange(2000) % 2, 1.0, -1.0)[:, None]
    measured = elbo_surgery(Posteriors(sides, np.full((2000, 1), -6.0)))
    assert measured.prior_where_dense < 0.2  # most of N(0, 1) is between and outside
    assert measured.codes_in_prior > 0.95
    far = elbo_surgery(Posteriors(sides + 9, np.zeros((2000, 1))))
    assert far.codes_in_prior < 0.01 and far.prior_where_dense < 0.01


def test_a_mixture_prior_has_a_gap_as_well() -> None:
    sides = np.where(np.arange(4000) % 2, 3.0, -3.0)[:, None]
    given = Posteriors(sides, np.zeros((4000, 1)))
    prior = NormalMixture(np.log([0.5, 0.5]), np.array([[3.0], [-3.0]]), np.zeros((2, 1)))
    measured = elbo_surgery(given, prior)
    assert measured.moments is None
    assert measured.information == pytest.approx(math.log(2), abs=0.02)
    assert measured.gap_at_most < 0.05
    assert measured.prior_where_dense == pytest.approx(0.99, abs=0.02)


@given(
    hnp.arrays(np.float64, (12, 2), elements=st.floats(-5, 5)),
    hnp.arrays(np.float64, (12, 2), elements=st.floats(-30, 3)),
    st.integers(0, 3),
)
def test_properties(mean: np.ndarray, log_variance: np.ndarray, seed: int) -> None:
    given = Posteriors(mean, log_variance)
    measured = elbo_surgery(given, seed=seed)
    assert measured.rate == pytest.approx(rate(given).mean)
    assert measured.information <= math.log(12)
    assert measured.information_at_most <= max(measured.rate, 0) + 1e-9
    assert 0 <= measured.gap <= measured.gap_at_most + 1e-9
    assert 0 <= measured.prior_where_dense <= 1 and 0 <= measured.codes_in_prior <= 1
    json.dumps(measured.to_dict(), allow_nan=False)


def test_a_subset_is_a_function_of_the_seed() -> None:
    posteriors, _, _ = linear_gaussian("correlated", 3000)
    first = elbo_surgery(posteriors, compared=300, seed=1)
    assert first == elbo_surgery(posteriors, compared=300, seed=1)
    assert first != elbo_surgery(posteriors, compared=300, seed=2)
    assert first.compared == 300


def test_bad_input_is_one_line() -> None:
    one = Posteriors(np.zeros((1, 2)), np.zeros((1, 2)))
    two = Posteriors(np.zeros((2, 2)), np.zeros((2, 2)))
    mixture = NormalMixture(np.log([0.5, 0.5]), np.zeros((2, 2)), np.zeros((2, 2)))
    for call in (
        lambda: elbo_surgery(one),
        lambda: elbo_surgery(two, compared=1),
        lambda: moment_gap(two, mixture),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert "\n" not in str(caught.value)
