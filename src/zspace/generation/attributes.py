"""Attribute arithmetic: a direction that stands for a property, and codes moved along it.

With the codes of images that have a property and of images that do not, the difference of the two
mean codes is a direction along which the property comes and goes (A. B. L. Larsen, S. K. Sønderby,
H. Larochelle, O. Winther, "Autoencoding beyond pixels using a learned similarity metric", 2016,
https://arxiv.org/abs/1512.09300, section 4.2). Factor 1 is that difference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float64, Shaped
from scipy.linalg import solve_triangular

from zspace.errors import InputError, ShapeError

__all__ = [
    "DIRECTION_METHODS",
    "FACTORS",
    "difference_of_means",
    "logistic_direction",
    "moved",
    "orthogonalized",
]

FACTORS = (-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0)
"""The factors that are taken where none are given."""

_MOST = 10_000
_NOTHING = 1e-6


def difference_of_means(
    having: Shaped[np.ndarray, "*_having"], lacking: Shaped[np.ndarray, "*_lacking"]
) -> Float64[np.ndarray, " latent"]:
    """Mean code of those with the property, less the mean code of those without.

    Of all directions the one that changes images most for the attribute: it takes along whatever
    else the two groups differ by, which `orthogonalized` takes out.

    Args:
        having: codes with the property, (n, latent), at least one.
        lacking: codes without it, (m, latent), at least one.

    Raises:
        InputError: if a value is not finite, a group is empty, or the means are the same.
        ShapeError: if the groups are not codes of one latent space.

    Example:
        >>> difference_of_means(np.array([[2.0, 1.0], [4.0, 1.0]]), np.zeros((3, 2))).tolist()
        [3.0, 1.0]
    """
    means = _mean(having, "with"), _mean(lacking, "without")
    if having.shape[1] != lacking.shape[1]:
        raise ShapeError(
            f"codes of one latent size were expected, {having.shape[1]} and {lacking.shape[1]} "
            "came; give codes of one run"
        )
    found: np.ndarray = means[0] - means[1]
    scale = max(float(np.abs(having).max()), float(np.abs(lacking).max()), 1e-300)
    if np.linalg.norm(found) <= 1e-12 * scale:
        raise InputError(
            "the mean codes with and without are the same, so there is no direction between them; "
            "give other images"
        )
    return found


def logistic_direction(
    having: Shaped[np.ndarray, "*_having"],
    lacking: Shaped[np.ndarray, "*_lacking"],
    *,
    penalty: float = 0.1,
) -> Float64[np.ndarray, " latent"]:
    """The normal of the plane that best separates the groups, by logistic regression.

    Codes are centered and divided by one number, the root mean square of the standard deviations
    of their axes. Not each axis by its own: that would make as much of an axis which hardly varies
    as of any other, and have the direction depend on how the space is turned. Minimized is the mean
    of the losses of both groups, each counted as one half, plus penalty/2·|w|².

    The normal n, of length 1, becomes n·(n·d) with the difference of means d: projected on n, the
    mean of those without moves by factor 1 to the mean of those with. So factors mean the same as
    for the difference of means, but the way is shorter: by 1/cos of the angle between n and d.

    The smaller the penalty, the better n tells the groups apart and the less of d is in it. For a
    small one it runs along directions that hardly vary, where decoders show next to nothing; for a
    large one it becomes d. 0.1 keeps more than half of d.

    Args:
        having: codes with the property, (n, latent); more than 10,000 are thinned out evenly.
        lacking: codes without it, (m, latent), likewise.
        penalty: above 0.

    Raises:
        InputError: as for `difference_of_means`, or if the penalty is not above 0.
        ShapeError: as for `difference_of_means`.

    Example:
        >>> draw = np.random.default_rng(1).standard_normal
        >>> found = logistic_direction(draw((500, 2)) + [3, 0], draw((500, 2)))
        >>> bool(abs(found - [3, 0]).max() < 0.2)
        True
    """
    from sklearn.linear_model import LogisticRegression

    if not penalty > 0 or not np.isfinite(penalty):
        raise InputError(f"penalty must be a number above 0, {penalty!r} came; leave it out")
    difference = difference_of_means(having, lacking)
    parts = [np.asarray(_thinned(each), np.float64) for each in (having, lacking)]
    points = np.concatenate(parts)
    has = np.arange(len(points)) < len(parts[0])
    points -= points.mean(axis=0)
    points /= np.sqrt(np.mean(points.var(axis=0)))
    fitted: Any = LogisticRegression(
        C=1 / (penalty * len(points)), class_weight="balanced", tol=1e-6, max_iter=2000
    ).fit(points, has)
    normal = fitted.coef_[0] / np.linalg.norm(fitted.coef_[0])
    found: np.ndarray = normal * (normal @ difference)
    return found


DIRECTION_METHODS: dict[str, Callable[..., Float64[np.ndarray, " latent"]]] = {
    "mean": difference_of_means,
    "logistic": logistic_direction,
}
"""The ways to find a direction, by the name the command line knows them under."""


def orthogonalized(
    vector: Float64[np.ndarray, " latent"],
    others: Sequence[Shaped[np.ndarray, "*_other"]],
    *,
    covariance: Float64[np.ndarray, "latent latent"] | None = None,
) -> Float64[np.ndarray, " latent"]:
    """What is left of a direction at right angles to others.

    With a covariance S, v and u are at right angles where vᵀ·S⁻¹·u = 0. For a difference of means u
    the vector S⁻¹·u is what a linear discriminant reads its attribute by, so what is left leaves
    that reading as it is, and what is taken out is a multiple of u itself. S has to be that of the
    z-points, which decoders are trained on, noise of the posterior included: along axes of a VAE
    where means vary less than the noise the decoder shows nothing, however well the means can be
    read there. Where S is nearly I, as it is for a VAE, this is nearly the plain product.

    Without one the angle is that of the plain inner product, vᵀ·u = 0. That is right for the
    normals of `logistic_direction`, which are what their attributes are read by themselves.

    What is left is not made longer again: where much is taken out, factor 1 does less.

    Args:
        vector: the direction, (latent,).
        others: the directions to be left alone, (latent,) each; some may depend on each other.
        covariance: symmetric and positive definite, (latent, latent), or None.

    Raises:
        InputError: if nothing is left, or the covariance has no Cholesky factor.
        ShapeError: if latent sizes differ.

    Example:
        >>> orthogonalized(np.array([3.0, 4.0]), [np.array([2.0, 0.0])]).tolist()
        [0.0, 4.0]
        >>> turned = np.array([[2.0, 1.0], [1.0, 2.0]])
        >>> left = orthogonalized(np.array([3.0, 4.0]), [np.array([2.0, 0.0])], covariance=turned)
        >>> left.round(6).tolist()
        [2.0, 4.0]
    """
    if not others:
        return vector
    if any(other.shape != vector.shape for other in others):
        raise ShapeError(
            f"directions of the latent size {len(vector)} were expected, "
            f"{[len(other) for other in others]} came; give directions of one run"
        )
    columns = np.stack([vector, *others], axis=1)
    root = None if covariance is None else _root(covariance)
    if root is not None:
        columns = solve_triangular(root, columns, lower=True)
    columns = columns / np.linalg.norm(columns, axis=0)
    turned, sizes, _ = np.linalg.svd(columns[:, 1:], full_matrices=False)
    basis = turned[:, sizes > 1e-10 * sizes[0]]
    left = columns[:, 0] - basis @ (basis.T @ columns[:, 0])
    left = left - basis @ (basis.T @ left)  # what rounding has left of them the first time
    if np.linalg.norm(left) <= _NOTHING:
        raise InputError(
            "nothing is left of the direction once those it shall be orthogonal to are taken out; "
            "leave one of them out"
        )
    length = np.linalg.norm(vector if root is None else solve_triangular(root, vector, lower=True))
    found: np.ndarray = length * (left if root is None else root @ left)
    return found


def _root(covariance: Float64[np.ndarray, "latent latent"]) -> Float64[np.ndarray, "latent latent"]:
    try:
        root: np.ndarray = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        raise InputError(
            "a positive definite covariance was expected, one came that is not; shrink it"
        ) from None
    return root


def moved(
    z: Shaped[np.ndarray, "*_points"],
    vector: Float64[np.ndarray, " latent"],
    *,
    factors: Sequence[float] = FACTORS,
) -> Float64[np.ndarray, "count factors latent"]:
    """Move points along a direction: z + factor·vector.

    Args:
        z: points (count, latent).
        vector: the direction, (latent,).
        factors: how far, in lengths of the direction; 0 leaves a point where it is.

    Returns:
        Points (count, factors, latent).

    Raises:
        InputError: if there is no factor, or one is not a finite number.
        ShapeError: if latent sizes differ.

    Example:
        >>> moved(np.zeros((1, 2)), np.array([1.0, 0.5]), factors=(-2, 0, 2)).tolist()
        [[[-2.0, -1.0], [0.0, 0.0], [2.0, 1.0]]]
    """
    if z.ndim != 2 or z.shape[1:] != vector.shape:
        raise ShapeError(
            f"points (count, {len(vector)}) were expected for this direction, {z.shape} came; "
            "it is of another latent space"
        )
    steps = np.asarray(list(factors), np.float64)
    if not len(steps) or not np.isfinite(steps).all():
        raise InputError(
            f"factors must be finite numbers, at least one, {list(factors)!r} came; give for "
            "example -2,0,2"
        )
    return z.astype(np.float64)[:, None, :] + steps[None, :, None] * vector


def _mean(points: Shaped[np.ndarray, "*_points"], which: str) -> Float64[np.ndarray, " latent"]:
    if points.ndim != 2:
        raise ShapeError(f"codes (n, latent) were expected, {points.shape} came; reshape them")
    if not len(points):
        raise InputError(f"no code {which} the property came, at least one was expected")
    mean: np.ndarray = np.asarray(points).mean(axis=0, dtype=np.float64)
    if not np.isfinite(mean).all():
        raise InputError(
            f"codes must be finite, but among those {which} the property NaN or infinite values "
            "came; encode again, or train with a smaller learning rate"
        )
    return mean


def _thinned(points: Shaped[np.ndarray, "*_points"]) -> Shaped[np.ndarray, "*_thinned"]:
    """All points, or as many as make no difference, evenly spaced."""
    if len(points) <= _MOST:
        return points
    return points[np.linspace(0, len(points) - 1, _MOST).round().astype(np.int64)]
