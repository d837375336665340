"""The z-points of a run that are asked where they land and how far they come back."""

from __future__ import annotations

from zspace.analysis.blocks import Points
from zspace.analysis.moments import moments
from zspace.analysis.neighbors import some_points
from zspace.analysis.random_kinds import random_kinds
from zspace.report.material import Material

__all__ = ["asked_points"]

_DRAWS = 500


def asked_points(material: Material) -> dict[str, Points]:
    """Points by the name of their kind: of N(0, I), the prior, cubes, the codes' ellipsoid.

    Codes of images that were not trained on come first, where there are any; the prior where it is
    not N(0, I).

    Args:
        material: the codes, and the prior that they were pulled to.
    """
    asked: dict[str, Points] = {}
    unseen = material.unseen() if material.unseen is not None else None
    if unseen is not None:
        asked["unseen codes"] = some_points(unseen, _DRAWS, seed=material.seed)
    if not material.prior.is_standard:
        asked["prior"] = material.prior.sample(_DRAWS, seed=material.seed)
    measured = moments(material.all("z"))
    return asked | random_kinds(measured, draws=_DRAWS, seed=material.seed)
