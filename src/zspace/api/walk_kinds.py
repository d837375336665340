"""The kinds of walks: from stops and options to z-points in the order of a picture."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zspace.api.places import NamedPoint, named_point
from zspace.errors import InputError, did_you_mean
from zspace.generation.along_codes import along_codes
from zspace.generation.paths import Walk, line, shared_steps, sphere
from zspace.generation.planes import SPREADS, latent_grid, plane, quantile_values, square_values
from zspace.generation.traversals import axis_directions, most_active, traversals

if TYPE_CHECKING:
    from zspace.analysis.moments import Moments
    from zspace.analysis.pca import PCA
    from zspace.api.run import Run

__all__ = ["KINDS", "Course", "Ground"]

_LONGEST_ROW = 16


@dataclass(frozen=True, eq=False)
class Ground:
    """What a walk starts from.

    Attributes:
        run: whose latent space it is in.
        stops: z-points in order.
        frames: of an animation; None for a picture.
        drawn: whether the walk is held against z-points of the posteriors, not their means.
        seed: of all choices.
    """

    run: Run
    stops: list[NamedPoint]
    frames: int | None
    drawn: bool
    seed: int

    @functools.cached_property
    def codes(self) -> np.ndarray:
        """The training codes that the walk is held against, (N, latent)."""
        codes = self.run.codes("train")
        return codes.z() if self.drawn else codes.mean

    @functools.cached_property
    def moments(self) -> Moments:
        """Mean and covariance of the means of the posteriors."""
        from zspace.analysis.moments import moments

        return moments(self.run.codes("train").mean)

    @functools.cached_property
    def pca(self) -> PCA:
        """Their principal components."""
        from zspace.analysis.pca import pca_of

        return pca_of(self.moments)

    def anchor(self) -> NamedPoint:
        """The one stop of a traversal or grid; the mean code where there is none."""
        if len(self.stops) > 1:
            raise InputError(
                f"this kind of walk goes around one z-point, {len(self.stops)} came; name one, or "
                "none for the mean of the codes"
            )
        return self.stops[0] if self.stops else named_point(self.run, "mean")


@dataclass(frozen=True, eq=False)
class Course:
    """The z-points of a walk in the order of its picture, row by row.

    Attributes:
        points: (count, latent), float64.
        columns: points in a row; None lets the picture choose.
        places: where points are on the horizontal axis of the figure: all of a path, those of one
            row of a traversal; None for sheets.
        stops: places and names of the stops on that axis.
        rows: names of the rows.
        title: a line over the picture.
        label: of the figure's horizontal axis.
        labels: of both axes, for sheets that have some.
        values: on both of them.
        notes: what had to be decided.
    """

    points: np.ndarray
    columns: int | None
    places: np.ndarray | None = None
    stops: tuple[tuple[float, str], ...] = ()
    rows: tuple[str, ...] = ()
    title: str | None = None
    label: str = "step"
    labels: tuple[str, str] | None = None
    values: np.ndarray | None = None
    notes: tuple[str, ...] = ()


def _line(ground: Ground, *, steps: int = 10, loop: bool = False) -> Course:
    return _path(ground, line, steps=steps, loop=loop)


def _sphere(ground: Ground, *, steps: int = 10, loop: bool = False) -> Course:
    return _path(ground, sphere, steps=steps, loop=loop)


def _density(
    ground: Ground,
    *,
    steps: int = 10,
    loop: bool = False,
    neighbors: int = 10,
    power: float = 3.0,
    most: int = 20_000,
) -> Course:
    def walk(stops: np.ndarray, *, steps: int | Sequence[int]) -> Walk:
        return along_codes(
            stops, ground.codes, steps=steps, neighbors=neighbors, power=power, most=most,
            seed=ground.seed,
        )  # fmt: skip

    return _path(ground, walk, steps=steps, loop=loop)


def _path(ground: Ground, walk: Callable[..., Walk], *, steps: int, loop: bool) -> Course:
    """A path through all stops, and back to the first one where it is a loop."""
    stops = [*ground.stops, *(ground.stops[:1] if loop and len(ground.stops) > 1 else [])]
    if len(stops) < 2:
        raise InputError(
            f"at least 2 stops were expected, {len(stops)} came; name images or z-points to walk "
            "between, as in validation:3 validation:12"
        )
    legs = len(stops) - 1
    each: int | tuple[int, ...] = steps
    if ground.frames is not None:
        least = legs + (not loop)
        if ground.frames < least:
            raise InputError(
                f"at least {least} frames are needed for {legs} legs, {ground.frames} came; pass "
                "more of them, or name fewer stops"
            )
        each = shared_steps(ground.frames - (not loop), legs)
    found = walk(np.stack([stop.z for stop in stops]).astype(np.float64), steps=each)
    marks = tuple(zip(map(float, found.stops), (stop.name for stop in stops), strict=True))
    rows = np.arange(len(found.points))
    columns: int | None = len(rows)
    if ground.frames is not None:
        rows = rows[: ground.frames]  # the last one of a loop is the first one again
    elif legs > 1:  # each leg in a row of its own, from stop to stop
        rows = np.concatenate([np.arange(steps + 1) + leg * steps for leg in range(legs)])
        columns = steps + 1
    if columns is not None and columns > _LONGEST_ROW:
        columns = None
    return Course(
        found.points[rows], columns, places=rows.astype(np.float64), stops=marks, notes=found.notes
    )


def _plane(ground: Ground, *, columns: int = 7) -> Course:
    corners = np.stack([stop.z for stop in ground.stops]) if ground.stops else np.zeros((0, 1))
    points = plane(corners, columns=columns)
    stops = tuple((float(place), stop.name) for place, stop in enumerate(ground.stops))
    return Course(points, columns, stops=stops)


def _axes(
    ground: Ground,
    *,
    axes: Sequence[int] | None = None,
    count: int = 8,
    reach: float = 3.0,
    columns: int = 11,
    loop: bool = False,
) -> Course:
    deviations = ground.moments.deviations
    chosen = most_active(deviations, count) if axes is None else np.asarray(axes, np.int64)
    directions = axis_directions(chosen, len(deviations))
    names = tuple(f"axis {axis}" for axis in chosen)
    return _traversal(
        ground, directions, deviations[chosen], names, values=_sweep(ground, reach, columns, loop)
    )


def _components(
    ground: Ground,
    *,
    components: Sequence[int] | None = None,
    count: int = 8,
    reach: float = 3.0,
    columns: int = 11,
    loop: bool = False,
) -> Course:
    pca = ground.pca
    if components is None:
        if count < 1:
            raise InputError(f"count must be at least 1, {count} came; try 8")
        components = range(1, min(count, len(pca.components)) + 1)
    chosen = _components_of(components, len(pca.components))
    names = tuple(f"component {number + 1}" for number in chosen)
    return _traversal(
        ground, pca.components[chosen], np.sqrt(pca.variances[chosen]), names,
        values=_sweep(ground, reach, columns, loop),
    )  # fmt: skip


def _sweep(ground: Ground, reach: float, columns: int, loop: bool) -> np.ndarray:
    """Where a traversal goes, in standard deviations: across, or there and back again."""
    frames = ground.frames
    if loop and frames is None:
        raise InputError("a loop along axes or components is an animation: pass --out NAME.gif")
    if loop and frames is not None:
        square_values(2, limit=reach)  # refuses a reach that is none
        return reach * np.sin(2 * np.pi * np.arange(frames) / frames)
    return square_values(columns if frames is None else max(frames, 2), limit=reach)


def _traversal(
    ground: Ground,
    directions: np.ndarray,
    deviations: np.ndarray,
    names: tuple[str, ...],
    *,
    values: np.ndarray,
) -> Course:
    anchor = ground.anchor()
    points = traversals(anchor.z, directions, deviations=deviations, values=values)
    reach = f"{np.abs(values).max():g}" if ground.frames is None else "…"
    return Course(
        points, len(values), places=values if ground.frames is None else np.arange(len(values)),
        rows=names, title=f"−{reach} … +{reach} standard deviations around {anchor.name}",
        label="standard deviations" if ground.frames is None else "frame",
    )  # fmt: skip


def _components_of(numbers: Sequence[int], size: int) -> list[int]:
    """Rows of the components, which are counted from 1."""
    for number in numbers:
        if not 1 <= number <= size:
            raise InputError(
                f"components are numbered from 1 to {size}, {number} came; name another"
            )
    if len(set(numbers)) < len(numbers):
        raise InputError(f"each component once, {', '.join(map(str, numbers))} came")
    return [number - 1 for number in numbers]


def _grid(
    ground: Ground,
    *,
    spread: str = "square",
    limit: float | None = None,
    columns: int = 20,
    axes: Sequence[int] | None = None,
    components: Sequence[int] | None = None,
) -> Course:
    if spread not in SPREADS:
        raise InputError(f"no spread {spread!r}; {did_you_mean(spread, SPREADS)}")
    if axes is not None and components is not None:
        raise InputError("a grid goes over two axes or two components; leave one of them out")
    if limit is not None and spread != "square":
        raise InputError("limit belongs to the spread square; leave it out")
    values = quantile_values(columns) if spread == "quantile" else square_values(
        columns, limit=1.0 if limit is None else limit
    )  # fmt: skip
    pair = components if components is not None else axes
    if pair is not None and len(pair) != 2:
        raise InputError(f"a grid goes over two directions, {len(pair)} came; name two")
    anchor = ground.anchor().z
    center, deviations = None, (1.0, 1.0)
    if components is not None:
        pca = ground.pca
        chosen = _components_of(components, len(pca.components))
        directions, center = pca.components[chosen], pca.center
        first, second = np.sqrt(pca.variances[chosen])
        deviations = (float(first), float(second))
        names = [f"component {row + 1}, standard deviations" for row in chosen]
    else:
        if len(anchor) < 2:
            raise InputError("a grid needs two axes, this latent space has 1; walk along it")
        two = sorted(most_active(ground.moments.deviations, 2)) if axes is None else list(axes)
        directions = axis_directions(two, len(anchor))
        names = [f"axis {axis}" for axis in two]
    points = latent_grid(
        anchor, directions, across=values, upward=values, center=center, deviations=deviations
    )
    return Course(points, columns, labels=(names[0], names[1]), values=values)


KINDS: dict[str, Callable[..., Course]] = {
    "line": _line,
    "sphere": _sphere,
    "density": _density,
    "plane": _plane,
    "axes": _axes,
    "components": _components,
    "grid": _grid,
}
"""The kinds of walks, by the name the command line knows them under."""
