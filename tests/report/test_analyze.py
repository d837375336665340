"""Measurements of a run: what is written, what is left out, what is refused."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from PIL import Image

from zspace.analysis.z_points import ZPoints
from zspace.codes import Codes
from zspace.errors import InputError
from zspace.report.analyze import analyze, chosen_measurements
from zspace.report.asked import asked_points
from zspace.report.material import Material, require_finite
from zspace.report.measurements import MEASUREMENTS
from zspace.run import RunFolder

COUNT, SIZE = 300, 5
CHEAP = ["radius", "deviations", "axes", "pca", "correlations", "ellipsoid", "density", "filaments"]


@pytest.fixture
def run(tmp_path) -> RunFolder:
    return RunFolder(tmp_path)


def material(*, plain: bool = False, count: int = COUNT, size: int = SIZE, **more) -> Material:
    generator = np.random.default_rng(3)
    mean = generator.standard_normal((count, size)).astype(np.float32)
    codes = Codes(
        mean=mean,
        log_variance=None if plain else np.full_like(mean, -1.0),
        index=np.arange(count) + 1000,
        labels=np.arange(count) % 3,
        attributes=np.where(mean[:, :2] > 0, 1, -1).astype(np.int8),
        information={
            "seed": 1,
            "label_names": ["zero", "one", "two"],
            "attribute_names": ["Smiling", "Young"],
        },
    )
    return Material(codes, "train", decode=lambda z: 2 * z, encode=lambda x: x / 2, **more)


def read(run: RunFolder, name: str) -> dict:
    return json.loads((run.analysis / f"{name}.json").read_text())


def test_everything_is_measured_and_written(run) -> None:
    done = analyze(run, material(count=120, map_count=100))
    assert [each.name for each in done] == list(MEASUREMENTS)
    assert not [each.name for each in done if each.is_left_out]
    for each in done:
        found = read(run, each.name)
        assert found["split"] == "train" and found["seed"] == 1
        assert found["text"] == each.text and len(each.text) > 60
        assert "nan" not in each.text.lower() and "None" not in each.text
        assert each.pictures[0] == run.analysis / f"{each.name}.png"
        for picture in each.pictures:
            with Image.open(picture) as image:
                assert image.width >= 400 and np.asarray(image.convert("L")).std() > 5
    assert read(run, "radius")["z"]["count"] == 120
    assert read(run, "radius")["points"] == "both"
    assert read(run, "axes")["points"] == "z" and read(run, "pca")["points"] == "mean"
    with np.load(run.analysis / "maps.npz", allow_pickle=False) as arrays:
        assert len(arrays["rows"]) == 100
        assert all(arrays[name].shape == (100, 2) for name in arrays.files if name != "rows")


def test_an_autoencoder_that_loses_nothing_is_consistent(run) -> None:
    analyze(run, material(plain=True), only=["consistency"])
    found = read(run, "consistency")
    assert found["codes"]["spreads"]["95"] == pytest.approx(0, abs=1e-6)
    assert {kind["name"] for kind in found["kinds"]} >= {"N(0, I)", "uniform ±8", "ellipsoid"}
    assert all(kind["identified"] == 1.0 for kind in found["kinds"])


def test_what_does_not_apply_is_left_out_with_a_word(run) -> None:
    analyze(run, material(), only=["deviations"])
    assert (run.analysis / "deviations.png").is_file()
    done = {
        each.name: each for each in analyze(run, material(plain=True), only=CHEAP, lenient=True)
    }
    assert done["deviations"].is_left_out and "plain autoencoder" in done["deviations"].text
    assert not list(run.analysis.glob("deviations*")), "what an older model left must go"
    with pytest.raises(InputError, match="a plain autoencoder has none"):
        analyze(run, material(plain=True), only=["deviations"])


@pytest.mark.parametrize(("count", "size"), [(1, 4), (2, 3), (12, 1), (40, 2), (60, 1)])
def test_few_images_and_few_axes(run, count, size) -> None:
    names = list(MEASUREMENTS) if count < 30 else CHEAP
    done = analyze(run, material(count=count, size=size), only=names, lenient=True)
    for each in done:
        assert each.text and "nan" not in each.text.lower()
        if each.is_left_out:
            assert each.text.startswith("left out: ") and "\n" not in each.text
            assert count < 30 or size == 1, each
    assert not [each for each in done if each.name == "radius" and each.is_left_out]


def test_a_constant_axis(run) -> None:
    codes = material().codes
    mean = np.array(codes.mean)
    mean[:, 2] = 0.5
    still = dataclasses.replace(codes, mean=mean, log_variance=None)
    done = analyze(run, dataclasses.replace(material(), codes=still), only=CHEAP, lenient=True)
    assert not [each.name for each in done if each.is_left_out and each.name != "deviations"]
    assert read(run, "axes")["skew"][2] is None


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["mean", "log_variance"])
def test_a_bad_code_is_named_with_its_image(run, value, name) -> None:
    codes = material().codes
    bad = np.array(getattr(codes, name))
    bad[17, 3] = value
    broken = dataclasses.replace(codes, **{name: bad})
    said = rf"{name.replace('_', '-')} of image 1017 \(row 17 of the train codes\) is {value}"
    with pytest.raises(InputError, match=said):
        analyze(run, Material(broken, "train"))
    assert not run.analysis.exists()


def test_no_codes_at_all() -> None:
    empty = Codes(mean=np.zeros((0, 3), np.float32), index=np.arange(0))
    with pytest.raises(InputError, match="no code in the test split"):
        require_finite(empty, "test")


def test_names_are_checked_and_ordered() -> None:
    assert chosen_measurements(["maps", "radius"]) == ["radius", "maps"]
    with pytest.raises(InputError, match="did you mean 'radius'"):
        chosen_measurements(["radus"])


def test_points_are_the_same_drawn_whole_or_in_part() -> None:
    some = material()
    rows = np.array([0, 5, 299])
    np.testing.assert_array_equal(some.chosen("z", rows), some.codes.z()[rows])
    np.testing.assert_array_equal(some.chosen("mean", rows), some.codes.mean[rows])
    np.testing.assert_array_equal(np.concatenate(list(ZPoints(some.codes))), some.codes.z())
    everything = dataclasses.replace(some, points="z")
    np.testing.assert_array_equal(everything.chosen("mean", rows), some.codes.z()[rows])
    assert len(some.rows(50)) == 50 and (np.diff(some.rows(50)) > 0).all()


def test_what_is_asked() -> None:
    some = dataclasses.replace(material(), unseen=lambda: np.ones((20, SIZE), np.float32))
    asked = asked_points(some)
    assert next(iter(asked)) == "unseen codes" and len(asked["unseen codes"]) == 20
    assert "prior" not in asked, "it is N(0, I) here"
    moved = dataclasses.replace(
        some.codes,
        prior_log_weights=np.zeros(1, np.float32),
        prior_mean=np.full((1, SIZE), 9.0, np.float32),
        prior_log_variance=np.zeros((1, SIZE), np.float32),
    )
    prior = asked_points(dataclasses.replace(some, codes=moved))["prior"]
    assert abs(np.asarray(prior).mean() - 9) < 0.2
