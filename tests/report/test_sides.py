"""Which runs can be compared, and in what they differ."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from zspace.codes import Codes
from zspace.errors import InputError
from zspace.report.compared_maps import maps_section
from zspace.report.material import Material
from zspace.report.sides import Side, differences, require_comparable, sides
from zspace.report.verdicts import best, row
from zspace.run import RunFolder


def make(path, *, recipe: str = "", dataset: dict | None = None) -> RunFolder:
    path.mkdir(parents=True)
    run = RunFolder(path)
    run.recipe.write_text(f"[latent]\nsize = 4\n{recipe}")
    data = {"name": "faces", "path": "x", "shape": [8, 8, 3], "sha256": "a" * 64, "train": 10}
    run.environment.write_text(
        json.dumps({"dataset": data | (dataset or {}), "backend": "tensorflow"})
    )
    run.history.write_text("epoch,loss,reconstruction,kl,weighted_kl,beta\n1,3,2,1,1,1\n")
    return run


def material() -> Material:
    return Material(Codes(mean=np.zeros((3, 4), np.float32), index=np.arange(3)), "train")


def test_runs_get_names_of_their_own(tmp_path) -> None:
    runs = [make(tmp_path / "a" / "vae"), make(tmp_path / "b" / "vae")]
    found = sides([(run, material()) for run in runs])
    assert [side.name for side in found] == ["a/vae", "b/vae"]


def test_differences_are_listed(tmp_path) -> None:
    runs = [
        make(tmp_path / "vae", recipe="[objective]\nbeta = 5.0\nreduction = 'sum'"),
        make(
            tmp_path / "ae",
            recipe="posterior = 'deterministic'\n[objective]\nreduction = 'sum'",
            dataset={"train": 12, "sha256": "b" * 64},
        ),
    ]
    found = dict(differences(sides([(run, material()) for run in runs])))
    assert found == {
        "images: sha256": ["a" * 12, "b" * 12],
        "images: train": ["10", "12"],
        "objective.beta": ["5", "–"],
        "latent.posterior": ["–", "deterministic"],
    }


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        ({"name": "mnist"}, "one has the data set faces and two mnist"),
        ({"shape": [16, 16, 3]}, "one has the image shape 8×8×3 and two 16×16×3"),
    ],
)
def test_other_data_are_refused(tmp_path, dataset, said) -> None:
    runs = [make(tmp_path / "one"), make(tmp_path / "two", dataset=dataset)]
    with pytest.raises(InputError, match=said):
        require_comparable(runs)


def test_too_few_too_many_and_twice(tmp_path) -> None:
    runs = [make(tmp_path / f"run{number}") for number in range(7)]
    for chosen in (runs[:1], runs):
        with pytest.raises(InputError, match=f"two to 6 runs can be compared, {len(chosen)} came"):
            require_comparable(chosen)
    with pytest.raises(InputError, match="run0 came twice"):
        require_comparable([runs[0], runs[1], RunFolder(runs[0].path / ".." / "run0")])


def test_verdicts() -> None:
    values = {"a": 100.0, "b": 101.0, "c": 150.0}
    assert best(values, lowest=True, what="wins") == "a and b alike; c is 50 % behind."
    assert best(values, lowest=False, what="wins") == (
        "c wins; b is 33 % behind, a is 33 % behind."
    )
    assert best({"a": None, "b": 1.0}, lowest=True, what="wins") == "Only one run has it."
    assert best({"a": 1.0, "b": 900.0}, lowest=True, what="wins") == (
        "a wins; b is 900.0 times behind."
    )
    made = row("share", {"a": 0.5, "b": None}, verdict=lambda _: "so.", share=True)
    assert made.values == ("50\u00a0%", "–") and made.verdict == "so."


def test_maps_of_all_runs_are_colored_by_one_thing(tmp_path) -> None:
    found = [
        Side(name, RunFolder(tmp_path), facts=None, material=maps_material(swapped))
        for name, swapped in (("ae", False), ("vae", True))
    ]
    section = maps_section(found)
    assert len(section.pictures) == 2 and "trustworthiness is: ae 0." in section.text
    with pytest.raises(InputError, match="cannot be colored by 'Smilling'"):
        maps_section([replace(found[0], material=replace(found[0].material, colors=("Smilling",)))])


def maps_material(swapped: bool) -> Material:
    """Codes that tell the first of two attributes apart, or the second."""
    generator = np.random.default_rng(1)
    attributes = np.where(generator.random((40, 2)) > 0.5, 1, -1).astype(np.int8)
    mean = generator.standard_normal((40, 3)).astype(np.float32)
    mean[:, 0] += 8 * attributes[:, int(swapped)]
    codes = Codes(
        mean=mean,
        index=np.arange(40),
        attributes=attributes,
        information={"attribute_names": ["Smiling", "Young"]},
    )
    return Material(codes, "train")
