"""What the measurements of a run work on: its codes, and who decodes and encodes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64

from zspace.analysis.blocks import Points
from zspace.analysis.mixture import NormalMixture
from zspace.analysis.neighbors import rows_of, some_rows
from zspace.analysis.z_points import ZPoints
from zspace.codes import Codes
from zspace.errors import InputError
from zspace.report.sentences.subject import Subject

__all__ = ["Material", "require_finite"]

_BLOCK = 4096


@dataclass(frozen=True, eq=False)
class Material:
    """What is measured, and with what.

    Attributes:
        codes: of the images.
        split: which images they are.
        seed: of all draws.
        points: ``"mean"`` or ``"z"`` for all measurements; None leaves it to each of them.
        decode: z-points (n, latent) to images (n, H, W, C), where there is a model.
        encode: images to posterior means (n, latent), where there is a model.
        unseen: gives z-points of images that were not trained on, where they are others than
            `codes`.
        map_count: how many points are put on maps at most.
        colors: what maps are colored by; None chooses.
    """

    codes: Codes
    split: str
    seed: int = 1
    points: str | None = None
    decode: Callable[[np.ndarray], np.ndarray] | None = None
    encode: Callable[[np.ndarray], np.ndarray] | None = None
    unseen: Callable[[], np.ndarray | None] | None = None
    map_count: int = 20_000
    colors: tuple[str, ...] | None = None

    @property
    def is_vae(self) -> bool:
        """Whether images have posteriors."""
        return self.codes.log_variance is not None

    @functools.cached_property
    def prior(self) -> NormalMixture:
        """The prior that the model was trained with; N(0, I) for a plain autoencoder."""
        return NormalMixture.of_codes(self.codes)

    def subject(self, own: str) -> Subject:
        """The points that are looked at, for sentences.

        Args:
            own: what the measurement looks at unless it is told otherwise.
        """
        return Subject(is_vae=self.is_vae, split=self.split, points=self.points or own)

    def all(self, own: str) -> Points:
        """All points, memory-mapped or drawn block by block."""
        if self.subject(own).points == "mean" or not self.is_vae:
            return self.codes.mean
        return ZPoints(self.codes)

    def rows(self, most: int) -> Int64[np.ndarray, " chosen"]:
        """At most so many rows of the codes, at random, in order."""
        return some_rows(self.codes.count, most, seed=self.seed)

    def chosen(
        self, own: str, rows: Int64[np.ndarray, " chosen"]
    ) -> Float32[np.ndarray, "chosen latent"]:
        """The points of some rows, which are in order, in memory."""
        return rows_of(self.all(own), rows).astype(np.float32)


def require_finite(codes: Codes, split: str) -> None:
    """Refuse codes with NaN or infinities, naming the image.

    Raises:
        InputError: if there are any, or there is no code at all.
    """
    if codes.count == 0:
        raise InputError(f"there is no code in the {split} split; prepare more images")
    for name, array in (("mean", codes.mean), ("log-variance", codes.log_variance)):
        for start in range(0, codes.count if array is not None else 0, _BLOCK):
            block = np.asarray(array[start : start + _BLOCK])  # type: ignore[index]
            finite = np.isfinite(block)
            if finite.all():
                continue
            row, axis = (int(place) for place in np.argwhere(~finite)[0])
            raise InputError(
                f"codes must be finite, but the {name} of image {int(codes.index[start + row])} "
                f"(row {start + row} of the {split} codes) is {block[row, axis]} on axis {axis}; "
                "leave that image out, or train again with a smaller learning rate"
            )
