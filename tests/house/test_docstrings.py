"""Everything public says what it is; `__all__` is sorted and true."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterator

import pytest
from sources import (
    KERAS_METHODS,
    Class,
    Classes,
    Function,
    Source,
    decorators,
    expect_none,
    functions,
    is_public,
)

Sample = Callable[..., list[Source]]


def test_everything_public_has_a_docstring(sources: list[Source]) -> None:
    expect_none(undocumented(sources))


def test_public_names_are_sorted(sources: list[Source]) -> None:
    expect_none(fault for source in sources for fault in unsorted_names(source))


def test_the_public_names_of_zspace_exist() -> None:
    zspace = importlib.import_module("zspace")
    assert zspace.__all__
    for name in zspace.__all__:
        assert getattr(zspace, name) is not None
    assert set(zspace.__all__) <= set(dir(zspace))


def undocumented(sources: list[Source]) -> Iterator[str]:
    classes = Classes(sources)
    by_node = {one.node: one for one in classes.all}
    for source in sources:
        if not ast.get_docstring(source.tree):
            yield f"{source.path}:1: the module has no docstring"
        for one in classes.all:
            public = one.source == source and not one.name.startswith("_")
            if public and not ast.get_docstring(one.node):
                yield f"{one.place} has no docstring"
        for function, around in functions(source.tree):
            owner = by_node.get(around[-1]) if around else None
            if ast.get_docstring(function) or not is_public(function, around):
                continue
            if needs_docstring(function, owner, classes=classes):
                yield f"{source.place(function)}: {function.name} has no docstring"


def needs_docstring(function: Function, owner: Class | None, *, classes: Classes) -> bool:
    """False for what is documented elsewhere: on the class, the interface, or by Keras."""
    if function.name.startswith("__") or decorators(function) & {"overload", "override", "setter"}:
        return False
    if owner is None:
        return True
    if function.name in KERAS_METHODS:
        return False
    return not any(function.name in base.methods for base in classes.ancestors(owner))


def unsorted_names(source: Source) -> Iterator[str]:
    for node in source.tree.body:
        if not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"):
            continue
        try:
            names = list(ast.literal_eval(node.value))
        except ValueError:
            yield f"{source.place(node)}: __all__ is no literal list"
            continue
        if names != sorted(set(names), key=_rank):
            yield f"{source.place(node)}: __all__ is not sorted; ruff check --fix sorts it"


def _rank(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: the order that ruff (RUF022) sorts to."""
    if len(name) > 1 and name.isupper():
        return 0, name
    return (1, name) if name[:1].isupper() else (2, name)


def test_what_lacks_a_docstring_is_found(sample: Sample) -> None:
    bad = sample(
        '''
        class AbstractShape:
            """A shape."""
            @abstractmethod
            def area(self):
                """Its area."""

        class Circle(AbstractShape):
            """A circle."""
            def __init__(self): ...
            def area(self): ...
            def call(self): ...
            def radius(self): ...

        class Bare: ...

        def bare(): ...

        def _own():
            def inner(): ...
        '''
    )
    found = [fault.split(": ")[1].split()[0] for fault in undocumented(bad)]
    assert sorted(found) == ["Bare", "bare", "radius", "the"]


@pytest.mark.parametrize(
    ("names", "good"),
    [
        ('["LIMIT", "Circle", "area"]', True),
        ('["area", "Circle"]', False),
        ('["area", "area"]', False),
        ("sorted(globals())", False),
    ],
)
def test_unsorted_names_are_found(sample: Sample, names: str, good: bool) -> None:
    (source,) = sample(f"__all__ = {names}")
    assert (not list(unsorted_names(source))) is good
