"""The sources, read once, and bad samples to prove that each rule can fail."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from sources import Source, read_sources


@pytest.fixture(scope="session")
def sources(project: Path) -> list[Source]:
    """All files of src/zspace."""
    return read_sources(project / "src" / "zspace")


@pytest.fixture
def sample(tmp_path: Path) -> Callable[..., list[Source]]:
    """``sample(text, name="sample.py")`` adds a file to a small package and reads it whole."""
    package = tmp_path / "zspace"

    def add(text: str, name: str = "sample.py") -> list[Source]:
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return read_sources(package)

    return add


@pytest.fixture(scope="session")
def application() -> Any:
    """The command line, as Typer hands it to Click."""
    from zspace.cli.main import app

    return typer.main.get_command(app)
