"""Random points of the kinds that a decoder is asked about: normal, uniform, of the ellipsoid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

from zspace.analysis.moments import Moments, NormalFit
from zspace.errors import InputError

__all__ = ["ELLIPSOID", "LIMITS", "NORMAL", "random_kinds", "uniform_name"]

LIMITS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 5.0, 8.0)
"""Half the edges of the cubes."""

NORMAL = "N(0, I)"
ELLIPSOID = "ellipsoid"
_POINTS_FOR_AN_AXIS = 3


def uniform_name(limit: float) -> str:
    """The name of the points uniform in [-limit, limit]^N."""
    return f"uniform ±{limit:g}"


def random_kinds(
    measured: Moments, *, draws: int = 500, limits: Sequence[float] = LIMITS, seed: int = 1
) -> dict[str, Float64[np.ndarray, "draws latent"]]:
    """Draw points of N(0, I), of cubes, and of the normal distribution fitted to codes.

    All cubes are the same points drawn out, so that they differ in nothing but the limit.

    Args:
        measured: moments of the codes. With fewer than three for each axis the fitted
            distribution has independent axes.
        draws: points of each kind, at least 1.
        limits: half the edge of each cube, above 0.
        seed: of the random numbers.

    Returns:
        Points (draws, latent) by name: ``"N(0, I)"``, ``"uniform ±0.5"`` …, ``"ellipsoid"``.

    Raises:
        InputError: if there is nothing to draw, or a limit is not positive.

    Example:
        >>> from zspace.analysis.moments import moments
        >>> list(random_kinds(moments(np.eye(4)), limits=(1.5,)))
        ['N(0, I)', 'uniform ±1.5', 'ellipsoid']
    """
    if draws < 1 or not all(0 < limit < np.inf for limit in limits):
        raise InputError(
            f"draws must be at least 1 and limits positive, {draws} and {tuple(limits)} came; try "
            "500 and (1.5,)"
        )
    size = measured.latent_size
    generator = np.random.default_rng(seed)
    normal = generator.standard_normal((draws, size))
    cube = generator.uniform(-1, 1, (draws, size))
    fit = NormalFit.of(measured, full=measured.count >= _POINTS_FOR_AN_AXIS * size)
    turned = fit.place(generator.standard_normal((draws, size)))
    cubes = {uniform_name(limit): limit * cube for limit in limits}
    return {NORMAL: normal, **cubes, ELLIPSOID: turned}
