"""The benchmark of networks: equal numbers of weights, and a run on a few drawn faces."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def artefacts(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("artefacts")


@pytest.mark.slow
def test_networks_have_as_many_weights(artefacts: ModuleType) -> None:
    found = artefacts.equal_networks([f"data.size={artefacts.SIDE}"])
    wanted = found["transposed 3×3"]["weights"]
    # By hand: 32/64/128/256 at 64×64, two heads of 256, a dense layer back, 128/64/32/3.
    encoder = 28 * 32 + (9 * 32 + 1) * 64 + (9 * 64 + 1) * 128 + (9 * 128 + 1) * 256
    dense = 2 * (4096 + 1) * 256 + (256 + 1) * 4096
    decoder = (9 * 256 + 1) * 128 + (9 * 128 + 1) * 64 + (9 * 64 + 1) * 32 + (9 * 32 + 1) * 3
    assert 0 <= wanted - (encoder + dense + decoder) < 10  # and a few numbers of state
    assert len(found) == 5
    for network in found.values():
        assert abs(network["weights"] / wanted - 1) <= 0.02
    assert found["nearest"]["width"] == found["bilinear"]["width"] == 1


@pytest.mark.slow
def test_a_small_run(
    artefacts: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artefacts, "DRAWN", 60)
    monkeypatch.setattr(artefacts, "GENERATED", 20)
    chosen = {name: artefacts.NETWORKS[name] for name in ("transposed 3×3", "nearest")}
    monkeypatch.setattr(artefacts, "NETWORKS", chosen)
    arguments = ["--out", str(tmp_path), "--epochs", "1", "--train", "32"]
    artefacts.main(arguments)
    record = json.loads((tmp_path / "artefacts.json").read_text())
    assert set(record["networks"]) == set(chosen)
    run = record["networks"]["nearest"]["runs"][0]
    assert run["reconstruction"] > 0 and run["generated"]["fine"] >= 0
    pictures = {path.name for path in tmp_path.glob("*.png")}
    assert pictures == {"reconstructions.png", "generated.png", "spectrum.png"}
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("model.keras")}
    artefacts.main(arguments)
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("model.keras")}
