"""What was measured, as sentences speak of it."""

from __future__ import annotations

from dataclasses import dataclass

from zspace.errors import InputError

__all__ = ["POINTS", "Subject"]

POINTS = ("mean", "z")
"""What codes are looked at as: the means of the posteriors, or one draw from each."""


@dataclass(frozen=True)
class Subject:
    """The points that a measurement looked at.

    Attributes:
        is_vae: whether each image has a posterior; a plain autoencoder gives one point.
        split: of the images: ``"train"``, ``"validation"`` or ``"test"``.
        points: ``"mean"`` or ``"z"``; for a plain autoencoder both are its codes.

    Example:
        >>> subject = Subject(is_vae=True, split="train", points="z")
        >>> f"the {subject.name} of the {subject.images}"
        'the z-points of the training images'
    """

    is_vae: bool
    split: str
    points: str = "mean"

    def __post_init__(self) -> None:
        if self.points not in POINTS:
            raise InputError(f"points must be 'mean' or 'z', {self.points!r} came; choose one")

    @property
    def name(self) -> str:
        """What the points are called."""
        if not self.is_vae:
            return "codes"
        return "z-points" if self.points == "z" else "means"

    @property
    def images(self) -> str:
        """What the images are called, as in "training images"."""
        return {"train": "training"}.get(self.split, self.split) + " images"
