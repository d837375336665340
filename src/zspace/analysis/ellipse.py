"""Confidence ellipses: where the points of a normal cloud fall in a plane of the latent space."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Real

from zspace.analysis.moments import Moments
from zspace.errors import InputError, ShapeError

__all__ = ["Ellipse", "Plane", "ellipse", "plane_directions"]

Plane = tuple[int, int] | Real[np.ndarray, "2 latent"]
"""Two latent axes, counted from 0, or two directions as the rows of an array."""

_PARALLEL = 1e-9


@dataclass(frozen=True, eq=False)
class Ellipse:
    """An ellipse in a plane through the origin; coordinates are those along its two directions.

    Attributes:
        level: share of a normal cloud's points that fall within it.
        directions: of the plane, (2, latent), of length 1 and at a right angle.
        center: its center, (2,); the origin of the latent space is at (0, 0).
        semi_axes: half its long and half its short axis, (2,).
        angle: from the first direction to the long axis, in radians, −π/2 to π/2.
    """

    level: float
    directions: Float64[np.ndarray, "2 latent"]
    center: Float64[np.ndarray, "2"]
    semi_axes: Float64[np.ndarray, "2"]
    angle: float

    def project(self, points: Real[np.ndarray, "count latent"]) -> Float64[np.ndarray, "count 2"]:
        """Where points fall in the plane.

        Raises:
            ShapeError: if the points have another latent size.
        """
        if points.shape[1] != self.directions.shape[1]:
            raise ShapeError(
                f"points of the latent size {self.directions.shape[1]} were expected, "
                f"{points.shape[1]} came; give points of the same latent space"
            )
        return np.asarray(points, np.float64) @ self.directions.T

    def outline(self, *, count: int = 200) -> Float64[np.ndarray, "{count} 2"]:
        """Points on the ellipse, in order; the last one is the first again."""
        turn = np.linspace(0.0, 2 * math.pi, count)
        along, across = self.semi_axes[:, None] * np.stack([np.cos(turn), np.sin(turn)])
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        x, y = along * cosine - across * sine, along * sine + across * cosine
        return self.center + np.stack([x, y], axis=1)


def ellipse(measured: Moments, plane: Plane, *, level: float = 0.95) -> Ellipse:
    """The ellipse that holds this share of a normal cloud's points, seen in a plane.

    Seen in two dimensions the squared distance is χ² with two degrees of freedom, so that the
    semi-axes are √(−2·log(1 − level)) standard deviations: 2.45 for 95 %.

    Args:
        measured: mean and covariance of the points.
        plane: two latent axes, as in ``(0, 7)``, or two directions, as in ``pca.components[:2]``;
            the second is turned to a right angle with the first.
        level: share of the points, between 0 and 1.

    Raises:
        InputError: if the level is not between 0 and 1, or the plane is none: axes that do not
            exist, or directions that are parallel, zero or not finite.
        ShapeError: if directions are not (2, latent).

    Example:
        >>> moments = Moments(9, np.array([1.0, 2.0]), np.diag([1.0, 4.0]))
        >>> found = ellipse(moments, (0, 1), level=0.95)
        >>> found.center.tolist(), found.semi_axes.round(2).tolist(), round(abs(found.angle), 2)
        ([1.0, 2.0], [4.9, 2.45], 1.57)
    """
    if not 0 < level < 1:
        raise InputError(f"the level of an ellipse is between 0 and 1, {level} came; try 0.95")
    directions = plane_directions(plane, latent_size=measured.latent_size)
    variances, vectors = np.linalg.eigh(directions @ measured.covariance @ directions.T)
    (x, y), scale = vectors[:, 1], math.sqrt(-2 * math.log1p(-level))
    return Ellipse(
        level=level,
        directions=directions,
        center=directions @ measured.mean,
        semi_axes=scale * np.sqrt(np.maximum(variances[::-1], 0.0)),
        angle=math.atan(y / x) if x else math.pi / 2,
    )


def plane_directions(plane: Plane, *, latent_size: int) -> Float64[np.ndarray, "2 latent"]:
    """Two directions of length 1 at a right angle that span a plane.

    Args:
        plane: as for `ellipse`.
        latent_size: number of axes.

    Raises:
        InputError: if they span no plane.
        ShapeError: if directions are not (2, latent).

    Example:
        >>> plane_directions(np.array([[2.0, 0.0], [1.0, 3.0]]), latent_size=2).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    if isinstance(plane, tuple):
        if len(set(plane)) != 2 or not all(0 <= axis < latent_size for axis in plane):
            raise InputError(
                f"two different axes from 0 to {latent_size - 1} span a plane, {plane} came"
            )
        return np.eye(latent_size)[list(plane)]
    if plane.shape != (2, latent_size):
        raise ShapeError(
            f"two directions, (2, {latent_size}), span a plane, an array {plane.shape} came"
        )
    first, second = np.asarray(plane, np.float64)
    lengths = np.linalg.norm(first), np.linalg.norm(second)
    if np.isfinite(lengths).all() and min(lengths) > 0:
        first, second = first / lengths[0], second / lengths[1]
        second = second - (second @ first) * first
        length = np.linalg.norm(second)
        if length > _PARALLEL:
            return np.stack([first, second / length])
    raise InputError(
        "two directions that are neither zero nor parallel span a plane, others came; give other "
        "directions"
    )
