"""The pictures that follow the current point, against NumPy, SciPy and scikit-learn."""

from __future__ import annotations

import dataclasses
import gc
import json
import re
import weakref

import numpy as np
import pytest
from explored import COUNT, LATENT, made_codes, made_side
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from zspace.analysis.places import READINGS
from zspace.codes import Codes
from zspace.errors import InputError, ShapeError
from zspace.explorer.coding import Coding
from zspace.explorer.gauges import COMPONENTS, gauges, marks
from zspace.explorer.side import Side

SIDE, PLAIN = made_side(), made_side(plain=True)
FOUND, PLAIN_FOUND = gauges(SIDE), gauges(PLAIN)
KINDS = ("radius", "distance", "cloud")


def side_of(codes: Codes) -> Side:
    def gray(z: np.ndarray) -> np.ndarray:
        return np.full((len(z), 2, 2, 1), 0.5, np.float32)

    coding = Coding(gray, None, latent_size=codes.latent_size, image_shape=(2, 2, 1))
    return Side("gray", codes, coding)


def outline(found: dict, style: str) -> dict | None:
    return next((one for one in found["outlines"] if one["style"] == style), None)


def marked(side: Side, z: np.ndarray) -> dict:
    return marks(side, z, place=side.reading(z).place)


@pytest.mark.parametrize("side", [SIDE, PLAIN])
def test_counts_are_numpys(side) -> None:
    own = side.density.own
    values = {"radius": own.radius, "distance": own.distance, "cloud": own.mahalanobis}
    for kind, each in values.items():
        filled = gauges(side)[kind]["filled"]
        assert filled["edges"][0] == each.min() and filled["edges"][-1] == each.max()
        assert filled["counts"] == np.histogram(each, filled["edges"])[0].tolist()
        assert filled["total"] == len(each) == sum(filled["counts"])


def test_radii_are_those_of_the_points() -> None:
    np.testing.assert_allclose(
        SIDE.density.own.radius, np.linalg.norm(SIDE.density.codes, axis=1), rtol=1e-12
    )
    means = outline(FOUND["radius"], "means")
    assert means is not None
    radii = np.linalg.norm(SIDE.codes.mean.astype(np.float64), axis=1)
    assert means["counts"] == np.histogram(radii, len(means["counts"]))[0].tolist()
    assert outline(PLAIN_FOUND["radius"], "means") is None, "a plain code is its own mean"


@pytest.mark.parametrize("size", [1, 2, 6, 256])
def test_the_curve_is_the_chi_distribution(size) -> None:
    generator = np.random.default_rng(1)
    mean = generator.standard_normal((40, size)).astype(np.float32)
    curve = outline(gauges(side_of(Codes(mean, np.arange(40))))["radius"], "random")
    assert curve is not None and curve["name"] == "N(0, I)"
    np.testing.assert_allclose(curve["y"], stats.chi(size).pdf(curve["x"]), rtol=1e-9, atol=1e-12)
    reached = stats.chi(size).cdf(curve["x"][-1]) - stats.chi(size).cdf(curve["x"][0])
    assert reached > 0.999, "the curve is drawn to where it ends"


def test_random_points_are_judged_like_any() -> None:
    """The outline of N(0, I) is that of distances which scikit-learn finds, too."""
    found = outline(FOUND["distance"], "random")
    assert found is not None and found["total"] == 1000
    draws = np.random.default_rng(5).standard_normal((20_000, LATENT))
    tree = NearestNeighbors(n_neighbors=SIDE.density.k).fit(SIDE.density.codes)
    theirs = tree.kneighbors(draws)[0][:, -1]
    middles = (np.array(found["edges"])[1:] + np.array(found["edges"])[:-1]) / 2
    mean = np.average(middles, weights=found["counts"])
    assert mean == pytest.approx(theirs.mean(), abs=4 * theirs.std() / np.sqrt(1000))


@pytest.mark.parametrize("kind", ["distance", "cloud"])
def test_limits_leave_5_and_1_percent_of_the_images_out(kind) -> None:
    own = SIDE.density.own
    values = own.distance if kind == "distance" else own.mahalanobis
    near, far = FOUND[kind]["limits"]
    assert (values > near).mean() == pytest.approx(0.05, abs=1 / len(values))
    assert (values > far).mean() == pytest.approx(0.01, abs=1 / len(values))
    assert f"{near:.2f} for 95 %" in FOUND[kind]["text"]


def test_zones_are_the_warnings() -> None:
    generator = np.random.default_rng(2)
    seen = set()
    for scale in (0.3, 1.0, 1.5, 2.0, 3.0, 8.0):
        for z in scale * generator.standard_normal((40, LATENT)) + 0.7:
            place = SIDE.reading(z).place
            found = marks(SIDE, z, place=place)
            assert {kind: found[kind]["zone"] for kind in ("radius", "components")} == {
                "radius": 0, "components": 0
            }  # fmt: skip
            zone = max(found["distance"]["zone"], found["cloud"]["zone"])
            assert READINGS[zone] == place.reading
            seen.add(zone)
            assert found["radius"]["value"] == pytest.approx(np.linalg.norm(z))
            assert found["distance"]["value"] == place.distance
            assert found["cloud"]["value"] == place.mahalanobis
    assert seen == {0, 1, 2}


def test_scores_are_scikit_learns() -> None:
    theirs = PCA(whiten=True).fit(SIDE.codes.mean.astype(np.float64))
    for z in np.random.default_rng(3).standard_normal((5, LATENT)):
        # It divides by N - 1 where we divide by N.
        expected = theirs.transform(z[None])[0] * np.sqrt(COUNT / (COUNT - 1))
        np.testing.assert_allclose(
            np.abs(marked(SIDE, z)["components"]["scores"]), np.abs(expected), rtol=1e-6
        )
    assert FOUND["components"]["names"] == ["1", "2", "3", "4", "5", "6"]
    wide = made_side(size=20)
    assert len(gauges(wide)["components"]["names"]) == COMPONENTS
    assert len(marked(wide, np.ones(20))["components"]["scores"]) == COMPONENTS


def test_words_of_a_point() -> None:
    at_mean = marked(SIDE, SIDE.moments.mean)
    assert at_mean["components"]["text"] == "at the mean code"
    moved = SIDE.moments.mean - 2.6 * np.sqrt(SIDE.pca.variances[1]) * SIDE.pca.components[1]
    assert marked(SIDE, moved)["components"]["text"] == "farthest out on component 2: −2.6"
    far = marked(SIDE, np.full(LATENT, 90.0))
    assert far["radius"]["text"] == "farther out than every image"
    assert far["distance"]["text"] == "lonelier than every image"
    assert marked(SIDE, np.zeros(LATENT))["radius"]["text"] == "nearer than any image"
    z = SIDE.density.codes[0]
    share = (SIDE.density.own.radius <= np.linalg.norm(z)).mean()
    number = re.search(r"than (\d+) % of the images", marked(SIDE, z)["radius"]["text"])
    assert number and int(number[1]) == pytest.approx(100 * share, abs=0.51)


def test_what_is_said_of_normal_codes_is_true() -> None:
    generator = np.random.default_rng(4)
    near = side_of(Codes(generator.standard_normal((4000, 16)).astype(np.float32), np.arange(4000)))
    said = gauges(near)
    found = re.search(
        r"N\(0, I\) ([\d.]+) ± ([\d.]+); ([\d.]+) % of the images", said["radius"]["text"]
    )
    assert found is not None
    chi = stats.chi(16)
    assert (float(found[1]), float(found[2])) == pytest.approx((chi.mean(), chi.std()), abs=0.006)
    low, high = chi.mean() - 3 * chi.std(), chi.mean() + 3 * chi.std()
    assert float(found[3]) == pytest.approx(100 * (chi.cdf(high) - chi.cdf(low)), abs=0.3)
    beyond = re.search(r"; ([\d.]+) % of the points of N\(0, I\) lie beyond", said["cloud"]["text"])
    assert beyond is not None and float(beyond[1]) == pytest.approx(1, abs=1)
    far = side_of(
        Codes((generator.standard_normal((4000, 16)) + 9).astype(np.float32), np.arange(4000))
    )
    assert "all points of N(0, I) lie beyond, off the data" in gauges(far)["cloud"]["text"]
    assert "; none of the images" in gauges(far)["radius"]["text"]


def test_another_prior_is_drawn_from() -> None:
    prior = {
        "prior_log_weights": np.log(np.full(2, 0.5, np.float32)),
        "prior_mean": np.stack([np.full(LATENT, 3.0), np.full(LATENT, -3.0)]).astype(np.float32),
        "prior_log_variance": np.full((2, LATENT), -2.0, np.float32),
    }
    found = gauges(side_of(dataclasses.replace(made_codes(), **prior)))["radius"]
    random = outline(found, "random")
    assert random is not None and random["name"] == "the model’s prior"
    middle = 3 * np.sqrt(LATENT)
    assert random["edges"][0] < middle < random["edges"][-1]
    assert random["edges"][-1] - random["edges"][0] < 6
    assert "points of the model’s prior" in found["text"]


@pytest.mark.parametrize("side", [SIDE, PLAIN])
def test_all_is_what_json_knows(side) -> None:
    said = {"gauges": gauges(side), "marks": marked(side, np.ones(LATENT))}
    assert json.loads(json.dumps(said, allow_nan=False)) == said


def test_few_codes_one_axis_and_no_spread() -> None:
    few = side_of(Codes(np.array([[0.0], [1.0], [2.0], [4.0]], np.float32), np.arange(4)))
    assert gauges(few)["components"]["names"] == ["1"]
    assert len(marked(few, np.array([2.0]))["components"]["scores"]) == 1
    same = side_of(Codes(np.full((30, 3), 2.0, np.float32), np.arange(30)))
    assert gauges(same)["components"]["names"] == []
    assert "All codes are one point" in gauges(same)["components"]["text"]
    found = marked(same, np.full(3, 2.0))
    assert found["components"] == {"scores": [], "text": "at the mean code", "zone": 0}
    json.dumps(gauges(same), allow_nan=False)
    with pytest.raises(InputError, match="at least"):
        gauges(side_of(Codes(np.eye(3, dtype=np.float32), np.arange(3))))


def test_they_are_made_once_and_go_with_their_side() -> None:
    side = made_side()
    assert gauges(side) is gauges(side)
    assert gauges(side) is not FOUND
    alive = weakref.ref(side)
    del side
    gc.collect()
    assert alive() is None


def test_bad_points_are_refused() -> None:
    place = SIDE.reading(np.ones(LATENT)).place
    with pytest.raises(InputError, match="finite"):
        marks(SIDE, np.array([np.nan, 0, 0, 0, 0, 0]), place=place)
    with pytest.raises(ShapeError, match="was expected"):
        marks(SIDE, np.ones(LATENT + 1), place=place)
