"""The report's figures in the explorer: what is taken from the folder, measured, kept, refused."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import threading

import numpy as np
import pytest
from explored import LATENT, SHAPE, Linear, made_codes
from PIL import Image

from zspace.api.exhibits import RunExhibits
from zspace.codes import Codes
from zspace.errors import InputError, RunError
from zspace.explorer.coding import Coding
from zspace.explorer.exhibits import figure, figures
from zspace.report.analyze import analyze
from zspace.report.material import Material
from zspace.report.measurements import MEASUREMENTS
from zspace.run import RunFolder

SLOW_CONSISTENCY = pytest.param("consistency", marks=pytest.mark.slow)
RECIPE = """
[data]
source = "faces"
size = 32
[latent]
size = 6
[training]
epochs = 2
"""
HISTORY = """\
epoch,loss,reconstruction,kl,weighted_kl,beta,learning_rate
1,30.0,20.0,10.0,10.0,1.0,0.001
2,25.0,16.0,9.0,9.0,1.0,0.001
"""


@pytest.fixture
def run(tmp_path) -> RunFolder:
    """A run that has got as far as its second epoch."""
    run = RunFolder(tmp_path)
    run.recipe.write_text(RECIPE)
    run.history.write_text(HISTORY)
    dataset = {"name": "faces", "shape": [32, 32, 3], "train": 500, "validation": 0}
    run.environment.write_text(json.dumps({"dataset": dataset}))
    return run


def few(*, plain: bool = False) -> Codes:
    codes = made_codes(plain=plain)
    arrays = {
        name: getattr(codes, name)[:200]
        for name in ("mean", "index", "log_variance", "labels", "attributes")
        if getattr(codes, name) is not None
    }
    return dataclasses.replace(codes, **arrays)


def opened(run: RunFolder, *, codes: Codes | None = None, decoder=None):
    linear = Linear()

    def encode(images: np.ndarray) -> np.ndarray:
        return (images.reshape(len(images), -1) - 0.5) @ linear.back

    coding = Coding(decoder or linear.decode, encode, latent_size=LATENT, image_shape=SHAPE)
    return RunExhibits(run, codes or few(), coding)


def is_there(exhibits, name: str) -> bool:
    return next(each for each in exhibits.headings() if each.name == name).is_there


def everything(run: RunFolder) -> dict[str, float]:
    return {str(path): path.stat().st_mtime_ns for path in run.path.rglob("*")}


def test_all_of_the_report_in_its_order(run) -> None:
    found = figures(opened(run))["items"]
    assert [each["name"] for each in found] == ["curves", *MEASUREMENTS]
    assert [each["title"] for each in found[1:]] == [each.title for each in MEASUREMENTS.values()]
    assert [each["name"] for each in found if each["there"]] == ["curves"]
    run.history.unlink()
    assert figures(opened(run))["items"][0]["name"] == "radius"


@pytest.mark.parametrize("name", ["radius", "deviations", "pca", SLOW_CONSISTENCY])
def test_what_is_measured_says_what_analyze_writes(run, name) -> None:
    """The same words and pixels as ``zspace analyze`` writes, and nothing on the disk."""
    exhibits, before = opened(run), everything(run)
    made = figure(exhibits, name)
    assert everything(run) == before
    assert is_there(exhibits, name) and not is_there(exhibits, "density")
    linear = Linear()
    material = Material(
        few(), "train", decode=linear.decode,
        encode=lambda x: (x.reshape(len(x), -1) - 0.5) @ linear.back,
    )  # fmt: skip
    (written,) = analyze(run, material, only=[name])
    assert (made["text"], made["title"]) == (written.text, written.title)
    assert len(made["pictures"]) == len(written.pictures) == len(made["captions"])
    for picture, path in zip(made["pictures"], written.pictures, strict=True):
        with Image.open(io.BytesIO(picture)) as ours, Image.open(path) as theirs:
            np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))


def test_what_lies_in_the_folder_is_shown(run) -> None:
    codes = few()
    analyze(run, Material(codes, "train", map_count=60), only=["maps"])

    def never(z: np.ndarray) -> np.ndarray:
        raise AssertionError

    exhibits = opened(run, decoder=never)
    assert is_there(exhibits, "maps")
    made = exhibits.make("maps")
    files = [run.analysis / "maps.png", *sorted(run.analysis.glob("maps-*.png"))]
    assert len(files) >= 2 and list(made.pictures) == [path.read_bytes() for path in files]
    assert made.text == json.loads((run.analysis / "maps.json").read_text())["text"]
    assert made.captions == ("", "colored by kl", "colored by radius")
    assert made.shows == MEASUREMENTS["maps"].shows


def test_what_is_older_than_the_model_is_measured_anew(run) -> None:
    analyze(run, Material(made_codes(seed=9), "train"), only=["radius"])
    assert is_there(opened(run), "radius")
    run.checkpoints.mkdir()
    run.checkpoint(3).touch()
    late = (run.analysis / "radius.png").stat().st_mtime + 5
    os.utime(run.checkpoint(3), (late, late))
    exhibits = opened(run)
    assert not is_there(exhibits, "radius")
    old = json.loads((run.analysis / "radius.json").read_text())["text"]
    assert exhibits.make("radius").text != old
    assert json.loads((run.analysis / "radius.json").read_text())["text"] == old


@pytest.mark.parametrize("broken", ["text", "json", "picture"])
def test_what_is_broken_in_the_folder_is_measured_anew(run, broken) -> None:
    analyze(run, Material(few(), "train"), only=["radius"])
    damage = {
        "text": (run.analysis / "radius.json", b"{}"),
        "json": (run.analysis / "radius.json", b"{"),
        "picture": (run.analysis / "radius.png", b"<svg onload='alert(1)'/>"),
    }
    path, content = damage[broken]
    path.write_bytes(content)
    exhibits = opened(run)
    assert not is_there(exhibits, "radius")
    assert exhibits.make("radius").pictures[0].startswith(b"\x89PNG")


def test_it_is_measured_once_for_all_who_ask(run, monkeypatch) -> None:
    asked, most, lock = [], [0, 0], threading.Lock()
    plain = MEASUREMENTS["pca"]

    def slow(material):
        with lock:
            most[0] += 1
            most[1] = max(most)
            asked.append(material)
        threading.Event().wait(0.05)
        try:
            return plain.measure(material)
        finally:
            with lock:
                most[0] -= 1

    for name in ("pca", "radius"):
        monkeypatch.setitem(MEASUREMENTS, name, dataclasses.replace(plain, measure=slow))
    first, second = opened(run), opened(run)
    jobs = [(first, "pca"), (first, "pca"), (first, "radius"), (second, "pca")]
    answers = []
    threads = [
        threading.Thread(target=lambda job=job: answers.append(job[0].make(job[1]))) for job in jobs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4 and len(asked) == 3, "two asked for the same one"
    assert most[1] == 1, "one at a time, whatever the run"
    assert first.make("pca") is first.make("pca")


def test_what_does_not_apply_says_why(run) -> None:
    exhibits = opened(run, codes=few(plain=True))
    made = figure(exhibits, "deviations")
    assert made["text"].startswith("Left out: ") and "plain autoencoder" in made["text"]
    assert made["pictures"] == [] and "problem" not in made
    assert is_there(exhibits, "deviations"), "there is nothing left to measure"


def test_problems_are_said_and_name_no_place_on_the_disk(run) -> None:
    def gone(z: np.ndarray) -> np.ndarray:
        raise RunError(f"no model at {run.model}")

    def full(z: np.ndarray) -> np.ndarray:
        raise MemoryError

    assert "did you mean 'radius'" in figure(opened(run), "radios")["problem"]
    assert "no figure '../recipe'" in figure(opened(run), "../recipe")["problem"]
    exhibits = opened(run, decoder=gone)
    problem = figure(exhibits, "consistency")["problem"]
    assert problem == "files of this run cannot be read, or not any more"
    assert not is_there(exhibits, "consistency"), "it may be tried again"
    assert figure(opened(run, decoder=full), "consistency") == {
        "name": "consistency", "problem": "this could not be measured"
    }  # fmt: skip
    run.history.write_text("epoch\n")
    assert figure(opened(run), "curves")["problem"] == (
        "the record of this training cannot be read yet"
    )
    with pytest.raises(InputError, match="no figure"):
        opened(run).make("codes")


def test_the_curves_follow_the_record(run) -> None:
    exhibits = opened(run)
    first = exhibits.make("curves")
    assert "From epoch 1 to 2 the training loss fell" in first.text
    assert exhibits.make("curves") is first
    run.history.write_text(HISTORY + "3,24.0,15.5,8.5,8.5,1.0,0.001\n")
    late = run.history.stat().st_mtime + 5
    os.utime(run.history, (late, late))
    assert "From epoch 1 to 3" in exhibits.make("curves").text


def test_codes_that_are_not_finite(run) -> None:
    codes = few()
    mean = np.array(codes.mean)
    mean[7, 2] = np.nan
    made = figure(opened(run, codes=dataclasses.replace(codes, mean=mean)), "radius")
    assert "must be finite" in made["text"] and made["pictures"] == []


def test_validation_images_go_along_where_they_are_encoded(run) -> None:
    before = figure(opened(run), "density")["text"]
    folder = run.codes("validation")
    folder.mkdir(parents=True)
    codes = made_codes(seed=8)
    for name in ("mean", "log_variance", "index"):
        np.save(folder / f"{name}.npy", getattr(codes, name))
    (folder / "codes.json").write_text(json.dumps({"format": 1, "split": "validation"}))
    with_them = figure(opened(run), "density")["text"]
    assert with_them != before
    late = (folder / "codes.json").stat().st_mtime + 5
    run.model.touch()
    os.utime(run.model, (late, late))
    assert figure(opened(run), "density")["text"] == before, "they are of another model"
