"""The reference is whole: every command and option, every recipe key, every shipped recipe."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pydantic
import pytest
import typer
from documents import INLINE, command_faults, command_lines, long_options, section
from sources import expect_none

from zspace.recipe import Recipe, load_recipe

HEADER = ("command", "shows", "experiment", "expected", "time")
UNSET = ("none", "not given", "unset", "not set")


@pytest.fixture(scope="module")
def shipped(project: Path) -> list[Path]:
    """The recipe files that come with zspace."""
    found = sorted((project / "src" / "zspace" / "recipes").glob("*.toml"))
    assert found, "no recipe is shipped"
    return found


def test_every_command_is_documented(project: Path, application: Any) -> None:
    expect_none(undocumented_commands(read(project, "cli.md"), application))


def test_every_recipe_key_is_documented(project: Path) -> None:
    text = read(project, "recipe.md")
    expect_none([*undocumented_keys(text, Recipe), *unknown_keys(text, Recipe)])


def test_every_shipped_recipe_is_documented(project: Path, shipped: list[Path]) -> None:
    text = read(project, "recipes.md")
    expect_none(f"{path.stem} is missing" for path in shipped if f"`{path.stem}`" not in text)


def test_every_shipped_recipe_says_what_it_does(shipped: list[Path], application: Any) -> None:
    for path in shipped:
        text = path.read_text(encoding="utf-8")
        expect_none(f"{path}: {fault}" for fault in header_faults(text, application))
        load_recipe(path)


def read(project: Path, name: str) -> str:
    return (project / "docs" / "reference" / name).read_text(encoding="utf-8")


def undocumented_commands(text: str, root: Any, above: str = "zspace") -> Iterator[str]:
    """Commands without a section of their own, sub-commands too, and options that it leaves out."""
    commands = {name: one for name, one in root.commands.items() if not one.hidden}
    for name, command in sorted(commands.items()):
        title = f"{above} {name}"
        found = section(text, (title, name) if above == "zspace" else (title,))
        if found is None:
            yield f"no heading for {title}"
            continue
        for option in sorted(long_options(command) - {"--help"}):
            if not re.search(rf"{option}(?![\w-])", found):
                yield f"{title}: {option} is missing"
        if getattr(command, "commands", None):
            yield from undocumented_commands(text, command, title)


def recipe_keys(model: type[pydantic.BaseModel], above: str = "") -> Iterator[tuple[str, Any]]:
    """Every ``section.key`` with its default."""
    for name, field in model.model_fields.items():
        nested = [
            one
            for one in (field.annotation, *get_args(field.annotation))
            if isinstance(one, type) and issubclass(one, pydantic.BaseModel)
        ]
        for one in nested:
            yield from recipe_keys(one, f"{above}{name}.")
        if not nested:
            yield f"{above}{name}", field.get_default(call_default_factory=True)


def undocumented_keys(text: str, model: type[pydantic.BaseModel]) -> Iterator[str]:
    """Keys that no line of the page names together with their default."""
    lines = text.splitlines()
    for key, default in recipe_keys(model):
        found = [line for line in lines if f"`{key}`" in line]
        if not found:
            yield f"`{key}` is missing"
        elif not any(gives_default(line, default) for line in found):
            yield f"`{key}`: its line does not give the default, `{default}`"


def gives_default(line: str, default: Any) -> bool:
    if default is None:
        return any(word in line.lower() for word in UNSET)
    if isinstance(default, tuple):
        default = list(default)
    return any(same(_toml(code), default) for code in INLINE.findall(line))


def same(one: Any, other: Any) -> bool:
    """Equal, and not just because True is 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _toml(code: str) -> Any:
    try:
        return tomllib.loads(f"value = {code}")["value"]
    except (KeyError, tomllib.TOMLDecodeError):
        return code


def unknown_keys(text: str, model: type[pydantic.BaseModel]) -> Iterator[str]:
    """What the page's tables list as a key, and the code does not know."""
    known = dict(recipe_keys(model))
    for key in re.findall(r"^\|\s*`([a-z_]+(?:\.[a-z_]+)+)`", text, re.MULTILINE):
        if key not in known:
            yield f"`{key}` is no key"


def header_faults(text: str, root: Any) -> Iterator[str]:
    """What is missing in the comment that a recipe begins with."""
    lines = text.splitlines()
    code = next((number for number, line in enumerate(lines) if not line.startswith("#")), None)
    header = "\n".join(lines[:code])
    for name in HEADER:
        if not re.search(rf"^# {name}: *\S", header, re.MULTILINE):
            yield f"its header has no line '# {name}: …'"
    for line in re.findall(r"^# command: *(.*)$", header, re.MULTILINE):
        commands = list(command_lines(f"```\n{line}\n```"))
        if not commands:
            yield f"its command is none of zspace's: {line}"
        for words in commands:
            yield from command_faults(words, root)


class _Latent(pydantic.BaseModel):
    size: int = 64
    rate: float = 5e-4
    name: str = "normal"
    layers: tuple[int, ...] = (1, 2)
    dropout: float | None = None
    on: bool = True


class _Sample(pydantic.BaseModel):
    latent: _Latent = _Latent()


GOOD_PAGE = """
| key | default | |
| --- | --- | --- |
| `latent.size` | `64` | how many |
| `latent.rate` | `0.0005` | |
| `latent.name` | `"normal"` | |
| `latent.layers` | `[1, 2]` | |
| `latent.dropout` | not given | |
| `latent.on` | `true` | |
"""


def test_a_whole_recipe_page_passes() -> None:
    assert not list(undocumented_keys(GOOD_PAGE, _Sample))
    assert not list(unknown_keys(GOOD_PAGE, _Sample))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("`latent.size`", "size"),
        ("`64`", "`32`"),
        ("`0.0005`", "`0.005`"),
        ("`true`", "`1`"),
        ("not given", ""),
    ],
)
def test_a_missing_key_or_default_is_found(before: str, after: str) -> None:
    assert len(list(undocumented_keys(GOOD_PAGE.replace(before, after), _Sample))) == 1


def test_a_key_that_is_none_is_found() -> None:
    assert list(unknown_keys(GOOD_PAGE + "| `latent.gone` | `1` |\n", _Sample))


def small_application() -> Any:
    app = typer.Typer()

    @app.command()
    def train(out: str = "x") -> None: ...

    @app.command()
    def encode() -> None: ...

    return typer.main.get_command(app)


def test_a_missing_command_or_option_is_found() -> None:
    page = "# Commands\n## `zspace train`\n`--out DIR`\n## `zspace encode`\n"
    root = small_application()
    assert not list(undocumented_commands(page, root))
    assert list(undocumented_commands(page.replace("--out", "--output"), root))
    assert list(undocumented_commands(page.replace("zspace encode", "zspace code"), root))


def test_a_missing_sub_command_or_its_option_is_found() -> None:
    app, below = typer.Typer(), typer.Typer()

    @below.command()
    def find(method: str = "x") -> None: ...

    @below.command("list")
    def listed() -> None: ...

    @app.command()
    def train() -> None: ...

    app.add_typer(below, name="attribute")
    root = typer.main.get_command(app)
    page = (
        "## zspace train\n## zspace attribute\n### zspace attribute find\n`--method`\n"
        "### zspace attribute list\n"
    )
    assert not list(undocumented_commands(page, root))
    assert list(undocumented_commands(page.replace("--method", "--way"), root))
    assert list(undocumented_commands(page.replace("### zspace attribute list\n", ""), root))


def test_a_poor_header_is_found() -> None:
    good = "# command: zspace train a\n# shows: x\n# experiment: E1\n# expected: y\n# time: z\n"
    root = small_application()
    assert not list(header_faults(good, root))
    for name in HEADER:
        assert list(header_faults(good.replace(f"# {name}:", "#"), root))
    assert list(header_faults(good.replace("train a", "trian a"), root))
    assert list(header_faults("[data]\n" + good, root))
