"""Every script in examples/ runs as it is, in an empty folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples"
SCRIPTS = sorted(FOLDER.glob("*.py"))


def test_there_are_examples() -> None:
    assert SCRIPTS, f"no script in {FOLDER}"


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_runs(script: Path, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(script)],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    reported = [line for line in result.stdout.splitlines() if line.startswith("report: ")]
    for line in reported:
        assert (tmp_path / line.removeprefix("report: ")).is_file()
    assert list(tmp_path.iterdir()), "an example leaves something to look at"
