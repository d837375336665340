"""The source files as the house rules see them: parsed, never imported."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef

KERAS_METHODS = frozenset(
    {
        "add_weight",
        "build",
        "call",
        "compute_loss",
        "compute_loss_and_updates",
        "compute_mask",
        "compute_metrics",
        "compute_output_shape",
        "compute_output_spec",
        "from_config",
        "get_config",
        "load_own_variables",
        "on_batch_begin",
        "on_batch_end",
        "on_epoch_begin",
        "on_epoch_end",
        "on_predict_begin",
        "on_predict_end",
        "on_test_batch_begin",
        "on_test_batch_end",
        "on_test_begin",
        "on_test_end",
        "on_train_batch_begin",
        "on_train_batch_end",
        "on_train_begin",
        "on_train_end",
        "predict_step",
        "reset_state",
        "result",
        "save_own_variables",
        "stateless_compute_loss",
        "test_step",
        "train_step",
        "update_state",
    }
)
"""Methods whose arguments and contract are Keras', not ours."""


def expect_none(faults: Iterable[str]) -> None:
    """Fail with one line for each fault."""
    found = list(faults)
    assert not found, f"{len(found)} faults:\n" + "\n".join(found)


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: Path
    module: str

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    def place(self, node: ast.AST) -> str:
        """``file:line``, as editors and terminals link it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


def read_sources(package: Path) -> list[Source]:
    """All Python files of a package folder."""
    sources = []
    for path in sorted(package.rglob("*.py")):
        parts = (package.name, *path.relative_to(package).with_suffix("").parts)
        sources.append(Source(path, ".".join(parts).removesuffix(".__init__")))
    return sources


def functions(tree: ast.Module) -> Iterator[tuple[Function, tuple[ast.AST, ...]]]:
    """Every function, with the classes and functions it stands in, outermost first."""

    def walk(node: ast.AST, around: tuple[ast.AST, ...]) -> Iterator[tuple[Function, tuple]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Function):
                yield child, around
            inside = isinstance(child, Function | ast.ClassDef)
            yield from walk(child, (*around, child) if inside else around)

    yield from walk(tree, ())


def is_public(node: Function | ast.ClassDef, around: tuple[ast.AST, ...]) -> bool:
    """Whether a person may use it from outside: no underscore, and not inside a function."""
    if any(isinstance(one, Function) for one in around):
        return False
    names = [one.name for one in around if isinstance(one, ast.ClassDef)] + [node.name]
    return not any(name.startswith("_") for name in names if name not in ("__init__", "__call__"))


def decorators(node: Function | ast.ClassDef) -> set[str]:
    """The last part of each decorator's name: ``abc.abstractmethod`` gives ``abstractmethod``."""
    found = set()
    for decorator in node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Attribute):
            found.add(target.attr)
        elif isinstance(target, ast.Name):
            found.add(target.id)
    return found


@dataclass(frozen=True)
class Class:
    """A class, and what it says about itself."""

    node: ast.ClassDef
    source: Source
    imported: frozenset[str]

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def place(self) -> str:
        return f"{self.source.place(self.node)}: {self.name}"

    @cached_property
    def bases(self) -> list[str]:
        """Names of the bases, less their modules and type arguments."""
        names = []
        for base in self.node.bases:
            target = base.value if isinstance(base, ast.Subscript) else base
            if isinstance(target, ast.Attribute):
                names.append(target.attr)
            elif isinstance(target, ast.Name):
                names.append(target.id)
        return names

    @cached_property
    def methods(self) -> dict[str, Function]:
        return {one.name: one for one in self.node.body if isinstance(one, Function)}

    @cached_property
    def abstract_methods(self) -> set[str]:
        return {name for name, one in self.methods.items() if "abstractmethod" in decorators(one)}

    @cached_property
    def fields(self) -> set[str]:
        return {
            one.target.id
            for one in self.node.body
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        }


class Classes:
    """All classes of a package, and who inherits from whom, by name."""

    def __init__(self, sources: list[Source]) -> None:
        self.all: list[Class] = []
        for source in sources:
            foreign = _foreign_names(source)
            self.all += [
                Class(node, source, foreign)
                for node in ast.walk(source.tree)
                if isinstance(node, ast.ClassDef)
            ]
        self._by_name: dict[str, list[Class]] = {}
        for one in self.all:
            self._by_name.setdefault(one.name, []).append(one)

    def bases(self, one: Class) -> list[Class]:
        """The bases that are the package's own; a name that is ambiguous gives the nearest."""
        found = []
        for name in one.bases:
            if name in one.imported:
                continue
            known = self._by_name.get(name, [])
            here = [other for other in known if other.source == one.source]
            found += (here or known)[:1]
        return [base for base in found if base is not one]

    def ancestors(self, one: Class) -> list[Class]:
        """The package's own classes above this one, nearest first."""
        found: list[Class] = []
        waiting = self.bases(one)
        while waiting:
            base = waiting.pop(0)
            if base not in found:
                found.append(base)
                waiting += self.bases(base)
        return found


def _foreign_names(source: Source) -> frozenset[str]:
    """What a file imports by name from other packages."""
    package = source.module.partition(".")[0]
    return frozenset(
        alias.asname or alias.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] != package
        for alias in node.names
    )
