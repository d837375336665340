"""What is said of a z-point: how far out, how lonely, and an honest warning off the data."""

from __future__ import annotations

from dataclasses import dataclass

from zspace.analysis.places import READINGS, Place

__all__ = ["Reading", "reading_of"]

_MOST_PERCENT = 99.9


@dataclass(frozen=True)
class Reading:
    """Where a z-point lies, for a person.

    Attributes:
        place: all numbers.
        text: radius and density in a sentence.
        brief: the same in a few words.
        warning: what to think of its image; empty among the codes.
    """

    place: Place
    text: str
    brief: str
    warning: str

    @property
    def is_off(self) -> bool:
        """Whether it lies off the data."""
        return self.place.reading == READINGS[2]


def reading_of(place: Place) -> Reading:
    """Put the numbers of a place into words.

    Args:
        place: from `zspace.analysis.places.Density`, of the codes' z-points.

    Example:
        >>> place = Place(3.0, 12.0, 1.0, 97.1, 2.5, 40.0, "at the border")
        >>> reading_of(place).warning
        'At the border: 97 % of the codes have nearer neighbors.'
        >>> print(reading_of(place).text)
        Radius 2.50, larger than that of 40 % of the images' z-points;
        its neighbors are farther off than those of 97 % of them.
    """
    radius = _among(place.radius_percentile, "larger than that", "smaller than that")
    distance = _among(place.distance_percentile, "farther off than those", "nearer than those")
    text = (
        f"Radius {place.radius:.2f}, {radius} of the images' z-points; its neighbors are "
        f"{distance} of them."
    )
    brief = f"Radius {place.radius:.2f}, lonelier than {_percent(place.distance_percentile)}"
    return Reading(place, text, brief, _warning(place))


def _among(percentile: float, more: str, less: str) -> str:
    """How it compares with the z-points of the images."""
    if percentile <= 0:
        return f"{less} of any"
    return f"{more} of {_percent(percentile)}"


def _warning(place: Place) -> str:
    if place.reading == READINGS[0]:
        return ""
    if place.distance_percentile >= place.mahalanobis_percentile:
        why = f"{_percent(place.distance_percentile)} of the codes have nearer neighbors"
    else:
        why = f"{_percent(place.mahalanobis_percentile)} of the codes are nearer to their center"
    if place.reading == READINGS[1]:
        return f"At the border: {why}."
    return f"Off the data: {why}. The decoder has seen nothing like it, so do not trust the image."


def _percent(value: float) -> str:
    """Whole percents, but never 100 where it is not all, nor 0 where it is not none."""
    if value >= 100:
        return "all"
    if value <= 0:
        return "none"
    if value > 99 or value < 1:
        return f"{min(value, _MOST_PERCENT):.1f} %" if value >= 0.05 else "less than 0.1 %"
    return f"{value:.0f} %"
