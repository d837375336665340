"""Names that say something, and classes that are either an interface or a leaf."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sources import KERAS_METHODS, Class, Classes, Source, expect_none

EMPTY_NAMES = {"base", "common", "helper", "helpers", "misc", "util", "utils"}

# These are extended, never replaced: each does its own part and calls super() for the rest.
COOPERATIVE = {"__init__", "__init_subclass__", "__post_init__"} | KERAS_METHODS

Sample = Callable[..., list[Source]]


def test_files_have_telling_names(project: Path) -> None:
    folders = ("src", "tests", "benchmarks", "examples", "docs")
    expect_none(fault for folder in folders for fault in empty_names(project / folder))


def test_a_class_is_an_interface_or_a_leaf(sources: list[Source]) -> None:
    expect_none(class_faults(sources))


def empty_names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.stem.strip("_") in EMPTY_NAMES:
            yield f"{path}: a name that fits everything says nothing"


def class_faults(sources: list[Source]) -> Iterator[str]:
    classes = Classes(sources)
    for one in classes.all:
        is_interface = one.name.lstrip("_").startswith("Abstract")
        if is_interface and not open_methods(one, classes):
            yield f"{one.place} is called Abstract but has no abstract method"
        if one.abstract_methods and not is_interface:
            yield f"{one.place} has abstract methods, so its name must begin with Abstract"
        for base in classes.bases(one):
            if not may_be_subclassed(base, classes):
                yield f"{one.place} inherits from {base.name}, which is a leaf"
        yield from overrides(one, classes)


def open_methods(one: Class, classes: Classes) -> set[str]:
    """Abstract methods, its own and inherited, that it leaves to its subclasses."""
    found = set(one.abstract_methods)
    for base in classes.ancestors(one):
        found |= base.abstract_methods - set(one.methods)
    return found


def may_be_subclassed(base: Class, classes: Classes) -> bool:
    """An interface, an exception, or a class with nothing in it that could be overridden."""
    if base.name.lstrip("_").startswith("Abstract"):
        return True
    line = [base, *classes.ancestors(base)]
    if any(name.endswith(("Error", "Exception")) for one in line for name in one.bases):
        return True
    return not base.methods and not base.fields


def overrides(one: Class, classes: Classes) -> Iterator[str]:
    """Concrete methods of a class above that are written again."""
    for base in classes.ancestors(one):
        for name in sorted(set(one.methods) & set(base.methods) - base.abstract_methods):
            if name in COOPERATIVE and calls_super(one.methods[name], name):
                continue
            yield f"{one.place}.{name} overrides the concrete {base.name}.{name}"


def calls_super(function: ast.AST, name: str) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "super"
        for node in ast.walk(function)
    )


@pytest.mark.parametrize("name", ["utils.py", "common/x.py", "_helpers.py", "misc.md"])
def test_an_empty_name_is_found(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    assert len(list(empty_names(tmp_path))) == 1


GOOD_CLASSES = """
    from keras.layers import Layer

    class AbstractShape(Layer):
        @abc.abstractmethod
        def area(self): ...
        def twice(self): return 2 * self.area()
        def get_config(self): return {}

    class AbstractRound(AbstractShape):
        def radius(self): return 1

    class Circle(AbstractRound):
        def area(self): return 3
        def get_config(self): return {**super().get_config(), "a": 1}

    class ShapeError(ValueError):
        def text(self): return ""

    class FlatShapeError(ShapeError):
        def flat(self): return ""

    class _Section(BaseModel):
        model_config = {}

    class Data(_Section):
        size: int = 1
"""


def test_good_classes_pass(sample: Sample) -> None:
    assert not list(class_faults(sample(GOOD_CLASSES)))


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ("class AbstractNothing:\n    def area(self): return 1", "has no abstract method"),
        ("class Half:\n    @abstractmethod\n    def area(self): ...", "must begin with Abstract"),
        ("class Disc(Circle):\n    pass", "inherits from Circle, which is a leaf"),
        ("class Other(Data):\n    pass", "inherits from Data, which is a leaf"),
        (
            "class Loud(AbstractShape):\n    def area(self): ...\n    def twice(self): ...",
            "Loud.twice overrides the concrete AbstractShape.twice",
        ),
        (
            "class Quiet(AbstractShape):\n    def area(self): ...\n    def get_config(self): ...",
            "Quiet.get_config overrides the concrete AbstractShape.get_config",
        ),
    ],
)
def test_a_bad_class_is_found(sample: Sample, bad: str, fault: str) -> None:
    sample(GOOD_CLASSES, name="good.py")
    (found,) = class_faults(sample(bad, name="sub/bad.py"))
    assert fault in found
