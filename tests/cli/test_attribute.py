"""attribute find, apply and list through the command line, and what can be wrong with them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from zspace.api import open_run
from zspace.cli.main import run
from zspace.codes import Codes
from zspace.data import Dataset
from zspace.directions import Direction

TINY = [
    "--set=data.size=32",
    "--set=encoder.filters=[4,4]",
    "--set=encoder.kernels=[3,3]",
    "--set=encoder.strides=[2,2]",
    "--set=latent.size=6",
    "--set=training.epochs=1",
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Faces, a VAE and a plain autoencoder trained on them, and folders with files of faces."""
    folder = tmp_path_factory.mktemp("place")
    prepare = ["prepare", "faces", "--size", "32", "--limit", "240"]
    assert run([*prepare, "--out", str(folder / "data")]) == 0
    for name in ("vae", "ae"):
        train = ["train", f"faces-{name}", "--data", str(folder / "data")]
        assert run([*train, "--out", str(folder / name), *TINY]) == 0
        assert run(["encode", str(folder / name)]) == 0
    images = Dataset.load(folder / "data").images
    for name, rows in (("light", range(8)), ("dark", range(8, 14)), ("empty", ())):
        (folder / name).mkdir()
        for row in rows:
            Image.fromarray(np.asarray(images[row])).save(folder / name / f"{row}.png")
    (folder / "light" / "broken.jpg").write_text("no image")
    return folder


@pytest.fixture
def copied(place, tmp_path):
    """A run of one's own to spoil."""
    shutil.copytree(place / "vae", tmp_path / "vae")
    return tmp_path / "vae"


@pytest.fixture
def fails(capsys):
    """Run a command that must fail with one line on standard error, and return the line."""

    def command(*arguments):
        capsys.readouterr()
        assert run(["attribute", *map(str, arguments)]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.count("\n") == 1 and captured.err.startswith("zspace: "), captured.err
        return captured.err

    return command


def test_find_list_and_apply(place, capsys) -> None:
    folder = str(place / "vae")
    capsys.readouterr()
    assert run(["attribute", "find", folder, "Smiling"]) == 0
    told = capsys.readouterr()
    for words in ("difference of means", "AUC 0.", "in images", "directions/Smiling.json"):
        assert words in told.out
    logistic = ["--method", "logistic", "--against", "Smiling, Beard"]
    assert run(["attribute", "find", folder, "Wearing_Hat", *logistic]) == 0
    assert run(["attribute", "list", folder]) == 0
    listed = capsys.readouterr().out
    assert "Wearing_Hat-logistic-against-Smiling-Beard" in listed and "older" not in listed
    assert run(["attribute", "list", folder, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["Smiling"]["test"]["separation"]["count_with"] > 2
    assert (place / "vae" / "directions" / "Smiling.png").stat().st_size > 5000

    assert (
        run(["attribute", "apply", folder, "Smiling", "--count", "2", "--factors", "-2,0,2"]) == 0
    )
    assert "2 images at 3 factors" in capsys.readouterr().out
    (record,) = (place / "vae" / "samples").glob("attribute-Smiling*.json")
    written = json.loads(record.read_text())
    z = np.array(written["z"]).reshape(2, 3, 6)
    vector = np.array(found["Smiling"]["vector"])
    np.testing.assert_allclose(z[:, 2] - z[:, 0], np.tile(4 * vector, (2, 1)), atol=1e-5)
    opened = open_run(place / "vae")
    judges = opened.codes("validation")
    half = [0, judges.count // 2]  # two images, evenly spaced
    np.testing.assert_allclose(z[:, 1], judges.mean[half], atol=1e-4)
    assert written["factors"] == [-2, 0, 2]
    assert np.array(written["density_percentiles"]).shape == (2, 3)
    with Image.open(record.with_suffix(".png")) as picture:
        assert picture.size[0] > 4 * 96


def test_the_numbers_are_those_of_the_codes(place) -> None:
    """For a plain autoencoder and a VAE alike."""
    for name in ("vae", "ae"):
        opened = open_run(place / name)
        found = opened.attributes.find("Smiling", name="checked", overwrite=True)
        codes, judges = opened.codes(), opened.codes("validation")
        column = codes.information["attribute_names"].index("Smiling")
        has = np.asarray(codes.attributes[:, column]) > 0
        expected = codes.mean[has].mean(0) - codes.mean[~has].mean(0)
        np.testing.assert_allclose(found.direction.vector, expected, atol=1e-5)
        held = np.asarray(judges.attributes[:, column]) > 0
        auc = roc_auc_score(held, judges.mean @ found.direction.vector)
        assert found.direction.test["separation"]["auc"] == pytest.approx(auc, abs=1e-9)
        assert found.direction.count_with == has.sum()


def test_right_angles_to_another(place) -> None:
    attributes = open_run(place / "ae").attributes
    other = attributes.find("Beard", method="logistic", name="y", overwrite=True).direction
    found = attributes.find(
        "Wearing_Hat", method="logistic", against=["Beard"], overwrite=True
    ).direction
    assert abs(found.vector @ other.vector) < 1e-9 * found.length * other.length
    codes = open_run(place / "ae").codes()
    mean = attributes.find("Beard", name="ym", overwrite=True).direction.vector
    found = attributes.find("Wearing_Hat", against=["ym"], name="m", overwrite=True).direction
    from zspace.analysis.moments import moments
    from zspace.analysis.readers import shrunk_covariance

    reading = np.linalg.solve(shrunk_covariance(moments(codes.mean)), mean)
    assert abs(reading @ found.vector) < 1e-9 * np.linalg.norm(reading) * found.length


def test_of_two_folders_with_a_broken_image_among_them(place, capsys) -> None:
    folder = str(place / "vae")
    capsys.readouterr()
    given = ["--with", str(place / "light"), "--without", str(place / "dark"), "--name", "light"]
    assert run(["attribute", "find", folder, *given]) == 0
    told = capsys.readouterr()
    assert "8 images with and 6 without" in told.out
    assert (
        "broken.jpg" in told.err and "only 8 images with" in told.err and "not tested" in told.err
    )
    opened = open_run(place / "vae")
    images = Dataset.load(place / "data").images[:14]
    codes = opened.encode_images(np.asarray(images))
    vector = Direction.load(place / "vae" / "directions" / "light.json").vector
    np.testing.assert_allclose(vector, codes[:8].mean(0) - codes[8:].mean(0), atol=1e-4)

    files = [str(place / "light" / name) for name in ("0.png", "broken.jpg", "1.png")]
    assert run(["attribute", "apply", folder, "light", *files, "--factors=1"]) == 0
    told = capsys.readouterr()
    assert "2 images at 1 factors" in told.out and "broken.jpg" in told.err
    (record,) = (place / "vae" / "samples").glob("own-attribute-light*.json")
    assert json.loads(record.read_text())["images"] == ["0.png", "1.png"]


def test_of_rows(place, tmp_path) -> None:
    attributes = open_run(place / "vae").attributes
    codes = open_run(place / "vae").codes()
    rows = np.arange(0, codes.count, 3)
    (tmp_path / "rows.txt").write_text(" 0,3 6\n" + "\n".join(map(str, rows.tolist())))
    np.save(tmp_path / "rows.npy", rows)
    mask = np.zeros(codes.count, bool)
    mask[rows] = True
    vectors = [
        attributes.find(name=f"rows{place}", having=having, overwrite=True).direction
        for place, having in enumerate((rows, mask, tmp_path / "rows.txt", tmp_path / "rows.npy"))
    ]
    held = np.arange(len(rows)) % 5 == 4
    rest = np.delete(np.arange(codes.count), rows)
    others = rest[np.arange(len(rest)) % 5 != 4]
    expected = codes.mean[rows[~held]].mean(0) - codes.mean[others].mean(0)
    for direction in vectors:
        np.testing.assert_allclose(direction.vector, expected, atol=1e-5)
        assert direction.test["separation"]["count_with"] == held.sum()
    some = attributes.find(name="some", having=rows, lacking=rest[:60], overwrite=True)
    assert (some.direction.count_without, some.direction.made_of["lacking"]) == (
        48,
        rest[:60].tolist(),
    )


def test_classes_and_data_without_either(copied, fails) -> None:
    for split in ("train", "validation"):
        codes = copied / "codes" / split
        attributes = np.load(codes / "attributes.npy")
        (codes / "attributes.npy").unlink()
        labels = np.where(attributes.sum(1) > np.median(attributes.sum(1)), 3, 7)
        if split == "train":
            labels[::5] = 5  # a class that no validation image has
        np.save(codes / "labels.npy", labels)
    attributes = open_run(copied).attributes
    assert attributes.known == ["3", "5", "7"]
    found = attributes.find("7").direction
    codes = Codes.load(copied / "codes" / "train")
    has = np.asarray(codes.labels) == 7
    np.testing.assert_allclose(
        found.vector, codes.mean[has].mean(0) - codes.mean[~has].mean(0), atol=1e-5
    )
    assert {leak["name"] for leak in found.test["leakage"]["leaks"]} == {"3", "7"}
    rare = attributes.find("5")
    assert rare.direction.test["separation"] is None
    assert "0 of 24 validation images are with 5" in rare.notes[0]
    for split in ("train", "validation"):
        (copied / "codes" / split / "labels.npy").unlink()
    shutil.rmtree(copied / "directions", ignore_errors=True)
    assert "neither attributes nor labels" in fails("find", copied, "Wavy_Hair")
    assert "the run has none" in fails("apply", copied, "Wavy_Hair")


def test_apply_finds_first_and_makes_anew(copied, capsys) -> None:
    capsys.readouterr()
    assert run(["attribute", "apply", str(copied), "Wearing_Hat", "--count=1", "--factors=0"]) == 0
    assert "found Wearing_Hat first" in capsys.readouterr().err
    path = copied / "directions" / "Wearing_Hat.json"
    before = path.read_bytes()
    assert run(["attribute", "apply", str(copied), "Wearing_Hat", "--count=1", "--factors=0"]) == 0
    assert capsys.readouterr().err == ""
    stale = json.loads(before) | {"model": "another", "vector": [9.0] * 6}
    path.write_text(json.dumps(stale))
    assert run(["attribute", "list", str(copied)]) == 0
    assert "of an older model" in capsys.readouterr().out
    assert run(["attribute", "apply", str(copied), "Wearing_Hat", "--count=1", "--factors=0"]) == 0
    assert "was of an older model; it was made anew" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_a_factor_that_leaves_the_data_is_said(place, capsys) -> None:
    folder = str(place / "ae")
    capsys.readouterr()
    command = ["attribute", "apply", folder, "Bald", "--factors=0,1e4", "--count=3"]
    assert run([*command]) == 0
    told = capsys.readouterr().err
    assert "off the data at factor +10000 (100 %)" in told
    (record,) = (place / "ae" / "samples").glob("attribute-Bald*.json")
    percentiles = np.array(json.loads(record.read_text())["density_percentiles"])
    assert percentiles.shape == (3, 2) and (percentiles[:, 1] == 100).all()


def test_what_cannot_be_found(place, copied, fails, tmp_path) -> None:
    assert "did you mean 'Smiling'" in fails("find", place / "vae", "Smilling")
    assert "did you mean 'mean'" in fails("find", place / "vae", "Wearing_Hat", "--method", "means")
    assert "an attribute" in fails("find", place / "vae")
    assert "needs a name" in fails("find", place / "vae", "--with", place / "light")
    assert "letters, digits" in fails("find", place / "vae", "Wearing_Hat", "--name", "../up")
    assert "no direction and no attribute 'Smilin'" in fails(
        "find", place / "vae", "Beard", "--against", "Smilin"
    )
    assert "nothing is left" in fails("find", place / "vae", "Beard", "--against", "Beard")
    empty = ["--with", place / "light", "--without", place / "empty", "--name", "x"]
    (place / "light" / "broken.jpg").unlink()
    assert "holds no images" in fails("find", place / "vae", *empty)
    (place / "light" / "broken.jpg").write_text("no image")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.png").write_text("no image")
    bad = ["--with", tmp_path / "bad", "--without", tmp_path / "bad", "--name", "x"]
    assert run(["attribute", "find", str(place / "vae"), *map(str, bad)]) == 2
    for text, words in (
        ("0 240", "from 0 to 215"),
        ("-1", "from 0 to 215"),
        ("a b", "neither a folder"),
    ):
        (tmp_path / "rows.txt").write_text(text)
        wrong = fails("find", place / "vae", "--with", tmp_path / "rows.txt", "--name", "x")
        assert words in wrong
    both = ["--with", tmp_path / "rows.txt", "--without", tmp_path / "rows.txt", "--name", "x"]
    (tmp_path / "rows.txt").write_text("1 2 3")
    assert "among those without, too" in fails("find", place / "vae", *both)
    few = ["--with", tmp_path / "rows.txt", "--name", "x", "--method", "logistic"]
    assert "3 with came" in fails("find", place / "vae", *few)
    (tmp_path / "rows.txt").write_text("")
    assert "none came" in fails(
        "find", place / "vae", "--with", tmp_path / "rows.txt", "--name", "x"
    )
    for value, word in ((-1, "with"), (1, "without")):
        array = np.load(copied / "codes" / "train" / "attributes.npy")
        names = json.loads((copied / "codes" / "train" / "codes.json").read_text())[
            "attribute_names"
        ]
        array[:, names.index("Bald")] = value
        np.save(copied / "codes" / "train" / "attributes.npy", array)
        assert f"no image {word} Bald is among the 216 train codes" in fails("find", copied, "Bald")
    assert not (place / "vae" / "directions" / "x.json").exists()


def test_what_cannot_be_applied(place, copied, fails, tmp_path) -> None:
    assert run(["attribute", "find", str(copied), "Beard"]) == 0
    again = fails("find", copied, "Beard")
    assert "exists already" in again and "--overwrite" in again
    assert "or 'Beard'?" in fails("apply", copied, "Braed")
    for text in ("nan", "inf", "1,nan", ","):
        assert "factors must be finite" in fails("apply", copied, "Beard", f"--factors={text}")
    assert "--factors takes numbers" in fails("apply", copied, "Beard", "--factors=1,x")
    (tmp_path / "a.png").write_text("no image")
    assert "a.png" in fails("apply", copied, "Beard", tmp_path / "a.png")
    (tmp_path / "kept.png").write_bytes(b"mine")
    assert "--overwrite" in fails("apply", copied, "Beard", "--out", tmp_path / "kept.png")
    assert ".png" in fails("apply", copied, "Beard", "--out", tmp_path / "kept.txt")

    Direction("Beard", np.ones(5)).save(copied / "directions", overwrite=True)
    wrong = fails("apply", copied, "Beard")
    assert "5 axes" in wrong and "has 6" in wrong and "another run" in wrong
    other = Direction("Beard", np.ones(6), model="other").save(tmp_path)
    assert "of another model" in fails("apply", copied, other)
    (copied / "directions" / "Beard.json").write_text("{}")
    assert "holds no readable direction" in fails("apply", copied, "Beard")
    assert "no run at" in fails("list", tmp_path / "none")


def test_an_empty_list_says_what_to_do(copied, capsys) -> None:
    shutil.rmtree(copied / "directions", ignore_errors=True)
    capsys.readouterr()
    assert run(["attribute", "list", str(copied)]) == 0
    assert "zspace attribute find" in capsys.readouterr().out
    assert open_run(copied).attributes.names == []
    assert not Path(os.fspath(copied / "directions")).exists()
