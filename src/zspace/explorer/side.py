"""One model that is explored: its codes and images, and what is known of any z-point."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float32, Float64, Int, Int64, Real, UInt8

from zspace.analysis.moments import Moments, moments
from zspace.analysis.nearest_codes import NearestCodes
from zspace.analysis.neighbors import rows_of, some_rows
from zspace.analysis.pca import PCA, pca_of
from zspace.analysis.places import Density
from zspace.analysis.z_points import ZPoints
from zspace.codes import Codes
from zspace.errors import DataError, InputError
from zspace.explorer.coding import Coding, as_z
from zspace.explorer.coloring import MapColors
from zspace.explorer.drawing import RandomPoints
from zspace.explorer.exhibits import AbstractExhibits, figures
from zspace.explorer.gate import Gate
from zspace.explorer.gauges import gauges
from zspace.explorer.once import Once
from zspace.explorer.readings import Reading, reading_of
from zspace.explorer.uploads import decoded_upload
from zspace.explorer.views import AbstractView, axes_view, computed_views, pca_view
from zspace.generation.sharpening import sharpened
from zspace.run import RunFolder

__all__ = ["Neighbors", "Side", "Uploaded"]

_MOST_K = 10
_KEPT_VIEWS = 12
_DENSITY_OF = 40_000
_STRIP = 8


class Neighbors(NamedTuple):
    """The training images whose codes are nearest to a z-point.

    Attributes:
        rows: of the codes, the nearest first.
        distances: from the z-point to these means.
    """

    rows: Int64[np.ndarray, " k"]
    distances: Float64[np.ndarray, " k"]


class Uploaded(NamedTuple):
    """An image of a stranger's, seen by the model.

    Attributes:
        pixels: cropped and scaled as the data set was, (H, W, C), uint8.
        z: mean of its posterior, (latent,).
        reconstruction: (H, W, C), uint8.
    """

    pixels: UInt8[np.ndarray, "height width channels"]
    z: Float64[np.ndarray, " latent"]
    reconstruction: UInt8[np.ndarray, "height width channels"]


@dataclass(frozen=True, eq=False)
class Side:
    """One model, opened to be explored. What needs a run that is open is handed in.

    Codes are shown as the means of their posteriors, and neighbors are sought among these. Density
    and radius are held against one z-point of each image, as these are what the decoder has seen: a
    random point of a good VAE lies among them, and far from the means.

    Attributes:
        name: of the run, for a person.
        codes: of a split, usually the training images'.
        coding: decodes and encodes.
        split: which images the codes are of.
        folder: of the run, where maps and directions are read from; None where there is none.
        images: gives images (n, H, W, C), uint8, by their numbers in the data set:
            ``run.dataset.rows``. None where they are gone.
        preparation: size, crop and channels of the data set: ``run.preparation``; None takes no
            uploads.
        upload_gate: lets one upload at a time be decoded, as a large one takes 400 MB.
        exhibits: the report's figures; None where there are none.
        condition: what a conditional model is told, (size,); None for all others.
        model: SHA-256 of the file of the model, to know directions of it; None asks no direction.
        is_passing: whether the codes are those of a checkpoint, which no run folder keeps.

    Example:
        >>> codes = Codes(np.eye(8, dtype=np.float32)[:, :3], index=np.arange(8))
        >>> gray = lambda z: np.full((len(z), 2, 2, 1), 0.5, np.float32)
        >>> side = Side("gray", codes, Coding(gray, None, latent_size=3, image_shape=(2, 2, 1)))
        >>> side.nearest(np.array([0.0, 0.9, 0.0]), k=1).rows.tolist()
        [1]
    """

    name: str
    codes: Codes
    coding: Coding
    split: str = "train"
    folder: RunFolder | None = None
    images: Callable[[np.ndarray], np.ndarray] | None = None
    preparation: Mapping[str, Any] | None = None
    upload_gate: Gate = field(default_factory=lambda: Gate(waiting=10, patience=20.0))
    exhibits: AbstractExhibits | None = None
    condition: np.ndarray | None = None
    model: str | None = None
    is_passing: bool = False

    def warm_up(self) -> None:
        """Make what the first visitor would else wait for.

        For 170,000 codes of 256 axes that takes about ten seconds; a page may be shown meanwhile,
        as all of it is also made when it is first asked for.
        """
        z = self.moments.mean
        self.image(z)
        self.nearest(z, k=1)
        self.reading(z)
        self.pca_view()
        gauges(self)
        figures(self.exhibits)

    @property
    def latent_size(self) -> int:
        """Number of axes."""
        return self.codes.latent_size

    @functools.cached_property
    def moments(self) -> Moments:
        """Mean and covariance of the means; `zspace.explorer.handles` makes axis handles of it."""
        return moments(self.codes.mean)

    @functools.cached_property
    def pca(self) -> PCA:
        """Principal components of the means; `zspace.explorer.handles` makes handles of it."""
        return pca_of(self.moments)

    @functools.cached_property
    def density(self) -> Density:
        """What tells how lonely a z-point is, from one z-point of each of up to 40,000 images.

        More change no percentile that can be seen, and take longer than a visitor waits.
        """
        z = rows_of(ZPoints(self.codes), some_rows(self.codes.count, _DENSITY_OF))
        k = min(_MOST_K, len(z) // 2 - 1)
        return Density.of(z, k=max(1, k))

    @functools.cached_property
    def index(self) -> NearestCodes:
        """The means, to be searched."""
        return NearestCodes.of(self.codes.mean)

    @functools.cached_property
    def random(self) -> RandomPoints:
        """Random z-points by each method."""
        return RandomPoints(self.codes)

    @functools.cached_property
    def colors(self) -> MapColors:
        """What the map is colored by."""
        return MapColors(self.codes, lambda: self.density)

    @functools.cached_property
    def _views(self) -> Once[AbstractView]:
        return Once(most=_KEPT_VIEWS)

    def pca_view(self, components: tuple[int, int] = (1, 2)) -> AbstractView:
        """The plane of two principal components, counted from 1; the latest views are kept."""
        return self._views.get(
            ("pca", components),
            lambda: pca_view(self.codes.mean, self.pca, components=components),
        )

    def axes_view(self, axes: tuple[int, int] = (0, 1)) -> AbstractView:
        """The plane of two latent axes, counted from 0; the latest views are kept."""
        return self._views.get(
            ("axes", axes), lambda: axes_view(self.codes.mean, self.moments.mean, axes=axes)
        )

    @functools.cached_property
    def maps(self) -> dict[str, AbstractView]:
        """t-SNE and UMAP, where ``zspace analyze`` has made them of these codes, by name.

        Raises:
            DataError: if they cannot be read.
        """
        if self.folder is None:
            return {}
        return computed_views(self.folder, self.codes, split=self.split)

    def code(self, row: int) -> Float64[np.ndarray, " latent"]:
        """The mean of an image's posterior.

        Raises:
            InputError: if there is no such row.
        """
        if not isinstance(row, int | np.integer) or not 0 <= row < self.codes.count:
            raise InputError(f"codes are numbered from 0 to {self.codes.count - 1:,}, {row!r} came")
        return as_z(np.asarray(self.codes.mean[int(row)]), size=self.latent_size)

    def row_of(self, number: int) -> int | None:
        """The row of an image's code, by the image's number in the data set; None for no code."""
        found = np.flatnonzero(np.asarray(self.codes.index) == number)
        return int(found[0]) if len(found) else None

    def pictures(
        self, rows: Int[np.ndarray, " rows"]
    ) -> UInt8[np.ndarray, "rows height width channels"]:
        """The images that codes are of.

        Args:
            rows: of the codes.

        Raises:
            InputError: if there is no such row, or the images are gone.
        """
        if self.images is None:
            raise InputError("the images of this run are no longer there; prepare them again")
        for row in rows:
            self.code(row)
        try:
            return np.asarray(self.images(np.asarray(self.codes.index)[rows]))
        except (DataError, OSError, IndexError) as error:
            # Its message may name places on the disk, which are nothing for a visitor.
            raise InputError(
                "the images of this run cannot be read; prepare the data set again"
            ) from error

    def image(
        self, z: Real[np.ndarray, " size"], *, sharpen: float = 1.0
    ) -> UInt8[np.ndarray, "height width channels"]:
        """The image of a z-point.

        Raises:
            InputError: if the point is not finite, or sharpening is negative.
            ShapeError: if it has another latent size.
            BusyError: if too many ask at once.
        """
        return _pixels(sharpened(self.coding.decode(z[None]), sharpen))[0]

    def strip(
        self, points: Real[np.ndarray, "count size"], *, sharpen: float = 1.0
    ) -> UInt8[np.ndarray, "count height width channels"]:
        """The images of several z-points, such as a walk's; errors as for `image`."""
        # A few at a time: who asks for one image meanwhile gets it in between.
        starts = range(0, max(1, len(points)), _STRIP)
        parts = [points[start : start + _STRIP] for start in starts]
        return np.concatenate(
            [_pixels(sharpened(self.coding.decode(part), sharpen)) for part in parts]
        )

    def reading(self, z: Real[np.ndarray, " size"]) -> Reading:
        """Radius, density, and a warning off the data.

        Raises:
            InputError: if the point is not finite, or there are fewer than four codes.
            ShapeError: if it has another latent size.
        """
        return reading_of(self.density.place(as_z(z, size=self.latent_size)))

    def nearest(self, z: Real[np.ndarray, " size"], *, k: int = 8) -> Neighbors:
        """The images whose codes are nearest, exactly.

        Args:
            z: the point.
            k: how many; all there are if there are fewer.

        Raises:
            InputError: if the point is not finite, or k is below 1.
            ShapeError: if it has another latent size.
        """
        z = as_z(z, size=self.latent_size)
        distances, rows = self.index.find(z, k=min(k, self.codes.count))
        return Neighbors(rows, distances)

    def upload(self, data: bytes) -> Uploaded:
        """Take in an image that was sent.

        Raises:
            ImageError: if it is no image, or too large.
            InputError: if this run takes no uploads.
            BusyError: if too many ask at once.
        """
        if self.preparation is None:
            raise InputError("how this run's images were prepared is not known, so none are taken")
        with self.upload_gate:
            pixels = decoded_upload(data, self.preparation)
        z = self.coding.encode(pixels[None])[0]
        return Uploaded(pixels, z, self.image(z))


def _pixels(
    images: Float32[np.ndarray, "count height width channels"],
) -> UInt8[np.ndarray, "count height width channels"]:
    return np.rint(255 * np.clip(images, 0, 1)).astype(np.uint8)
