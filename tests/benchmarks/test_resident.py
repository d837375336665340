"""The benchmark of resident images, in its short form."""

import json
import statistics
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from zspace.data import Dataset


@pytest.fixture
def resident(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("resident")


def test_the_made_images_are_a_data_set(resident: ModuleType, tmp_path: Path) -> None:
    resident.write_images(tmp_path, 1500, 16)
    data = Dataset.load(tmp_path)
    assert data.shape == (16, 16, 3)
    assert len(data.indices("train")) == 1500
    assert len(data.indices("validation")) == resident.VALIDATION
    assert np.asarray(data.images[1023]).std() > 50


def test_the_sizes_are_those_of_e3_when_asked_for(resident: ModuleType) -> None:
    full = resident._arguments(["--full"])
    assert (full.count, full.size, full.batch_size) == (170_000, 96, 128)
    short = resident._arguments(["--count", "32"])
    assert (short.count, short.size, short.batch_size) == (32, 48, 16)


@pytest.mark.slow
def test_both_ways_are_measured(
    resident: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "resident.json"
    sizes = ["--count", "12", "--size", "16", "--batch-size", "4", "--repetitions", "2"]
    what = ["--backends", "torch", "--precisions", "float32", "--work", str(tmp_path)]
    resident.main([*sizes, *what, "--out", str(out)])
    record = json.loads(out.read_text())
    found = record["backends"]["torch"]
    assert set(found["seconds"]) == {"float32, ordinary", "float32, resident"}
    for name, seconds in found["seconds"].items():
        assert len(seconds) == 2
        rate = found["images_per_second"][name]
        assert rate == pytest.approx(12 / statistics.median(seconds))
    assert "times ordinary" in capsys.readouterr().out
    assert [each.name for each in tmp_path.iterdir()] == ["resident.json"]
