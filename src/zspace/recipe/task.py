"""The sections of a recipe that say what a model is given beside, or instead of, the image."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from zspace.recipe.sections import PositiveInt, Section

__all__ = ["Condition", "Task"]


class Task(Section):
    """What is done to an image ahead of the encoder; the decoder has to give the image itself."""

    kind: Literal["reconstruct", "denoise", "drop_pixels", "mask", "recolor"] = "reconstruct"
    """reconstruct: nothing. denoise: noise on each pixel. drop_pixels: most pixels black. mask:
    black boxes. recolor: colors taken out."""
    noise: Literal["gaussian", "salt_and_pepper"] = "gaussian"
    """denoise: normal noise, cut to 0…1; or pixels that turn black or white."""
    amount: Annotated[float, Field(ge=0, le=10)] = 0.0
    """denoise: standard deviation (pixels are in 0…1), or share of pixels. drop_pixels: share of
    pixels. mask: side of a box, as a share of the image's side."""
    boxes: PositiveInt = 1
    """mask: how many boxes."""

    @property
    def corrupts(self) -> bool:
        """Whether the encoder gets another image than the decoder has to give."""
        return self.kind != "reconstruct"

    @model_validator(mode="after")
    def _has_its_amount(self) -> Self:
        if self.kind in ("reconstruct", "recolor"):
            if self.amount:
                raise ValueError(f"amount has no effect on {self.kind}; leave it out")
        elif not self.amount:
            raise ValueError(f"{self.kind} needs its amount, such as task.amount = 0.5")
        elif self.amount >= 1 and not (self.kind == "denoise" and self.noise == "gaussian"):
            raise ValueError(
                f"the amount of {self.kind} is a share below 1, got {self.amount:g}; set "
                "task.amount = 0.5, for example"
            )
        if self.noise != "gaussian" and self.kind != "denoise":
            raise ValueError(f"noise has no effect on {self.kind}; leave it out")
        if self.boxes != 1 and self.kind != "mask":
            raise ValueError(f"boxes has no effect on {self.kind}; leave it out")
        return self


class Condition(Section):
    """What encoder and decoder are told of an image beside its pixels."""

    kind: Literal["none", "label", "attributes"] = "none"
    """none: nothing. label: the class, as one number of 0 and 1 for each class. attributes: −1 or 1
    for each name."""
    classes: Annotated[int, Field(ge=0, le=10000)] = 0
    """label: how many classes there are."""
    names: tuple[str, ...] = ()
    """attributes: which ones."""

    @property
    def size(self) -> int:
        """Length of the vector that encoder and decoder are given; 0 for none."""
        return {"none": 0, "label": self.classes, "attributes": len(self.names)}[self.kind]

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if self.kind == "label" and self.classes < 2:
            raise ValueError(
                f"a label needs the number of classes, 2 or more, got {self.classes}; set "
                "condition.classes = 10, for example"
            )
        if self.kind == "attributes" and not self.names:
            raise ValueError("attributes need names; set condition.names = ['Male', 'Smiling']")
        if len(set(self.names)) < len(self.names):
            raise ValueError(f"each name once was expected, got {list(self.names)}")
        if self.classes and self.kind != "label":
            raise ValueError(f"classes has no effect on {self.kind}; leave it out")
        if self.names and self.kind != "attributes":
            raise ValueError(f"names has no effect on {self.kind}; leave it out")
        return self
