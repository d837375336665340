"""Files of at most 400 lines, functions of at most 60, at most 8 arguments, 2 of them by place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from sources import KERAS_METHODS, Function, Source, decorators, expect_none, functions, is_public

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60
ARGUMENTS = 8
ARGUMENTS_BY_PLACE = 2

Sample = Callable[..., list[Source]]


def test_no_file_is_long(project: Path) -> None:
    folders = ("src", "tests", "benchmarks", "examples")
    paths = [path for folder in folders for path in sorted((project / folder).rglob("*.py"))]
    assert paths
    expect_none(long_files(paths))


def test_no_function_is_long(sources: list[Source]) -> None:
    expect_none(fault for source in sources for fault in long_functions(source))


def test_no_function_takes_many_arguments(sources: list[Source]) -> None:
    expect_none(fault for source in sources for fault in many_arguments(source))


def long_files(paths: list[Path]) -> Iterator[str]:
    for path in paths:
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > LINES_OF_A_FILE:
            yield f"{path}: {lines} lines, at most {LINES_OF_A_FILE}"


def long_functions(source: Source) -> Iterator[str]:
    for function, _ in functions(source.tree):
        body = function.body
        if ast.get_docstring(function, clean=False) is not None:
            body = body[1:]
        if not body:
            continue
        # The signature of a command is the list of its options, each with its help.
        begun = body[0].lineno if is_command(function, source) else function.lineno
        docstring = function.body[0]
        lines = (function.end_lineno or 0) - begun + 1
        if docstring is not body[0] and begun == function.lineno:
            lines -= (docstring.end_lineno or 0) - docstring.lineno + 1
        if lines > LINES_OF_A_FUNCTION:
            yield (
                f"{source.place(function)}: {function.name} has {lines} lines beside its "
                f"docstring, at most {LINES_OF_A_FUNCTION}"
            )


def many_arguments(source: Source) -> Iterator[str]:
    for function, around in functions(source.tree):
        method = bool(around) and isinstance(around[-1], ast.ClassDef)
        if is_command(function, source) or (method and function.name in KERAS_METHODS):
            continue
        arguments = function.args
        by_place = len(arguments.posonlyargs) + len(arguments.args)
        if method and "staticmethod" not in decorators(function):
            by_place -= 1
        count = by_place + len(arguments.kwonlyargs)  # **kwargs is only passed on
        where = f"{source.place(function)}: {function.name}"
        if count > ARGUMENTS:
            yield f"{where} takes {count} arguments, at most {ARGUMENTS}"
        if by_place > ARGUMENTS_BY_PLACE and is_public(function, around):
            yield f"{where} takes {by_place} by place; put a * behind the second"


def is_command(function: Function, source: Source) -> bool:
    """Whether it is a command of the command line: its arguments are what a person types."""
    if ".cli" not in source.module:
        return False
    if decorators(function) & {"callback", "command"}:
        return True
    # Either spelled out, Annotated[…, typer.Option(…)], or by the name of such a type.
    types = {
        target.id
        for node in source.tree.body
        if isinstance(node, ast.Assign) and "typer." in ast.unparse(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    } | {
        alias.asname or alias.name
        for node in source.tree.body
        if isinstance(node, ast.ImportFrom) and ".cli" in (node.module or "")
        for alias in node.names
    }
    arguments = function.args.args + function.args.kwonlyargs
    hints = [ast.unparse(one.annotation) for one in arguments if one.annotation is not None]
    return any("typer." in hint or hint in types for hint in hints)


def test_a_long_file_is_found(tmp_path: Path) -> None:
    long, short = tmp_path / "long.py", tmp_path / "short.py"
    long.write_text("x = 1\n" * 401)
    short.write_text("x = 1\n" * 400)
    assert [fault.partition(":")[0] for fault in long_files([long, short])] == [str(long)]


def test_a_long_function_is_found_and_its_docstring_is_free(sample: Sample) -> None:
    docstring = '    """First.\n' + "    more\n" * 70 + '    """\n'
    (short,) = sample("def f():\n" + docstring + "    x = 1\n" * 59)
    assert not list(long_functions(short))
    (long,) = sample("def f():\n" + docstring + "    x = 1\n" * 60)
    assert len(list(long_functions(long))) == 1


def test_many_arguments_are_found(sample: Sample) -> None:
    (source,) = sample(
        """
        def nine(a, b, *, c, d, e, f, g, h, i): ...
        def three(a, b, c): ...
        def _own(a, b, c): ...
        class Layer:
            def __init__(self, a, b, c): ...
            def fine(self, a, b, *, c): ...
            def compute_loss(self, x, y, y_pred, sample_weight): ...
            @staticmethod
            def also(a, b, c): ...
        """
    )
    found = [fault.split(": ")[1].split()[0] for fault in many_arguments(source)]
    assert found == ["nine", "three", "__init__", "also"]


def test_only_commands_may_take_many_options(sample: Sample) -> None:
    (source,) = sample(
        """
        Out = Annotated[Path, typer.Option()]
        def run(a: Out, b: str, c: str): ...
        def helper(a: Path, b: str, c: str): ...
        """,
        name="cli/run.py",
    )
    assert [fault.split(": ")[1].split()[0] for fault in many_arguments(source)] == ["helper"]
