"""The embedded data set: drawn faces, endless, deterministic, with the truth about each.

draw_faces      images with factors and attributes, by seed and index
draw_from       images from chosen traits: sample_traits(1).vary("smile", [-1, 0, 1])
FACTORS         the continuous causes of a picture, with ranges and meanings
CHOICES         the discrete ones: hair style, hat, glasses, ...
"""

from __future__ import annotations

from zspace.data.faces.attributes import ATTRIBUTE_NAMES
from zspace.data.faces.drawing import LARGEST, SMALLEST, Faces, draw_faces, draw_from
from zspace.data.faces.factors import CHOICES, FACTOR_NAMES, FACTOR_RANGES, FACTORS
from zspace.data.faces.sampling import sample_traits
from zspace.data.faces.traits import Traits

__all__ = [
    "ATTRIBUTE_NAMES",
    "CHOICES",
    "FACTORS",
    "FACTOR_NAMES",
    "FACTOR_RANGES",
    "LARGEST",
    "SMALLEST",
    "Faces",
    "Traits",
    "draw_faces",
    "draw_from",
    "sample_traits",
]
