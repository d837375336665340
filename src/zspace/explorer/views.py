"""The views of a map: where codes are shown, which z-point a place stands for, and back.

PCA and latent axes are planes: a place says two numbers of a z-point exactly, and all others are
those of an anchor. t-SNE and UMAP have no formula, so a place there stands for a mean of the codes
that are nearest on the map. Each view says which it is.
"""

from __future__ import annotations

import abc
import functools

import numpy as np
from jaxtyping import Float32, Float64, Int64, Real

from zspace.analysis.blocks import point_blocks
from zspace.analysis.map_places import MapPlaces
from zspace.analysis.neighbors import rows_of
from zspace.analysis.pca import PCA
from zspace.analysis.z_points import ZPoints
from zspace.codes import Codes
from zspace.errors import DataError, InputError
from zspace.explorer.coding import as_z
from zspace.files import read_json
from zspace.run import RunFolder

__all__ = ["AbstractView", "axes_view", "computed_views", "pca_view"]

_TITLES = {"tsne-30": "t-SNE, perplexity 30", "tsne-10": "t-SNE, perplexity 10", "umap": "UMAP"}


class AbstractView(abc.ABC):
    """One way to lay codes out in two dimensions.

    Attributes:
        name: short, such as ``"pca-1-2"``.
        title: for a person.
        labels: of the two axes.
        rows: the rows of the codes that are shown, (n,).
        coordinates: their places, (n, 2).
        is_exact: whether a place says two numbers of its z-point exactly.
        meaning: what a place stands for, in a sentence.
    """

    name: str
    title: str
    labels: tuple[str, str]
    rows: Int64[np.ndarray, " shown"]
    coordinates: Float32[np.ndarray, "shown 2"]
    is_exact: bool
    meaning: str

    @abc.abstractmethod
    def to_z(
        self, place: Real[np.ndarray, "2"], anchor: Float64[np.ndarray, " latent"] | None = None
    ) -> Float64[np.ndarray, " latent"]:
        """The z-point of a place, on a code or in empty space.

        Args:
            place: on the map, in its coordinates.
            anchor: a z-point whose other components are kept; None takes the mean of the codes. A
                view that is not exact has no use for it.

        Raises:
            InputError: if the place or the anchor is not finite.
            ShapeError: if the anchor has another latent size.
        """

    @abc.abstractmethod
    def from_z(self, z: Real[np.ndarray, " latent"]) -> Float64[np.ndarray, "2"]:
        """The place of any z-point.

        Raises:
            InputError: if the point is not finite.
            ShapeError: if it has another latent size.
        """

    @functools.cached_property
    def spread(self) -> tuple[Float64[np.ndarray, "2"], Float64[np.ndarray, "2"]]:
        """Mean and standard deviation of the shown codes' places; a deviation of 0 counts as 1."""
        places = self.coordinates.astype(np.float64)
        deviation = places.std(axis=0)
        return places.mean(axis=0), np.where(deviation > 0, deviation, 1.0)

    def row_at(
        self, place: Real[np.ndarray, "2"], *, within: float, upward: float | None = None
    ) -> int | None:
        """The row of the code that lies at a place, the nearest one; None where there is none.

        Who clicks on a point wants the image of that code, which differs from `to_z` of its place:
        there, all but two numbers are the anchor's.

        Args:
            place: on the map.
            within: how far off it may lie, in units of the map; some pixels' worth.
            upward: the same for the second axis, where as many pixels are another length; None
                takes `within`.
        """
        x, y = _as_place(place)
        reach = np.array([within, within if upward is None else upward])
        if not (reach > 0).all():
            return None
        near = np.flatnonzero(np.abs(self.coordinates[:, 0] - np.float32(x)) <= reach[0])
        distances = np.square((self.coordinates[near] - (x, y)) / reach).sum(axis=1)
        nearest = int(distances.argmin()) if len(near) else 0
        return int(self.rows[near[nearest]]) if len(near) and distances[nearest] <= 1 else None


class _PlaneView(AbstractView):
    """Codes projected on two directions of length 1 at right angles.

    A place is ((z − origin)·u, (z − origin)·v).
    """

    is_exact = True

    def __init__(
        self,
        directions: Float64[np.ndarray, "2 latent"],
        *,
        origin: Float64[np.ndarray, " latent"],
        center: Float64[np.ndarray, " latent"],
        codes: Real[np.ndarray, "count latent"],
    ) -> None:
        self._directions, self._origin, self._center = directions, origin, center
        self.rows = np.arange(len(codes))
        parts = [(block - origin) @ directions.T for block in point_blocks(codes)]
        self.coordinates = np.concatenate(parts).astype(np.float32)

    def named(self, name: str, *, title: str, labels: tuple[str, str], meaning: str) -> _PlaneView:
        """The view with what it is called."""
        self.name, self.title, self.labels, self.meaning = name, title, labels, meaning
        return self

    def to_z(
        self, place: Real[np.ndarray, "2"], anchor: Float64[np.ndarray, " latent"] | None = None
    ) -> Float64[np.ndarray, " latent"]:
        kept = self._center if anchor is None else as_z(anchor, size=len(self._center))
        # First without, then with: on a latent axis the number is then exactly that of the place.
        rest = kept - self.from_z(kept) @ self._directions
        found: np.ndarray = rest + _as_place(place) @ self._directions
        return found

    def from_z(self, z: Real[np.ndarray, " latent"]) -> Float64[np.ndarray, "2"]:
        found: np.ndarray = self._directions @ (as_z(z, size=len(self._center)) - self._origin)
        return found


class _NeighborView(AbstractView):
    """A map that was computed for some codes, and is asked by neighbors for all other points."""

    is_exact = False
    labels = ("", "")

    def __init__(
        self,
        name: str,
        *,
        rows: Int64[np.ndarray, " shown"],
        coordinates: Float32[np.ndarray, "shown 2"],
        points: Real[np.ndarray, "shown latent"],
    ) -> None:
        self.name, self.title = name, _TITLES.get(name, name)
        self.rows, self.coordinates = rows, coordinates
        self._places = MapPlaces(points, coordinates)
        self.meaning = (
            f"A place stands for the mean of the {self._places.k} codes nearest there on the map, "
            "weighted by nearness: the map has no formula of its own, so in empty space this is a "
            "guess."
        )

    def to_z(
        self, place: Real[np.ndarray, "2"], anchor: Float64[np.ndarray, " latent"] | None = None
    ) -> Float64[np.ndarray, " latent"]:
        return self._places.point(_as_place(place))

    def from_z(self, z: Real[np.ndarray, " latent"]) -> Float64[np.ndarray, "2"]:
        return self._places.place(as_z(z, size=self._places.points.shape[1]))


def pca_view(
    codes: Real[np.ndarray, "count latent"], pca: PCA, *, components: tuple[int, int] = (1, 2)
) -> AbstractView:
    """The plane of two principal components.

    Args:
        codes: means of the posteriors, (N, latent), memory-mapped or not.
        pca: of these codes.
        components: which two, counted from 1.

    Raises:
        InputError: if there are no such components, or they are the same one.

    Example:
        >>> from zspace.analysis.pca import pca
        >>> codes = np.random.default_rng(1).standard_normal((50, 4))
        >>> view = pca_view(codes, pca(codes), components=(1, 3))
        >>> view.from_z(view.to_z(np.array([0.5, -2.0]))).round(12).tolist()
        [0.5, -2.0]
    """
    chosen = _pair(components, first=1, size=pca.latent_size, word="components")
    shares = [100 * float(pca.shares[number - 1]) for number in chosen]
    view = _PlaneView(
        pca.components[[number - 1 for number in chosen]],
        origin=pca.center,
        center=pca.center,
        codes=codes,
    )
    one, other = chosen
    return view.named(
        f"pca-{one}-{other}",
        title=f"PCA, components {one} and {other}",
        labels=(
            f"component {one} ({shares[0]:.1f} % of the variance)",
            f"component {other} ({shares[1]:.1f} % of the variance)",
        ),
        meaning=(
            f"A place says components {one} and {other} of its z-point exactly; all others are "
            "those of the mean code, or of the point that is held."
        ),
    )


def axes_view(
    codes: Real[np.ndarray, "count latent"],
    center: Float64[np.ndarray, " latent"],
    *,
    axes: tuple[int, int] = (0, 1),
) -> AbstractView:
    """The plane of two latent axes.

    Args:
        codes: means of the posteriors, (N, latent), memory-mapped or not.
        center: their mean.
        axes: which two, counted from 0.

    Raises:
        InputError: if there are no such axes, or they are the same one.

    Example:
        >>> view = axes_view(np.ones((8, 3)), np.ones(3), axes=(2, 0))
        >>> view.to_z(np.array([0.5, -2.0])).tolist()
        [-2.0, 1.0, 0.5]
    """
    one, other = _pair(axes, first=0, size=len(center), word="axes")
    view = _PlaneView(
        np.eye(len(center))[[one, other]], origin=np.zeros(len(center)), center=center, codes=codes
    )
    return view.named(
        f"axes-{one}-{other}",
        title=f"Axes {one} and {other}",
        labels=(f"axis {one}", f"axis {other}"),
        meaning=(
            f"A place says axes {one} and {other} of its z-point exactly; all others are those of "
            "the mean code, or of the point that is held."
        ),
    )


def computed_views(folder: RunFolder, codes: Codes, *, split: str) -> dict[str, AbstractView]:
    """The maps other than PCA that ``zspace analyze`` left in analysis/maps.npz.

    Args:
        folder: of the run.
        codes: of a split.
        split: which one; maps of another split, or of an older model, are no maps of these codes.

    Returns:
        By name; none where there are no such maps.

    Raises:
        DataError: if the file cannot be read, or does not fit the codes.
    """
    path, beside = folder.analysis / "maps.npz", folder.analysis / "maps.json"
    if not folder.is_fresh(path) or not beside.is_file():
        return {}
    again = "make it again with: zspace analyze RUN --only maps"
    try:
        told = read_json(beside)
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = {name: np.asarray(stored[name]) for name in stored.files}
        rows = arrays.pop("rows").astype(np.int64)
        of_split, of_points = told["split"], told["points"]
    except Exception as error:  # a broken archive fails in any of many ways
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"analysis/maps cannot be read ({reason}); {again}") from error
    if of_split != split:
        return {}
    if not len(rows) or rows.min() < 0 or rows.max() >= codes.count:
        raise DataError(f"analysis/maps.npz is of other codes than these {codes.count:,}; {again}")
    every = ZPoints(codes) if of_points == "z" else codes.mean
    # Those of 20,000 rows, usually: in memory, so that no question waits for the disk.
    points = rows_of(every, rows).astype(np.float32)
    found: dict[str, AbstractView] = {}
    for name, places in arrays.items():
        if places.shape != (len(rows), 2) or not np.isfinite(places).all():
            raise DataError(
                f"analysis/maps.npz: {len(rows):,} finite places were expected for {name}, an "
                f"array {places.shape} came; {again}"
            )
        if name != "pca":
            found[name] = _NeighborView(
                name, rows=rows, coordinates=places.astype(np.float32), points=points
            )
    return found


def _pair(asked: tuple[int, int], *, first: int, size: int, word: str) -> tuple[int, int]:
    one, other = (int(number) for number in asked)
    last = size - 1 + first
    if one == other or not (first <= min(one, other) and max(one, other) <= last):
        raise InputError(
            f"two different {word} from {first} to {last} were expected, {one} and {other} came; "
            "choose others"
        )
    return one, other


def _as_place(place: Real[np.ndarray, "2"]) -> Float64[np.ndarray, "2"]:
    found = place.astype(np.float64)
    if not (np.abs(found) <= 1e12).all():
        raise InputError(
            f"a finite place on the map was expected, ({found[0]}, {found[1]}) came; click on it"
        )
    return found
