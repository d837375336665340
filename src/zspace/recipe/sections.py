"""The sections of a recipe that say what is seen, by which networks, and how it is fitted."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["Data", "Decoder", "Encoder", "PositiveInt", "Section", "Training"]

Activation = Literal["leaky_relu", "relu", "elu", "selu", "gelu", "tanh"]
Padding = Literal["same", "valid"]
PositiveInt = Annotated[int, Field(ge=1)]
Natural = Annotated[int, Field(ge=0)]
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

    kind: Literal["conv", "resnet", "dense"] = "conv"
    """conv: a stack of strided convolutions. resnet: residual blocks. dense: a stack of fully
    connected layers."""
    filters: tuple[PositiveInt, ...] = (32, 64, 128, 256)
    """conv, resnet: output channels of each layer."""
    kernels: tuple[PositiveInt, ...] = (3, 3, 3, 3)
    """conv, resnet: kernel size of each layer."""
    strides: tuple[PositiveInt, ...] = (2, 2, 2, 2)
    """conv, resnet: stride of each layer."""
    padding: Padding = "same"
    """conv: padding of each layer."""
    blocks: PositiveInt = 1
    """resnet: residual blocks at each resolution."""
    units: tuple[PositiveInt, ...] = (256, 64)
    """dense: width of each layer."""
    activation: Activation = "leaky_relu"
    """Activation of each layer. selu comes with LeCun-normal weights and alpha dropout."""
    batch_normalization: bool = False
    """Batch normalization between each layer and its activation."""
    group_normalization: Natural = 0
    """Group normalization in the same place: number of groups, which must divide the filters;
    0 is off."""
    dropout: DropoutRate = 0.0
    """Dropout rate behind each activation; 0 is off."""
    attention: Natural = 0
    """conv, resnet: self-attention behind each layer whose feature map has at most so many pixels
    on its longer side; 0 is off."""
    attention_heads: PositiveInt = 1
    """Heads of the attention, which must divide the filters there."""
    bottleneck: Natural = 0
    """Width of one more dense layer ahead of the posterior's heads; 0 is none."""

    @model_validator(mode="after")
    def _lists_fit(self) -> Self:
        if self.kind != "dense":
            _same_lengths(filters=self.filters, kernels=self.kernels, strides=self.strides)
        elif not self.units:
            raise ValueError("units is empty; a dense encoder needs at least one layer")
        return self


class Decoder(Section):
    """The network that turns a z-point into the parameters of the likelihood.

    Whatever is not given mirrors the encoder.
    """

    kind: Literal["mirror", "conv", "resnet", "dense"] = "mirror"
    """mirror: the encoder reversed. conv: convolutions that enlarge. resnet: residual blocks.
    dense: dense layers."""
    filters: tuple[PositiveInt, ...] = ()
    """conv, resnet: channels of the layers ahead of the output layer; empty mirrors the encoder."""
    kernels: tuple[PositiveInt, ...] = ()
    """conv, resnet: kernel sizes, one more than filters, the last for the output layer."""
    strides: tuple[PositiveInt, ...] = ()
    """conv, resnet: strides, one more than filters, the last for the output layer."""
    blocks: PositiveInt | None = None
    """resnet: residual blocks at each resolution; not given: the encoder's."""
    upsample: Literal["transpose", "nearest", "bilinear"] | None = None
    """conv, resnet: how a layer enlarges its map. transpose: by a transposed convolution.
    nearest, bilinear: by up-sampling, then a convolution. Not given: transpose for conv, nearest
    for resnet."""
    units: tuple[PositiveInt, ...] = ()
    """dense: width of each layer ahead of the output layer; empty mirrors the encoder."""
    activation: Activation | None = None
    """Activation of each layer but the last; not given: the encoder's."""
    batch_normalization: bool | None = None
    """Batch normalization ahead of each activation; not given: as in the encoder."""
    group_normalization: Natural | None = None
    """Group normalization ahead of each activation: number of groups; not given: as in the
    encoder."""
    dropout: DropoutRate | None = None
    """Dropout rate; not given: the encoder's."""
    attention: Natural | None = None
    """conv, resnet: longer side of the largest feature map with self-attention behind it; not
    given: the encoder's."""
    attention_heads: PositiveInt | None = None
    """Heads of the attention; not given: the encoder's."""

    @model_validator(mode="after")
    def _lists_fit(self) -> Self:
        if self.filters or self.kernels or self.strides:
            if self.kind not in ("conv", "resnet"):
                raise ValueError(
                    f"filters, kernels and strides are given, but kind is {self.kind!r}; "
                    "set decoder.kind = 'conv' (or 'resnet') or leave them out"
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
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16", "auto"] = "float32"
    """Numeric precision of the networks; codes and losses are always float32. auto:
    mixed_bfloat16 where a measurement on this machine finds it faster, else float32."""
    early_stopping: Annotated[int, Field(ge=0)] = 0
    """Stop when the validation loss has not improved for so many epochs; 0 never."""
    samples_every: Annotated[int, Field(ge=0)] = 0
    """Write a grid of decoded random z-points every so many epochs; 0 never."""
    checkpoints: PositiveInt = 2
    """How many of the newest checkpoints to keep."""
    resident: Literal["auto", True, False] = "auto"
    """Keep the images on the device and take many steps per launch. auto: on a GPU whose free
    memory they fit into comfortably, with JAX or PyTorch."""
    devices: PositiveInt = 1
    """How many devices share each batch (JAX)."""
    tensorboard: bool = False
    """Also write TensorBoard event files (needs the `tensorboard` extra)."""
