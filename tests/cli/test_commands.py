"""The main job, and everything that can be wrong with it, through the command line."""

import os
import shutil
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from zspace.cli.main import run

TINY = [
    "--set=data.size=32",
    "--set=encoder.filters=[4,4]",
    "--set=encoder.kernels=[3,3]",
    "--set=encoder.strides=[2,2]",
    "--set=latent.size=3",
    "--set=training.epochs=1",
    "--set=training.samples_every=1",
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with prepared faces and a trained run."""
    folder = tmp_path_factory.mktemp("place")
    prepare = ["prepare", "faces", "--size", "32", "--limit", "60", "--out", str(folder / "data")]
    assert run(prepare) == 0
    train = ["train", "faces-vae", "--data", str(folder / "data"), "--out", str(folder / "run")]
    assert run([*train, *TINY]) == 0
    return folder


@pytest.fixture
def fails(capsys):
    """Run a command that must fail with one line on standard error, and return the line."""

    def command(*arguments, code=2):
        capsys.readouterr()
        assert run([str(argument) for argument in arguments]) == code
        captured = capsys.readouterr()
        lines = [line for line in captured.err.splitlines() if "images/s" not in line]
        assert captured.out == "", captured.out
        assert len(lines) == 1, captured.err
        assert lines[0].startswith("zspace: ")
        assert "Traceback" not in captured.err
        return lines[0]

    return command


def test_the_main_job(place, capsys):
    folder = str(place / "run")
    assert run(["encode", folder, "--overwrite"]) == 0
    assert run(["generate", folder, "--count", "4"]) == 0
    grid = place / "uniform.jpg"
    arguments = ["--method", "uniform", "--limit", "1.5", "--count", "4", "--out", str(grid)]
    assert run(["generate", folder, *arguments]) == 0
    with Image.open(grid) as opened:
        assert opened.size[0] > 32
    Image.fromarray(np.full((40, 60, 3), 99, np.uint8)).save(place / "own.png")
    assert run(["reconstruct", folder]) == 0
    assert run(["reconstruct", folder, str(place / "own.png"), "--epsilon-scale", "1"]) == 0
    assert run(["generate", folder, "--method=uniform", "--limit=2", "--seed=3"]) == 0
    assert run(["report", folder]) == 0
    assert "report.html" in capsys.readouterr().out
    assert (place / "run" / "report.html").stat().st_size > 10_000
    samples = {path.name for path in (place / "run" / "samples").iterdir()}
    assert {
        "epoch-00001.png",
        "normal.png",
        "normal.json",
        "uniform-limit-2-seed-3.json",
    } <= samples
    assert "own-reconstructions-epsilon-scale-1.png" in samples


def test_recipes_lists_them_all(capsys):
    from zspace.recipe import shipped_recipes

    assert run(["recipes"]) == 0
    listed = capsys.readouterr().out
    for name, path in shipped_recipes().items():
        assert name in listed
        head = path.read_text().splitlines()[:5]
        assert [line.split(":")[0] for line in head] == [
            "# command",
            "# shows",
            "# experiment",
            "# expected",
            "# time",
        ]
    assert run(["recipes", "mnist-vae"]) == 0
    assert capsys.readouterr().out.startswith("# command:")


def test_a_wrong_command_line(fails):
    assert "Did you mean 'train'?" in fails("trian")
    assert "Missing argument 'RUN'" in fails("encode")
    assert "No such option: --dta" in fails("train", "--dta", "x")


def test_a_wrong_recipe(fails, place, tmp_path):
    data = ["--data", place / "data", "--out", tmp_path / "run"]
    assert "did you mean 'faces-vae'" in fails("train", "face-vae", *data)
    assert "did you mean 'size'?" in fails("train", "faces-vae", *data, "--set", "latent.siz=3")
    wrong = fails("train", "faces-vae", *data, "--set", "objective.beta=-1")
    assert "objective.beta: expected greater than or equal to 0, got -1" in wrong
    wrong = fails("train", "faces-vae", *data, "--set", "encoder.strides=[2,2]")
    assert "strides has 2" in wrong
    narrow = ["--set", "encoder.padding=valid", "--set", "encoder.kernels=[9,9,9,9]"]
    wrong = fails("train", "faces-vae", *data, "--set", "data.size=32", *narrow)
    assert "does not fit" in wrong and "padding 'same'" in wrong
    assert not (tmp_path / "run").exists()


def test_data_that_does_not_fit_the_recipe(fails, place, tmp_path):
    data = ["--data", place / "data", "--out", tmp_path / "run"]
    wrong = fails("train", "faces-vae", *data)
    assert "expects images of 64×64×3" in wrong and "has 32×32×3" in wrong
    assert "expects images of 28×28×1" in fails("train", "mnist-vae", *data)
    missing = fails("train", "faces-vae", "--data", tmp_path, "--out", tmp_path / "run")
    assert "zspace prepare" in missing
    assert "--data" in fails("train", "faces-vae", "--out", tmp_path / "run")


def test_a_run_that_is_none(fails, tmp_path):
    for command in ("encode", "generate", "reconstruct", "report"):
        assert "no run folder" in fails(command, tmp_path)
        assert "no such folder" in fails(command, tmp_path / "none")


def test_existing_output_is_kept(fails, place):
    run_folder = place / "run"
    again = fails("train", "faces-vae", "--data", place / "data", "--out", run_folder, *TINY)
    assert "--resume" in again and "--overwrite" in again
    prepare = ["prepare", "faces", "--size", "32", "--limit", "60", "--out", place / "data"]
    assert "--overwrite" in fails(*prepare)
    picture = place / "kept.png"
    picture.write_bytes(b"mine")
    assert "--overwrite" in fails("generate", run_folder, "--out", picture)
    assert "--overwrite" in fails("reconstruct", run_folder, "--out", picture)
    assert picture.read_bytes() == b"mine"


def test_images_that_are_none(fails, place, tmp_path):
    text = tmp_path / "text.jpg"
    text.write_text("no image")
    assert "text.jpg" in fails("reconstruct", place / "run", text)
    assert "none.png" in fails("reconstruct", place / "run", tmp_path / "none.png")
    whole = tmp_path / "whole.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(whole)
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(whole.read_bytes()[:1500])
    assert "cut.jpg" in fails("reconstruct", place / "run", cut)
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(png_bomb(50_000))
    assert "pixels" in fails("reconstruct", place / "run", bomb)


def png_bomb(side):
    """A small file that claims side × side pixels."""

    def chunk(kind, body):
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(10_000_000), 9)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_sources_that_cannot_be_used(fails, tmp_path):
    out = tmp_path / "out"

    def source(name, path):
        return fails("prepare", name, "--from", path, "--out", out)

    empty = tmp_path / "empty"
    empty.mkdir()
    assert "empty" in source("folder", empty)
    (empty / "notes.txt").write_text("no image")
    assert source("folder", empty)
    (empty / "broken.jpg").write_text("no image")
    (empty / "bomb.png").write_bytes(png_bomb(50_000))
    assert "none of the 2 images" in source("folder", empty)
    np.savez(tmp_path / "objects.npz", images=np.array([{}, {}], dtype=object))
    assert "unpickled" in source("npz", tmp_path / "objects.npz")
    np.savez(tmp_path / "good.npz", images=np.zeros((20, 8, 8), np.uint8))
    whole = (tmp_path / "good.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    assert "cut.npz" in source("npz", tmp_path / "cut.npz")
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    assert "cut.zip" in source("folder", tmp_path / "cut.zip")
    digits = tmp_path / "digits"
    digits.mkdir()
    head = bytes([0, 0, 8, 3]) + struct.pack(">III", 100, 28, 28)
    for name in ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte"):
        (digits / name).write_bytes(head + bytes(1000))
    for name in ("train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"):
        (digits / name).write_bytes(bytes([0, 0, 8, 1]) + struct.pack(">I", 100) + bytes(100))
    assert "idx3-ubyte" in source("mnist", digits)
    assert "did you mean 'celeba'" in source("celbea", tmp_path)
    assert not out.exists()


def test_a_corrupt_image_in_the_middle_is_skipped_and_listed(tmp_path, capsys):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(30):
        pixels = np.full((40, 40, 3), number * 8, np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
    (folder / "15.png").write_bytes(b"\x89PNG broken")
    assert run(["prepare", str(folder), "--size", "16", "--out", str(tmp_path / "out")]) == 0
    closing = capsys.readouterr().out
    assert "29 images" in closing and "1 skipped" in closing
    assert "15.png" in (tmp_path / "out" / "dataset.json").read_text()


NO_BACKEND = """
import importlib.util, sys
found = importlib.util.find_spec
def find_spec(name, package=None):
    return None if name in ("tensorflow", "jax", "torch") else found(name, package)
importlib.util.find_spec = find_spec
from zspace.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


def test_no_backend_is_one_line(place, tmp_path):
    environment = {key: value for key, value in os.environ.items() if key != "KERAS_BACKEND"}
    for command in (
        ["generate", str(place / "run")],
        ["train", "faces-vae", "--data", str(place / "data"), "--out", str(tmp_path / "x"), *TINY],
    ):
        done = subprocess.run(
            [sys.executable, "-c", NO_BACKEND, *command],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert done.returncode == 2, done.stderr
        assert done.stderr.count("\n") == 1
        assert "pip install 'zspace[tensorflow]'" in done.stderr
    assert not (tmp_path / "x").exists()


SMALL_DISK = """
import resource, signal, sys
from zspace.cli.main import run
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.exit(run(sys.argv[2:]))
"""


def test_a_full_disk_keeps_what_was_there(place, tmp_path):
    """Files may not grow past a limit, so that each command meets its "disk full"."""
    run_folder = tmp_path / "run"
    shutil.copytree(place / "run", run_folder)
    shutil.rmtree(run_folder / "codes", ignore_errors=True)
    before = {path.name for path in (run_folder / "checkpoints").iterdir()}
    data = str(place / "data")
    commands = [
        (4_000, ["prepare", "faces", "--size", "32", "--limit", "60", "--out"], "new-data"),
        (700, ["encode", str(run_folder)], None),
        (700, ["generate", str(run_folder)], None),
        (4_000, ["train", "faces-vae", "--data", data, *TINY, "--out"], "new-run"),
        (4_000, ["train", "--resume", "--set=training.epochs=2", "--out", str(run_folder)], None),
    ]
    for limit, command, out in commands:
        arguments = [*command, *([str(tmp_path / out)] if out else [])]
        done = subprocess.run(
            [sys.executable, "-c", SMALL_DISK, str(limit), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2, (command, done.stderr)
        assert "no space left" in done.stderr.splitlines()[-1], (command, done.stderr)
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "new-data").exists()
    assert not (run_folder / "codes" / "train").exists()
    assert {path.name for path in (run_folder / "checkpoints").iterdir()} == before
    assert not list(tmp_path.rglob("*.partial*"))


def test_a_backend_that_is_not_there(fails, place):
    wrong = fails("generate", place / "run", "--backend", "tensorflw")
    assert "did you mean 'tensorflow'" in wrong
    assert "Keras runs on" in fails("generate", place / "run", "--backend", "jax")
    assert "belongs to --method uniform" in fails("generate", place / "run", "--limit", "2")
    assert "normal" in fails("generate", place / "run", "--method", "nromal")


def test_convert_beta(capsys, fails):
    arguments = ["--size", "96", "--channels", "3", "--latent", "256"]
    assert run(["convert-beta", "train-step", "5", *arguments]) == 0
    shown = capsys.readouterr().out
    assert "'channel_mean'   objective.beta = 5" in shown
    assert "'sum'            objective.beta = 15" in shown
    back = ["--back", "--reduction", "channel_mean"]
    assert run(["convert-beta", "foster", "1.6384", "--size=128", "--channels=3", *back]) == 0
    assert "factor = 10000" in capsys.readouterr().out
    assert "did you mean 'foster'" in fails("convert-beta", "foser", "1")
    assert "expected a positive factor" in fails("convert-beta", "foster", "0")
    assert "no reduction 'summ'" in fails("convert-beta", "foster", "1", "--reduction", "summ")
