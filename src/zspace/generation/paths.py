"""Paths between z-points: straight lines, and great circles with the radius going along."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Real

from zspace.errors import InputError, ShapeError

__all__ = ["Walk", "as_stops", "line", "resampled", "shared_steps", "sphere", "steps_of_legs"]

_PARALLEL = 1e-8
_OPPOSITE = 1e-6


@dataclass(frozen=True, eq=False)
class Walk:
    """Points on the way from stop to stop.

    Attributes:
        points: in order, (count, latent), float64. The stops are among them, exactly as given.
        stops: rows of `points` that are the stops.
        notes: what had to be decided on the way, one sentence each.
    """

    points: Float64[np.ndarray, "count latent"]
    stops: tuple[int, ...]
    notes: tuple[str, ...] = ()


def line(stops: Real[np.ndarray, "*_stops"], *, steps: int | Sequence[int] = 10) -> Walk:
    """Walk straight from stop to stop: z(t) = (1 − t)·a + t·b, at equal steps of t.

    In many dimensions the middle of a straight line lies closer to the center than both ends:
    halfway between two independent points of N(0, I) the radius is √½ of theirs. Images there are
    more average than any of the data; `sphere` keeps the radius.

    Args:
        stops: two or more z-points, (stops, latent).
        steps: from each stop to the next, at least 1; or a number for each leg.

    Returns:
        The walk; with equal steps of n it has (stops − 1)·n + 1 points.

    Raises:
        InputError: if there are fewer than two stops, a value is not finite, or a number of steps
            is out of range.
        ShapeError: if the stops are not (stops, latent).

    Example:
        >>> line(np.array([[0.0, 0.0], [1.0, 2.0]]), steps=2).points.tolist()
        [[0.0, 0.0], [0.5, 1.0], [1.0, 2.0]]
    """
    stops = as_stops(stops)

    def leg(number: int, t: np.ndarray) -> tuple[np.ndarray, str | None]:
        a, b = stops[number], stops[number + 1]
        return (1 - t)[:, None] * a + t[:, None] * b, None

    return joined(stops, steps, leg=leg)


def sphere(stops: Real[np.ndarray, "*_stops"], *, steps: int | Sequence[int] = 10) -> Walk:
    """Walk from stop to stop on great circles: spherical interpolation, "slerp".

    The direction turns at constant speed, u(t) = [sin((1 − t)ω)·u + sin(tω)·v] / sin ω with the
    angle ω between the directions u and v, and the radius goes linearly from one end's to the
    other's. Take it for a VAE, whose random z-points lie in a thin shell: the walk stays in there.

    The origin has no direction, so that a leg to or from it is straight. Between opposite
    directions all great circles are equally long; one through the latent axis is taken that the
    ends lie along least. Both are said in the notes of the walk.

    Source: K. Shoemake, Animating rotation with quaternion curves, SIGGRAPH 1985,
    https://doi.org/10.1145/325165.325242; T. White, Sampling generative networks, 2016,
    https://arxiv.org/abs/1609.04468.

    Args:
        stops: two or more z-points, (stops, latent).
        steps: from each stop to the next, at least 1; or a number for each leg.

    Returns:
        The walk.

    Raises:
        InputError: if there are fewer than two stops, a value is not finite, or a number of steps
            is out of range.
        ShapeError: if the stops are not (stops, latent).

    Example:
        >>> sphere(np.array([[3.0, 0.0], [0.0, 3.0]]), steps=2).points.round(3).tolist()
        [[3.0, 0.0], [2.121, 2.121], [0.0, 3.0]]
    """
    stops = as_stops(stops)

    def leg(number: int, t: np.ndarray) -> tuple[np.ndarray, str | None]:
        return _great_circle(stops[number], stops[number + 1], t, leg=number)

    return joined(stops, steps, leg=leg)


def joined(
    stops: Float64[np.ndarray, "stops latent"],
    steps: int | Sequence[int],
    *,
    leg: Callable[[int, np.ndarray], tuple[np.ndarray, str | None]],
) -> Walk:
    """Legs one behind the other, with their ends exactly as given.

    Args:
        stops: the ends.
        steps: of all legs, or of each.
        leg: gives for the number of a leg and places t from 0 to 1 the points, and a note.
    """
    each = steps_of_legs(steps, len(stops) - 1)
    parts, notes, rows = [stops[:1]], [], [0]
    for number, count in enumerate(each):
        points, note = leg(number, np.linspace(0.0, 1.0, count + 1))
        points[-1] = stops[number + 1]
        parts.append(points[1:])
        rows.append(rows[-1] + count)
        if note is not None and note not in notes:
            notes.append(note)
    return Walk(np.concatenate(parts), tuple(rows), tuple(notes))


def as_stops(
    stops: Real[np.ndarray, "*_stops"], *, least: int = 2
) -> Float64[np.ndarray, "stops latent"]:
    """Stops in float64, checked.

    Raises:
        InputError: if there are fewer than `least`, or a value is not finite.
        ShapeError: if they are not (stops, latent).
    """
    if stops.ndim != 2 or stops.shape[1] == 0:
        raise ShapeError(f"stops must be (stops, latent), {stops.shape} came; reshape them")
    if len(stops) < least:
        raise InputError(
            f"at least {least} stops were expected, {len(stops)} came; name {least} images or "
            "z-points to walk between"
        )
    stops = stops.astype(np.float64)
    if not np.isfinite(stops).all():
        row, axis = (int(place) for place in np.argwhere(~np.isfinite(stops))[0])
        raise InputError(
            f"stops must be finite, but stop {row + 1} is {stops[row, axis]} on axis {axis}; "
            "name another one"
        )
    return stops


def steps_of_legs(steps: int | Sequence[int], legs: int) -> tuple[int, ...]:
    """The steps of each leg.

    Raises:
        InputError: if one is less than 1, or there is another number of them than of legs.

    Example:
        >>> steps_of_legs(4, 3), steps_of_legs([1, 2], 2)
        ((4, 4, 4), (1, 2))
    """
    each = (steps,) * legs if isinstance(steps, int | np.integer) else tuple(steps)
    if len(each) != legs:
        raise InputError(
            f"steps for {legs} legs were expected, {len(each)} numbers came; give one for each"
        )
    if not all(isinstance(one, int | np.integer) and one >= 1 for one in each):
        raise InputError(f"steps must be whole numbers of at least 1, {steps} came; try 10")
    return tuple(int(one) for one in each)


def shared_steps(total: int, legs: int) -> tuple[int, ...]:
    """A number of steps shared out over legs as evenly as possible, the first ones getting more.

    Args:
        total: steps of all legs together, at least as many as there are legs.
        legs: how many.

    Raises:
        InputError: if there are fewer steps than legs.

    Example:
        >>> shared_steps(10, 3)
        (4, 3, 3)
    """
    if total < legs:
        raise InputError(
            f"a walk of {legs} legs needs at least {legs} steps, {total} came; allow more"
        )
    return tuple(total // legs + (leg < total % legs) for leg in range(legs))


def resampled(
    corners: Float64[np.ndarray, "corners latent"], t: Float64[np.ndarray, " places"]
) -> Float64[np.ndarray, "places latent"]:
    """Points on a path of straight pieces, at shares t of its length.

    Args:
        corners: one or more, in order; such as lie on top of each other do no harm.
        t: from 0, the first corner, to 1, the last one.

    Example:
        >>> resampled(np.array([[0.0], [1.0], [4.0]]), np.array([0.0, 0.5, 1.0])).ravel().tolist()
        [0.0, 2.0, 4.0]
    """
    reached = np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))
    reached = np.concatenate([[0.0], reached])
    moves = np.diff(reached) > 0  # not all lengths: the smallest vanish in the sum
    corners = np.concatenate([corners[:1], corners[1:][moves]])
    if len(corners) == 1:
        return corners.repeat(len(t), axis=0)
    reached = np.concatenate([[0.0], reached[1:][moves]])
    wanted = t * reached[-1]
    piece = np.clip(np.searchsorted(reached, wanted, side="right") - 1, 0, len(corners) - 2)
    share = (wanted - reached[piece]) / (reached[piece + 1] - reached[piece])
    return corners[piece] + share[:, None] * (corners[piece + 1] - corners[piece])


def _great_circle(
    a: Float64[np.ndarray, " latent"],
    b: Float64[np.ndarray, " latent"],
    t: Float64[np.ndarray, " places"],
    *,
    leg: int,
) -> tuple[np.ndarray, str | None]:
    """Points from a to b, directions turning and the radius going along; and a note."""
    start, end = _length(a), _length(b)
    if start == 0 or end == 0:
        note = f"leg {leg + 1} is straight: the origin has no direction to turn from or to"
        return (1 - t)[:, None] * a + t[:, None] * b, note
    u, v = a / start, b / end
    # Precise for all angles, unlike arccos, which knows small ones to eight digits only.
    angle = 2 * math.atan2(float(np.linalg.norm(u - v)), float(np.linalg.norm(u + v)))
    aside: np.ndarray = v - (u @ v) * u
    said: str | None = None
    if math.pi - angle < _OPPOSITE:
        if len(u) == 1:
            note = f"leg {leg + 1} is straight: one axis leaves no way around the origin"
            return (1 - t)[:, None] * a + t[:, None] * b, note
        axis = int(np.abs(u).argmin())
        aside = np.eye(len(u))[axis] - u[axis] * u
        said = f"leg {leg + 1} joins opposite directions; of all ways it takes that by axis {axis}"
    if angle > _PARALLEL:
        aside = aside / np.linalg.norm(aside)
    turned = np.cos(t * angle)[:, None] * u + np.sin(t * angle)[:, None] * aside
    return ((1 - t) * start + t * end)[:, None] * turned, said


def _length(z: Float64[np.ndarray, " latent"]) -> float:
    """The length of a vector, also where its square would underflow or overflow."""
    largest = float(np.abs(z).max())
    return 0.0 if largest == 0 else largest * float(np.linalg.norm(z / largest))
