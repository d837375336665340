"""What maps show, and how far to believe them."""

from __future__ import annotations

from collections.abc import Sequence

from zspace.analysis.maps import Map
from zspace.report.sentences.subject import Subject
from zspace.report.wording import number, percent

__all__ = ["about_maps"]

_GOOD, _FAIR = 0.95, 0.85
_FLAT = 0.8


def about_maps(measured: Sequence[Map], subject: Subject) -> str:
    """How much of the variance a plane holds, and how well t-SNE keeps neighbors.

    Args:
        measured: from `zspace.analysis.maps`.
        subject: what was measured.
    """
    said = []
    plane = next((each for each in measured if each.explained is not None), None)
    if plane is not None and plane.explained is not None:
        judged = (
            "so it shows nearly all there is"
            if plane.explained >= _FLAT
            else "so points that lie together on it may be far apart"
        )
        said.append(
            f"The plane of PCA holds {percent(plane.explained)} of the variance of "
            f"{len(plane.coordinates):,} {subject.name} of the {subject.images}, {judged}."
        )
    others = [each for each in measured if each.explained is None and each.trustworthiness]
    if others:
        best = max(others, key=lambda each: each.trustworthiness or 0.0)
        trusted, continuous = best.trustworthiness or 0.0, best.continuity or 0.0
        if trusted >= _GOOD:
            judged = "neighbors on it can be believed"
        elif trusted >= _FAIR:
            judged = "most neighbors on it are neighbors, not all"
        else:
            judged = "many neighbors on it are none: two dimensions are too few for these codes"
        said.append(
            f"{best.title}, keeps neighbors best, with a trustworthiness of {number(trusted)} and "
            f"a continuity of {number(continuous)}: {judged}; distances between islands mean "
            "nothing."
        )
    return " ".join(said)
