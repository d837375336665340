"""The sections of a recipe that say what is seen, by which networks, and how it is fitted."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["Data", "Decoder", "Encoder", "PositiveInt", "Section", "Training"]

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


class Section(BaseModel):
    """Settings that cannot change, each of them checked."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class Data(Section):
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
    binarize: bool = False
    """Whether each pixel is drawn black or white, with its gray value as the probability, anew in
    every epoch (dynamic binarization)."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        height, width = (self.size, self.size) if isinstance(self.size, int) else self.size
        return height, width, self.channels


class Encoder(Section):
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


class Decoder(Section):
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


class Training(Section):
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
