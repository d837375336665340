"""Principal components: along which directions points vary, and how many of these count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64

from zspace.analysis.blocks import Points, point_blocks
from zspace.analysis.moments import Moments, moments
from zspace.errors import InputError, ShapeError

__all__ = ["PCA", "pca", "pca_of"]

_NOTHING = 1e-14


@dataclass(frozen=True, eq=False)
class PCA:
    """The principal components of N points, and the way there and back.

    Attributes:
        count: number of points N.
        center: their mean, (latent,).
        components: directions of length 1, one a row, (latent, latent), by their variance. Of each
            the coordinate that is largest in size is positive, so that signs are settled.
        variances: variance along each component, largest first, divided by N, not N - 1.
    """

    count: int
    center: Float64[np.ndarray, " latent"]
    components: Float64[np.ndarray, "latent latent"]
    variances: Float64[np.ndarray, " latent"]

    @property
    def latent_size(self) -> int:
        """Number of axes."""
        return len(self.center)

    @property
    def shares(self) -> Float64[np.ndarray, " latent"]:
        """Share of the total variance along each component; zeros where nothing varies."""
        return self.variances / max(float(self.variances.sum()), 1e-300)

    @property
    def rank(self) -> int:
        """Components along which points vary at all, rounding aside; below N in any case."""
        return int((self.variances > _NOTHING * max(float(self.variances[0]), 1e-300)).sum())

    @property
    def effective_dimension(self) -> float | None:
        """Participation ratio (Σλ)²/Σλ²: k if k variances are equal and the others are zero.

        Source: P. Gao et al., A theory of multineuronal dimensionality, dynamics and measurement,
        2017, https://doi.org/10.1101/214262. None where nothing varies.
        """
        shares = self.shares
        return float(1 / (shares**2).sum()) if shares.any() else None

    def axes_for(self, share: float) -> int:
        """How many components, the first ones, hold this share of all variance.

        Example:
            >>> found = pca(np.array([[3.0, 1.0], [-3.0, 1.0], [0.0, -2.0]]))
            >>> found.axes_for(0.7), found.axes_for(0.9)
            (1, 2)
        """
        # Sums of shares may end a last digit below 1.
        reached = np.cumsum(self.shares) + 1e-12
        return min(int(np.searchsorted(reached, share)) + 1, self.latent_size)

    def transform(
        self, points: Points, *, axes: int | None = None, whiten: bool = False
    ) -> Float64[np.ndarray, "count axes"]:
        """Coordinates of points along the components, from their center.

        Args:
            points: an array (N, latent), memory-mapped or not, or an iterable of blocks of one.
            axes: how many components, the first ones; all of them unless given.
            whiten: whether to give them in standard deviations, so that each coordinate has the
                variance 1; 0 along components without variance.

        Raises:
            InputError: if a value is not finite, there is no point, or `axes` is not 1 to latent.
            ShapeError: if the points have another latent size.
        """
        number = self.latent_size if axes is None else axes
        if not 1 <= number <= self.latent_size:
            raise InputError(f"1 to {self.latent_size} components exist, {number} were asked for")
        turn = self.components[:number].T
        if whiten:
            scale = self._scale[:number]
            turn = np.divide(turn, scale, out=np.zeros(turn.shape), where=scale > 0)
        return np.concatenate([self._apart(block) @ turn for block in point_blocks(points)])

    def inverse(
        self, coordinates: Float64[np.ndarray, "count axes"], *, whiten: bool = False
    ) -> Float64[np.ndarray, "count latent"]:
        """Points with these coordinates; where some are left out, 0 is taken for them.

        Args:
            coordinates: from `transform`, or made up: (count, axes).
            whiten: whether they are in standard deviations.

        Raises:
            ShapeError: if there are more coordinates than components.

        Example:
            >>> points = np.random.default_rng(1).normal(size=(50, 3))
            >>> found = pca(points)
            >>> bool(np.allclose(found.inverse(found.transform(points)), points))
            True
        """
        number = coordinates.shape[1]
        if number > self.latent_size:
            raise ShapeError(
                f"at most {self.latent_size} coordinates were expected, {number} came; give "
                "those of this latent space"
            )
        scaled = coordinates * self._scale[:number] if whiten else coordinates
        return self.center + scaled @ self.components[:number]

    @property
    def _scale(self) -> Float64[np.ndarray, " latent"]:
        scale = np.sqrt(self.variances)
        scale[self.rank :] = 0.0
        return scale

    def _apart(self, block: Float64[np.ndarray, "rows latent"]) -> np.ndarray:
        if block.shape[1] != self.latent_size:
            raise ShapeError(
                f"points of the latent size {self.latent_size} were expected, {block.shape[1]} "
                "came; measure these by themselves"
            )
        return block - self.center

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows, without the center and the components."""
        return {
            "count": self.count,
            "latent_size": self.latent_size,
            "rank": self.rank,
            "effective_dimension": self.effective_dimension,
            "axes_for": {str(percent): self.axes_for(percent / 100) for percent in (50, 90, 99)},
            "variances": self.variances.tolist(),
            "shares": self.shares.tolist(),
        }


def pca(points: Points) -> PCA:
    """Find the principal components of points, in one pass and in float64.

    They are the eigenvectors of the covariance, so that memory for latent² numbers is enough;
    variances below 1e-14 of the largest are rounding.

    Args:
        points: an array (N, latent), memory-mapped or not, or an iterable of blocks of one.

    Returns:
        The components; for points that are all the same with variances of zero.

    Raises:
        InputError: if a value is not finite, or there is no point.
        ShapeError: if the points are not (N, latent).

    Example:
        >>> found = pca(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]))
        >>> found.components[0].round(3).tolist(), found.variances.round(3).tolist()
        ([0.707, 0.707], [1.333, 0.0])
    """
    return pca_of(moments(points))


def pca_of(measured: Moments) -> PCA:
    """The principal components of points whose moments are known.

    Args:
        measured: from `zspace.analysis.moments`.
    """
    # What rounding leaves on an axis that does not vary is no variance.
    varies = measured.varies
    variances, vectors = np.linalg.eigh(measured.covariance * np.outer(varies, varies))
    components = vectors[:, ::-1].T
    largest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(len(components)), largest])
    return PCA(
        count=measured.count,
        center=measured.mean,
        components=np.ascontiguousarray(components * signs[:, None]),
        variances=np.maximum(variances[::-1], 0.0),
    )
