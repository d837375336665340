"""``zspace walk`` from end to end on a tiny run, and what can be wrong with it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

import zspace
from zspace.cli.main import run

TINY = [
    "--set=data.size=32",
    "--set=encoder.filters=[4,4]",
    "--set=encoder.kernels=[3,3]",
    "--set=encoder.strides=[2,2]",
    "--set=latent.size=4",
    "--set=training.epochs=1",
]


@pytest.fixture(scope="module")
def vae(tmp_path_factory):
    """A VAE of four axes, trained a little on drawn faces."""
    folder = tmp_path_factory.mktemp("walk")
    prepare = ["prepare", "faces", "--size", "32", "--limit", "80"]
    assert run([*prepare, "--out", str(folder / "data")]) == 0
    train = ["train", "faces-vae", "--data", str(folder / "data")]
    assert run([*train, "--out", str(folder / "vae"), *TINY]) == 0
    return folder / "vae"


@pytest.fixture
def fails(vae, capsys):
    """Walk in a way that must fail with one line on standard error, and return the line."""

    def command(*arguments):
        capsys.readouterr()
        assert run(["walk", str(vae), *map(str, arguments)]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        lines = [line for line in captured.err.splitlines() if "images/s" not in line]
        assert len(lines) == 1, captured.err
        return lines[0]

    return command


def record(path) -> dict:
    return json.loads(path.with_suffix(".json").read_text())


@pytest.mark.parametrize("kind", ["line", "sphere", "density"])
def test_paths(vae, kind, capsys) -> None:
    opened = zspace.open_run(vae)
    capsys.readouterr()
    command = ["walk", str(vae), "validation:1", "train:5", "--kind", kind, "--steps", "4"]
    assert run(command) == 0
    printed = capsys.readouterr().out
    path = vae / "samples" / f"walk-{kind}-validation-1-train-5-steps-4.png"
    assert f"5 images in {path}" in printed and "density: at its thinnest" in printed
    assert path.with_name(f"{path.stem}-path.png").is_file()
    with Image.open(path) as image:
        assert image.size == (5 * 96 + 4 * 4, 96)
    written = record(path)
    assert (written["kind"], written["stops"]) == (kind, ["validation:1", "train:5"])
    z = np.asarray(written["z"], np.float32)
    np.testing.assert_array_equal(z[0], opened.codes("validation").mean[1])
    np.testing.assert_array_equal(z[-1], opened.codes("train").mean[5])
    assert len(written["places"]["distance_percentile"]) == 5


def test_pictures_can_be_had_again_from_their_points(vae, tmp_path) -> None:
    opened = zspace.open_run(vae)
    made = opened.walk(["mean", "origin"], steps=3, out=tmp_path / "a.png")
    z = np.asarray(record(made.path)["z"], np.float32)
    np.testing.assert_array_equal(z, made.z)
    np.testing.assert_array_equal(opened.decode(z), made.images)
    again = opened.walk([f"{tmp_path / 'a.json'}:0", f"{tmp_path / 'a.json'}:3"], steps=3)
    np.testing.assert_allclose(again.z, made.z, atol=1e-6)
    assert record(again.path)["held_against"] == "z", "points of a file may be drawn ones"
    np.save(tmp_path / "one.npy", z[2])
    same = opened.walk([tmp_path / "one.npy", "origin"], out=tmp_path / "b.webp", steps=1)
    np.testing.assert_array_equal(same.z[0], z[2])


def test_an_image_file_is_encoded(vae, tmp_path) -> None:
    opened = zspace.open_run(vae)
    pixels = opened.dataset.rows(opened.dataset.indices("validation", 1))
    Image.fromarray(pixels[0]).save(tmp_path / "face.png")
    made = opened.walk([tmp_path / "face.png", "validation:0"], steps=1, out=tmp_path / "a.png")
    np.testing.assert_allclose(made.z[0], made.z[1], atol=1e-4)


def test_several_legs_are_rows_and_a_loop_returns(vae, tmp_path) -> None:
    opened = zspace.open_run(vae)
    stops = ["train:0", "train:1", "train:2"]
    made = opened.walk(stops, "sphere", steps=2, loop=True, out=tmp_path / "a.png")
    rows = made.z.reshape(3, 3, 4)
    ends = opened.codes("train").mean[[0, 1, 2, 0]]
    np.testing.assert_array_equal(rows[:, 0], ends[:3])
    np.testing.assert_array_equal(rows[:, -1], ends[1:])


def test_planes_traversals_and_grids(vae, tmp_path) -> None:
    opened = zspace.open_run(vae)
    codes = opened.codes("train").mean
    sheet = opened.walk(["train:0", "train:1", "train:2"], "plane", columns=3)
    np.testing.assert_array_equal(sheet.z[[0, 2, 6]], codes[:3])
    axes = opened.walk((), "axes", axes=[2, 0], columns=3, reach=1.5)
    apart = axes.z.reshape(2, 3, 4) - codes.mean(axis=0)
    for row, axis in enumerate((2, 0)):
        expected = np.outer([-1.5, 0, 1.5], np.eye(4)[axis] * codes[:, axis].std())
        np.testing.assert_allclose(apart[row], expected, atol=1e-5)
    components = opened.walk(["origin"], "components", count=2, columns=3)
    _, _, directions = np.linalg.svd(codes - codes.mean(axis=0), full_matrices=False)
    for row in range(2):
        step = components.z[3 * row + 2] - components.z[3 * row + 1]
        cosine = step @ directions[row] / np.linalg.norm(step)
        assert abs(cosine) == pytest.approx(1, abs=1e-4)
    grid = opened.walk(["mean"], "grid", spread="quantile", columns=4, axes=[3, 1])
    np.testing.assert_allclose(grid.z[:4, 3], [-1.150349, -0.318639, 0.318639, 1.150349], atol=1e-5)
    assert grid.path.name == "walk-grid-mean-spread-quantile-columns-4-axes-3-1.png"
    turned = opened.walk((), "grid", components=[1, 2], columns=3, out=tmp_path / "a.png")
    middle = turned.z[4] - codes.mean(axis=0)
    np.testing.assert_allclose(middle, 0, atol=1e-5)
    for made in (sheet, axes, components, grid, turned):
        assert made.path.is_file() and made.figure.is_file()


def test_animations(vae, tmp_path, capsys) -> None:
    out = tmp_path / "a.gif"
    command = ["walk", str(vae), "train:0", "train:1", "--loop", "--frames", "7", "--fps", "20"]
    assert run([*command, "--out", str(out)]) == 0
    assert "7 images in" in capsys.readouterr().out
    with Image.open(out) as image:
        assert image.n_frames == 7 and image.size == (256, 256)
    assert len(record(out)["z"]) == 7
    sweep = ["walk", str(vae), "--kind", "axes", "--count", "2", "--frames", "5"]
    assert run([*sweep, "--out", str(tmp_path / "b.gif"), "--loop"]) == 0
    z = np.asarray(record(tmp_path / "b.gif")["z"]).reshape(2, 5, 4)
    np.testing.assert_allclose(z[0, 0], z[1, 0])
    pytest.importorskip("av")
    assert run([*command, "--out", str(tmp_path / "c.mp4")]) == 0
    assert (tmp_path / "c.mp4").stat().st_size > 0


def test_wrong_stops_are_one_line(fails, tmp_path) -> None:
    (tmp_path / "broken.png").write_bytes(b"none")
    (tmp_path / "none.json").write_text('{"x": 1}')
    np.save(tmp_path / "five.npy", np.zeros((2, 5)))
    np.save(tmp_path / "nan.npy", np.full((1, 4), np.nan))
    np.save(tmp_path / "three.npy", np.zeros((3, 4)))
    for stop, said in (
        (tmp_path / "broken.png", "no image in a format that is known"),
        (tmp_path / "missing.jpg", "no such file"),
        ("validation:4000", "rows are numbered from 0 to"),
        ("validation:-1", "rows are numbered from 0 to"),
        ("train:x", "rows are numbered from 0 to"),
        ("train", "needs the row of a code"),
        ("test:0", "no images in a split 'test'"),
        ("maen", "expected an image file"),
        (tmp_path / "missing.json", "no such file"),
        (f"{tmp_path / 'none.json'}:0", "no z-points"),
        (f"{tmp_path / 'five.npy'}:0", "(n, 4)"),
        (f"{tmp_path / 'nan.npy'}:0", "finite"),
        (tmp_path / "three.npy", "say which"),
        (f"{tmp_path / 'three.npy'}:3", "rows are numbered from 0 to 2"),
    ):
        assert said in fails("origin", stop), stop


def test_wrong_options_are_one_line(fails, tmp_path) -> None:
    two = ("train:0", "train:1")
    gif, taken = tmp_path / "a.gif", tmp_path / "taken.png"
    taken.with_suffix(".json").touch()
    for arguments, said in (
        ((), "at least 2 stops"),
        (two[:1], "at least 2 stops"),
        ((*two, "--kind", "spere"), "did you mean 'sphere'"),
        ((*two, "--steps", 0), "at least 1"),
        ((*two, "--power", 2), "has no option 'power'"),
        ((*two, "--fps", 12), "is for animations"),
        ((*two, "--frames", 0, "--out", gif), "at least 1 frame, 0 came"),
        ((*two, "--frames", 1, "--out", gif), "at least 2 frames"),
        ((*two, "--fps", 0, "--out", gif), "frames per second"),
        ((*two, "--out", tmp_path / "a.avi"), ".gif or .mp4"),
        ((*two, "--out", taken), "exists already"),
        ((*two, "--points", "zz"), "'mean' or 'z'"),
        ((*two, "--kind", "density", "--neighbors", 0), "at least 1"),
        ((*two, "--steps", 20_000), "more than 10,000"),
        ((*two, "--kind", "plane"), "at least 3"),
        ((*two, "train:0", "--kind", "plane"), "not on one line"),
        (("train:0", "--kind", "grid", "--out", gif), "one picture"),
        ((*two, "--kind", "axes"), "around one z-point"),
        (("--kind", "axes", "--axes", "4"), "from 0 to 3"),
        (("--kind", "axes", "--axes", "a"), "whole numbers with commas"),
        (("--kind", "axes", "--loop"), "is an animation"),
        (("--kind", "axes", "--reach", "-1"), "positive"),
        (("--kind", "components", "--components", "0"), "from 1 to 4"),
        (("--kind", "components", "--components", "1,1"), "each component once"),
        (("--kind", "grid", "--axes", "1"), "two directions"),
        (("--kind", "grid", "--axes", "1,2", "--components", "1,2"), "leave one"),
        (("--kind", "grid", "--spread", "round"), "no spread"),
        (("--kind", "grid", "--spread", "quantile", "--limit", "2"), "belongs to the spread"),
    ):
        assert said in fails(*arguments), arguments
    assert not gif.exists() and not taken.exists()
