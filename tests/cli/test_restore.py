"""Restoring through the command line, and all that can be wrong with it."""

import json

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
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Prepared faces, a run that inpaints, a conditional one, and one that does neither."""
    folder = tmp_path_factory.mktemp("restore")
    data = str(folder / "data")
    assert run(["prepare", "faces", "--size", "32", "--limit", "60", "--out", data]) == 0
    for name, keys in {
        "plain": [],
        "mask": ["--set=task.kind=mask", "--set=task.amount=0.4"],
        "told": ["--set=condition.kind=attributes", "--set=condition.names=['Smiling','Bangs']"],
    }.items():
        train = ["train", "faces-vae", "--data", data, "--out", str(folder / name)]
        assert run([*train, *TINY, *keys]) == 0
    Image.new("RGB", (40, 40), "teal").save(folder / "mine.png")
    (folder / "broken.png").write_bytes(b"\x89PNG no image")
    return folder


@pytest.fixture
def fails(capsys):
    def command(*arguments):
        capsys.readouterr()
        assert run([str(argument) for argument in arguments]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        lines = [line for line in captured.err.splitlines() if not line.startswith("zspace: left")]
        assert len(lines) == 1 and lines[0].startswith("zspace: ")
        return lines[0]

    return command


def test_validation_images_and_their_baselines(place, capsys):
    assert run(["restore", str(place / "mask"), "--count", "4"]) == 0
    out = capsys.readouterr().out
    for name in ("as given", "linear interpolation", "biharmonic inpainting", "restored"):
        assert name in out
    assert (place / "mask" / "samples" / "restored.png").is_file()
    record = json.loads((place / "mask" / "analysis" / "restoration.json").read_text())
    assert record["task"]["kind"] == "mask" and record["images"] == 4
    assert 0 < record["quality"]["restored"]["psnr"] < 60


def test_images_of_ones_own(place, capsys):
    mine, broken = place / "mine.png", place / "broken.png"
    assert run(["restore", str(place / "mask"), str(mine), str(broken)]) == 0
    captured = capsys.readouterr()
    assert "zspace: left out" in captured.err and "broken.png" in captured.err
    assert "1 restored images" in captured.out and "PSNR" in captured.out
    with Image.open(place / "mask" / "samples" / "restored" / "mine.png") as image:
        assert image.size == (32, 32)
    other = place / "other" / "mine.png"
    other.parent.mkdir()
    Image.new("RGB", (40, 40), "maroon").save(other)
    assert run(["restore", str(place / "mask"), str(mine), str(other)]) == 0
    names = {path.name for path in (place / "mask" / "samples" / "restored").iterdir()}
    assert names == {"mine.png", "mine-2.png"}  # neither has replaced the other
    assert capsys.readouterr().out.count("PSNR") == 1
    assert run(["restore", str(place / "mask"), str(mine), "--damaged"]) == 0
    assert "PSNR" not in capsys.readouterr().out
    assert run(["reconstruct", str(place / "mask"), str(mine), str(broken)]) == 0


def test_a_conditional_model_is_told(place, capsys):
    told = str(place / "told")
    mine = str(place / "mine.png")
    pictures = []
    for value in ("1", "-1"):
        out = place / f"told{value}.png"
        command = ["reconstruct", told, mine, "--condition", f"Smiling={value}", "--out", str(out)]
        assert run(command) == 0
        pictures.append(np.asarray(Image.open(out)))
    assert (pictures[0] != pictures[1]).any()


def test_what_goes_wrong(place, fails):
    mine, broken = place / "mine.png", place / "broken.png"
    assert "not to restore them" in fails("restore", place / "plain")
    assert "name their files" in fails("restore", place / "mask", "--damaged")
    assert "broken.png" in fails("restore", place / "mask", broken)
    assert "none of the 2 files" in fails("restore", place / "mask", broken, place / "no.png")
    assert "not conditional" in fails("restore", place / "mask", mine, "--condition", "Bangs=1")
    unknown = fails("reconstruct", place / "told", mine, "--condition", "Smilng=1")
    assert "did you mean 'Smiling'" in unknown
    assert "expected names with values" in fails(
        "reconstruct", place / "told", mine, "--condition", "Smiling=much"
    )
    (place / "there.png").write_bytes(b"")
    assert "--overwrite" in fails("restore", place / "mask", "--out", place / "there.png")


def test_the_report_shows_what_was_restored(place):
    assert run(["report", str(place / "mask"), "--only", "radius"]) == 0
    page = (place / "mask" / "report.html").read_text(encoding="utf-8")
    assert "Restoration" in page and "masked with black boxes" in page
    assert not (place / "mask" / "samples" / "reconstructions.png").exists()


def test_a_conditional_model_is_measured_and_compared(place):
    assert run(["analyze", str(place / "told"), "--only", "consistency,density"]) == 0
    out = place / "both.html"
    assert run(["compare", str(place / "told"), str(place / "plain"), "--out", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert "PSNR of held-out images" in text and "condition.kind" in text
