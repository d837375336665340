"""What is said of single axes: shape, centers, widths."""

from __future__ import annotations

import numpy as np

from zspace.analysis.axes import axes
from zspace.report.sentences.axes import about_axes
from zspace.report.sentences.subject import Subject

SUBJECT = Subject(is_vae=False, split="validation")


def say(points: np.ndarray) -> str:
    return about_axes(axes(points), SUBJECT).replace("\u00a0", " ")


def normal(count: int = 5000, size: int = 10) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, size))


def test_normal_axes() -> None:
    text = say(normal())
    assert "On 10 of 10 axes the codes of the validation images are nearly normal" in text
    assert "as normal as so many points can show" in text
    assert text.endswith("Centers lie at zero, and all are about as wide as N(0, 1).")


def test_other_shapes_centers_and_widths() -> None:
    points = normal() * np.geomspace(5, 0.1, 10) + 5 * np.geomspace(5, 0.1, 10)
    points[:, :3] = np.exp(normal(size=3))
    text = say(points)
    assert "On 7 of 10 axes" in text
    assert "a shape of its own" in text
    assert "standard deviations off zero on average" in text
    points[:, :6] = np.exp(normal(size=6))
    assert "most axes are of another shape" in say(points)


def test_few_points_and_constant_axes() -> None:
    assert "cannot be told yet" in say(normal(50))
    points = normal()
    points[:, 2] = 1
    assert say(points).endswith("; 1 axis does not vary.")
    assert "On none of 3 axes" in say(np.ones((5, 3)))
    assert "the standard deviation is" in say(2 * normal(size=1))
