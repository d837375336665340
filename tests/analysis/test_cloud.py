"""Where random points lie among codes, against scikit-learn's Mahalanobis distance."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats
from sklearn.covariance import EmpiricalCovariance

from zspace.analysis.cloud import cloud
from zspace.analysis.mixture import NormalMixture
from zspace.errors import InputError, ShapeError


def points(count: int, size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size))


def test_distances_are_scikit_learns() -> None:
    codes = points(2000, 6) @ points(6, 6, seed=1) + 3
    fitted = EmpiricalCovariance().fit(codes[::2])
    own = np.sqrt(fitted.mahalanobis(codes[1::2]))
    asked = np.sqrt(fitted.mahalanobis(NormalMixture.standard(6).sample(4000, seed=1)))
    measured = cloud(codes)
    assert measured.is_full
    assert measured.border == pytest.approx(np.quantile(own, 0.99), rel=1e-5)
    assert measured.distance == pytest.approx(np.median(own), rel=1e-5)
    assert measured.prior_distance == pytest.approx(np.median(asked), rel=1e-5)
    assert measured.inside == pytest.approx((asked <= measured.border).mean(), abs=1e-3)


@pytest.mark.parametrize(("count", "size"), [(20_000, 2), (20_000, 32), (1000, 256)])
def test_codes_that_are_spread_as_the_prior(count: int, size: int) -> None:
    measured = cloud(points(count, size))
    assert measured.is_full
    assert measured.inside == pytest.approx(0.99, abs=0.025)
    if count > 100 * size:
        assert measured.border == pytest.approx(stats.chi(size).ppf(0.99), rel=0.03)


def test_the_right_radius_is_not_enough() -> None:
    """Half of the axes narrow, the others wide: the radius of N(0, I), and nobody inside."""
    scales = np.where(np.arange(64) % 2, 0.2, np.sqrt(2 - 0.04))
    codes = points(4000, 64) * scales
    radii = np.linalg.norm(codes, axis=1)
    assert radii.mean() == pytest.approx(8.0, abs=0.2)
    measured = cloud(codes)
    assert measured.inside == 0
    assert cloud(codes, NormalMixture.standard(64, scale=0.1)).inside == pytest.approx(1, abs=0.01)


def test_a_far_cloud_is_missed() -> None:
    measured = cloud(points(2000, 4) + 100)
    assert measured.inside == 0
    assert measured.center_radius == pytest.approx(200, rel=1e-2)


def test_dead_axes_are_counted_and_harmless() -> None:
    codes = points(500, 4)
    codes[:, 2] = 0.7
    measured = cloud(codes)
    assert measured.dead == 1 and measured.deviations[2] < 1e-12
    assert measured.inside < 0.1
    assert cloud(np.zeros((10, 3))).dead == 3
    json.dumps(measured.to_dict(), allow_nan=False)


def test_few_codes_have_no_shape() -> None:
    assert not cloud(points(20, 16)).is_full


def test_bad_input_is_one_line() -> None:
    bad = points(10, 2)
    bad[4, 1] = np.inf
    for kind, call in (
        (InputError, lambda: cloud(points(3, 2))),
        (InputError, lambda: cloud(bad)),
        (ShapeError, lambda: cloud(points(10, 2), NormalMixture.standard(3))),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
