"""`zspace prepare` as it is typed."""

from __future__ import annotations

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from zspace.cli.prepare import prepare
from zspace.data import Dataset
from zspace.errors import DataError

APP = typer.Typer()
APP.command()(prepare)


def _run(*words: object):
    return CliRunner().invoke(APP, [str(word) for word in words])


def test_the_closing_line_counts_what_was_skipped(make, tmp_path):
    files = make.pictures(40)
    files["000009.png"] = b""
    out = tmp_path / "out"
    ended = _run("folder", "--from", make.tree(files), "--out", out, "--size", "16")
    assert ended.exit_code == 0
    assert ended.stdout == (
        f"39 images of 16×16×3 in {out} (train 35, validation 4); "
        f"1 skipped, listed in {out}/dataset.json\n"
    )
    assert "preparing folder: 40/40 images" in ended.stderr


def test_all_options(make, tmp_path):
    words = ["--size", "28x20", "--crop", "0.5", "--gray", "--limit", "10", "--seed", "7"]
    source = make.tree(make.pictures(20))
    ended = _run(source, "--out", tmp_path / "out", "--overwrite", *words)
    assert ended.exit_code == 0, ended.output
    dataset = Dataset.load(tmp_path / "out")
    assert dataset.shape == (28, 20, 1)
    assert [dataset.information[key] for key in ("crop", "limit", "seed")] == [0.5, 10, 7]
    assert ended.stdout.endswith("(train 9, validation 1)\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--size", "large"], "--size: expected pixels as 64, or height x width"),
        (["--size", "1x2x3"], "--size: expected"),
        (["--crop", "half"], "--crop: expected pixels as 148, or a fraction"),
        (["--strict"], "000002.png"),
    ],
)
def test_bad_input_is_one_line(make, tmp_path, words, said):
    folder = make.tree({**make.pictures(3), "000002.png": b""})
    ended = _run("folder", "--from", folder, "--out", tmp_path / "out", *words)
    assert isinstance(ended.exception, DataError)
    assert said in str(ended.exception)
    assert "\n" not in str(ended.exception)
    assert ended.exception.exit_code == 2


def test_numbers_are_written_for_people(tmp_path):
    np.save(tmp_path / "it.npy", np.zeros((1200, 4, 4), np.uint8))
    ended = _run(tmp_path / "it.npy", "--out", tmp_path / "out")
    assert "1,200 images of 4×4×1" in ended.stdout
    assert "(train 1,080, validation 120)" in ended.stdout
