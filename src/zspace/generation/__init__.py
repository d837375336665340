"""Points of the latent space to decode: NumPy only, no Keras; who decodes is handed in.

    sampling    random z-points, by the methods in `METHODS`

The numbers alone: that random z-points of a VAE decode to images is the model's doing.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32

from zspace.generation.sampling import normal_points, uniform_points

__all__ = ["METHODS", "normal_points", "uniform_points"]

METHODS: dict[str, Callable[..., Float32[np.ndarray, "count size"]]] = {
    "normal": normal_points,
    "uniform": uniform_points,
}
"""The ways to draw random z-points, by the name the command line knows them under."""
