"""Numbers of a z-point that a person reads and changes, each without touching the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Real

from zspace.analysis.moments import Moments
from zspace.analysis.pca import PCA
from zspace.analysis.posteriors import Posteriors
from zspace.codes import Codes, draw_epsilon
from zspace.errors import InputError
from zspace.explorer.coding import as_z
from zspace.generation.traversals import most_active

__all__ = [
    "Handle",
    "axis_handles",
    "component_handles",
    "posterior_point",
    "radius_of",
    "require_number",
    "with_added",
    "with_radius",
]

_REACH = 4.0


@dataclass(frozen=True, eq=False)
class Handle:
    """One coordinate of z-points: (z − origin)·direction.

    Attributes:
        title: such as ``"component 3"`` or ``"axis 17"``.
        direction: of length 1, (latent,).
        origin: where the coordinate is 0, (latent,).
        middle: the mean of the codes' coordinates.
        deviation: their standard deviation.

    Example:
        >>> handle = Handle("axis 1", np.array([0.0, 1.0]), np.zeros(2), 0.0, 1.0)
        >>> handle.moved(np.array([3.0, 4.0]), -1.0).tolist(), handle.value(np.array([3.0, 4.0]))
        ([3.0, -1.0], 4.0)
    """

    title: str
    direction: Float64[np.ndarray, " latent"]
    origin: Float64[np.ndarray, " latent"]
    middle: float
    deviation: float

    @property
    def limits(self) -> tuple[float, float]:
        """Where a slider may end: four standard deviations on both sides of the mean."""
        reach = _REACH * (self.deviation or 1.0)
        return self.middle - reach, self.middle + reach

    def value(self, z: Real[np.ndarray, " size"]) -> float:
        """The coordinate of a z-point.

        Raises:
            InputError: if the point is not finite.
            ShapeError: if it has another latent size.
        """
        return float((as_z(z, size=len(self.origin)) - self.origin) @ self.direction)

    def moved(self, z: Real[np.ndarray, " size"], value: float) -> Float64[np.ndarray, " latent"]:
        """The z-point with this coordinate, and all coordinates at right angles to it kept.

        Raises:
            InputError: if the value or the point is not finite.
            ShapeError: if the point has another latent size.
        """
        require_number(value, self.title)
        z = as_z(z, size=len(self.origin))
        # First without, then with: on a latent axis the number is then exactly the value.
        rest = z - self.value(z) * self.direction
        return as_z(rest + value * self.direction, size=len(z))


def component_handles(pca: PCA, count: int = 8) -> tuple[Handle, ...]:
    """Handles of the first principal components, in which codes vary most.

    Args:
        pca: of the codes.
        count: how many at most.
    """
    deviations = np.sqrt(pca.variances)
    return tuple(
        Handle(f"component {row + 1}", pca.components[row], pca.center, 0.0, float(deviations[row]))
        for row in range(min(count, pca.latent_size))
    )


def axis_handles(moments: Moments, count: int = 8) -> tuple[Handle, ...]:
    """Handles of the latent axes on which the means of the posteriors vary most, most first.

    Args:
        moments: of the codes.
        count: how many at most.

    Example:
        >>> from zspace.analysis.moments import moments
        >>> found = axis_handles(moments(np.array([[0.0, 1.0], [0.1, -1.0]])))
        >>> [handle.title for handle in found]
        ['axis 1', 'axis 0']
    """
    deviations, size = moments.deviations, moments.latent_size
    return tuple(
        Handle(
            f"axis {axis}",
            np.eye(size)[axis],
            np.zeros(size),
            float(moments.mean[axis]),
            float(deviations[axis]),
        )
        for axis in most_active(deviations, count)
    )


def radius_of(z: Real[np.ndarray, " size"]) -> float:
    """Distance of a z-point from the origin.

    Example:
        >>> radius_of(np.array([3.0, 4.0]))
        5.0
    """
    return float(np.linalg.norm(as_z(z, size=len(z))))


def with_radius(z: Real[np.ndarray, " size"], radius: float) -> Float64[np.ndarray, " size"]:
    """The z-point in the same direction with another radius.

    Raises:
        InputError: if the radius is negative or not finite, or the point is the origin, which has
            no direction.

    Example:
        >>> with_radius(np.array([3.0, 4.0]), 10).tolist()
        [6.0, 8.0]
    """
    require_number(radius, "radius", least=0.0)
    z = as_z(z, size=len(z))
    largest = float(np.abs(z).max())
    if largest == 0:
        raise InputError(
            "the origin lies in no direction, so it has no other radius; move away from it first"
        )
    scaled = z / largest
    return as_z(scaled * (radius / np.linalg.norm(scaled)), size=len(z))


def with_added(
    z: Real[np.ndarray, " size"],
    vector: Real[np.ndarray, " size_of_vector"],
    *,
    factor: float,
    before: float = 0.0,
) -> Float64[np.ndarray, " size"]:
    """z + (factor − before)·vector: the slider of a direction, moved from `before` to `factor`.

    Args:
        z: the point, with `before` times the vector in it.
        vector: the direction.
        factor: how much of it there shall be.
        before: how much there is.

    Raises:
        InputError: if a number is not finite.
        ShapeError: if latent sizes differ.

    Example:
        >>> with_added(np.array([1.0, 5.0]), np.array([1.0, 0.0]), factor=-2, before=1).tolist()
        [-2.0, 5.0]
    """
    for number in (factor, before):
        require_number(number, "factor")
    moved = as_z(z, size=len(z)) + (factor - before) * as_z(vector, size=len(z))
    return as_z(moved, size=len(z))


def posterior_point(
    codes: Codes, row: int, *, scale: float = 1.0, seed: int = 1
) -> Float64[np.ndarray, " latent"]:
    """A draw from the posterior of an image: mean + scale·σ·ε.

    Args:
        codes: of a variational autoencoder.
        row: of the image's code.
        scale: of the noise; 0 gives the mean, 1 the posterior.
        seed: of ε, so that another scale is the same draw farther out.

    Raises:
        InputError: if there is no such row, the codes have no posteriors, or the scale is out of
            range.

    Example:
        >>> codes = Codes(
        ...     np.ones((3, 2), np.float32), np.arange(3), np.zeros((3, 2), np.float32)
        ... )
        >>> posterior_point(codes, 1, scale=0).tolist()
        [1.0, 1.0]
    """
    require_number(scale, "the scale of ε", least=0.0)
    if not 0 <= row < codes.count:
        raise InputError(f"codes are numbered from 0 to {codes.count - 1:,}, {row} came")
    if codes.log_variance is None:
        raise InputError(
            "a plain autoencoder gives each image one point and no posterior, so there is no ε "
            "here; take a variational one"
        )
    limit = codes.information.get("epsilon_limit")
    noise = draw_epsilon(seed, 0, shape=(1, codes.latent_size), limit=limit)
    posterior = Posteriors.of_codes(codes).rows(np.array([row]))
    return as_z(posterior.place(scale * noise.astype(np.float64))[0], size=codes.latent_size)


def require_number(value: float, name: str, *, least: float = -np.inf) -> None:
    """Raise an `InputError` unless a slider's value is a finite number of at least `least`."""
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not is_number or not np.isfinite(value) or value < least:
        bound = "" if least == -np.inf else f" of at least {least:g}"
        raise InputError(f"{name} must be a finite number{bound}, {value!r} came; move the slider")
