"""What the map is colored by: the values of all codes, each computed once."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from explored import made_codes, made_side
from sklearn.neighbors import NearestNeighbors
from torch import distributions as td

from zspace.analysis.coloring import MOST_CLASSES, color_limits, coloring_of
from zspace.errors import InputError
from zspace.figures.style import CLASS_COLORS

SIDE = made_side()
CODES = SIDE.codes


def test_there_is_a_color_for_each_class() -> None:
    assert len(set(CLASS_COLORS)) == MOST_CLASSES


def test_names_are_in_a_good_order() -> None:
    assert SIDE.colors.names == ("label", "radius", "kl", "density", "Right", "Far_Up")
    plain = made_side(plain=True)
    assert "kl" not in plain.colors.names and "density" in plain.colors.names
    with pytest.raises(InputError, match="did you mean 'radius'"):
        SIDE.colors.of("radiu")


def test_values_of_all_codes() -> None:
    np.testing.assert_array_equal(SIDE.colors.of("label").values, CODES.labels)
    assert SIDE.colors.of("label").names == ("a", "b", "c") and SIDE.colors.of("label").is_class
    right = SIDE.colors.of("Right")
    np.testing.assert_array_equal(right.values, CODES.attributes[:, 0] > 0)
    assert right.names == ("without", "with Right")
    radii = np.linalg.norm(CODES.z().astype(np.float64), axis=1)
    np.testing.assert_allclose(SIDE.colors.of("radius").values, radii, rtol=1e-6)
    q = td.Normal(
        torch.tensor(CODES.mean, dtype=torch.float64),
        torch.tensor(CODES.log_variance, dtype=torch.float64).div(2).exp(),
    )
    theirs = td.kl_divergence(q, td.Normal(0.0, 1.0)).sum(1).numpy()
    np.testing.assert_allclose(SIDE.colors.of("kl").values, theirs, rtol=1e-6)


def test_density_is_a_percentile_of_the_distance_to_the_tenth_nearest() -> None:
    values = SIDE.colors.of("density").values
    assert values.min() >= 0 and values.max() <= 100
    reference = SIDE.density.codes
    distances = NearestNeighbors(n_neighbors=11).fit(reference).kneighbors(CODES.z())[0]
    tenth = np.where(distances[:, 0] < 1e-9, distances[:, 10], distances[:, 9])
    assert np.corrcoef(np.argsort(np.argsort(tenth)), np.argsort(np.argsort(values)))[0, 1] > 0.999
    for row in (0, 1, 77):
        one = SIDE.density.place(CODES.z()[row]).distance_percentile
        assert values[row] == pytest.approx(one, abs=1e-9)


@pytest.mark.parametrize("name", ["label", "radius", "kl", "density", "Far_Up"])
def test_some_rows_are_those_of_all(name) -> None:
    rows = np.array([3, 50, 51, 400])
    some = coloring_of(CODES, name, rows=rows, density=SIDE.density)
    whole = coloring_of(CODES, name, density=SIDE.density)
    np.testing.assert_allclose(some.values, whole.values[rows], rtol=1e-6)
    assert (some.title, some.names, some.unit) == (whole.title, whole.names, whole.unit)


def test_density_has_to_be_handed_in() -> None:
    with pytest.raises(InputError, match="'density'"):
        coloring_of(made_codes(), "density")


def test_each_is_computed_once(monkeypatch) -> None:
    side = made_side()
    first = side.colors.of("kl")
    assert side.colors.of("kl") is first
    assert "density" not in vars(side), "not before it is asked for"
    side.colors.of("density")
    assert "density" in vars(side)


def test_a_few_far_away_do_not_take_the_colors() -> None:
    values = np.concatenate([np.linspace(0, 1, 1000), [1e6]])
    low, high = color_limits(values)
    assert low == pytest.approx(0.01, abs=1e-3) and high == pytest.approx(0.99, abs=1e-2)
    low, high = color_limits(np.full(5, 2.0))
    assert low < high, "a scale of one color is none"
