"""What the documentation says: its links, its commands, its sections."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

FENCE = re.compile(
    r"^[ \t]*(```+|~~~+)[ \t]*([^\s`]*)[^\n]*\n(.*?)^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL
)
SHELL = {"", "bash", "console", "sh", "shell", "text"}
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(
    r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s+(\S+)|(?:src|href)=\"([^\"]+)\"", re.MULTILINE
)
HEADING = re.compile(r"^(#+)\s+(.*)$", re.MULTILINE)
NAME = re.compile(r"[a-z][a-z0-9-]*")


def documents(project: Path) -> list[Path]:
    """Every page that a person reads."""
    top = [project / f"{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING")]
    return [*top, project / "benchmarks" / "README.md", *sorted((project / "docs").rglob("*.md"))]


def dead_links(path: Path) -> Iterator[str]:
    """Relative links to files that are not there."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    for groups in LINK.findall(INLINE.sub("", text)):
        target = next(one for one in groups if one).partition("#")[0]
        if not target or re.match(r"[a-z][a-z+.-]*:|//", target):
            continue
        if target.startswith("/") or not (path.parent / target).exists():
            yield f"{path}: links to {target}, which is not there"


def command_lines(text: str) -> Iterator[list[str]]:
    """The words behind ``zspace`` of every command in a code block or between backticks."""
    lines = [
        line
        for _, kind, body in FENCE.findall(text)
        if kind in SHELL
        for line in body.replace("\\\n", " ").splitlines()
    ]
    lines += INLINE.findall(FENCE.sub("", text))
    for line in lines:
        try:
            words = shlex.split(line.strip().removeprefix("$ "), comments=True)
        except ValueError:
            continue  # an apostrophe in prose: no command line
        for one in _split(words):
            while one and re.fullmatch(r"[A-Z_]+=\S*", one[0]):
                one = one[1:]  # KERAS_BACKEND=jax zspace …
            if one[:3] == ["python", "-m", "zspace"]:
                yield one[3:]
            elif one[:1] == ["zspace"]:
                yield one[1:]


def _split(words: list[str]) -> Iterator[list[str]]:
    """One list for each command of a line: ``a && b | c``."""
    command: list[str] = []
    for word in words:
        if word in ("&&", "||", "|", ";", "&"):
            yield command
            command = []
        elif word.endswith(";"):
            yield [*command, word[:-1]]
            command = []
        else:
            command.append(word)
    yield command


def command_faults(words: list[str], root: Any) -> Iterator[str]:
    """What is wrong with a command line, held against the application."""
    line = "zspace " + " ".join(words)
    command = root
    for word in (word.strip("[]") for word in words):
        if word.startswith("--"):
            name = word.partition("=")[0]
            if name not in long_options(command) | {"--help"}:
                yield f"{line}: {command.name or 'zspace'} has no option {name}"
        elif getattr(command, "commands", None) and NAME.fullmatch(word):
            if word not in command.commands:
                yield f"{line}: there is no command {word}"
                return
            command = command.commands[word]


def long_options(command: Any) -> set[str]:
    """``--name`` of every option of a command, ``--no-name`` too."""
    return {
        name
        for parameter in command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("--")
    }


def section(text: str, titles: Iterable[str]) -> str | None:
    """The text under the first heading that is one of `titles`, subheadings included."""
    wanted = set(titles)
    headings = list(HEADING.finditer(FENCE.sub(lambda block: " " * len(block.group()), text)))
    for number, heading in enumerate(headings):
        if heading.group(2).replace("`", "").strip() not in wanted:
            continue
        level = len(heading.group(1))
        ends = [one.start() for one in headings[number + 1 :] if len(one.group(1)) <= level]
        return text[heading.start() : ends[0] if ends else len(text)]
    return None
