"""The z-points of codes, which can be walked through as often as wanted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float32

from zspace.codes import Codes

__all__ = ["ZPoints"]


class ZPoints:
    """One z-point of each image, drawn anew and alike whenever it is walked through.

    Args:
        codes: of a variational autoencoder; of a plain one these are the codes themselves.
    """

    def __init__(self, codes: Codes) -> None:
        self.codes = codes

    def __iter__(self) -> Iterator[Float32[np.ndarray, "rows latent"]]:
        """Blocks of rows, in order."""
        return self.codes.z_blocks()
