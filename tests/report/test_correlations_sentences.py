"""What is said of correlations: chance is called chance, and a turned cloud turned."""

from __future__ import annotations

import numpy as np

from zspace.analysis.correlations import correlations
from zspace.report.sentences.correlations import about_correlations
from zspace.report.sentences.subject import Subject

SUBJECT = Subject(is_vae=True, split="train", points="z")


def say(points: np.ndarray) -> str:
    return about_correlations(correlations(points), SUBJECT).replace("\u00a0", " ")


def normal(count: int = 3000, size: int = 12) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, size))


def test_independent_axes_are_uncorrelated_however_few_points_there_are() -> None:
    for count in (20, 3000):
        text = say(normal(count))
        assert "uncorrelated as far as so many points can tell" in text
        assert f"in {count:,} points" in text
        assert "the z-points of the training images" in text


def test_a_turned_cloud_is_said_to_be_turned() -> None:
    points = normal()
    found = correlations(points @ np.random.default_rng(1).standard_normal((12, 12)))
    text = about_correlations(found, SUBJECT).replace("\u00a0", " ")
    assert "turned against its axes" in text
    one, other, r = found.strongest[0]
    assert f"axes {one} and {other} the most (r = {r:.2f})".replace("-", "−") in text


def test_copies_and_weak_ties_are_told_apart() -> None:
    points = normal(3000, 40)
    points[:, 1] += 0.35 * points[:, 0]
    points[:, 3] -= 0.5 * points[:, 2]
    assert "real, but weak" in say(points)
    points[:, 5] = points[:, 4]
    assert "say nearly the same, the rest next to nothing" in say(points)
    assert "all but repeat others" in say(points[:, :6])


def test_nothing_to_correlate() -> None:
    assert say(np.ones((5, 3))).startswith("No axis varies")
    assert say(normal(9, 1)).startswith("Only one axis varies")
    points = normal()
    points[:, 0] = 3
    assert "(1 constant axis left out)" in say(points)
