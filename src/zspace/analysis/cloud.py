"""Whether random points of the prior land in the cloud that the codes form."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from zspace.analysis.blocks import Points
from zspace.analysis.held_out import held_out
from zspace.analysis.mixture import NormalMixture
from zspace.errors import ShapeError

__all__ = ["Cloud", "cloud"]


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
    codes: Points,
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
        codes: an array (N, latent), memory-mapped or not, or blocks of one that can be read more
            than once; at least four points.
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
    found = held_out(codes)
    size = found.whole.latent_size
    prior = NormalMixture.standard(size) if prior is None else prior
    if prior.latent_size != size:
        raise ShapeError(
            f"prior and codes must have one latent size, {prior.latent_size} and {size} came; "
            "encode the images again"
        )
    asked = found.fit.distance(prior.sample(draws, seed=seed))
    return Cloud(
        count=found.whole.count,
        latent_size=size,
        center_radius=float(np.linalg.norm(found.whole.mean)),
        deviations=tuple(found.whole.deviations.tolist()),
        border=found.border,
        distance=float(np.median(found.distances)),
        prior_distance=float(np.median(asked)),
        inside=found.inside(asked),
        is_full=found.fit.is_full,
    )
