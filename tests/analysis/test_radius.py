"""Radii against SciPy's chi distribution, the reference's figures, and Monte Carlo."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from zspace.analysis import blocks
from zspace.analysis.radius import (
    Radius,
    cube_mean_radius,
    normal_mean_radius,
    normal_radius_density,
    normal_radius_deviation,
    radius,
)
from zspace.codes import Codes
from zspace.errors import InputError, ShapeError

SIZES = [1, 2, 3, 16, 256, 512, 999, 1001, 20_000]


@pytest.mark.parametrize("size", SIZES)
def test_theory_of_the_normal_radius_is_scipys_chi(size: int) -> None:
    chi = stats.chi(size)
    assert normal_mean_radius(size) == pytest.approx(chi.mean(), rel=1e-10)
    exact = chi.std() if size <= 1001 else np.sqrt(0.5)  # SciPy's own cancels beyond
    assert normal_radius_deviation(size) == pytest.approx(exact, rel=1e-5)
    r = np.concatenate(([-1.0, 0.0, 1e-3], np.linspace(0, 2 * np.sqrt(size) + 4, 200)))
    np.testing.assert_allclose(normal_radius_density(r, size), chi.pdf(r), rtol=1e-8, atol=1e-300)


def test_density_integrates_to_one_and_keeps_shapes() -> None:
    r = np.linspace(0, 40, 40_001)
    assert np.trapezoid(normal_radius_density(r, 256), r) == pytest.approx(1, abs=1e-9)
    assert normal_radius_density(1.0, 3).shape == ()
    assert normal_radius_density(np.ones((2, 3)), 3).shape == (2, 3)


def test_the_references_figures() -> None:
    assert round(normal_mean_radius(256), 2) == 15.98
    table = {0.5: 4.6, 1: 9.2, 1.5: 13.9, 2: 18.5, 2.5: 23.1, 3: 27.7, 3.5: 32.3, 5: 46.2, 8: 73.9}
    assert {limit: round(cube_mean_radius(256, limit), 1) for limit in table} == table


@pytest.mark.parametrize("size", [2, 16, 256])
def test_theory_against_monte_carlo(size: int) -> None:
    generator = np.random.default_rng(7)
    measured = radius(generator.standard_normal((20_000, size)))
    assert measured.mean == pytest.approx(normal_mean_radius(size), abs=0.03)
    assert measured.deviation == pytest.approx(normal_radius_deviation(size), abs=0.03)
    cube = radius(generator.uniform(-1.5, 1.5, (20_000, size)))
    # The leading order is √E‖z‖², which can only lie above E‖z‖.
    leading = cube_mean_radius(size, 1.5)
    assert leading * (1 - 0.4 / size) - 0.02 < cube.mean < leading + 0.005


def test_numbers_by_hand() -> None:
    points = np.array([[3.0, 4.0], [0.0, 5.2], [0.0, 0.5], [0.0, 0.0]])
    measured = radius(points)
    assert (measured.count, measured.latent_size) == (4, 2)
    assert measured.mean == pytest.approx((5 + 5.2 + 0.5) / 4)
    assert measured.deviation == pytest.approx(np.std([5, 5.2, 0.5, 0]))
    assert (measured.minimum, measured.maximum) == (0.0, 5.2)
    assert measured.peak == 5.25
    assert measured.counts == (1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2)
    assert measured.edges[-1] == 5.5
    assert measured.share(0, 0.5) == 0.25
    assert measured.share(5, 5.5) == 0.5
    assert measured.share(5, 5.25) == 0.25
    assert measured.share(-3, 100) == 1.0


def test_a_radius_on_an_edge_belongs_to_the_bin_above() -> None:
    for bin_width in (0.1, 0.5, 0.3):
        radii = np.arange(40) * bin_width
        assert radius(radii[:, None], bin_width=bin_width).counts == (1,) * 40


def test_same_from_array_memory_map_blocks_and_codes(tmp_path) -> None:
    points = np.random.default_rng(2).standard_normal((9000, 300)).astype(np.float32)
    np.save(tmp_path / "points.npy", points)
    expected = radius(points)
    radii = np.linalg.norm(points.astype(np.float64), axis=1)
    assert expected.quantiles[95] == pytest.approx(np.percentile(radii, 95), rel=1e-12)
    assert sum(expected.counts) == 9000
    assert radius(np.load(tmp_path / "points.npy", mmap_mode="r")) == expected
    assert radius(iter(np.array_split(points, 7))) == expected
    assert radius(Codes(mean=points, index=np.arange(9000)).z_blocks()) == expected


def test_json_round_trip() -> None:
    measured = radius(np.random.default_rng(3).standard_normal((50, 4)), bin_width=0.25)
    numbers = json.loads(json.dumps(measured.to_dict()))
    assert Radius.from_dict(numbers) == measured
    assert len(numbers["edges"]) == len(numbers["counts"]) + 1
    del numbers["mean"]
    with pytest.raises(InputError, match="'mean'"):
        Radius.from_dict(numbers)


def test_memory_does_not_grow_with_the_points() -> None:
    points = np.zeros((400_000, 64), np.float32)  # 205 MB as float64
    tracemalloc.start()
    radius(points)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6


def test_large_float32_values_do_not_overflow() -> None:
    measured = radius(np.full((2, 4), 1e30, np.float32), bin_width=1e29)
    assert measured.mean == pytest.approx(2e30, rel=1e-6)


@given(
    hnp.arrays(np.float64, (7, 3), elements=st.floats(-50, 50)),
    st.floats(0.1, 4),
    st.permutations(range(7)),
)
@settings(deadline=None)
def test_properties(points: np.ndarray, bin_width: float, order: list[int]) -> None:
    measured = radius(points, bin_width=bin_width)
    slack = 1e-9 * (1 + measured.maximum)
    assert measured.minimum - slack <= measured.mean <= measured.maximum + slack
    assert list(measured.quantiles.values()) == sorted(measured.quantiles.values())
    assert sum(measured.counts) == measured.count == 7
    assert measured.edges[-2] <= measured.maximum < measured.edges[-1]
    assert measured.counts[int(measured.peak / bin_width)] == max(measured.counts)
    assert measured.share(0, measured.edges[-1]) == pytest.approx(1)
    shuffled = radius(points[order] * -1, bin_width=bin_width)
    assert shuffled.counts == measured.counts
    assert shuffled.mean == pytest.approx(measured.mean)
    doubled = radius(points * 2, bin_width=bin_width * 2)
    assert doubled.counts == measured.counts
    assert doubled.mean == pytest.approx(2 * measured.mean)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_points_that_are_not_finite_are_named(bad: float, monkeypatch) -> None:
    monkeypatch.setattr(blocks, "_BLOCK_VALUES", 8)
    points = np.zeros((10, 4), np.float32)
    points[7, 2] = bad
    with pytest.raises(InputError, match=rf"row 7 has {bad} on axis 2") as caught:
        radius(points)
    assert "\n" not in str(caught.value)


def test_bad_input_is_one_line() -> None:
    good = np.ones((3, 2))
    cases = [
        (ShapeError, lambda: radius(np.zeros(3))),
        (ShapeError, lambda: radius(np.zeros((3, 0)))),
        (ShapeError, lambda: radius([good, np.ones((3, 4))])),
        (InputError, lambda: radius(np.zeros((0, 4)))),
        (InputError, lambda: radius([])),
        (InputError, lambda: radius(np.array([["a", "b"]]))),
        (InputError, lambda: radius(good, bin_width=0.0)),
        (InputError, lambda: radius(good, bin_width=float("nan"))),
        (InputError, lambda: radius(good * 1e9)),
        (InputError, lambda: radius(good * 1e200)),
        (InputError, lambda: radius(good).share(2.0, 1.0)),
        (InputError, lambda: normal_mean_radius(0)),
        (InputError, lambda: normal_radius_density(1.0, -1)),
        (InputError, lambda: cube_mean_radius(3, -1.0)),
    ]
    for kind, call in cases:
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_a_finite_row_whose_sum_overflows_is_no_infinite_point() -> None:
    assert [len(b) for b in blocks.point_blocks(np.full((2, 2), 1e308))] == [2]


@pytest.mark.parametrize("module", ["analysis.radius", "generation", "generation.sampling"])
def test_importing_costs_little(module: str) -> None:
    heavy = "{'matplotlib', 'sklearn', 'keras', 'tensorflow', 'jax', 'torch', 'scipy'}"
    code = f"import sys, zspace.{module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
