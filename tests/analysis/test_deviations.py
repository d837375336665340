"""z beside its mean: against SciPy's folded normal, PyTorch's KL and the reference's figures."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from torch import distributions as td

from zspace.analysis.deviations import deviations
from zspace.codes import Codes
from zspace.errors import InputError, ShapeError


def test_by_hand() -> None:
    mean = np.array([[3.0, 4.0], [0.0, 0.0]])
    log_variance = np.array([[-1.0, 3.0], [0.0, -2.0]])
    measured = deviations(mean, log_variance, z=np.array([[6.0, 8.0], [0.0, 0.04]]))
    assert (measured.radius_of_mean, measured.radius_of_z) == (2.5, 5.02)
    assert measured.radius_deviation_max == 5.0
    assert measured.radius_deviation_mean == pytest.approx(2.52)
    assert measured.relative_radius_deviation_max == 1.0  # the mean at the origin does not count
    assert measured.relative_radius_deviation_mean == 1.0
    assert measured.component_deviation_max == 4.0
    assert (measured.components_over, measured.share_over) == (2, 0.5)
    assert (measured.log_variance_min, measured.log_variance_max) == (-2.0, 3.0)
    assert measured.log_variance_mean == 0.0
    assert (measured.components_wide, measured.images_wide) == (1, 1)
    assert sum(measured.deviation_counts) == sum(measured.log_variance_counts) == 4


def test_the_share_over_a_threshold_is_that_of_the_folded_normal() -> None:
    log_variance = np.full((4000, 100), -7.0)
    mean = np.zeros_like(log_variance)
    noise = np.random.default_rng(0).standard_normal(mean.shape)
    measured = deviations(mean, log_variance, z=np.exp(-3.5) * noise)
    expected = stats.foldnorm(0, scale=np.exp(-3.5)).sf(0.05)
    assert measured.share_over == pytest.approx(expected, rel=0.02)
    below = sum(
        count
        for count, edge in zip(measured.deviation_counts, measured.deviation_edges[1:], strict=True)
        if edge <= -2.0 + 1e-9
    )
    share = stats.foldnorm(0, scale=np.exp(-3.5)).cdf(0.01)
    assert below / measured.components == pytest.approx(share, rel=0.02)


def test_kl_is_torchs_and_that_of_the_four_averages() -> None:
    generator = np.random.default_rng(1)
    mean = 3 * generator.standard_normal((200, 7))
    log_variance = generator.uniform(-20, 3, (200, 7))
    one = torch.ones(7, dtype=torch.float64)
    q = td.Normal(torch.tensor(mean), torch.exp(torch.tensor(log_variance) / 2))
    exact = float(td.kl_divergence(q, td.Normal(0 * one, one)).sum(dim=1).mean())
    measured = deviations(mean, log_variance, z=mean)
    assert measured.kl == pytest.approx(exact, rel=1e-10)
    assert measured.kl_of_moments == pytest.approx(exact, rel=1e-10)
    radii = np.linalg.norm(mean, axis=1)
    less = measured.kl - measured.kl_of_mean_radius
    assert less == pytest.approx(0.5 * radii.var(), rel=1e-9)


def test_the_references_arithmetic() -> None:
    """E5: mean radius 16.28397, mean log-variance −13.68, 256 axes: 1756 nats."""
    mean = np.zeros((4, 256))
    mean[:, 0] = 16.28397
    measured = deviations(mean, np.full((4, 256), -13.68), z=mean)
    assert round(measured.kl_of_mean_radius) == 1756
    assert measured.component_deviation_max == 0


def test_same_from_blocks_and_codes(tmp_path) -> None:
    generator = np.random.default_rng(2)
    codes = Codes(
        mean=generator.standard_normal((9000, 300)).astype(np.float32),
        log_variance=generator.uniform(-9, -3, (9000, 300)).astype(np.float32),
        index=np.arange(9000),
        information={"seed": 3, "epsilon_limit": 5.0},
    )
    z = codes.z()
    expected = deviations(codes.mean, codes.log_variance, z=z)
    for points in (codes.z_blocks(), iter(np.array_split(z, 7))):
        found = deviations(codes.mean, codes.log_variance, z=points)
        assert found.deviation_counts == expected.deviation_counts
        assert found.kl == pytest.approx(expected.kl, rel=1e-12)
        assert found.radius_deviation_max == expected.radius_deviation_max
    assert expected.component_deviation_max <= 5 * np.exp(-1.5)


@given(
    hnp.arrays(np.float64, (5, 3), elements=st.floats(-1e6, 1e6)),
    hnp.arrays(np.float64, (5, 3), elements=st.floats(-30, 30)),
    hnp.arrays(np.float64, (5, 3), elements=st.floats(-5, 5)),
)
def test_properties(mean: np.ndarray, log_variance: np.ndarray, noise: np.ndarray) -> None:
    measured = deviations(mean, log_variance, z=mean + np.exp(log_variance / 2) * noise)
    assert 0 <= measured.radius_deviation_mean <= measured.radius_deviation_max * (1 + 1e-12)
    # The triangle inequality: no radius moves farther than its point does.
    farthest = measured.component_deviation_max * np.sqrt(3)
    assert measured.radius_deviation_max <= farthest * (1 + 1e-6) + 1e-6
    assert measured.components_over <= measured.components == 15
    assert measured.images_wide <= measured.components_wide
    assert measured.kl >= 0
    assert measured.kl_of_moments == pytest.approx(measured.kl, rel=1e-6, abs=1e-6)
    assert sum(measured.deviation_counts) == sum(measured.log_variance_counts) == 15
    json.dumps(measured.to_dict(), allow_nan=False)


def test_bad_input_is_one_line() -> None:
    good = np.zeros((4, 3))
    bad = good.copy()
    bad[1, 1] = np.nan
    for kind, call in (
        (ShapeError, lambda: deviations(good, good, z=good[:3])),
        (ShapeError, lambda: deviations(good, good, z=np.zeros((5, 3)))),
        (ShapeError, lambda: deviations(good, good, z=np.zeros((4, 2)))),
        (InputError, lambda: deviations(bad, good, z=good)),
        (InputError, lambda: deviations(good, bad, z=good)),
        (InputError, lambda: deviations(good[:0], good[:0], z=good[:0])),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
