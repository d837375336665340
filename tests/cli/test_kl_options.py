"""The options that concern KL term and noise, through the command line."""

import json

import numpy as np
import pytest

from zspace.cli.main import run
from zspace.codes import Codes

TINY = [
    "--set=data.size=32",
    "--set=encoder.kind=dense",
    "--set=encoder.units=[8]",
    "--set=latent.size=3",
    "--set=latent.prior=mixture",
    "--set=latent.prior_components=2",
    "--set=objective.kl=monte_carlo",
    "--set=objective.schedule.kind=linear",
    "--set=objective.schedule.length=1",
    "--set=training.epochs=1",
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kl")
    data = str(folder / "data")
    assert run(["prepare", "faces", "--size", "32", "--limit", "60", "--out", data]) == 0
    out = str(folder / "run")
    assert run(["train", "faces-vae", "--data", data, "--out", out, *TINY]) == 0
    return folder / "run"


def test_points_of_the_model_s_own_prior(trained, capsys):
    for scale in ("0", "1"):
        out = str(trained / f"prior-{scale}.png")
        command = ["generate", str(trained), "--method", "prior", "--count", "9"]
        assert run([*command, "--epsilon-scale", scale, "--out", out]) == 0
    still = np.array(json.loads((trained / "prior-0.json").read_text())["z"])
    codes_prior = run(["encode", str(trained), "--split", "validation"])
    assert codes_prior == 0
    codes = Codes.load(trained / "codes" / "validation")
    # Without noise a point is the center of a component.
    off = np.abs(still[:, None] - np.asarray(codes.prior_mean)[None]).max(-1).min(-1)
    np.testing.assert_allclose(off, 0, atol=1e-6)
    moving = np.array(json.loads((trained / "prior-1.json").read_text())["z"])
    assert np.abs(moving - still).max() > 0.1
    capsys.readouterr()
    assert run(["generate", str(trained), "--method", "uniform", "--epsilon-scale", "1"]) == 2
    assert "--epsilon-scale belongs to --method prior" in capsys.readouterr().err


def test_codes_know_their_noise(trained):
    command = ["encode", str(trained), "--split", "train", "--overwrite", "--epsilon-scale", "0"]
    assert run(command) == 0
    codes = Codes.load(trained / "codes" / "train")
    np.testing.assert_array_equal(codes.z(), codes.mean)
    assert run([*command[:-1], "1"]) == 0
    codes = Codes.load(trained / "codes" / "train")
    assert np.abs(codes.z() - codes.mean).max() > 0.1


def test_the_report_shows_points_of_that_prior(trained):
    assert run(["report", str(trained)]) == 0
    assert (trained / "samples" / "prior.png").is_file()
    assert "own prior (a mixture of normal distributions)" in (trained / "report.html").read_text()


def test_refusals_are_one_line(trained, capsys):
    capsys.readouterr()
    recipe = str(trained / "recipe.toml")
    data = str(trained.parent / "data")
    command = ["train", recipe, "--data", data, "--out", str(trained.parent / "other")]
    assert run([*command, "--set=objective.kl=exact"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and "has no closed form" in lines[0]
    assert not (trained.parent / "other").exists()
