"""A file imports only from floors below its own: the contracts in pyproject.toml hold, and bite."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

LINT = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint_imports(folder: Path, *, source: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter in a process of its own: it imports the package it checks."""
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(source), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def house(project: Path, tmp_path: Path) -> Path:
    """An empty house with the real contracts: one empty package for each floor's rooms."""
    shutil.copy(project / "pyproject.toml", tmp_path)
    options = tomllib.loads((tmp_path / "pyproject.toml").read_text(encoding="utf-8"))
    layers = options["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = [room.strip(" ()") for layer in layers for room in layer.split("|")]
    for room in ("", *rooms):
        package = tmp_path / "src" / "zspace" / room
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
    return tmp_path


def test_the_floors_hold(project: Path) -> None:
    result = lint_imports(project, source=project / "src")
    assert result.returncode == 0, result.stdout + result.stderr


def test_an_empty_house_stands(house: Path) -> None:
    result = lint_imports(house, source=house / "src")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("errors", "import zspace.files"),  # upwards
        ("training", "from zspace.cli import main"),
        ("files", "import zspace.progress"),  # sideways
        ("networks", "def f():\n    import zspace.distributions"),  # hidden in a function
        ("analysis", "import keras"),  # Keras where it may not be
        ("data", "from tensorflow import data"),
        ("cellar", ""),  # a room on no floor
    ],
)
def test_a_broken_floor_is_found(house: Path, room: str, line: str) -> None:
    package = house / "src" / "zspace" / room
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text(line + "\n", encoding="utf-8")
    result = lint_imports(house, source=house / "src")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "1 broken" in result.stdout
