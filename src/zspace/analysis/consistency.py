"""How far points come back: decode them, encode the images, and see where those lie.

A decoder paints something of any point. Whether it is an image of the kind that the model knows is
seen without looking at it: if so, the encoder finds the point again, as well as it finds codes. Of
random points of a plain autoencoder it finds other ones, far away: the number behind images that
are chaos.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64

from zspace.analysis.blocks import Points, point_blocks
from zspace.analysis.moments import moments
from zspace.analysis.neighbors import nearest, some_points
from zspace.errors import InputError, ShapeError

__all__ = ["Consistency", "Return", "consistency"]

_QUANTILES = (5, 25, 50, 75, 95)
_AT_A_TIME = 128
_ROUNDING = 1e-6
_FARTHEST = 1e18


@dataclass(frozen=True)
class Return:
    """How the points of one kind come back.

    All dicts are quantiles: what 5, 25, 50, 75 and 95 % of the points stay below, by percent.

    Attributes:
        name: of the kind, for example ``"N(0, I)"``.
        count: number of points.
        relative: distance of z′ and z over the radius of z; of points at the origin, which have
            none, nothing is counted, and it is None where all are there.
        spreads: the same distance in units of `Consistency.spread`.
        cosine: of the angle between z and z′ as seen from the origin; None likewise.
        radius_before: radius of z.
        radius_after: radius of z′.
        distance: of z′ to the nearest of the codes' means.
        identified: share of the points whose z′ is nearer to its own z than to any other one.
    """

    name: str
    count: int
    relative: dict[int, float] | None
    spreads: dict[int, float]
    cosine: dict[int, float] | None
    radius_before: dict[int, float]
    radius_after: dict[int, float]
    distance: dict[int, float]
    identified: float

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        numbers = asdict(self)
        for name, value in numbers.items():
            if isinstance(value, dict):
                numbers[name] = {str(percent): each for percent, each in value.items()}
        return numbers


@dataclass(frozen=True)
class Consistency:
    """How points of several kinds come back, beside codes.

    Attributes:
        latent_size: number of axes.
        spread: root mean square distance of the codes from their center.
        own_distance: median distance of the mean of one code to the nearest other one.
        codes: what was found for codes.
        kinds: what was found for each kind, in order.
    """

    latent_size: int
    spread: float
    own_distance: float
    codes: Return
    kinds: tuple[Return, ...]

    def kind(self, name: str) -> Return | None:
        """What was found for the kind of this name, if it was asked for."""
        return next((each for each in self.kinds if each.name == name), None)

    def times(self, kind: Return) -> float | None:
        """Median distance of z′ and z over that of the codes; None if all codes come back."""
        if self.codes.spreads[50] <= _ROUNDING:
            return None
        return kind.spreads[50] / self.codes.spreads[50]

    def to_dict(self) -> dict[str, Any]:
        """All numbers as what JSON knows."""
        kinds = [each.to_dict() | {"times": self.times(each)} for each in self.kinds]
        return vars(self) | {"codes": self.codes.to_dict(), "kinds": kinds}


def consistency(
    z: Mapping[str, Points],
    *,
    codes: Points,
    decode: Callable[[np.ndarray], np.ndarray],
    encode: Callable[[np.ndarray], np.ndarray],
    means: Points | None = None,
    draws: int = 500,
    sample: int = 10_000,
    seed: int = 1,
) -> Consistency:
    """Measure how far points of several kinds come back when decoded and encoded again.

    Of a VAE's z-points no more can come back than the decoder makes use of: z′ is a mean, and the
    noise is lost, of codes too. So hold a kind against the codes: `Consistency.times`.

    Args:
        z: points (n, latent) by the name of their kind: `zspace.analysis.random_kinds`.
        codes: z-points of images, (N, latent), as an array or in blocks that can be read more than
            once.
        decode: takes points (n, latent), float32, and gives n images, (n, …).
        encode: takes these and gives the means of their posteriors, (n, latent).
        means: of the codes' posteriors, (N, latent), to say where z′ lies; None takes `codes`.
        draws: how many codes to decode.
        sample: how many means to look for the nearest one in, at most.
        seed: of both choices.

    Returns:
        The numbers.

    Raises:
        InputError: if a value is not finite, also one of those that come back, there are fewer than
            two codes, or all codes are one point.
        ShapeError: if latent sizes differ, or `decode` or `encode` give another number of rows.

    Example:
        >>> draw = np.random.default_rng(1).standard_normal
        >>> halved = consistency(
        ...     {"N(0, I)": draw((100, 8))},
        ...     codes=draw((500, 8)), decode=lambda z: z, encode=lambda images: images / 2,
        ... )
        >>> round(halved.kinds[0].relative[50], 6), halved.kinds[0].identified
        (0.5, 0.46)
    """
    known = moments(codes)
    spread = float(np.sqrt(np.trace(known.covariance)))
    if not spread:
        raise InputError(
            "codes that differ were expected, but all are one point; the encoder gives the same "
            "for every image: train it, or look at its KL term"
        )
    near = some_points(codes if means is None else means, sample, seed=seed)
    if len(near) < 2:
        raise InputError("at least two codes were expected, 1 came; encode more images")
    back = _Back(decode, encode, near=near, spread=spread)
    return Consistency(
        latent_size=known.latent_size,
        spread=spread,
        own_distance=float(np.median(nearest(near, k=1)[0])),
        codes=back.of("codes", some_points(codes, draws, seed=seed)),
        kinds=tuple(back.of(name, points) for name, points in z.items()),
    )


class _Back:
    """Sends points through decoder and encoder, and says how they come back."""

    def __init__(
        self,
        decode: Callable[[np.ndarray], np.ndarray],
        encode: Callable[[np.ndarray], np.ndarray],
        *,
        near: Float64[np.ndarray, "sample latent"],
        spread: float,
    ) -> None:
        self.decode, self.encode = decode, encode
        self.near, self.spread = near, spread

    def of(self, name: str, points: Points) -> Return:
        z = np.concatenate(list(point_blocks(points)))
        if z.shape[1] != self.near.shape[1]:
            raise ShapeError(
                f"codes and {name} of one latent size were expected, {self.near.shape[1]} and "
                f"{z.shape[1]} came; ask for points of the same latent space"
            )
        if np.abs(z).max() > _FARTHEST:
            raise InputError(
                f"points that float32 can hold were expected, {name} reach {np.abs(z).max():.3g}; "
                "leave such far ones out"
            )
        steps = range(0, len(z), _AT_A_TIME)
        found = np.concatenate([self._sent(name, z[row : row + _AT_A_TIME]) for row in steps])
        apart = np.linalg.norm(found - z, axis=1)
        before, after = np.linalg.norm(z, axis=1), np.linalg.norm(found, axis=1)
        has_radius, has_angle = before > 0, (before > 0) & (after > 0)
        cosine = np.einsum("ij,ij->i", z, found)[has_angle] / (before * after)[has_angle]
        # One that is as near as another, to rounding, is not mistaken for it.
        others = nearest(z, found, k=1)[0][:, 0]
        return Return(
            name=name,
            count=len(z),
            relative=_quantiles(apart[has_radius] / before[has_radius]),
            spreads=_quantiles(apart / self.spread) or {},
            cosine=_quantiles(np.clip(cosine, -1, 1)),
            radius_before=_quantiles(before) or {},
            radius_after=_quantiles(after) or {},
            distance=_quantiles(nearest(self.near, found, k=1)[0][:, 0]) or {},
            identified=float((apart <= others * (1 + _ROUNDING)).mean()),
        )

    def _sent(
        self, name: str, z: Float64[np.ndarray, "rows latent"]
    ) -> Float64[np.ndarray, "rows latent"]:
        """What comes back of a few points, checked."""
        images = self.decode(z.astype(np.float32))
        if len(images) != len(z):
            raise ShapeError(
                f"decode must give one image for each point, {len(images)} came for {len(z)}; "
                "pass the model’s own decode"
            )
        found = np.asarray(self.encode(images), np.float64)
        if found.shape != z.shape:
            raise ShapeError(
                f"encode must give means of the shape {z.shape}, {found.shape} came; pass the "
                "means alone: lambda images: model.encode(images)['mean']"
            )
        finite = np.isfinite(found).all(axis=1)
        if not finite.all():
            raise InputError(
                f"means must be finite, but one that came back for {name} (radius "
                f"{np.linalg.norm(z[~finite][0]):.3g}) is not; leave such far points out"
            )
        return found


def _quantiles(values: Float64[np.ndarray, " count"]) -> dict[int, float] | None:
    if not len(values):
        return None
    return dict(zip(_QUANTILES, np.percentile(values, _QUANTILES).tolist(), strict=True))
