"""Heads, their soft bounds, and what they tell about these."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from zspace.distributions import (
    POSTERIORS,
    Deterministic,
    FullNormal,
    FullNormalPosterior,
    Normal,
    NormalPosterior,
    soft_bound,
)
from zspace.distributions.bounds import bounded_share

FEATURES = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
LIMITS = (-30.0, 10.0)
RANDOM = ("normal", "full_normal")


def numpy(x):
    return ops.convert_to_numpy(x)


def tensor(x):
    return ops.convert_to_tensor(np.asarray(x, np.float32))


def in_double(x, low, high):
    x = np.asarray(x, np.float64)
    return low + np.logaddexp(0, high - np.logaddexp(0, high - x) - low)


limits = st.tuples(st.floats(-60, -2, width=32), st.floats(2, 60, width=32))
numbers = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=20)


@given(limits=limits, x=numbers)
def test_soft_bound_is_its_formula_and_stays_within(limits, x):
    found = numpy(soft_bound(tensor(x), limits))
    np.testing.assert_allclose(found, in_double(np.float32(x), *limits), rtol=1e-5, atol=2e-5)
    low, high = limits
    assert (found >= low).all() and (found <= high + np.log1p(np.exp(low - high)) + 2e-5).all()


@given(limits=limits, x=numbers)
def test_soft_bound_is_monotone(limits, x):
    found = numpy(soft_bound(tensor(sorted(x)), limits))
    assert (np.diff(found) >= -2e-5).all()


@given(share=st.floats(0, 1))
def test_soft_bound_leaves_what_is_inside(share):
    x = np.float32(-18 + 16 * share)
    assert abs(float(numpy(soft_bound(tensor([x]), LIMITS))[0]) - x) < 2e-5


def test_soft_bound_moves_by_what_its_docstring_says():
    for distance, move in ((0, np.log(2)), (2.25, 0.1), (10, 5e-5)):
        x = np.array([10.0 - distance, -30.0 + distance])
        found = numpy(soft_bound(tensor(x), LIMITS))
        np.testing.assert_allclose(found - x, [-move, move], rtol=0.1)


def test_soft_bound_has_a_slope_everywhere(gradients):
    x = np.concatenate([np.linspace(-110, 90, 401), [-1e4, 1e4]])
    slope = gradients(lambda x: soft_bound(x, LIMITS), x)[0]
    assert np.isfinite(slope).all() and (slope <= 1).all()
    assert (slope[:-2] > 0).all()
    inside = (x > -18) & (x < -2)
    np.testing.assert_allclose(slope[inside], 1, atol=1e-5)


@pytest.mark.parametrize("limits", [(-30.0, 10.0), (-4.0, 3.0), (-2.0, 2.0), (-60.0, 60.0)])
def test_the_share_of_what_was_moved(limits):
    x = np.random.default_rng(1).uniform(limits[0] - 5, limits[1] + 5, 5000)
    expected = np.abs(in_double(x, *limits) - x) > 0.1
    bounded = soft_bound(tensor(x), limits)
    assert abs(float(numpy(bounded_share(bounded, limits))) - expected.mean()) < 2e-3
    assert float(numpy(bounded_share(tensor(np.full(3, limits[1])), limits))) == 1
    assert float(numpy(bounded_share(tensor(np.full(3, limits[0])), limits))) == 1


def built(kind, size=3, **options):
    keras.utils.set_random_seed(2)
    posterior = POSTERIORS[kind](size, **options)
    posterior.build((None, 5))
    return posterior


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("deterministic", Deterministic), ("normal", Normal), ("full_normal", FullNormal)],
)
def test_every_posterior(kind, expected):
    posterior = built(kind)
    parameters = posterior(tensor(FEATURES))
    assert type(posterior.distribution(parameters)) is expected
    assert posterior.is_random is (kind != "deterministic")
    shapes = {name: tuple(value.shape) for name, value in parameters.items()}
    names = {"mean": (6, 3), "log_variance": (6, 3), "scale_tril": (6, 3, 3)}
    count = {"deterministic": 1, "normal": 2, "full_normal": 3}[kind]
    assert shapes == dict(list(names.items())[:count])
    assert float(numpy(posterior.bounded_share(parameters))) == 0


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_triangular_factor_is_put_together_from_its_heads(size):
    posterior = built("full_normal", size)
    parameters = {name: numpy(value) for name, value in posterior(tensor(FEATURES)).items()}
    factor = parameters["scale_tril"]
    expected = np.zeros((6, size, size))
    axes = np.arange(size)
    raw = numpy(posterior.log_diagonal_head(tensor(FEATURES)))
    expected[:, axes, axes] = np.exp(0.5 * in_double(raw, -30, 10))
    if size > 1:
        below = numpy(posterior.below_diagonal_head(tensor(FEATURES)))
        expected[(slice(None), *np.tril_indices(size, -1))] = below
    np.testing.assert_allclose(factor, expected, rtol=1e-4, atol=1e-6)
    variances = (factor @ factor.transpose(0, 2, 1)).diagonal(axis1=1, axis2=2)
    np.testing.assert_allclose(parameters["log_variance"], np.log(variances), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", RANDOM)
def test_extreme_features_give_no_nan_and_are_reported(kind, gradients):
    posterior = built(kind)
    wide = tensor(1e3 * FEATURES)
    parameters = posterior(wide)
    assert all(np.isfinite(numpy(value)).all() for value in parameters.values())
    diagonal = posterior.log_diagonal_head if kind == "full_normal" else posterior.log_variance_head
    raw = numpy(diagonal(wide))
    expected = (np.abs(in_double(raw, -30, 10) - raw) > 0.1).mean()
    assert expected > 0.8
    assert float(numpy(posterior.bounded_share(parameters))) == pytest.approx(expected)
    for name in parameters:
        (found,) = gradients(lambda x, name=name: posterior(x)[name], 1e3 * FEATURES)
        assert np.isfinite(found).all()


@pytest.mark.parametrize("kind", RANDOM)
def test_limits_are_kept(kind):
    posterior = built(kind, log_variance_limits=(-3.0, 1.0))
    spread = posterior(tensor(1e3 * FEATURES))
    diagonal = spread["log_variance"]
    if kind == "full_normal":
        factor = numpy(spread["scale_tril"])
        diagonal = 2 * np.log(factor.diagonal(axis1=1, axis2=2))
    assert numpy(diagonal).min() > -3.001 and numpy(diagonal).max() < 1.02
    assert float(numpy(posterior.bounded_share(spread))) > 0.9


@pytest.mark.parametrize("kind", list(POSTERIORS))
def test_saved_and_loaded(kind, tmp_path):
    options = {} if kind == "deterministic" else {"log_variance_limits": (-3.0, 1.0)}
    inputs = keras.Input((5,))
    model = keras.Model(inputs, POSTERIORS[kind](3, **options)(inputs))
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    before, after = (one.predict(FEATURES, verbose=0) for one in (model, loaded))
    assert set(before) == set(after)
    for name in before:
        np.testing.assert_array_equal(before[name], after[name])


@pytest.mark.parametrize("kind", [NormalPosterior, FullNormalPosterior])
def test_a_config_of_an_older_version_has_no_limits(kind):
    config = kind(3).get_config()
    assert config.pop("log_variance_limits") == [-30.0, 10.0]
    assert kind.from_config(config).log_variance_limits == [-30.0, 10.0]


@pytest.mark.parametrize("kind", list(POSTERIORS))
def test_parameters_are_float32_whatever_the_policy(kind):
    posterior = built(kind, dtype="mixed_bfloat16")
    for value in posterior(tensor(FEATURES)).values():
        assert keras.backend.standardize_dtype(value.dtype) == "float32"
