"""Points of the latent space to decode: NumPy only, no Keras; who decodes is handed in.

    sampling    random z-points, by the methods in `METHODS`
    fitted      random z-points of what was fitted to codes, by the methods in `FITTED`
    sharpening  decoded images made sharper or larger
    paths       lines and great circles from z-point to z-point
    along_codes  paths that keep to where codes are
    planes      the plane through three z-points, and grids over two directions
    traversals  along latent axes and principal components, one row each
    attributes  directions that stand for a property, and codes moved along them

The numbers alone: that random z-points of a VAE decode to images is the model's doing.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32

from zspace.generation.along_codes import along_codes
from zspace.generation.fitted import ellipsoid_points, kernel_points, mixture_points
from zspace.generation.paths import line, sphere
from zspace.generation.planes import latent_grid, plane
from zspace.generation.sampling import normal_points, sphere_points, uniform_points
from zspace.generation.sharpening import sharpened, upscaled
from zspace.generation.traversals import traversals

__all__ = [
    "FITTED",
    "METHODS",
    "along_codes",
    "ellipsoid_points",
    "kernel_points",
    "latent_grid",
    "line",
    "mixture_points",
    "normal_points",
    "plane",
    "sharpened",
    "sphere",
    "sphere_points",
    "traversals",
    "uniform_points",
    "upscaled",
]

METHODS: dict[str, Callable[..., Float32[np.ndarray, "count size"]]] = {
    "normal": normal_points,
    "uniform": uniform_points,
    "sphere": sphere_points,
}
"""The ways to draw random z-points, by the name the command line knows them under."""

FITTED: dict[str, Callable[..., Float32[np.ndarray, "count size"]]] = {
    "ellipsoid": ellipsoid_points,
    "mixture": mixture_points,
    "kernel": kernel_points,
}
"""The ways that take codes and draw from what was fitted to them."""
