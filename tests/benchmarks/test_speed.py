"""The benchmarks of preparing, coding, starting and growing, on sizes that take a second."""

from __future__ import annotations

import functools
import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest


def result(path: Path) -> dict[str, Any]:
    record = json.loads(path.read_text())
    assert {"processor", "cores", "python", "zspace"} <= set(record["machine"])
    assert record["question"].endswith("?")
    return record


def test_the_readme_has_the_table_of_these_results(script: Any) -> None:
    table = script("table")
    text = table.README.read_text(encoding="utf-8")
    assert table.with_table(text, table.table(table.RESULTS)) == text, (
        "run: python benchmarks/table.py"
    )


def test_a_table_has_a_row_for_each_result_and_refuses_unknown_ones(
    script: Any, tmp_path: Path
) -> None:
    table = script("table")
    for path in table.RESULTS.glob("*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    rows = table.table(tmp_path).splitlines()
    assert len(rows) == 2 + len(list(tmp_path.glob("*.json")))
    assert {row.count("|") for row in rows} == {6}
    (tmp_path / "another.json").write_text('{"question": "what?"}')
    with pytest.raises(SystemExit, match=r"another\.json has no entry"):
        table.table(tmp_path)


def test_a_table_replaces_what_stands_between_the_marks(script: Any) -> None:
    table = script("table")
    text = f"a\n{table.BEGIN}\nold\n{table.END}\nb\n"
    changed = table.with_table(text, "| new |")
    assert changed == text.replace("old", "| new |")
    assert table.with_table(changed, "| new |") == changed
    with pytest.raises(SystemExit, match="lacks"):
        table.with_table("nothing", "| new |")


def test_rows_of_training_and_resident_images(script: Any) -> None:
    rows = script("table").ROWS
    seconds = [1.0, 0.5, 2.0]
    ways = {
        "zspace": {"images": 100, "seconds": seconds},
        "zspace, bfloat16": {"images": 100, "seconds": [0.4], "times_reference": 2.5},
        "zspace, precision auto": {"images": 100, "seconds": [0.4], "times_reference": 2.4},
        "plain": {"images": 100, "seconds": [0.8], "times_reference": 1.25},
        "slower": {"images": 100, "seconds": [0.8], "times_reference": 0.5},
        "plain, bfloat16": {"images": 100, "seconds": [0.5], "times_reference": 2},
        "broken": {"failed": "why"},
    }
    ours, theirs, ratio = rows["training"]({"models": {"mnist": {"ways": ways}}})
    assert ours == "mnist, float32: 100 images/s; mnist, bfloat16: 250 images/s; auto: 240"
    assert theirs == "mnist, float32: plain 125; mnist, bfloat16: plain, bfloat16 200"
    assert ratio == (
        "mnist, float32: 0.80 ×; mnist, bfloat16: 1.25 ×; auto, against float32: 1.92 ×"
    )
    rates = {"float32, ordinary": 100.0, "float32, resident": 300.0}
    *_, ratio = rows["resident"]({"backends": {"jax": {"images_per_second": rates}}})
    assert ratio == "jax float32: 3.00 ×"


def test_preparation(script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "preparation.json"
    ways = ["--ways", "zspace, zip", "Pillow, one process", "--sets", "photos"]
    sizes = ["--count", "3", "--repetitions", "2", "--work", str(tmp_path)]
    script("preparation").main([*ways, *sizes, "--out", str(out)])
    found = result(out)["sets"]["photos"]
    assert (found["count"], found["pictures"]) == (3, "made")
    assert set(found["seconds"]) == {"zspace, folder", "zspace, zip", "Pillow, one process"}
    assert {len(each) for each in found["seconds"].values()} == {2}
    assert found["times_reference"]["zspace, folder"] == 1
    assert "Pillow, one process" in capsys.readouterr().out
    assert [each.name for each in tmp_path.iterdir()] == ["preparation.json"]


def test_all_ways_of_preparing_give_nearly_the_same(script: Any, tmp_path: Path) -> None:
    script("preparation")
    from preparing.jpegs import made, zipped
    from preparing.ways import WAYS

    from zspace.data import Dataset

    made(tmp_path / "set", 2, width=90, height=60)
    zipped(tmp_path / "set")
    given = {"folder": tmp_path / "set", "size": 32, "work": tmp_path}
    expected = WAYS["Pillow, one process"](**given)()
    for source in ("folder", "zip"):
        WAYS[f"zspace, {source}"](**given)()
        found = np.asarray(Dataset.load(tmp_path / f"by-{source}").images)
        assert np.abs(found.astype(int) - expected).max() <= 2


def test_a_way_that_lacks_a_package_is_left_out(
    script: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    script("preparation")
    from latent.apart import Apart, turns

    here, gone = functools.partial(functools.partial, list), importlib.import_module
    with Apart(here) as complete, Apart(gone, name="no_such_package") as incomplete:
        found = turns({"complete": complete, "incomplete": incomplete}, 3)
    assert set(found) == {"complete"}
    assert len(found["complete"]) == 3
    assert "incomplete: left out (No module named" in capsys.readouterr().out


@pytest.mark.slow
def test_coding(script: Any, tmp_path: Path) -> None:
    out = tmp_path / "coding.json"
    sizes = ["--count", "20", "--size", "16", "--clicks", "3", "--repetitions", "2"]
    script("coding").main([*sizes, "--work", str(tmp_path), "--out", str(out)])
    record = result(out)
    assert (record["count"], record["image_shape"]) == (20, [16, 16, 3])
    assert {len(each) for each in record["seconds"].values()} == {2}
    assert {len(each) for each in record["milliseconds"].values()} == {3}
    assert set(record["times_predict"]) == {"encode", "decode"}
    assert [each.name for each in tmp_path.iterdir()] == ["coding.json"]


def test_startup(script: Any, tmp_path: Path) -> None:
    out = tmp_path / "startup.json"
    script("startup").main(["--backends", "--repetitions", "1", "--out", str(out)])
    median = result(out)["median"]
    assert set(median) == {"python", "import zspace", "zspace --help", "zspace recipes"}
    assert median["python"] < median["zspace --help"]


def test_growth(script: Any, tmp_path: Path) -> None:
    out, picture = tmp_path / "growth.json", tmp_path / "growth.png"
    what = ["--series", "images, radius", "images, prepare", "--sizes", "40", "80", "160"]
    script("growth").main([*what, "--out", str(out), "--picture", str(picture)])
    found = result(out)["series"]
    assert {tuple(each["sizes"]) for each in found.values()} == {(40, 80, 160)}
    assert all(second > 0 for each in found.values() for second in each["seconds"])
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_exponents_are_those_of_known_curves(script: Any) -> None:
    growth = script("growth")
    sizes = [10, 100, 1000, 10_000]
    # The first half is left out: there a fixed cost hides what grows.
    assert growth.exponent(sizes, [9, 9, 5e-4 * 1000**1.5, 5e-4 * 1e6]) == pytest.approx(1.5)
    assert growth.exponent(sizes, [1.0, 1.0, 1.0, None]) is None
    steep = {"exponent": {"seconds": 1.3}}
    assert growth.is_over("images, radius", steep)
    assert not growth.is_over("latent size, pca", steep)
