"""Random points of a distribution that was fitted to the codes of images.

The codes of a plain autoencoder lie anywhere: in one cloud off the origin, of another width in
each direction. Points of N(0, I) are then outside of it, and decode to no image; points of a
distribution fitted to the codes are where codes are.

All fits are made in the frame of the codes' ellipsoid (`zspace.generation.frame`), so that axes
that go together, of very different widths or constant, do no harm.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
from jaxtyping import Float32, Float64

from zspace.errors import InputError
from zspace.generation.draws import (
    allocated,
    generator,
    require_positive,
    require_whole,
    truncated,
)
from zspace.generation.frame import Frame, frame_of

__all__ = ["ellipsoid_points", "kernel_points", "mixture_points"]

_MOST_FITTED = 20_000
_LEAST_VARIANCE = 1e-3
_CODES_EACH = 2


def ellipsoid_points(
    codes: Float32[np.ndarray, "*_codes"],
    count: int,
    *,
    scale: float = 1.0,
    truncation: float | None = None,
    inside: float = 1.0,
    seed: int = 1,
) -> Float32[np.ndarray, "count size"]:
    """Draw z-points from the normal distribution with the mean and covariance of codes.

    z = mean + scale·A·ε, A·Aᵀ the covariance: the ellipsoid of the codes. It gives images from a
    plain autoencoder, whose codes often form one such cloud
    (`zspace.analysis.ellipsoid` says how well it fits).

    Args:
        codes: of images, (N, size), more than there are axes.
        count: how many points, at least 1.
        scale: of the ellipsoid, above 0; less than 1 gives more average images.
        truncation: along each axis of the ellipsoid points stay within ± scale times this many
            standard deviations, see `zspace.generation.draws.truncated`; None bounds nothing.
        inside: share of the normal distribution that is drawn from, the inner one: at 0.95 no
            Mahalanobis radius is above the 95 % quantile of the χ distribution.
        seed: of the random numbers, 0 or more; another scale, truncation or share gives the same
            points drawn out.

    Returns:
        Points (count, size), float32.

    Raises:
        InputError: if a value is out of its range, there are too few codes, they are not finite
            or all one point; or both truncation and inside are given.
        ShapeError: if the codes are not (N, size).

    Example:
        >>> codes = np.random.default_rng(1).normal(7, 2, (500, 3)).astype(np.float32)
        >>> ellipsoid_points(codes, 4000).mean(axis=0).round().tolist()
        [7.0, 7.0, 7.0]
    """
    random = generator(count, seed)
    require_positive("scale", scale)
    require_positive("inside", inside, most=1.0)
    if truncation is not None:
        require_positive("truncation", truncation)
        if inside < 1:
            raise InputError(
                "one of truncation and inside was expected, both came; truncation bounds each "
                "axis, inside all together"
            )
    frame = frame_of(codes)

    def draw() -> Float64[np.ndarray, "count size"]:
        noise = random.standard_normal((count, frame.rank))
        if truncation is not None:
            noise = truncated(noise, truncation)
        elif inside < 1:
            noise = _within(noise, inside)
        return frame.points(scale * noise)

    return allocated(count, codes.shape[1], draw=draw)


def _within(noise: Float64[np.ndarray, "count rank"], share: float) -> np.ndarray:
    """Standard normal points moved radially, so that they follow the inner share of it.

    The squared radius is χ² distributed: each goes to where its quantile times the share is.
    """
    from scipy import stats

    squares = np.square(noise).sum(axis=1)
    law = stats.chi2(noise.shape[1])
    moved: np.ndarray = noise * np.sqrt(law.ppf(share * law.cdf(squares)) / squares)[:, None]
    return moved


def mixture_points(
    codes: Float32[np.ndarray, "*_codes"], count: int, *, components: int = 10, seed: int = 1
) -> Float32[np.ndarray, "count size"]:
    """Draw z-points from a mixture of K normal distributions fitted to codes.

    For codes in several clouds, between which there is nothing. The fit is scikit-learn's
    expectation maximization, to at most 20,000 codes, evenly spaced, in the frame of their
    ellipsoid, with a variance of each component along each axis there, of at least 0.001 of the
    codes' own: covariances in full are more numbers than codes tell. With one component it is the
    ellipsoid.

    Args:
        codes: of images, (N, size), more than there are axes.
        count: how many points, at least 1.
        components: K, at least 1; at most half as many as there are codes.
        seed: of the random numbers, 0 or more. The fit is the same for all seeds.

    Returns:
        Points (count, size), float32.

    Raises:
        InputError: if a value is out of its range, there are too few codes, they are not finite
            or all one point.
        ShapeError: if the codes are not (N, size).

    Example:
        >>> two = np.random.default_rng(1).normal(0, 0.1, (500, 1)).astype(np.float32)
        >>> two[::2] += 10
        >>> points = mixture_points(two, 1000, components=2)
        >>> bool(((abs(points) < 1) | (abs(points - 10) < 1)).all())
        True
    """
    random = generator(count, seed)
    require_whole("components", components, least=1)
    frame = frame_of(codes)
    fitted = codes[:: math.ceil(len(codes) / _MOST_FITTED)]
    if components * _CODES_EACH > len(fitted):
        raise InputError(
            f"{components} components need at least {components * _CODES_EACH} codes, "
            f"{len(fitted)} came; give for example components={max(1, len(fitted) // 10)}"
        )
    weights, means, deviations = _mixture(frame, fitted, components)

    def draw() -> Float64[np.ndarray, "count size"]:
        chosen = random.choice(components, size=count, p=weights)
        noise = random.standard_normal((count, frame.rank))
        return frame.points(means[chosen] + deviations[chosen] * noise)

    return allocated(count, codes.shape[1], draw=draw)


def _mixture(
    frame: Frame, codes: Float32[np.ndarray, "fitted size"], components: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights (K,), means (K, rank) and standard deviations (K, rank), in the frame."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    mixture = GaussianMixture(
        components,
        covariance_type="diag",
        reg_covar=_LEAST_VARIANCE,
        init_params="k-means++",
        random_state=0,
    )
    with warnings.catch_warnings():
        # After 100 steps the last digits of the likelihood do not matter to points drawn.
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit(frame.standardized(codes))
    return mixture.weights_, mixture.means_, np.sqrt(mixture.covariances_)


def kernel_points(
    codes: Float32[np.ndarray, "*_codes"],
    count: int,
    *,
    bandwidth: float | None = None,
    seed: int = 1,
) -> Float32[np.ndarray, "count size"]:
    """Draw z-points from a kernel density estimate of codes: a code, and normal noise around it.

    z = code + h·A·ε, A·Aᵀ the covariance of the codes. Follows codes of any shape.

    Args:
        codes: of images, (N, size), more than there are axes.
        count: how many points, at least 1.
        bandwidth: h, above 0; None takes Scott's N^(−1/(axes + 4)) (D. Scott, Multivariate Density
            Estimation, 1992). That is nearly 1 in many axes, whatever N is: points then have the
            codes' covariance times 1 + h², twice as much. A small one gives variations of images.
        seed: of the random numbers, 0 or more; another bandwidth varies the same codes.

    Returns:
        Points (count, size), float32.

    Raises:
        InputError: if a value is out of its range, there are too few codes, they are not finite
            or all one point.
        ShapeError: if the codes are not (N, size).

    Example:
        >>> codes = np.random.default_rng(1).normal(7, 2, (500, 3)).astype(np.float32)
        >>> near = kernel_points(codes, 5, bandwidth=1e-6)
        >>> bool(abs(near[:, None] - codes).max(axis=2).min(axis=1).max() < 1e-4)
        True
    """
    random = generator(count, seed)
    if bandwidth is not None:
        require_positive("bandwidth", bandwidth)
    frame = frame_of(codes)
    width = len(codes) ** (-1 / (frame.rank + 4)) if bandwidth is None else bandwidth

    def draw() -> Float64[np.ndarray, "count size"]:
        chosen = codes[random.integers(len(codes), size=count)].astype(np.float64)
        noise = random.standard_normal((count, frame.rank))
        return chosen + width * (noise @ frame.axes)

    return allocated(count, codes.shape[1], draw=draw)
