"""What the documentation names exists: files, commands, options, recipe keys."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from documents import command_faults, command_lines, dead_links, documents
from sources import expect_none

from zspace.errors import RecipeError
from zspace.recipe import Recipe

# Synopses may write any of these behind --set.
PLACEHOLDERS = {"KEY=VALUE", "SECTION.KEY=VALUE", "key=value", "section.key=value"}


def test_the_main_pages_exist(project: Path) -> None:
    expect_none(f"{path} is missing" for path in documents(project) if not path.is_file())


def test_links_lead_somewhere(project: Path) -> None:
    expect_none(
        fault for path in documents(project) if path.is_file() for fault in dead_links(path)
    )


def test_commands_exist(project: Path, application: Any) -> None:
    faults = []
    for path in documents(project):
        if path.is_file():
            for words in command_lines(path.read_text(encoding="utf-8")):
                found = [*command_faults(words, application), *key_faults(words)]
                faults += [f"{path}: {fault}" for fault in found]
    expect_none(faults)


def key_faults(words: list[str]) -> list[str]:
    """What is wrong with the recipe keys and values behind --set."""
    faults = []
    for option, value in itertools.pairwise(words):
        value = value.strip("[]")
        if option.strip("[]") != "--set" or value in PLACEHOLDERS:
            continue
        try:
            Recipe().override([value])
        except RecipeError as error:
            faults.append(str(error))
    return faults


def test_every_page_is_in_the_navigation(project: Path) -> None:
    lines = (project / "mkdocs.yml").read_text(encoding="utf-8").splitlines()
    named = {line.rpartition(": ")[2].strip() for line in lines if line.rstrip().endswith(".md")}
    docs = project / "docs"
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    expect_none(f"docs/{page} is not in mkdocs.yml" for page in sorted(pages - named))
    expect_none(f"mkdocs.yml names {page}, which is not there" for page in sorted(named - pages))


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").touch()
    page = tmp_path / "page.md"
    page.write_text(
        "[a](there.md#part) [b](https://x.org/y) [c](#here) ![d](gone.png) `[e](code.md)`\n"
        '```\n[f](block.md)\n```\n[g]: also-gone.md\n<img src="lost.png">\n',
        encoding="utf-8",
    )
    targets = [fault.split("links to ")[1].split(",")[0] for fault in dead_links(page)]
    assert targets == ["gone.png", "also-gone.md", "lost.png"]


SMALL_APPLICATION = SimpleNamespace(
    name=None,
    params=[SimpleNamespace(opts=["--debug"], secondary_opts=["--no-debug"])],
    commands={
        "train": SimpleNamespace(
            name="train", params=[SimpleNamespace(opts=["--out", "-o"], secondary_opts=[])]
        )
    },
)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("```bash\nzspace train faces-vae --out runs/a  # fast\n```", None),
        ("```\n$ KERAS_BACKEND=jax zspace train a \\\n    --oout x\n```", "no option --oout"),
        ("```sh\ncd x && zspace trian a\n```", "no command trian"),
        ("```sh\npython -m zspace --debug train a --debug\n```", "no option --debug"),
        ("Run `zspace train RECIPE [--out DIR]` or `zspace COMMAND --help`.", None),
        ("Run `zspace explore RUN`.", "no command explore"),
        ("```python\nzspace.train('x')\n```", None),
    ],
)
def test_a_wrong_command_is_found(text: str, fault: str | None) -> None:
    faults = [
        one for words in command_lines(text) for one in command_faults(words, SMALL_APPLICATION)
    ]
    assert len(faults) == (fault is not None)
    assert fault is None or fault in faults[0]


def test_a_wrong_key_is_found() -> None:
    assert key_faults(["train", "--set", "latent.size=16", "--set", "section.key=value"]) == []
    assert len(key_faults(["train", "--set", "latent.sise=16", "--set", "latent.size=0"])) == 2
