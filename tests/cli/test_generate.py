"""`zspace generate`, end to end on a tiny run."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from zspace import open_run
from zspace.api.generating import PIXELS
from zspace.cli.main import run
from zspace.errors import InputError
from zspace.generation import sharpened, uniform_points
from zspace.models import halves

TINY = [
    "--set=data.size=32",
    "--set=encoder.kind=dense",
    "--set=encoder.units=[8]",
    "--set=latent.size=3",
    "--set=training.epochs=1",
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generate")
    data = str(folder / "data")
    assert run(["prepare", "faces", "--size", "32", "--limit", "60", "--out", data]) == 0
    out = str(folder / "run")
    assert run(["train", "faces-vae", "--data", data, "--out", out, *TINY]) == 0
    assert run(["encode", out]) == 0
    return folder


@pytest.fixture(scope="module")
def opened(place):
    return open_run(place / "run")


@pytest.fixture
def command(place, tmp_path):
    """Generate into tmp_path / `out`, and return what the JSON says."""

    def generate(*options, out="made.png", record="made.json"):
        target = str(tmp_path / out)
        assert run(["generate", str(place / "run"), *options, "--out", target]) == 0
        return json.loads((tmp_path / record).read_text())

    return generate


@pytest.fixture
def fails(place, capsys):
    def generate(*options):
        capsys.readouterr()
        assert run(["generate", str(place / "run"), *map(str, options)]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.count("\n") == 1 and "Traceback" not in captured.err
        return captured.err

    return generate


def test_a_series_draws_the_same_numbers_out(command, tmp_path):
    record = command("--method=uniform", "--limit=0.5,1,8", "--count=4")
    z = np.array(record["z"], np.float32)
    for row, limit in enumerate((0.5, 1, 8)):
        expected = uniform_points(4, 3, limit=limit)
        np.testing.assert_array_equal(z[4 * row : 4 * row + 4], expected)
        said = record["rows"][row]
        assert (said["limit"], said["points"]) == (limit, [4 * row, 4 * row + 3])
        radii = np.linalg.norm(expected.astype(float), axis=1)
        assert said["mean_radius"] == pytest.approx(radii.mean())
    with Image.open(tmp_path / "made.png") as opened:
        # Three rows of four images of 96 pixels, and a label.
        assert opened.size[0] > 4 * 96 + 50 and 3 * 96 < opened.size[1] < 4 * 96


def test_methods_side_by_side(command):
    methods = ["normal", "uniform", "sphere", "ellipsoid", "mixture", "kernel", "prior"]
    record = command(f"--method={','.join(methods)}", "--components=2", "--count=2", "--seed=5")
    assert [row["method"] for row in record["rows"]] == record["method"] == methods
    assert len(record["z"]) == 14
    assert record["rows"][4]["components"] == 2 and "components" not in record["rows"][0]
    assert {row["seed"] for row in record["rows"]} == {5}


def test_rows_have_ten_images_unless_told(place, opened):
    made = opened.generate("uniform", limit=[1, 2])
    assert made.path.name == "uniform-limit-1-2.png"
    assert made.images.shape == (20, 32, 32, 3)
    assert opened.generate(["normal", "sphere"]).path.name == "normal-sphere.png"
    assert len(opened.generate("uniform", limit=[1]).images) == 64


def test_sharpened_rows_are_of_the_same_points(opened):
    plain = opened.generate("normal", count=3)
    made = opened.generate("normal", count=3, sharpen=[0, 3])
    assert made.path.name == "normal-count-3-sharpen-0-3.png"
    expected = [sharpened(plain.images, factor) for factor in (0, 3)]
    np.testing.assert_array_equal(made.images, np.concatenate(expected))
    assert len(json.loads(made.path.with_suffix(".json").read_text())["z"]) == 3


@pytest.mark.parametrize("pixels", PIXELS)
def test_any_image_can_be_had_again(opened, tmp_path, pixels):
    first = opened.generate("normal", count=9, seed=4, pixels=pixels, out=tmp_path / "a.png")
    # The file says what was shown of the likelihood, and the seed of a sample.
    again = opened.generate(points=tmp_path / "a.json", rows="3, 7-8")
    np.testing.assert_allclose(again.images, first.images[[3, 7, 8]], atol=1e-6)
    assert again.path.name == "points-a-rows-3-7-8.png"
    record = json.loads(again.path.with_suffix(".json").read_text())
    assert (len(record["z"]), record["pixels"], record["seed"]) == (3, pixels, 4)


def test_points_of_an_array_and_of_npy(command, opened, tmp_path):
    z = np.random.default_rng(1).normal(size=(5, 3))
    made = opened.generate(points=z, upscale=2)
    assert made.images.shape == (5, 64, 64, 3)
    one = opened.generate(points=z[0])
    np.testing.assert_allclose(one.images, opened.decode(z[:1].astype(np.float32)), atol=1e-6)
    np.save(tmp_path / "z.npy", z)
    record = command("--points", str(tmp_path / "z.npy"), "--rows", "1")
    np.testing.assert_allclose(record["z"], z[1:2], rtol=1e-6)


def test_known_pixels_are_those_of_the_models():
    assert tuple(sorted(halves.PIXELS)) == tuple(sorted(PIXELS))


@pytest.mark.parametrize(
    ("name", "kind"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.webp", "WEBP")]
)
def test_formats(command, tmp_path, name, kind):
    for options in (["--count=2"], ["--method=uniform", "--limit=1,2", "--count=2"]):
        command(*options, "--overwrite", out=name, record="a.json")
        with Image.open(tmp_path / name) as opened:
            assert opened.format == kind


def test_a_format_without_a_suffix(command, place, tmp_path):
    command("--count=2", "--format=webp", out="plain", record="plain.json")
    with Image.open(tmp_path / "plain.webp") as opened:
        assert opened.format == "WEBP"
    assert run(["generate", str(place / "run"), "--count=3", "--format=jpeg"]) == 0
    assert (place / "run" / "samples" / "normal-count-3.jpg").is_file()


def test_single_files(command, tmp_path):
    record = command("--single", "--count=3", "--upscale=2", out="one", record="one/points.json")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["0000.png", "0001.png", "0002.png", "points.json"]
    with Image.open(tmp_path / "one" / "0002.png") as opened:
        assert opened.size == (64, 64)
    assert len(record["z"]) == 3
    options = ["--single", "--count=2", "--sharpen=1,3", "--format=jpeg", "--overwrite"]
    command(*options, out="one", record="one/points.json")
    names = sorted(path.stem for path in (tmp_path / "one").glob("*.jpg"))
    expected = ["0000-sharpness-1", "0000-sharpness-3", "0001-sharpness-1", "0001-sharpness-3"]
    assert names == expected and not list((tmp_path / "one").glob("*.png"))


def test_what_is_there_is_kept(fails, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    assert "--overwrite" in fails("--single", "--out", mine)
    assert "holds other files" in fails("--single", "--out", mine, "--overwrite")
    (mine / "a.json").write_text("{}")
    assert "a.json, where the points go, exists" in fails("--out", mine / "a.png")
    assert sorted(path.name for path in mine.iterdir()) == ["a.json", "letter.txt"]
    assert "expected a folder" in fails("--single", "--out", mine / "a.png")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--method nromal", "did you mean 'normal'"),
        ("--method normal,normal", "methods that differ"),
        ("--limit 2", "--limit belongs to --method uniform, not to normal"),
        ("--method uniform --inside 0.5", "--inside belongs to --method ellipsoid"),
        ("--method uniform --limit 1,2 --sharpen 0,3", "one series was expected, limit and sharp"),
        ("--method normal --scale 1,2 --truncation 1,2", "scale and truncation have several"),
        ("--method normal,ellipsoid --scale 1,2", "scale and method have several"),
        ("--method uniform --limit 1,,x", "--limit: expected a number, or several with commas"),
        ("--method uniform --limit 1,nan", "limit must be a positive number"),
        ("--method ellipsoid --inside 2", "inside must be above 0 and at most 1"),
        ("--method mixture --components 500", "500 components need at least 1000 codes"),
        ("--method mixture --components 2.5", "components must be a whole number"),
        ("--sharpen=-1", "a sharpening factor must be"),
        ("--sharpen 3,3", "sharpening factors that differ"),
        ("--pixels meen", "did you mean 'mean'"),
        ("--format gif", "no format 'gif'"),
        ("--format png --out a.jpg", "leave out --format"),
        ("--out a.gif", "expected a .png, .jpg or .webp file"),
        ("--upscale 9999", "less upscaling"),
        ("--single --count 300000", "may not fit into memory"),
        ("--count 100000", "take fewer images"),
        ("--rows 3", "rows are of points that are given"),
        ("--points none.json", "no such file"),
        ("--points none.json --method normal", "give one of them"),
    ],
)
def test_bad_options_are_one_line(fails, options, message):
    assert message in fails(*options.split())


def test_bad_points_are_one_line(fails, tmp_path):
    def file(name, content):
        path = tmp_path / name
        if name.endswith(".npy"):
            np.save(path, content)
        else:
            path.write_text(content)
        return path

    bad = {
        "empty.json": ("", "holds no readable z-points"),
        "other.json": ('{"a": 1}', "holds no z-points"),
        "none.json": ('{"z": []}', "at least one z-point"),
        "ragged.json": ("[[1, 2, 3], [1]]", "lists of 3 numbers each"),
        "words.json": ('[["a", "b", "c"]]', "lists of 3 numbers each"),
        "nan.json": ('{"z": [[0, 0, 0], [1, NaN, 1]]}', "point 1 (from 0) of 2"),
        "size.json": ("[[1, 2]]", "expected z-points of shape (n, 3)"),
        "size.npy": (np.zeros((4, 5)), "got (4, 5)"),
        "none.npy": (np.zeros((0, 3)), "at least one z-point"),
        "huge.npy": (np.full((1, 3), 1e300), "point 0 (from 0) of 1"),
        "seed.json": ('{"z": [[1, 2, 3]], "seed": "x"}', "a whole seed and a condition of numbers"),
        "text.txt": ("1 2 3", "expected a .json or .npy file"),
    }
    for name, (content, message) in bad.items():
        assert message in fails("--points", file(name, content)), name
    truncated = tmp_path / "cut.npy"
    truncated.write_bytes((tmp_path / "size.npy").read_bytes()[:100])
    assert "cut.npy holds no readable z-points" in fails("--points", truncated)
    (tmp_path / "zero.npy").touch()
    assert "zero.npy holds no readable z-points" in fails("--points", tmp_path / "zero.npy")
    np.save(tmp_path / "objects.npy", np.array([{}, None], dtype=object), allow_pickle=True)
    assert "holds no readable z-points" in fails("--points", tmp_path / "objects.npy")
    good = file("good.npy", np.zeros((4, 3)))
    for rows in ("-1", "4", "3-2", "a", "1,,2"):
        assert "zspace: rows" in fails("--points", good, "--rows", rows)
    assert "nothing to draw" in fails("--points", good, "--count", "3")
    assert "scale has nothing to draw" in fails("--points", good, "--scale", "3")


def test_bad_values_from_python(opened):
    for value in ("2", None, [], [1, "2"], True):
        with pytest.raises(InputError, match="limit must be a number"):
            opened.generate("uniform", limit=value)
    with pytest.raises(InputError, match="seed must be a number"):
        opened.generate("normal", seed=[1, 2])
    with pytest.raises(InputError, match="sharpening factor"):
        opened.generate("normal", sharpen="3")
    with pytest.raises(InputError, match="methods that differ, got none"):
        opened.generate([])


def test_codes_are_made_where_they_are_missing(place, tmp_path):
    copy = shutil.copytree(place / "run", tmp_path / "run")
    shutil.rmtree(copy / "codes")
    assert run(["generate", str(copy), "--method", "ellipsoid", "--count", "2"]) == 0
    assert (copy / "codes" / "train" / "codes.json").is_file()
    assert (copy / "samples" / "ellipsoid-count-2.png").is_file()


def test_a_decoder_that_has_diverged(opened, monkeypatch):
    images = np.full((2, 32, 32, 3), np.nan, np.float32)
    monkeypatch.setattr(opened, "decode", lambda z, **_: images)
    with pytest.raises(InputError, match="values that are not finite"):
        opened.generate("normal", count=2)


def test_the_same_points_under_another_condition(place):
    data, out = str(place / "data"), place / "conditional"
    asked = ["--set=condition.kind=attributes", '--set=condition.names=["Smiling","Bald"]']
    assert run(["train", "faces-vae", "--data", data, "--out", str(out), *TINY, *asked]) == 0
    opened = open_run(out)
    free = opened.generate("normal", count=40)
    told = np.array(json.loads(free.path.with_suffix(".json").read_text())["condition"])
    assert told.shape == (40, 2) and len(np.unique(told, axis=0)) > 1  # as the training images are
    np.testing.assert_allclose(
        opened.generate(points=free.path.with_suffix(".json")).images, free.images, atol=1e-6
    )
    first = opened.generate("normal", count=3, condition="Bald=1,Smiling=-1")
    points = first.path.with_suffix(".json")
    assert json.loads(points.read_text())["condition"] == [-1, 1]
    again = opened.generate(points=points)
    np.testing.assert_allclose(again.images, first.images, atol=1e-6)
    other = opened.generate(points=points, condition="Bald=-1,Smiling=-1")
    assert np.abs(other.images - first.images).max() > 1e-5
    rows = opened.generate("normal", count=2, condition="each")
    assert len(rows.images) == 8  # without and with each attribute
    record = json.loads(rows.path.with_suffix(".json").read_text())
    z = np.array(record["z"])
    for row in range(1, 4):
        np.testing.assert_array_equal(z[2 * row : 2 * row + 2], z[:2])
    told = np.array(record["condition"])
    np.testing.assert_array_equal(told[:4, 0], [-1, -1, 1, 1])
    again = opened.generate(points=rows.path.with_suffix(".json"), rows="0,2,7")
    np.testing.assert_allclose(again.images, rows.images[[0, 2, 7]], atol=1e-6)
    two = opened.generate("normal", count=2, condition="Bald=1; Bald=0.5,Smiling=1")
    assert len(two.images) == 4
    with pytest.raises(InputError, match="limit and condition have several values"):
        opened.generate("uniform", limit=[1, 2], condition="each")
    with pytest.raises(InputError, match="condition"):
        open_run(place / "run").generate("normal", condition="Bald=1")
    record = json.loads(points.read_text())
    points.write_text(json.dumps(record | {"condition": [1, 1, 1]}))
    with pytest.raises(InputError, match="condition of 3 numbers"):
        opened.generate(points=points)
