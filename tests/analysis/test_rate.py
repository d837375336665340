"""KL of posteriors against PyTorch's, active units against hand-made axes."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch import distributions as td

from zspace.analysis import posteriors as posteriors_module
from zspace.analysis.mixture import NormalMixture
from zspace.analysis.posteriors import Posteriors
from zspace.analysis.rate import image_rates, rate
from zspace.codes import Codes
from zspace.errors import InputError, ShapeError


def diagonal(count: int = 40, size: int = 5, seed: int = 0) -> Posteriors:
    generator = np.random.default_rng(seed)
    return Posteriors(
        2 * generator.standard_normal((count, size)), generator.uniform(-6, 2, (count, size))
    )


def full(count: int = 30, size: int = 4, seed: int = 0) -> Posteriors:
    generator = np.random.default_rng(seed)
    tril = np.tril(generator.standard_normal((count, size, size)), -1)
    tril += np.eye(size) * generator.uniform(0.2, 2, (count, 1, size))
    variance = np.einsum("nij,nij->ni", tril, tril)
    return Posteriors(generator.standard_normal((count, size)), np.log(variance), tril)


def in_torch(given: Posteriors) -> td.Distribution:
    mean = torch.tensor(given.mean)
    if given.scale_tril is None:
        return td.Normal(mean, torch.exp(torch.tensor(given.log_variance) / 2))
    return td.MultivariateNormal(mean, scale_tril=torch.tensor(given.scale_tril))


@pytest.mark.parametrize(("center", "scale"), [(0.0, 1.0), (0.0, 3.0), (-1.5, 0.5)])
def test_kl_is_torchs_per_axis_and_image(center: float, scale: float) -> None:
    given = diagonal()
    prior = NormalMixture(np.zeros(1), np.full((1, 5), center), np.full((1, 5), 2 * np.log(scale)))
    one = torch.ones(5, dtype=torch.float64)
    kl = td.kl_divergence(in_torch(given), td.Normal(center * one, scale * one)).numpy()
    measured = rate(given, prior)
    assert measured.is_exact and measured.standard_error == 0
    np.testing.assert_allclose(measured.per_axis, kl.mean(axis=0), rtol=1e-10)
    images = kl.sum(axis=1)
    assert measured.mean == pytest.approx(images.mean(), rel=1e-10)
    assert measured.deviation == pytest.approx(images.std(), rel=1e-10)
    assert measured.quantiles[95] == pytest.approx(np.percentile(images, 95), rel=1e-10)


@pytest.mark.parametrize("log_variance", [-60.0, -30.0, -1e-9, 0.0, 1e-9, 10.0, 30.0])
def test_extreme_variances_are_torchs(log_variance: float) -> None:
    given = Posteriors(np.full((2, 1), 0.0), np.full((2, 1), log_variance))
    one, zero = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    deviation = torch.exp(torch.tensor([log_variance / 2], dtype=torch.float64))
    exact = float(td.kl_divergence(td.Normal(zero, deviation), td.Normal(zero, one)))
    assert rate(given).mean == pytest.approx(exact, rel=1e-9, abs=1e-15)


def test_full_covariance_is_torchs() -> None:
    given = full()
    prior = td.MultivariateNormal(torch.zeros(4, dtype=torch.float64), 4 * torch.eye(4).double())
    kl = td.kl_divergence(in_torch(given), prior).numpy()
    measured = rate(given, NormalMixture.standard(4, scale=2.0))
    assert measured.is_exact
    assert measured.mean == pytest.approx(kl.mean(), rel=1e-10)
    assert sum(measured.per_axis) < measured.mean  # what correlations cost is on no axis


@pytest.mark.parametrize("given", [diagonal(), full()], ids=["diagonal", "full"])
@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_the_rate_of_each_image_is_torchs(given: Posteriors, scale: float, monkeypatch) -> None:
    size = given.latent_size
    identity = torch.eye(size, dtype=torch.float64)
    theirs = td.MultivariateNormal(torch.zeros(size, dtype=torch.float64), scale**2 * identity)
    q = in_torch(given) if given.scale_tril is not None else td.Independent(in_torch(given), 1)
    if given.scale_tril is None:
        deviation = torch.full((size,), scale, dtype=torch.float64)
        theirs = td.Independent(td.Normal(torch.zeros_like(deviation), deviation), 1)
    expected = td.kl_divergence(q, theirs).numpy()
    prior = None if scale == 1 else NormalMixture.standard(size, scale=scale)
    np.testing.assert_allclose(image_rates(given, prior), expected, rtol=1e-10)
    monkeypatch.setattr(posteriors_module, "_BLOCK_VALUES", 160)
    np.testing.assert_allclose(image_rates(given, prior), expected, rtol=1e-10)
    assert rate(given, prior).mean == pytest.approx(expected.mean(), rel=1e-10)


def test_the_rate_of_an_image_and_a_mixture_is_refused() -> None:
    with pytest.raises(InputError, match="a mixture came"):
        image_rates(diagonal(), twice(NormalMixture.standard(5)))
    bad = diagonal()
    bad.mean[3, 1] = np.nan
    with pytest.raises(InputError):
        image_rates(bad)


def test_entropy_is_torchs() -> None:
    for some in (diagonal(), full()):
        entropy = in_torch(some).entropy().numpy()
        entropy = entropy.sum(axis=1) if some.scale_tril is None else entropy
        np.testing.assert_allclose(some.entropy, entropy, rtol=1e-10)


def twice(prior: NormalMixture) -> NormalMixture:
    """The same distribution, written as a mixture."""
    halves = np.log([0.5, 0.5])
    return NormalMixture(halves, prior.mean.repeat(2, axis=0), prior.log_variance.repeat(2, axis=0))


@pytest.mark.parametrize("given", [diagonal(3000), full(3000)])
def test_monte_carlo_agrees_with_the_closed_form(given: Posteriors) -> None:
    prior = NormalMixture.standard(given.latent_size, scale=1.5)
    exact, drawn = rate(given, prior), rate(given, twice(prior), draws=8)
    assert drawn.draws == 8 and 0 < drawn.standard_error < 0.05 * exact.mean
    assert drawn.mean == pytest.approx(exact.mean, abs=4.5 * drawn.standard_error)
    np.testing.assert_allclose(drawn.per_axis, exact.per_axis, rtol=0.1, atol=0.05)
    assert drawn.variance_of_mean == pytest.approx(exact.variance_of_mean)


def test_a_mixture_against_many_draws_of_torch() -> None:
    given = diagonal(20, 2)
    centers, weights = np.array([[3.0, 0.0], [-3.0, 1.0]]), np.array([0.3, 0.7])
    prior = NormalMixture(np.log(weights), centers, np.zeros((2, 2)))
    theirs = td.MixtureSameFamily(
        td.Categorical(probs=torch.tensor(weights)),
        td.Independent(td.Normal(torch.tensor(centers), torch.ones(2, 2).double()), 1),
    )
    torch.manual_seed(0)
    q = td.Independent(in_torch(given), 1)
    z = q.sample((20_000,))
    expected = float((q.log_prob(z) - theirs.log_prob(z)).mean())
    measured = rate(given, prior, draws=2000)
    assert measured.mean == pytest.approx(expected, abs=5 * measured.standard_error + 0.02)


def test_collapsed_codes_have_no_active_axis() -> None:
    measured = rate(Posteriors(np.zeros((100, 8)), np.zeros((100, 8))))
    assert measured.mean == 0
    assert (measured.active_by_variance, measured.active_by_kl) == (0, 0)
    assert measured.collapsed == tuple(range(8))


def test_the_two_definitions_of_active_differ() -> None:
    generator = np.random.default_rng(1)
    mean = np.zeros((5000, 4))
    log_variance = np.zeros((5000, 4))
    mean[:, 0] = generator.standard_normal(5000)  # active by both
    log_variance[:, 0] = -3
    mean[:, 1] = 0.12 * generator.standard_normal(5000)  # varies, for 0.007 nats
    mean[:, 2] = 0.5  # costs 0.125 nats, and never varies
    measured = rate(Posteriors(mean, log_variance))
    assert (measured.active_by_variance, measured.active_by_kl) == (2, 2)
    assert measured.collapsed == (3,)
    assert measured.axes_for(0.5) == 1
    assert measured.offset[2] == pytest.approx(0.5)


def test_active_is_measured_in_the_priors_own_units() -> None:
    given = Posteriors(
        0.5 * np.random.default_rng(1).standard_normal((2000, 1)),
        np.full((2000, 1), 2 * np.log(10.0)),
    )
    assert rate(given).active_by_variance == 1
    assert rate(given, NormalMixture.standard(1, scale=10.0)).active_by_variance == 0


def test_the_parts_of_the_variance() -> None:
    given = diagonal(500)
    measured = rate(given)
    np.testing.assert_allclose(measured.variance_of_mean, given.mean.var(axis=0), rtol=1e-10)
    np.testing.assert_allclose(
        measured.mean_of_variance, np.exp(given.log_variance).mean(axis=0), rtol=1e-10
    )


@pytest.mark.parametrize("given", [diagonal(1000), full(1000)])
def test_same_in_blocks_and_from_files(given: Posteriors, tmp_path, monkeypatch) -> None:
    expected = rate(given)
    monkeypatch.setattr(posteriors_module, "_BLOCK_VALUES", 160)
    in_blocks = rate(given)
    assert in_blocks.mean == pytest.approx(expected.mean, rel=1e-12)
    assert in_blocks.variance_of_mean == pytest.approx(expected.variance_of_mean, rel=1e-10)
    arrays = {}
    for name in ("mean", "log_variance", "scale_tril"):
        if getattr(given, name) is not None:
            np.save(tmp_path / f"{name}.npy", getattr(given, name).astype(np.float32))
            arrays[name] = np.load(tmp_path / f"{name}.npy", mmap_mode="r")
    codes = Codes(index=np.arange(1000), **arrays)
    assert rate(Posteriors.of_codes(codes)).mean == pytest.approx(expected.mean, rel=1e-5)


def test_memory_does_not_grow_with_the_codes() -> None:
    mean = np.broadcast_to(np.float32(0.5), (170_000, 64))  # 87 MB each as float64
    given = Posteriors(mean, mean)
    tracemalloc.start()
    rate(given)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 70e6


@given(
    hnp.arrays(np.float64, (6, 3), elements=st.floats(-30, 30)),
    hnp.arrays(np.float64, (6, 3), elements=st.floats(-30, 10)),
    st.permutations(range(6)),
)
def test_properties(mean: np.ndarray, log_variance: np.ndarray, order: list[int]) -> None:
    measured = rate(Posteriors(mean, log_variance))
    assert measured.mean >= 0 and min(measured.per_axis) >= 0
    assert sum(measured.per_axis) == pytest.approx(measured.mean)
    assert list(measured.quantiles.values()) == sorted(measured.quantiles.values())
    assert len(measured.collapsed) <= 3 - max(measured.active_by_kl, measured.active_by_variance)
    shuffled = rate(Posteriors(mean[order], log_variance[order]))
    assert shuffled.mean == pytest.approx(measured.mean)
    json.dumps(measured.to_dict(), allow_nan=False)


def test_bad_input_is_one_line() -> None:
    bad = diagonal()
    bad.mean[3, 1] = np.nan
    plain = Codes(mean=np.zeros((3, 2), np.float32), index=np.arange(3))
    cases = [
        (InputError, lambda: rate(bad)),
        (InputError, lambda: rate(Posteriors(np.zeros((0, 2)), np.zeros((0, 2))))),
        (ShapeError, lambda: rate(diagonal(), NormalMixture.standard(4))),
        (InputError, lambda: Posteriors.of_codes(plain)),
    ]
    for kind, call in cases:
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
