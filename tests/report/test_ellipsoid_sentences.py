"""What is said of the ellipsoid: whether it fits, where the origin is, who lands in it."""

from __future__ import annotations

import numpy as np

from zspace.analysis.ellipsoid import ellipsoid
from zspace.report.sentences.ellipsoid import about_ellipsoid
from zspace.report.sentences.subject import Subject

AE = Subject(is_vae=False, split="train")
MEANS = Subject(is_vae=True, split="train", points="mean")


def say(points: np.ndarray, subject: Subject = AE) -> str:
    return about_ellipsoid(ellipsoid(points), subject).replace("\u00a0", " ")


def normal(count: int = 5000, size: int = 8) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, size))


def test_the_prior_itself() -> None:
    text = say(normal())
    assert text.startswith("One normal cloud describes the codes of the training images well")
    assert "the origin is inside the cloud" in text
    assert "land in it, as they should." in text


def test_where_the_origin_is() -> None:
    border = say(normal(size=2) + np.array([3.0, 0.0]))
    assert "the origin is near the cloud’s border" in border
    assert "of the points of N(0, I) land in it" in border
    outside = say(normal() + 9)
    assert "the origin is outside the cloud" in outside
    assert "no point of N(0, I) lands in it: draw from the ellipsoid instead." in outside


def test_a_bad_fit_says_how() -> None:
    wild = normal() * np.random.default_rng(1).choice([0.4, 1.6], (5000, 1))
    text = say(wild)
    assert "described poorly" in text
    assert "many far farther out" in text
    shell = normal()
    shell /= np.linalg.norm(shell, axis=1, keepdims=True)
    assert "half of them are within" in say(shell)
    square = np.random.default_rng(2).uniform(-1, 1, (20_000, 2))
    assert "described only roughly" in say(square)


def test_a_cloud_far_wider_than_the_prior_is_not_filled_by_it() -> None:
    text = say(6 * normal() + 1)
    assert "100 % of the points of N(0, I) land in it, but fill only a spot" in text
    assert "it is 6.0" in text or "it is 5.9" in text


def test_means_of_a_vae_are_not_asked_to_fill_the_prior() -> None:
    assert "means lack the posteriors’ noise" in say(0.1 * normal(), MEANS)
    assert "draw from the ellipsoid" not in say(0.1 * normal(), MEANS)


def test_few_points_and_one_point() -> None:
    assert "too few to see" in say(normal(40, 32))
    assert "one and the same point" in say(np.full((9, 3), 2.0))
