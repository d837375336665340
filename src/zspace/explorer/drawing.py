"""Random z-points by each method of generation, made in advance, so that a click is quick."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from jaxtyping import Float64

from zspace.analysis.mixture import NormalMixture
from zspace.analysis.neighbors import rows_of, some_rows
from zspace.analysis.z_points import ZPoints
from zspace.codes import Codes
from zspace.errors import InputError, did_you_mean
from zspace.explorer.once import Once
from zspace.generation import FITTED, METHODS

__all__ = ["RandomPoints"]

_AT_ONCE = 512
_FITTED_TO = 20_000
_KEPT = 32


class RandomPoints:
    """Random z-points by number: the same method and number give the same point.

    A fit takes some seconds, so points are drawn 512 at a time and kept.

    Args:
        codes: of the training images.

    Example:
        >>> codes = Codes(np.eye(4, dtype=np.float32)[:, :2], index=np.arange(4))
        >>> RandomPoints(codes).point("sphere", 3).shape
        (2,)
    """

    def __init__(self, codes: Codes) -> None:
        self._codes = codes
        self._made: Once[np.ndarray] = Once(most=_KEPT)

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods."""
        return (*METHODS, *FITTED, "prior")

    def point(self, method: str, number: int, **options: Any) -> Float64[np.ndarray, " latent"]:
        """A random z-point.

        Args:
            method: one of `methods`; ``"prior"`` is the one the model was trained with.
            number: which one, 0 or more: a button counts on.
            options: of the method, see `zspace.generation`.

        Raises:
            InputError: if there is no such method or option, one is out of range, or there are too
                few codes for a fit.
        """
        if method not in self.methods:
            raise InputError(f"no method {method!r}; {did_you_mean(method, self.methods)}")
        if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < 0:
            raise InputError(f"a number of 0 or more was expected, {number!r} came; count from 0")
        block, row = divmod(int(number), _AT_ONCE)
        points = self._block(method, block, options)
        return points[row].astype(np.float64)

    def _block(self, method: str, block: int, options: dict[str, Any]) -> np.ndarray:
        def make() -> np.ndarray:
            return self._drawn(method, seed=block + 1, **options)

        try:
            return self._made.get((method, block, *sorted(options.items())), make)
        except TypeError as error:  # an option that the method does not have, or no number
            raise InputError(f"{method}: {' '.join(str(error).split())}") from error

    def _drawn(self, method: str, *, seed: int, **options: Any) -> np.ndarray:
        if method == "prior":
            return self._prior(seed=seed, **options)
        if method in FITTED:
            return FITTED[method](self._some, _AT_ONCE, seed=seed, **options)
        return METHODS[method](_AT_ONCE, self._codes.latent_size, seed=seed, **options)

    def _prior(self, *, seed: int) -> np.ndarray:
        return NormalMixture.of_codes(self._codes).sample(_AT_ONCE, seed=seed)

    @functools.cached_property
    def _some(self) -> np.ndarray:
        """z-points of up to 20,000 images: more do not change a fit that can be seen."""
        rows = some_rows(self._codes.count, _FITTED_TO)
        return rows_of(ZPoints(self._codes), rows).astype(np.float32)
