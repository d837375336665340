"""The points as one ellipsoid: a normal distribution fitted to them, and whether it fits.

Its center need not be the origin, nor its axes the latent ones. In units of its own spread
(Mahalanobis) points of a normal distribution lie at radii of the χ distribution, with as many
degrees of freedom as there are axes; how far real ones are from that says how far the ellipsoid
tells the truth. The fit has seen one half of the points, and is held against the other half.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Float64
from scipy import stats

from zspace.analysis.blocks import Points
from zspace.analysis.ellipse import Ellipse, Plane, ellipse, plane_directions
from zspace.analysis.held_out import HeldOut, held_out
from zspace.analysis.moments import Moments
from zspace.analysis.pca import PCA, pca_of
from zspace.analysis.radius import Radius, radius
from zspace.errors import InputError

__all__ = ["Ellipsoid", "ellipsoid"]

_LEAST_VARIANCE = 1e-8
_NEAR, _FAR = 0.8, 1.25
_ALIGNED = 0.9
_BINS = 40
_MOST_BINS = 4000


@dataclass(frozen=True, eq=False)
class Ellipsoid:
    """A normal distribution fitted to N points, and how it fits.

    Attributes:
        moments: mean and covariance of all points.
        pca: its axes: directions, and the variance along each.
        is_full: whether the fit knows the covariances; else there are too few points for the axes,
            the latent axes are taken as independent, and nothing is said about how well it fits.
        fitted: points that the fit has seen; the radii are those of the others.
        radii: the Mahalanobis radii of these, in numbers and as a histogram.
        border: radius that 99 % of them stay within.
        rank: axes of the ellipsoid with more than 1e-8 of the largest variance.
        distance: Kolmogorov's D: the largest difference between the share of radii below a value,
            and what a normal cloud would have there. None where not `is_full`.
        chance: D that 95 % of normal clouds stay below, if the fit were exact: with fewer than ten
            points for each axis somewhat more is by chance.
        origin_distance: Mahalanobis radius of the origin; None where nothing varies.
        origin_share: share of the points that are nearer to the center than the origin is.
        origin_deviations: distance of the origin and the center, in standard deviations of the
            points along the straight line through both; None where they do not vary along it.
        normal_inside: share of points of N(0, I) within `border`.
    """

    moments: Moments
    pca: PCA
    is_full: bool
    fitted: int
    radii: Radius
    border: float
    rank: int
    distance: float | None
    chance: float
    origin_distance: float | None
    origin_share: float | None
    origin_deviations: float | None
    normal_inside: float

    @property
    def count(self) -> int:
        """Number of points N."""
        return self.moments.count

    @property
    def latent_size(self) -> int:
        """Number of axes."""
        return self.moments.latent_size

    @property
    def center_radius(self) -> float:
        """How far the center is from the origin."""
        return float(np.linalg.norm(self.moments.mean))

    @property
    def spread(self) -> float:
        """Root mean square distance of the points from the center."""
        return math.sqrt(float(self.pca.variances.sum()))

    @property
    def center_share(self) -> float:
        """Share of the mean squared radius that is the center's, not the spread's."""
        square = self.center_radius**2
        return square / max(square + self.spread**2, 1e-300)

    @property
    def semi_axes(self) -> Float64[np.ndarray, " latent"]:
        """Standard deviation along each axis of the ellipsoid, the longest first."""
        return np.sqrt(self.pca.variances)

    @property
    def origin_place(self) -> str:
        """``"inside"``, ``"border"`` or ``"outside"``.

        Near the border is 0.8 to 1.25 times as far out as the radius that 99 % stay within.
        """
        if self.origin_distance is None:
            return "inside" if self.center_radius == 0 else "outside"
        ratio = self.origin_distance / self.border
        return "inside" if ratio < _NEAR else "border" if ratio <= _FAR else "outside"

    def expected_density(
        self, radii: Float[np.ndarray, " radii"]
    ) -> Float64[np.ndarray, " radii"] | None:
        """Density of the Mahalanobis radius of a normal cloud, for a fit on as many points.

        Nearly that of χ if these are many. None where not `is_full`.
        """
        return None if self._expected is None else self._expected.density(radii)

    def expected_quantiles(self) -> dict[int, float] | None:
        """What `radii.quantiles` would be of a normal cloud; None where not `is_full`."""
        expected = self._expected
        if expected is None:
            return None
        return {percent: expected.quantile(percent / 100) for percent in self.radii.quantiles}

    @property
    def _expected(self) -> _Expected | None:
        return _Expected(self.rank, self.fitted) if self.is_full and self.rank else None

    def ellipse(self, plane: Plane, *, level: float = 0.95) -> Ellipse:
        """The confidence ellipse in a plane, as `zspace.analysis.ellipse`.

        Args:
            plane: two latent axes, or two directions: ``pca.components[:2]``.
            level: share of a normal cloud's points that fall within it.
        """
        return ellipse(self.moments, plane, level=level)

    def origin_plane(self) -> Float64[np.ndarray, "2 latent"]:
        """The directions of a plane through origin and center: to the center, and across.

        Across is the first principal component, or the second if the first leads to the center.

        Raises:
            InputError: if there is only one axis, or the center is the origin.
        """
        if self.latent_size < 2 or self.center_radius == 0:
            raise InputError(
                "a plane through origin and center needs two axes and a center elsewhere; look at "
                "the first two principal components"
            )
        to_center = self.moments.mean / self.center_radius
        first, second = self.pca.components[:2]
        across = first if abs(first @ to_center) < _ALIGNED else second
        return plane_directions(np.stack([to_center, across]), latent_size=self.latent_size)

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows, without the matrices."""
        expected = self.expected_quantiles()
        by_value = (
            "is_full", "fitted", "border", "rank", "distance", "chance", "origin_distance",
            "origin_share", "origin_deviations", "origin_place", "normal_inside", "count",
            "latent_size", "center_radius", "spread", "center_share",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in by_value},
            "quantiles": {str(key): value for key, value in self.radii.quantiles.items()},
            "expected_quantiles": expected and {str(key): value for key, value in expected.items()},
            "semi_axes": self.semi_axes.tolist(),
        }


def ellipsoid(points: Points, *, draws: int = 4000, seed: int = 1) -> Ellipsoid:
    """Fit a normal distribution to every other point, and hold it against the rest.

    Distances are measured as in `zspace.analysis.cloud`, so that both find the same border.

    Args:
        points: an array (N, latent), memory-mapped or not, or blocks of one that can be read more
            than once; at least four.
        draws: how many points of N(0, I) to look at.
        seed: of these.

    Returns:
        The numbers.

    Raises:
        InputError: if a value is not finite, there are fewer than four points, or a generator came.
        ShapeError: if the points are not (N, latent).

    Example:
        >>> points = 2 + np.random.default_rng(1).standard_normal((4000, 3))
        >>> found = ellipsoid(points)
        >>> round(found.origin_distance, 1), found.origin_place, found.distance < 0.05
        (3.5, 'border', True)
    """
    found = held_out(points)
    center, components = found.whole.mean, pca_of(found.whole)
    rank = int((components.variances > _LEAST_VARIANCE * components.variances[0]).sum())
    far = float(np.linalg.norm(center))
    along = math.sqrt(max(float(center @ found.whole.covariance @ center), 0.0)) / far if far else 0
    origin = float(found.fit.distance(np.zeros((1, len(center))))[0]) if rank else None
    normal = np.random.default_rng(seed).standard_normal((draws, len(center)))
    expected = _Expected(rank, found.fitted) if found.fit.is_full and rank else None
    return Ellipsoid(
        moments=found.whole,
        pca=components,
        is_full=found.fit.is_full,
        fitted=found.fitted,
        radii=_radii(found),
        border=found.border,
        rank=rank,
        distance=None if expected is None else expected.distance(found.distances),
        chance=1.358 / math.sqrt(len(found.distances)),
        origin_distance=origin,
        origin_share=None if origin is None else float((found.distances < origin).mean()),
        origin_deviations=far / along if along else (None if far else 0.0),
        normal_inside=found.inside(found.fit.distance(normal)),
    )


class _Expected:
    """The radius of new points of a normal cloud in a fit on n of its points, in p dimensions.

    Its square is p·(n+1)/(n−p) times F with p and n−p degrees of freedom, where the covariance is
    divided by n; for n → ∞ it is χ² with p of them. Source: H. Hotelling, Annals of Mathematical
    Statistics 2 (1931), 360, https://doi.org/10.1214/aoms/1177732979.
    """

    def __init__(self, size: int, fitted: int) -> None:
        self.factor = size * (fitted + 1) / (fitted - size)
        self.squares = stats.f(size, fitted - size)

    def density(self, r: Float[np.ndarray, " radii"]) -> Float64[np.ndarray, " radii"]:
        # At 0 the density of the square is infinite for one axis, and this one is not.
        r = np.maximum(r, 1e-9)
        return np.asarray(self.squares.pdf(r**2 / self.factor) * 2 * r / self.factor)

    def quantile(self, share: float) -> float:
        return math.sqrt(self.factor * float(self.squares.ppf(share)))

    def distance(self, distances: Float64[np.ndarray, " judged"]) -> float:
        return float(stats.kstest(np.sort(distances) ** 2 / self.factor, self.squares.cdf)[0])


def _radii(found: HeldOut) -> Radius:
    """The distances as radii, in bins that are a good fraction of their spread."""
    low, high = np.quantile(found.distances, (0.01, 0.99))
    width = max(high - low, 1e-6 * high, 1e-9) / _BINS
    width = max(width, float(found.distances.max()) / _MOST_BINS)
    power = 10 ** math.floor(math.log10(width))
    width = next(step * power for step in (1, 2, 5, 10) if step * power >= width)
    measured = radius(found.distances[:, None], bin_width=width)
    return dataclasses.replace(measured, latent_size=found.whole.latent_size)
