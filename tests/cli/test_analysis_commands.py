"""analyze, compare, export and report through the command line, and what can be wrong with them."""

import json
import shutil

import numpy as np
import pytest

from zspace.cli.main import run

TINY = [
    "--set=data.size=32",
    "--set=encoder.filters=[4,4]",
    "--set=encoder.kernels=[3,3]",
    "--set=encoder.strides=[2,2]",
    "--set=latent.size=3",
    "--set=training.epochs=1",
]
CHEAP = "radius,deviations,pca,consistency"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Faces, a VAE and a plain autoencoder trained on them, and a run of another data set."""
    folder = tmp_path_factory.mktemp("place")
    for name, limit in (("data", "80"), ("other", "60")):
        prepare = ["prepare", "faces", "--size", "32", "--limit", limit]
        assert run([*prepare, "--out", str(folder / name)]) == 0
    for name in ("vae", "ae"):
        train = ["train", f"faces-{name}", "--data", str(folder / "data")]
        assert run([*train, "--out", str(folder / name), *TINY]) == 0
    return folder


@pytest.fixture
def fails(capsys):
    """Run a command that must fail with one line on standard error, and return the line."""

    def command(*arguments):
        capsys.readouterr()
        assert run([str(argument) for argument in arguments]) == 2
        captured = capsys.readouterr()
        lines = [line for line in captured.err.splitlines() if "/s, " not in line]
        assert captured.out == ""
        assert len(lines) == 1, captured.err
        assert "Traceback" not in captured.err
        return lines[0]

    return command


def test_analyze(place, capsys) -> None:
    capsys.readouterr()
    assert run(["analyze", str(place / "vae"), "--only", CHEAP]) == 0
    printed = capsys.readouterr().out
    for title in ("radius · Where", "deviations · What", "pca · Prin", "consistency · Decoded"):
        assert title in printed
    assert max(len(line) for line in printed.splitlines() if str(place) not in line) <= 96
    written = json.loads((place / "vae" / "analysis" / "consistency.json").read_text())
    assert {"unseen codes", "N(0, I)"} <= {kind["name"] for kind in written["kinds"]}

    command = ["analyze", str(place / "vae"), "--only", "radius,pca", "--points", "z", "--json"]
    assert run([*command, "--split", "validation", "--seed", "3"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["pca"]["points"] == "z"
    assert (found["radius"]["split"], found["radius"]["seed"]) == ("validation", 3)


def test_analyze_refuses(place, fails) -> None:
    vae, ae = place / "vae", place / "ae"
    assert "no measurement 'radios'; did you mean 'radius'" in fails(
        "analyze", vae, "--only", "radios"
    )
    assert "a plain autoencoder has none" in fails("analyze", ae, "--only", "deviations")
    assert "points must be 'mean' or 'z', 'zz' came" in fails(
        "analyze", vae, "--only", "pca", "--points", "zz"
    )
    assert "cannot be colored by 'Smilling'; did you mean 'Smiling'" in fails(
        "analyze", vae, "--only", "maps", "--color", "Smilling", "--map-points", "40"
    )
    assert "no images in a split 'tests'" in fails("analyze", vae, "--split", "tests")


def test_a_broken_code_is_named(place, fails, tmp_path) -> None:
    shutil.copytree(place / "vae", tmp_path / "vae")
    folder = tmp_path / "vae" / "codes" / "train"
    mean = np.load(folder / "mean.npy")
    mean[4, 1] = np.inf
    np.save(folder / "mean.npy", mean)
    image = int(np.load(folder / "index.npy")[4])
    line = fails("analyze", tmp_path / "vae", "--only", "radius")
    assert f"the mean of image {image} (row 4 of the train codes) is inf on axis 1" in line


def test_export(place, capsys, fails) -> None:
    for kind, name in (("npz", "train.npz"), ("parquet", "train.parquet")):
        capsys.readouterr()
        assert run(["export", str(place / "ae"), "--format", kind]) == 0
        assert str(place / "ae" / "exports" / name) in capsys.readouterr().out
        assert (place / "ae" / "exports" / name).is_file()
    assert run(["export", str(place / "ae"), "--format", "projector", "--limit", "20"]) == 0
    folder = place / "ae" / "exports" / "train-projector"
    assert len((folder / "metadata.tsv").read_text().splitlines()) == 21
    assert (folder / "sprite.png").is_file()
    assert "exists already" in fails("export", place / "ae", "--format", "npz")
    assert "no format 'np'; did you mean 'npz'" in fails("export", place / "ae", "--format", "np")


def test_compare_refuses(place, fails) -> None:
    assert "two to 6 runs can be compared, 1 came" in fails("compare", place / "ae")
    assert "came twice" in fails("compare", place / "ae", place / "ae")
    assert "expected a .html file" in fails(
        "compare", place / "ae", place / "vae", "--out", place / "page.txt"
    )
    assert "no run at" in fails("compare", place / "ae", place / "nothing")
    assert not list(place.glob("*.html"))


def test_compare_and_report(place, capsys, fails) -> None:
    page = place / "page.html"
    command = ["compare", str(place / "ae"), str(place / "vae"), "--out", str(page)]
    assert run([*command, "--map-points", "40", "--seed", "2"]) == 0
    html = page.read_text(encoding="utf-8")
    assert html.count("<img ") >= 10
    for words in ("Verdicts", "faces", "latent.posterior", "Decoded and encoded again"):
        assert words in html
    assert "nan" not in html.lower().split("</style>")[1].split("base64")[0]
    numbers = json.loads(page.with_suffix(".json").read_text())
    assert set(numbers["measured"]) == {"ae", "vae"}
    assert numbers["measured"]["ae"]["deviations"] is None
    assert "exists already" in fails(*command)

    assert run(["report", str(place / "ae")]) == 0
    html = (place / "ae" / "report.html").read_text(encoding="utf-8")
    for words in ("The doctor’s findings", "Where random points land", "One piece or many"):
        assert words in html
    assert "What the noise does" not in html
