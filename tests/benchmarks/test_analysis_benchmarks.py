"""The benchmarks of the analyses, on sizes that take a second."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix


def result(path: Path) -> dict[str, Any]:
    record = json.loads(path.read_text())
    assert {"processor", "cores", "python", "zspace"} <= set(record["machine"])
    assert record["question"].endswith("?")
    assert len(record["date"]) == 10
    return record


def test_radius(script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "radius.json"
    sizes = ["--count", "600", "--latent", "8", "--memory", "deviations", "density"]
    script("radius").main([*sizes, "--work", str(tmp_path), "--out", str(out)])
    record = result(out)
    assert {len(each) for each in record["time"]["seconds"].values()} == {5}
    assert record["time"]["rows_measured"]["radius, loop over numbers"] == 400
    assert set(record["memory"]["measurements"]) == {"deviations", "density"}
    assert "from 400 rows, scaled" in capsys.readouterr().out
    assert [each.name for each in tmp_path.iterdir()] == ["radius.json"]


def test_peak_sees_memory_but_not_pages_of_a_mapped_file(script: Any, tmp_path: Path) -> None:
    script("radius")
    from latent.memory import Peak, anonymous_mebibytes

    if anonymous_mebibytes() is None:
        pytest.skip("no /proc/self/status: not Linux")
    np.save(tmp_path / "zeros.npy", np.zeros((64, 1 << 17)))
    with Peak() as peak:
        total = float(np.load(tmp_path / "zeros.npy", mmap_mode="r").sum())
    assert total == 0
    assert peak.largest - peak.base < 16
    with Peak() as peak:
        held = np.ones((64, 1 << 17))
    assert held.nbytes == 64 << 20
    assert peak.largest - peak.base > 48


def test_tsne(script: Any, tmp_path: Path) -> None:
    out = tmp_path / "tsne.json"
    script("tsne").main(["--counts", "200", "--latent", "8", "--out", str(out)])
    (size,) = result(out)["sizes"]
    ours, theirs = size["zspace"], size["scikit-learn"]
    assert 0.1 < ours["kl_divergence"] < 1.2 * theirs["kl_divergence"]
    assert min(ours["trustworthiness"], theirs["trustworthiness"]) > 0.8


@pytest.mark.parametrize("pairs", [1 << 17, 120, 1])
def test_the_exact_kl_divergence_is_that_of_its_definition(
    script: Any, monkeypatch: pytest.MonkeyPatch, pairs: int
) -> None:
    tsne = script("tsne")
    monkeypatch.setattr(tsne, "_PAIRS", pairs)
    generator = np.random.default_rng(1)
    p = generator.random((30, 30))
    np.fill_diagonal(p, 0)
    p = (p + p.T) / (p + p.T).sum()
    place = generator.standard_normal((30, 2))
    q = 1 / (1 + ((place[:, None] - place[None]) ** 2).sum(axis=2))
    np.fill_diagonal(q, 0)
    q /= q.sum()
    off = ~np.eye(30, dtype=bool)
    expected = (p[off] * np.log(p[off] / q[off])).sum()
    assert tsne.exact_kl(csr_matrix(p), place) == pytest.approx(expected, rel=1e-10)


def test_affinities_are_those_of_all_pairs(script: Any) -> None:
    points = np.random.default_rng(1).standard_normal((120, 4)).astype(np.float32)
    found = script("tsne").exact_affinities(points)
    assert found.sum() == pytest.approx(1)
    assert abs(found - found.T).max() < 1e-12


def test_inertia(script: Any, tmp_path: Path) -> None:
    out = tmp_path / "inertia.json"
    sizes = ["--count", "400", "--latent", "4", "--ks", "2", "4", "8"]
    script("inertia").main([*sizes, "--out", str(out)])
    record = result(out)
    ours, theirs = record["inertia"]["zspace"], record["inertia"]["scikit-learn"]
    assert len(ours) == len(theirs) == 3
    assert ours == sorted(ours, reverse=True)
    np.testing.assert_allclose(ours, theirs, rtol=0.3)


def test_codes_are_those_of_the_description(script: Any) -> None:
    script("radius")
    from latent.synthetic import synthetic_codes

    codes = synthetic_codes(20_500, 16)
    assert codes.shape == (20_500, 16)
    assert codes.dtype == np.float32
    np.testing.assert_array_equal(codes, synthetic_codes(20_500, 16))
    assert not np.array_equal(codes[:5], codes[10_000:10_005])
    assert np.linalg.norm(codes.mean(axis=0)) > 1
    variances = np.linalg.eigvalsh(np.cov(codes.T))
    assert variances[-1] > 10 * variances[0]


def test_explorer_latency(script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "latency.json"
    script("explorer_latency").main(
        ["--count", "400", "--latent", "6", "--clicks", "7", "--out", str(out)]
    )
    record = result(out)
    assert (record["count"], record["latent_size"], record["image_shape"]) == (400, 6, None)
    assert {len(values) for values in record["milliseconds"].values()} == {7}
    assert "decode one" not in record["milliseconds"], "made codes have no model"
    for name, found in record["percentiles"].items():
        values = record["milliseconds"][name]
        assert min(values) <= found["50"] <= found["95"] <= found["99"] <= max(values)
    assert "8 nearest codes" in capsys.readouterr().out
