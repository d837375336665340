"""Every knob of an experiment: nested frozen models that are read from, and written to, TOML.

A recipe holds all that decides the result of a run except the images. Every key has a default,
every wrong key or value is named together with what would be right, and a run writes the whole
recipe, defaults included, into its folder.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Self, get_args

import tomli_w
from pydantic import BaseModel, ValidationError, model_validator

from zspace.errors import RecipeError, did_you_mean
from zspace.files import write_text
from zspace.recipe.combinations import conflicts
from zspace.recipe.latent import Latent, Likelihood, Objective
from zspace.recipe.sections import Data, Decoder, Encoder, Section, Training
from zspace.recipe.task import Condition, Task

__all__ = ["Recipe", "load_recipe", "save_recipe", "shipped_recipes"]


class Recipe(Section):
    """One experiment.

    Example:
        >>> recipe = Recipe.from_dict({"latent": {"size": 16}})
        >>> recipe.latent.size, recipe.objective.beta
        (16, 1.0)
        >>> recipe.override(["objective.beta=5"]).objective.beta
        5.0
    """

    data: Data = Data()
    task: Task = Task()
    condition: Condition = Condition()
    encoder: Encoder = Encoder()
    decoder: Decoder = Decoder()
    latent: Latent = Latent()
    likelihood: Likelihood = Likelihood()
    objective: Objective = Objective()
    training: Training = Training()

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        for conflict in conflicts(self):
            raise ValueError(conflict)
        return self

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], *, where: str = "recipe") -> Recipe:
        """Check nested values; what is missing takes its default.

        Args:
            values: sections, each a mapping of keys.
            where: what to call the recipe in an error message.

        Raises:
            RecipeError: naming the key, what came, and what would be right.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise RecipeError(f"{where}: {_explain(error)}") from None

    def override(self, assignments: Iterable[str]) -> Recipe:
        """A recipe with some keys changed.

        Args:
            assignments: ``"section.key=value"`` each, the value in TOML (quotes may be left out).

        Raises:
            RecipeError: if an assignment has no such form, names no key, or has a bad value.
        """
        values = self.model_dump()
        for assignment in assignments:
            path, equals, text = assignment.partition("=")
            section, dot, key = path.strip().partition(".")
            if not (equals and dot and key):
                raise RecipeError(
                    f"--set {assignment!r}: expected section.key=value, such as latent.size=16"
                )
            if section not in values:
                raise RecipeError(
                    f"--set {assignment!r}: no section {section!r}; {did_you_mean(section, values)}"
                )
            _assign(values[section], key.split("."), _toml_value(text.strip()))
        return Recipe.from_dict(values, where="--set " + " ".join(assignments))

    def to_toml(self) -> str:
        """The whole recipe as TOML, defaults included."""
        text = tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))
        # One line a list: they hold numbers alone.
        return re.sub(r"\[\n([^\]]*)\]", lambda found: f"[{_joined(found[1])}]", text)


def _assign(values: dict[str, Any], path: list[str], value: Any) -> None:
    """Set a key; a table that is set as a whole keeps what it does not name."""
    for name in path[:-1]:
        values = values[name] if isinstance(values.get(name), dict) else values.setdefault(name, {})
    before = values.get(path[-1])
    if isinstance(before, dict) and isinstance(value, dict):
        value = {**before, **value}
    values[path[-1]] = value


def _joined(lines: str) -> str:
    return ", ".join(line.strip() for line in lines.split(",") if line.strip())


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _explain(error: ValidationError) -> str:
    """The first thing that is wrong, on one line."""
    first = error.errors()[0]
    *above, name = first["loc"] or ("",)
    if first["type"] == "extra_forbidden":
        known = _model_at(above).model_fields
        kind = "key" if above else "section"
        path = ".".join(map(str, first["loc"]))
        return f"unknown {kind} {path!r}; {did_you_mean(str(name), known)}"
    place = ".".join(_known_path(first["loc"]))
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error":
        return f"{place}: {message}" if place else message
    message = message.replace("Input should be", "expected")
    return f"{place}: {message}, got {first['input']!r}"


def _known_path(location: tuple[int | str, ...]) -> Iterator[str]:
    """The keys of a location, without the list positions and union members behind them."""
    model: type[BaseModel] | None = Recipe
    for part in location:
        if model is None or part not in model.model_fields:
            return
        yield str(part)
        model = _nested(model, str(part))


def _model_at(path: Iterable[int | str]) -> type[BaseModel]:
    model: type[BaseModel] = Recipe
    for part in path:
        nested = _nested(model, str(part))
        if nested is None:
            raise TypeError(f"{part} is no section")
        model = nested
    return model


def _nested(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    """The section that a key holds, or None where it holds a value."""
    annotation = model.model_fields[key].annotation
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None


def shipped_recipes() -> dict[str, Path]:
    """The recipes that come with zspace: name -> file."""
    folder = Path(str(resources.files("zspace") / "recipes"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_recipe(name: str | Path) -> Recipe:
    """Read a shipped recipe by name, or a TOML file.

    Args:
        name: such as ``"faces-vae"``, or the path of a file that ends in .toml.

    Raises:
        RecipeError: no such recipe (with the nearest names), broken TOML, a wrong key or value.
    """
    shipped = shipped_recipes()
    text_name = str(name)
    path = shipped.get(text_name, Path(name))
    if text_name not in shipped and path.suffix != ".toml":
        raise RecipeError(
            f"no recipe {text_name!r}; {did_you_mean(text_name, shipped)} "
            "(zspace recipes lists them all; a file must end in .toml)"
        )
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(
            f"no recipe file {path}; zspace recipes lists the shipped recipes"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{path} is no readable TOML: {error}") from None
    return Recipe.from_dict(values, where=text_name)


def save_recipe(recipe: Recipe, path: Path) -> None:
    """Write a recipe as TOML, whole or not at all."""
    write_text(path, recipe.to_toml())
