"""Every knob of an experiment: nested frozen models that are read from, and written to, TOML.

A recipe holds all that decides the result of a run except the images. Every key has a default,
every wrong key or value is named together with what would be right, and a run writes the whole
recipe, defaults included, into its folder.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from zspace.errors import RecipeError, did_you_mean
from zspace.files import write_text

__all__ = [
    "Data",
    "Decoder",
    "Encoder",
    "Latent",
    "Likelihood",
    "Objective",
    "Recipe",
    "Training",
    "load_recipe",
    "save_recipe",
    "shipped_recipes",
]

Activation = Literal["leaky_relu", "relu", "elu", "selu", "gelu", "tanh"]
Padding = Literal["same", "valid"]
PositiveInt = Annotated[int, Field(ge=1)]
DropoutRate = Annotated[float, Field(ge=0, lt=1)]
Extent = Annotated[int, Field(ge=4, le=4096)]


def _same_lengths(**lists: tuple[int, ...]) -> None:
    lengths = {name: len(values) for name, values in lists.items()}
    if len(set(lengths.values())) != 1 or not all(lengths.values()):
        text = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ValueError(
            f"{' and '.join(lists)} need one entry for each layer, at least one, but {text}"
        )


class _Section(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class Data(_Section):
    """Which images, and how many of them."""

    source: str = "faces"
    """Source of the images, as given to `zspace prepare`; for information and for the examples."""
    size: Extent | tuple[Extent, Extent] = 64
    """Side of the square images in pixels, or [height, width]; the prepared data must have it."""
    channels: Literal[1, 3] = 3
    """1 for gray, 3 for RGB."""
    train: Annotated[int, Field(ge=0)] = 0
    """How many training images to use at most; 0 takes all."""
    validation: Annotated[int, Field(ge=0)] = 0
    """How many validation images to use at most; 0 takes all."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        height, width = (self.size, self.size) if isinstance(self.size, int) else self.size
        return height, width, self.channels


class Encoder(_Section):
    """The network that turns an image into features for the posterior's heads."""

    kind: Literal["conv", "dense"] = "conv"
    """conv: a stack of strided convolutions. dense: a stack of fully connected layers."""
    filters: tuple[PositiveInt, ...] = (32, 64, 128, 256)
    """conv: output channels of each layer."""
    kernels: tuple[PositiveInt, ...] = (3, 3, 3, 3)
    """conv: kernel size of each layer."""
    strides: tuple[PositiveInt, ...] = (2, 2, 2, 2)
    """conv: stride of each layer."""
    padding: Padding = "same"
    """conv: padding of each layer."""
    units: tuple[PositiveInt, ...] = (256, 64)
    """dense: width of each layer."""
    activation: Activation = "leaky_relu"
    """Activation of each layer. selu comes with LeCun-normal weights and alpha dropout."""
    batch_normalization: bool = False
    """Batch normalization between each layer and its activation."""
    dropout: DropoutRate = 0.0
    """Dropout rate behind each activation; 0 is off."""
    bottleneck: Annotated[int, Field(ge=0)] = 0
    """Width of one more dense layer ahead of the posterior's heads; 0 is none."""

    @model_validator(mode="after")
    def _lists_fit(self) -> Self:
        if self.kind == "conv":
            _same_lengths(filters=self.filters, kernels=self.kernels, strides=self.strides)
        elif not self.units:
            raise ValueError("units is empty; a dense encoder needs at least one layer")
        return self


class Decoder(_Section):
    """The network that turns a z-point into the parameters of the likelihood.

    Whatever is not given mirrors the encoder.
    """

    kind: Literal["mirror", "conv", "dense"] = "mirror"
    """mirror: the encoder reversed. conv: transposed convolutions. dense: dense layers."""
    filters: tuple[PositiveInt, ...] = ()
    """conv: channels of the layers ahead of the output layer; empty mirrors the encoder."""
    kernels: tuple[PositiveInt, ...] = ()
    """conv: kernel sizes, one more than filters, the last for the output layer."""
    strides: tuple[PositiveInt, ...] = ()
    """conv: strides, one more than filters, the last for the output layer."""
    units: tuple[PositiveInt, ...] = ()
    """dense: width of each layer ahead of the output layer; empty mirrors the encoder."""
    activation: Activation | None = None
    """Activation of each layer but the last; not given: the encoder's."""
    batch_normalization: bool | None = None
    """Batch normalization ahead of each activation; not given: as in the encoder."""
    dropout: DropoutRate | None = None
    """Dropout rate; not given: the encoder's."""

    @model_validator(mode="after")
    def _lists_fit(self) -> Self:
        if self.filters or self.kernels or self.strides:
            if self.kind != "conv":
                raise ValueError(
                    f"filters, kernels and strides are given, but kind is {self.kind!r}; "
                    "set decoder.kind = 'conv' or leave them out"
                )
            _same_lengths(kernels=self.kernels, strides=self.strides)
            if len(self.kernels) != len(self.filters) + 1:
                raise ValueError(
                    f"kernels and strides must be one longer than filters (the last is for the "
                    f"output layer), but filters has {len(self.filters)} entries and kernels "
                    f"{len(self.kernels)}"
                )
        return self


class Latent(_Section):
    """The z-space."""

    size: Annotated[int, Field(ge=1, le=65536)] = 64
    """Number of latent axes."""
    posterior: Literal["deterministic", "normal"] = "normal"
    """deterministic: a plain autoencoder. normal: a VAE with a diagonal normal posterior."""
    prior: Literal["standard_normal"] = "standard_normal"
    """Distribution that the KL term pulls the posterior to."""
    epsilon_limit: Annotated[float, Field(gt=0)] = 5.0
    """Each component of the noise ε is clipped to ± this."""
    epsilon_scale: Annotated[float, Field(ge=0, le=10)] = 1.0
    """z = mean + epsilon_scale·σ·ε in training; can be changed on the trained model."""


class Likelihood(_Section):
    """How the decoder's output scores an image."""

    kind: Literal["bernoulli", "normal"] = "bernoulli"
    """bernoulli: binary cross entropy. normal: squared error, as a true normal density."""
    variance: Annotated[float, Field(gt=0)] = 1.0
    """normal: variance of a pixel (pixels are in 0…1); where it is learned, its first value."""
    learn_variance: bool = False
    """normal: whether one shared variance is trained along (the σ-VAE)."""


class Objective(_Section):
    """What is minimized: reduced reconstruction term + beta·KL."""

    beta: Annotated[float, Field(ge=0)] = 1.0
    """Weight of the KL term (nats per image) against the reduced reconstruction term."""
    reduction: Literal["sum", "channel_mean", "mean"] = "sum"
    """sum: nats per image, the true ELBO. channel_mean: summed over height and width, averaged
    over channels. mean: averaged over all pixels and channels."""


class Training(_Section):
    """How it is fitted."""

    epochs: PositiveInt = 20
    """Passes over the training images."""
    batch_size: PositiveInt = 128
    """Images per step."""
    optimizer: Literal["adam", "adamw", "adamax", "nadam", "rmsprop", "sgd", "lion"] = "adam"
    """Optimizer, with Keras' defaults for all but the learning rate."""
    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    """Learning rate at the start."""
    schedule: Literal["constant", "step", "cosine"] = "constant"
    """constant. step: multiplied by decay_factor every decay_epochs. cosine: down to
    decay_factor times the start at the last epoch."""
    decay_epochs: PositiveInt = 10
    """step: epochs between two decays."""
    decay_factor: Annotated[float, Field(ge=0, le=1)] = 0.1
    """step: factor of each decay. cosine: what is left of the learning rate at the end."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    """Settles weights, batch order and noise."""
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"
    """Numeric precision of the networks; losses are always computed in float32."""
    early_stopping: Annotated[int, Field(ge=0)] = 0
    """Stop when the validation loss has not improved for so many epochs; 0 never."""
    samples_every: Annotated[int, Field(ge=0)] = 0
    """Write a grid of decoded random z-points every so many epochs; 0 never."""
    checkpoints: PositiveInt = 2
    """How many of the newest checkpoints to keep."""
    tensorboard: bool = False
    """Also write TensorBoard event files (needs the `tensorboard` extra)."""


class Recipe(_Section):
    """One experiment.

    Example:
        >>> recipe = Recipe.from_dict({"latent": {"size": 16}})
        >>> recipe.latent.size, recipe.objective.beta
        (16, 1.0)
        >>> recipe.override(["objective.beta=5"]).objective.beta
        5.0
    """

    data: Data = Data()
    encoder: Encoder = Encoder()
    decoder: Decoder = Decoder()
    latent: Latent = Latent()
    likelihood: Likelihood = Likelihood()
    objective: Objective = Objective()
    training: Training = Training()

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
            values[section][key] = _toml_value(text.strip())
        return Recipe.from_dict(values, where="--set " + " ".join(assignments))

    def to_toml(self) -> str:
        """The whole recipe as TOML, defaults included."""
        text = tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))
        # One line a list: they hold numbers alone.
        return re.sub(r"\[\n([^\]]*)\]", lambda found: f"[{_joined(found[1])}]", text)


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
    place = [str(part) for part in first["loc"] if str(part) in _known_names()]
    if first["type"] == "extra_forbidden":
        known = (
            Recipe.model_fields
            if len(first["loc"]) == 1
            else _section_of(str(first["loc"][0])).model_fields
        )
        name = str(first["loc"][-1])
        kind = "section" if len(first["loc"]) == 1 else "key"
        return f"unknown {kind} {'.'.join(map(str, first['loc']))!r}; {did_you_mean(name, known)}"
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error":
        return f"{'.'.join(place)}: {message}"
    message = message.replace("Input should be", "expected")
    return f"{'.'.join(place)}: {message}, got {first['input']!r}"


def _known_names() -> set[str]:
    sections = set(Recipe.model_fields)
    return sections.union(*(_section_of(name).model_fields for name in sections))


def _section_of(name: str) -> type[BaseModel]:
    annotation = Recipe.model_fields[name].annotation
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        raise TypeError(f"section {name} is no model")
    return annotation


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
