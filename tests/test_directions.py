"""Directions on disk: there and back, and everything that can be wrong with a file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from zspace.directions import DIRECTION_FORMAT, Direction, plain_name, saved_directions
from zspace.errors import DataError, InputError, OutputExistsError


def hat(**changed) -> Direction:
    told = {
        "name": "hat",
        "vector": np.array([1 / 3, -2e-8, 5e7]),
        "method": "logistic",
        "made_of": {"having": [1, 2], "lacking": None},
        "split": "validation",
        "against": ("Male", "Young"),
        "count_with": 2,
        "count_without": 7,
        "model": "0abc",
        "test": {"separation": {"auc": 0.75}, "leakage": None},
    }
    return Direction(**{**told, **changed})


def test_a_direction_comes_back_bit_for_bit(tmp_path: Path) -> None:
    path = hat().save(tmp_path / "directions")
    assert path.name == "hat.json"
    found = Direction.load(path)
    np.testing.assert_array_equal(found.vector, hat().vector)
    assert {**vars(found), "vector": 0} == {**vars(hat()), "vector": 0}
    before = path.read_bytes()
    found.save(tmp_path / "directions", overwrite=True)
    assert path.read_bytes() == before, "the same direction gives the same file"
    assert json.loads(before)["length"] == pytest.approx(np.linalg.norm(hat().vector))


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    hat().save(tmp_path)
    with pytest.raises(OutputExistsError, match="--overwrite"):
        hat(vector=np.ones(3)).save(tmp_path)
    np.testing.assert_array_equal(Direction.load(tmp_path / "hat.json").vector, hat().vector)


def test_names_are_listed_in_order(tmp_path: Path) -> None:
    assert saved_directions(tmp_path / "none") == {}
    for name in ("b", "a c", "A+1.5"):
        hat(name=name).save(tmp_path)
    (tmp_path / "a c.png").touch()
    assert list(saved_directions(tmp_path)) == ["A+1.5", "a c", "b"]


@pytest.mark.parametrize("name", ["", ".hidden", "../up", "a/b", "a\\b", "-x", "x" * 101, "a\nb"])
def test_names_that_no_file_should_have(name: str) -> None:
    with pytest.raises(InputError, match="the name of a direction") as caught:
        hat(name=name)
    assert "\n" not in str(caught.value)
    assert hat(name=plain_name(name)).name


@pytest.mark.parametrize("vector", [np.array([1.0, np.nan]), np.array([np.inf]), np.zeros(0)])
def test_vectors_that_lead_nowhere(vector: np.ndarray) -> None:
    with pytest.raises(InputError, match="finite"):
        hat(vector=vector)


@pytest.mark.parametrize(
    "changed",
    [
        {"format": DIRECTION_FORMAT + 1},
        {"format": "x"},
        {"vector": ["a"]},
        {"vector": [float("nan")]},
        {"unknown": 1},
        {"name": "../up"},
        {"against": None},
    ],
)
def test_a_file_that_is_no_direction(tmp_path: Path, changed: dict) -> None:
    path = hat().save(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))
    with pytest.raises(DataError, match="holds no readable direction") as caught:
        Direction.load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "3", "{}", "{", '{"format": 1}'])
def test_a_file_that_is_something_else(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(DataError, match="holds no readable direction"):
        Direction.load(tmp_path / "x.json")
