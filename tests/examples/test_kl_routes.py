"""Four routes in plain Keras 3 agree on each backend, and the guide shows their very code."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = PROJECT / "examples" / "kl_routes.py"


@pytest.mark.parametrize(
    "backend",
    [
        "tensorflow",
        pytest.param("jax", marks=pytest.mark.slow),
        pytest.param("torch", marks=pytest.mark.slow),
    ],
)
def test_the_routes_agree(backend: str, tmp_path: Path) -> None:
    environment = {**os.environ, "KERAS_BACKEND": backend}
    result = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", str(SCRIPT)],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    with open(tmp_path / "kl_routes.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["route"] for row in rows] == ["by_layer", "by_outputs", "by_loss", "by_step"]
    for name in ("loss", "validation_loss"):
        values = [float(row[name]) for row in rows]
        assert values == pytest.approx([values[0]] * len(values), rel=1e-5)


def test_the_guide_shows_the_code_of_the_example() -> None:
    page = (PROJECT / "docs" / "guide" / "kl-routes.md").read_text(encoding="utf-8")
    code = SCRIPT.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 9
    for block in blocks:
        indented = textwrap.indent(block, "    ")
        assert block in code or indented in code, block
