"""Points of what was fitted to codes: against closed forms, SciPy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.mixture import GaussianMixture

from zspace.errors import InputError, ShapeError
from zspace.generation import FITTED, ellipsoid_points, kernel_points, mixture_points
from zspace.generation.frame import frame_of

MIXING = np.array([[2.0, 0.0, 0.0], [1.5, 0.4, 0.0], [-1.0, 0.3, 5.0]])
CENTER = np.array([7.0, -3.0, 0.5])


def cloud(count: int = 4000, seed: int = 0) -> np.ndarray:
    """Codes as of a plain autoencoder: one tilted ellipsoid, off the origin."""
    noise = np.random.default_rng(seed).standard_normal((count, 3))
    return (CENTER + noise @ MIXING.T).astype(np.float32)


def mahalanobis(points: np.ndarray, codes: np.ndarray) -> np.ndarray:
    off = points.astype(np.float64) - codes.mean(axis=0, dtype=np.float64)
    inverse = np.linalg.inv(np.cov(codes.T.astype(np.float64)))
    return np.sqrt(np.einsum("ij,jk,ik->i", off, inverse, off))


def test_ellipsoid_has_mean_covariance_and_chi_radii() -> None:
    codes = cloud()
    points = ellipsoid_points(codes, 20_000)
    assert (points.shape, points.dtype) == ((20_000, 3), np.float32)
    expected = np.cov(codes.T.astype(np.float64))
    np.testing.assert_allclose(points.mean(axis=0), codes.mean(axis=0), atol=0.15)
    np.testing.assert_allclose(np.cov(points.T), expected, rtol=0.05, atol=0.15)
    assert stats.kstest(mahalanobis(points, codes), stats.chi(3).cdf).pvalue > 1e-3
    # Each marginal of a normal distribution is one.
    law = stats.norm(codes[:, 1].mean(), codes[:, 1].std(ddof=1)).cdf
    assert stats.kstest(points[:, 1], law).pvalue > 1e-3


@pytest.mark.parametrize("inside", [0.1, 0.5, 0.95])
def test_inside_is_the_inner_share_of_the_ellipsoid(inside: float) -> None:
    codes = cloud()
    radii = mahalanobis(ellipsoid_points(codes, 5000, inside=inside), codes)
    assert radii.max() <= stats.chi(3).ppf(inside) * (1 + 1e-5)
    assert stats.kstest(radii, lambda r: stats.chi(3).cdf(r) / inside).pvalue > 1e-3


def test_truncated_ellipsoid_has_the_variances_of_scipy() -> None:
    codes = cloud()
    whole, cut = ellipsoid_points(codes, 20_000), ellipsoid_points(codes, 20_000, truncation=1.0)
    frame = frame_of(codes)
    standardized = frame.standardized(cut)
    assert np.abs(standardized).max() <= 1 + 1e-4
    expected = stats.truncnorm(-1, 1).var()
    np.testing.assert_allclose(standardized.var(axis=0), expected, rtol=0.04)
    # The same random numbers, drawn in.
    assert (standardized * frame.standardized(whole) >= -1e-6).all()


def test_a_scale_draws_the_same_points_out_of_the_center() -> None:
    codes = cloud()
    one, two = ellipsoid_points(codes, 9), ellipsoid_points(codes, 9, scale=2.0)
    center = codes.mean(axis=0, dtype=np.float64)
    np.testing.assert_allclose(two - center, 2 * (one - center), atol=1e-4)


def test_mixture_has_the_moments_of_scikit_learn_s_own_samples() -> None:
    random = np.random.default_rng(3)
    codes = np.concatenate(
        [
            random.normal([0, 0, 0], [1, 0.2, 2], (1500, 3)),
            random.normal([9, 5, 0], [0.3, 1, 1], (500, 3)),
        ]
    ).astype(np.float32)
    points = mixture_points(codes, 20_000, components=2)
    samples = GaussianMixture(2, random_state=0).fit(codes).sample(20_000)[0]
    np.testing.assert_allclose(points.mean(axis=0), samples.mean(axis=0), atol=0.12)
    np.testing.assert_allclose(np.cov(points.T), np.cov(samples.T), atol=0.4)
    assert (points[:, 0] > 5).mean() == pytest.approx(0.25, abs=0.02)

    # Nothing is drawn between the two clouds; their common ellipsoid has much there.
    def between(drawn: np.ndarray) -> float:
        return float(((drawn[:, 0] > 4) & (drawn[:, 0] < 7)).mean())

    assert between(points) < 0.005 < 0.1 < between(ellipsoid_points(codes, 20_000))


def test_one_component_is_the_ellipsoid() -> None:
    codes = cloud()
    points = mixture_points(codes, 20_000, components=1)
    assert stats.kstest(mahalanobis(points, codes), stats.chi(3).cdf).pvalue > 1e-3


def test_the_fit_of_a_mixture_is_the_same_for_all_seeds(monkeypatch) -> None:
    from zspace.generation import fitted

    fits = []
    fit = fitted._mixture
    monkeypatch.setattr(fitted, "_mixture", lambda *a: fits.append(fit(*a)) or fits[-1])
    codes = cloud(500)
    first, second = (mixture_points(codes, 5, components=3, seed=seed) for seed in (1, 2))
    assert not np.array_equal(first, second)
    for one, other in zip(*fits, strict=True):
        np.testing.assert_array_equal(one, other)


def test_kernel_density_has_scipy_s_bandwidth_and_covariance() -> None:
    codes = cloud(300)
    known = stats.gaussian_kde(codes.T.astype(np.float64), bw_method="scott")
    points = kernel_points(codes, 40_000)
    expected = np.cov(codes.T, bias=True) + known.covariance
    np.testing.assert_allclose(np.cov(points.T), expected, rtol=0.06, atol=0.25)
    marginal = stats.gaussian_kde(codes[:, 1].astype(np.float64), bw_method=known.factor)
    assert (
        stats.kstest(
            points[:2000, 1], np.vectorize(lambda x: marginal.integrate_box_1d(-np.inf, x))
        ).pvalue
        > 1e-3
    )


def test_another_bandwidth_varies_the_same_codes() -> None:
    codes = cloud(300)
    near, far = (kernel_points(codes, 9, bandwidth=width) for width in (1e-4, 2e-4))
    nearest = np.linalg.norm(near[:, None] - codes, axis=2).argmin(axis=1)
    np.testing.assert_allclose(far - codes[nearest], 2 * (near - codes[nearest]), atol=5e-6)


@pytest.mark.parametrize("method", FITTED)
def test_a_seed_settles_the_points(method: str) -> None:
    draw, codes = FITTED[method], cloud(200)
    np.testing.assert_array_equal(draw(codes, 5, seed=4), draw(codes, 5, seed=4))
    assert not np.array_equal(draw(codes, 5, seed=4), draw(codes, 5, seed=5))


@pytest.mark.parametrize("method", FITTED)
def test_a_constant_axis_stays_constant(method: str) -> None:
    codes = cloud(200)
    codes[:, 1] = 4.25
    points = FITTED[method](codes, 50)
    np.testing.assert_allclose(points[:, 1], 4.25, rtol=1e-6)
    assert points[:, 0].std() > 1


@pytest.mark.parametrize("method", FITTED)
def test_one_axis(method: str) -> None:
    codes = np.random.default_rng(1).normal(50, 3, (400, 1)).astype(np.float32)
    points = FITTED[method](codes, 2000)
    assert points.shape == (2000, 1)
    assert abs(points.mean() - 50) < 1


@pytest.mark.parametrize("method", FITTED)
def test_codes_that_cannot_be_fitted(method: str) -> None:
    draw = FITTED[method]
    with pytest.raises(InputError, match="3 codes are too few to fit a distribution in 3 axes"):
        draw(cloud(3), 5)
    with pytest.raises(InputError, match="all are the same point"):
        draw(np.full((90, 3), 1234.567, np.float32), 5)
    with pytest.raises(InputError, match="codes must be finite"):
        draw(np.where(np.arange(3) == 1, np.nan, cloud(50)).astype(np.float32), 5)
    with pytest.raises(ShapeError, match=r"codes must be \(N, latent size\)"):
        draw(np.zeros(50, np.float32), 5)
    for bad in ({"count": 0}, {"count": 2.5}, {"seed": -1}, {"count": True}):
        with pytest.raises(InputError, match="must be a whole number"):
            draw(cloud(50), **({"count": 3} | bad))


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("ellipsoid", {"scale": 0.0}, "scale must be a positive number"),
        ("ellipsoid", {"inside": 1.5}, "inside must be above 0 and at most 1"),
        ("ellipsoid", {"inside": float("nan")}, "inside must be"),
        ("ellipsoid", {"truncation": -1.0}, "truncation must be"),
        ("ellipsoid", {"truncation": 1.0, "inside": 0.5}, "both came"),
        ("mixture", {"components": 0}, "components must be a whole number"),
        ("mixture", {"components": 2.0}, "components must be a whole number"),
        ("mixture", {"components": 26}, "26 components need at least 52 codes, 50 came"),
        ("kernel", {"bandwidth": 0.0}, "bandwidth must be a positive number"),
    ],
)
def test_bad_options(method: str, options: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        FITTED[method](cloud(50), 5, **options)
    assert "\n" not in str(caught.value)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.floats(-3, 3))
def test_the_frame_goes_there_and_back(seed: int, size: int, exponent: float) -> None:
    """And standardizes, whatever the units of the axes are."""
    random = np.random.default_rng(seed)
    widths = 10 ** random.uniform(-1, 1, size)
    codes = (10**exponent * (random.normal(1, 1, (60, size)) * widths)).astype(np.float32)
    frame = frame_of(codes)
    assert frame.rank == size
    standardized = frame.standardized(codes)
    np.testing.assert_allclose(np.cov(standardized.T), np.eye(size), atol=1e-5)
    np.testing.assert_allclose(
        frame.points(standardized), codes, rtol=1e-3, atol=10**exponent / 1e4
    )


def test_the_frame_is_the_same_in_blocks(monkeypatch) -> None:
    from zspace.generation import frame as module

    codes = cloud(1000)
    whole = frame_of(codes)
    monkeypatch.setattr(module, "_BLOCK", 77)
    parts = frame_of(codes)
    np.testing.assert_allclose(parts.center, whole.center, rtol=1e-6)
    np.testing.assert_allclose(parts.axes.T @ parts.axes, whole.axes.T @ whole.axes, rtol=1e-5)
