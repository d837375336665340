"""One model that is explored: neighbors, density, images, random points; beside scikit-learn's."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from explored import COUNT, LATENT, SHAPE, Linear, made_codes, made_side
from scipy import stats
from sklearn.neighbors import NearestNeighbors

from zspace.analysis.places import Place
from zspace.codes import Codes
from zspace.errors import DataError, InputError, ShapeError
from zspace.explorer.coding import Coding
from zspace.explorer.drawing import RandomPoints
from zspace.explorer.pairs import counterpart
from zspace.explorer.readings import reading_of
from zspace.explorer.side import Side
from zspace.explorer.walks import walk_between
from zspace.generation import METHODS, ellipsoid_points, sharpened

SIDE = made_side()
CODES = SIDE.codes


def test_neighbors_are_scikit_learns() -> None:
    search = NearestNeighbors(n_neighbors=8).fit(CODES.mean.astype(np.float64))
    for z in np.random.default_rng(3).normal(0, 3, (10, LATENT)):
        distances, rows = search.kneighbors(z[None])
        found = SIDE.nearest(z)
        np.testing.assert_array_equal(found.rows, rows[0])
        np.testing.assert_allclose(found.distances, distances[0], rtol=1e-6)
    assert len(SIDE.nearest(np.zeros(LATENT), k=10 * COUNT).rows) == COUNT


def test_pictures_are_those_of_the_codes() -> None:
    rows = np.array([0, 7, COUNT - 1])
    numbers = CODES.index[rows]
    np.testing.assert_array_equal(SIDE.pictures(rows)[:, 0, 0, 0], numbers % 251)
    for row, number in zip(rows, numbers, strict=True):
        assert SIDE.row_of(int(number)) == row
    assert SIDE.row_of(11) is None, "no such image has been encoded"
    for bad in (np.array([COUNT]), np.array([-1])):
        with pytest.raises(InputError, match="numbered from 0 to 499"):
            SIDE.pictures(bad)
    with pytest.raises(InputError, match="no longer there"):
        Side("x", CODES, SIDE.coding).pictures(rows)


def test_a_visitor_is_told_no_places_on_the_disk(tmp_path) -> None:
    def images(numbers: np.ndarray) -> np.ndarray:
        raise DataError(f"{tmp_path}/images.npy is truncated")

    side = Side("x", CODES, SIDE.coding, images=images)
    with pytest.raises(InputError, match="cannot be read") as caught:
        side.pictures(np.array([1]))
    assert str(tmp_path) not in str(caught.value)


def test_codes_by_row() -> None:
    np.testing.assert_array_equal(SIDE.code(3), CODES.mean[3])
    assert SIDE.code(3).dtype == np.float64
    for bad in (-1, COUNT, 1.5, None):
        with pytest.raises(InputError, match="numbered from 0"):
            SIDE.code(bad)


def test_images_are_levels_of_what_is_decoded() -> None:
    z = np.linspace(-9, 9, LATENT)
    expected = Linear().decode(z[None].astype(np.float32))
    assert expected.min() < 0 and expected.max() > 1, "so that something is cut"
    pixels = np.rint(255 * np.clip(expected, 0, 1)).astype(np.uint8)
    np.testing.assert_array_equal(SIDE.image(z), pixels[0])
    sharp = np.rint(255 * sharpened(expected, 4.0)).astype(np.uint8)
    np.testing.assert_array_equal(SIDE.image(z, sharpen=4.0), sharp[0])
    np.testing.assert_array_equal(SIDE.strip(np.stack([z, z])), np.concatenate([pixels, pixels]))
    for factor in (-1, np.nan):
        with pytest.raises(InputError, match="sharpening"):
            SIDE.image(z, sharpen=factor)


def test_z_points_lie_among_the_codes_and_far_ones_are_warned_of() -> None:
    readings = [SIDE.reading(z) for z in CODES.z()[:100]]
    assert np.mean([reading.warning == "" for reading in readings]) > 0.85
    far = SIDE.reading(np.full(LATENT, 40.0))
    assert far.is_off and far.warning.startswith("Off the data: all of the codes")
    assert "do not trust the image" in far.warning
    assert far.place.radius == pytest.approx(40 * np.sqrt(LATENT))
    radii = np.linalg.norm(CODES.z().astype(np.float64), axis=1)
    z = CODES.z()[5].astype(np.float64)
    share = stats.percentileofscore(radii, np.linalg.norm(z), kind="weak")
    assert SIDE.reading(z).place.radius_percentile == pytest.approx(share, abs=5)


def test_density_of_some_codes_says_what_that_of_all_says(monkeypatch) -> None:
    monkeypatch.setattr("zspace.explorer.side._DENSITY_OF", 250)
    some = made_side()
    assert some.density.count == 250 and SIDE.density.count == COUNT
    points = np.random.default_rng(9).normal(0.7, 1.5, (60, LATENT))
    few, many = ([each.reading(z).place.distance_percentile for z in points]
                 for each in (some, SIDE))  # fmt: skip
    assert stats.spearmanr(few, many).statistic > 0.95
    assert np.abs(np.subtract(few, many)).mean() < 8


@pytest.mark.parametrize(
    ("reading", "distance", "cloud", "expected"),
    [
        ("among the codes", 50, 40, ""),
        ("at the border", 97.4, 40, "At the border: 97 % of the codes have nearer neighbors."),
        ("at the border", 10, 98, "At the border: 98 % of the codes are nearer to their center."),
        ("off the data", 99.6, 99.99, "Off the data: 99.9 % of the codes are nearer"),
        ("off the data", 100, 100, "Off the data: all of the codes have nearer neighbors."),
    ],
)
def test_warnings_say_why(reading, distance, cloud, expected) -> None:
    found = reading_of(Place(1.0, cloud, 1.0, distance, 2.0, 0.0, reading))
    assert found.warning.startswith(expected) and bool(found.warning) == bool(expected)
    assert "Radius 2.00, smaller than that of any of the images' z-points; its" in found.text
    assert found.is_off == (reading == "off the data")


def test_few_codes_are_enough_or_are_refused_in_one_line() -> None:
    few = Codes(made_codes().mean[:4], index=np.arange(4))
    side = Side("few", few, SIDE.coding)
    assert side.reading(np.zeros(LATENT)).place.radius == 0
    fewer = Side("fewer", Codes(few.mean[:3], index=np.arange(3)), SIDE.coding)
    with pytest.raises(InputError, match="encode more images"):
        fewer.reading(np.zeros(LATENT))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e20])
def test_no_number_but_finite_ones(bad) -> None:
    z = np.zeros(LATENT)
    z[2] = bad
    for ask in (SIDE.image, SIDE.reading, SIDE.nearest):
        with pytest.raises(InputError, match="axis 2"):
            ask(z)
        with pytest.raises(ShapeError):
            ask(np.zeros(LATENT - 1))


def test_what_is_costly_is_made_once_and_in_advance() -> None:
    side = made_side()
    side.warm_up()
    assert {"moments", "pca", "density", "index"} <= set(vars(side))
    index, density = side.index, side.density
    side.nearest(np.zeros(LATENT))
    side.reading(np.zeros(LATENT))
    assert side.index is index and side.density is density


@pytest.mark.parametrize("plain", [False, True])
def test_random_points_by_every_method(plain) -> None:
    codes = made_codes(plain=plain)
    random = RandomPoints(codes)
    assert set(random.methods) == {*METHODS, "ellipsoid", "mixture", "kernel", "prior"}
    for method in random.methods:
        points = np.stack([random.point(method, number) for number in (0, 1, 511, 512, 700)])
        assert points.shape == (5, LATENT) and np.isfinite(points).all()
        assert len(np.unique(points[:, 0])) == 5, "each number is a point of its own"
        np.testing.assert_array_equal(RandomPoints(codes).point(method, 700), points[4])


def test_random_points_are_those_of_generation() -> None:
    drawn = np.stack([SIDE.random.point("normal", number) for number in range(1000)])
    assert stats.kstest(drawn.ravel(), "norm").pvalue > 1e-3
    fitted = ellipsoid_points(CODES.z(), 512, seed=1, scale=0.5)
    np.testing.assert_array_equal(SIDE.random.point("ellipsoid", 9, scale=0.5), fitted[9])
    prior = np.stack([SIDE.random.point("prior", number) for number in range(1000)])
    assert stats.kstest(prior.ravel(), "norm").pvalue > 1e-3, "no prior beside codes: N(0, I)"
    radii = [np.linalg.norm(SIDE.random.point("sphere", n, radius=2.0)) for n in range(5)]
    np.testing.assert_allclose(radii, 2.0, rtol=1e-6)


def test_random_points_that_are_none() -> None:
    with pytest.raises(InputError, match="did you mean 'normal'"):
        SIDE.random.point("normall", 0)
    for number in (-1, 0.5, None, True):
        with pytest.raises(InputError, match="count from 0"):
            SIDE.random.point("normal", number)
    with pytest.raises(InputError, match="radius"):
        SIDE.random.point("normal", 0, radius=1.0)
    with pytest.raises(InputError, match="scale"):
        SIDE.random.point("normal", 0, scale=float("nan"))


def test_a_fit_is_made_once_for_all_who_ask_at_the_same_time(monkeypatch) -> None:
    random, fits = RandomPoints(CODES), []
    drawn = random._drawn
    monkeypatch.setattr(random, "_drawn", lambda *a, **k: fits.append(a) or drawn(*a, **k))
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(random.point("mixture", 3))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(fits) == 1 and len({tuple(point) for point in found}) == 1


@pytest.mark.parametrize("kind", ["line", "sphere", "density"])
def test_walks_between_pins(kind) -> None:
    a, b = CODES.mean[3].astype(np.float64), CODES.mean[40].astype(np.float64)
    walk = walk_between(a, b, codes=CODES, kind=kind, steps=6)
    assert walk.points.shape == (7, LATENT)
    np.testing.assert_allclose(walk.points[[0, -1]], [a, b])
    if kind == "line":
        np.testing.assert_allclose(np.diff(walk.points, axis=0), np.tile((b - a) / 6, (6, 1)))


def test_walks_that_are_none() -> None:
    a, b = np.zeros(LATENT), np.ones(LATENT)
    with pytest.raises(InputError, match="no walk 'curve'"):
        walk_between(a, b, codes=CODES, kind="curve")
    for steps in (0, 128, 2.5, True):
        with pytest.raises(InputError, match="1 to 127 steps"):
            walk_between(a, b, codes=CODES, steps=steps)
    with pytest.raises(InputError, match="axis 0"):
        walk_between(a * np.nan, b, codes=CODES)


def test_a_code_has_the_code_of_the_same_image_in_the_other_model() -> None:
    other = made_side(size=4, name="faces-ae", plain=True)
    found = counterpart(CODES.mean[9], 9, side=SIDE, other=other)
    assert found.row == 9 and "same image" in found.text
    np.testing.assert_array_equal(found.z, other.codes.mean[9])


def test_any_other_point_goes_by_its_image() -> None:
    twin = made_side(name="twin")
    z = np.linspace(-0.5, 0.5, LATENT)
    for row, other in ((None, twin), (9, _of_other_data())):
        found = counterpart(z, row, side=SIDE, other=other)
        assert found.row is None and "encoded by" in found.text
        np.testing.assert_allclose(found.z, z, atol=0.05)  # the same model: what 256 levels leave


def _of_other_data() -> Side:
    codes = made_codes()
    codes.information["dataset_path"] = "elsewhere"
    return Side("elsewhere", codes, SIDE.coding)


def test_models_of_other_images_have_no_counterpart() -> None:
    linear = Linear()
    wide = Coding(linear.decode, linear.encode, latent_size=LATENT, image_shape=(8, 5, 3))
    with pytest.raises(ShapeError):
        counterpart(np.zeros(LATENT), side=SIDE, other=Side("wide", _of_other_data().codes, wide))
    assert SHAPE != wide.image_shape
