"""Whether random points of the prior land in the cloud that the codes form."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Float64
from scipy.linalg import solve_triangular

from zspace.analysis.blocks import point_blocks
from zspace.analysis.mixture import NormalMixture
from zspace.errors import InputError, ShapeError

__all__ = ["Cloud", "cloud"]

_LEVEL = 0.99
_MOST_AXES = 2048
_CODES_FOR_AN_AXIS = 3
_RIDGE = 1e-9


@dataclass(frozen=True)
class Cloud:
    """The codes as one ellipsoid, and where points of the prior lie in it.

    Distances are from its center, in units of the codes' own spread in that direction
    (Mahalanobis).

    Attributes:
        count: number of codes N.
        latent_size: number of axes.
        center_radius: how far the mean of all codes is from the origin.
        deviations: standard deviation of the codes on each axis.
        border: distance that 99 % of the codes stay within.
        distance: median distance of codes.
        prior_distance: median distance of points of the prior.
        inside: share of points of the prior within `border`: 0.99 if the codes are spread as these.
        is_full: whether the ellipsoid is turned as the codes are; else its axes are the latent
            ones, as there are too few codes to tell, and `inside` may be far too high.
    """

    count: int
    latent_size: int
    center_radius: float
    deviations: tuple[float, ...]
    border: float
    distance: float
    prior_distance: float
    inside: float
    is_full: bool

    @property
    def dead(self) -> int:
        """Axes that hardly vary: by less than 1 % of the largest standard deviation."""
        spread = np.array(self.deviations)
        return int((spread <= 0.01 * spread.max()).sum())

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        return asdict(self) | {"deviations": list(self.deviations), "dead": self.dead}


def cloud(
    codes: Float[np.ndarray, "count latent"],
    prior: NormalMixture | None = None,
    *,
    draws: int = 4000,
    seed: int = 1,
) -> Cloud:
    """Fit an ellipsoid to half of the codes, and see who is inside: the other half, and the prior.

    The distance is √((z − c)ᵀ·S⁻¹·(z − c)) with c and S mean and covariance of every other code;
    the codes' own distances are those of the others, so that both are judged by a stranger. With
    fewer codes than three for each axis S is taken as diagonal.

    Args:
        codes: points (N, latent) in memory, at least four.
        prior: N(0, I) if not given.
        draws: how many points of the prior.
        seed: of these.

    Returns:
        The numbers.

    Raises:
        InputError: if a value is not finite, or there are fewer than four codes.
        ShapeError: if prior and codes have different latent sizes.

    Example:
        >>> points = np.random.default_rng(1).standard_normal((4000, 8))
        >>> cloud(points).inside > 0.97, cloud(points + 9).inside
        (True, 0.0)
    """
    count, size = codes.shape
    prior = NormalMixture.standard(size) if prior is None else prior
    if count < 4:
        raise InputError(f"four codes at least are needed for their spread, {count} came")
    if prior.latent_size != size:
        raise ShapeError(
            f"prior and codes must have one latent size, {prior.latent_size} and {size} came; "
            "encode the images again"
        )
    points = np.concatenate(list(point_blocks(codes)))
    full = size <= _MOST_AXES and count >= _CODES_FOR_AN_AXIS * size
    distance = _Metric(points[::2], full=full)
    own, asked = distance(points[1::2]), distance(prior.sample(draws, seed=seed))
    border = float(np.quantile(own, _LEVEL))
    return Cloud(
        count=count,
        latent_size=size,
        center_radius=float(np.linalg.norm(points.mean(axis=0))),
        deviations=tuple(points.std(axis=0).tolist()),
        border=border,
        distance=float(np.median(own)),
        prior_distance=float(np.median(asked)),
        inside=float((asked <= border).mean()),
        is_full=full,
    )


class _Metric:
    """Distance from the center of points in units of their spread."""

    def __init__(self, points: Float64[np.ndarray, "rows latent"], *, full: bool) -> None:
        self.center = points.mean(axis=0)
        variances = points.var(axis=0)
        # Axes without any spread, as of a dead unit, would leave no matrix to invert.
        ridge = _RIDGE * max(float(variances.max()), 1e-30)
        if full:
            apart = points - self.center
            covariance = apart.T @ apart / len(points) + ridge * np.eye(points.shape[1])
            self.root = np.linalg.cholesky(covariance)
        else:
            self.root = np.sqrt(variances + ridge)

    def __call__(self, z: Float64[np.ndarray, "rows latent"]) -> Float64[np.ndarray, " rows"]:
        apart = z - self.center
        if self.root.ndim == 1:
            whitened = (apart / self.root).T
        else:
            whitened = solve_triangular(self.root, apart.T, lower=True, check_finite=False)
        return np.sqrt((whitened**2).sum(axis=0))
