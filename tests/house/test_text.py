"""Nothing in the project's files belongs to one machine only."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sources import expect_none

# Written in two halves, so that this file does not find itself.
MACHINE = {
    "an absolute path of one machine": re.compile(
        r"(?<![\w.\-…~*}>])" + r"(?:/(?:work|root|opt)\b|/(?:home|Users)/\w|[A-Z]:\\Us" + r"ers\\)"
    ),
    "a package index": re.compile(
        r"(?i)(?:extra-)?index" + r"[-_]url|find" + r"-links|trusted" + r"-host|PIP_IN" + r"DEX"
    ),
}


def project_files(project: Path) -> list[Path]:
    """Files that are tracked or would be; all files where there is no git."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        result = subprocess.run(listing, cwd=project, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        folders = ("src", "tests", "docs", "benchmarks", "examples", ".ci")
        found = [path for folder in folders for path in (project / folder).rglob("*")]
        return sorted(path for path in [*found, *project.glob("*.*")] if path.is_file())
    names = result.stdout.decode().split("\0")
    return sorted(project / name for name in names if name and (project / name).is_file())


def machine_words(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return  # a picture
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in MACHINE.items():
            found = pattern.search(line)
            if found:
                yield f"{path}:{number}: {what}: {found.group()!r}"


def test_no_file_belongs_to_one_machine(project: Path) -> None:
    paths = project_files(project)
    assert project / "pyproject.toml" in paths
    expect_none(fault for path in paths for fault in machine_words(path))


@pytest.mark.parametrize(
    "line",
    [
        "see /" + "work/shared/x",
        "open('/" + "root/x')",
        "PATH=/" + "opt/bin:$PATH",
        "/home/" + "someone/x",
        "pip install --index" + "-url https://x",
        "PIP_IN" + "DEX_URL=x",
    ],
)
def test_a_machine_word_is_found(tmp_path: Path, line: str) -> None:
    path = tmp_path / "sample.md"
    path.write_text("fine\n" + line + "\n", encoding="utf-8")
    (fault,) = machine_words(path)
    assert f"{path}:2" in fault


@pytest.mark.parametrize(
    "line", ["https://example.org/" + "work/x", "demo/" + "opt/x", "the work/root folder"]
)
def test_an_innocent_line_passes(tmp_path: Path, line: str) -> None:
    path = tmp_path / "sample.md"
    path.write_text(line, encoding="utf-8")
    assert not list(machine_words(path))
