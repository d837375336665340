"""What is said of random points beside codes, and which distance gives them away."""

from __future__ import annotations

import numpy as np

from zspace.analysis.density import density
from zspace.analysis.moments import moments
from zspace.analysis.random_kinds import random_kinds
from zspace.report.sentences.density import about_density
from zspace.report.sentences.subject import Subject

VAE = Subject(is_vae=True, split="train", points="z")
AE = Subject(is_vae=False, split="train")
NORMAL = "N(0,\u00a0I)"


def normal(count: int, size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, size))


def said(codes: np.ndarray, subject: Subject, **more: np.ndarray) -> str:
    return about_density(density(codes, {**random_kinds(moments(codes)), **more}), subject)


def test_codes_of_the_prior() -> None:
    text = said(normal(4000, 16), VAE)
    assert text.startswith(f"Of the points of {NORMAL} 9")
    assert "places that it knows" in text
    assert "limits ±0.5, ±1, ±1.5 and ±2 do; of the fitted ellipsoid’s 9" in text
    assert "draw from" not in text


def test_a_far_cloud() -> None:
    text = said(normal(2000, 4) + 30, AE)
    assert text.startswith(f"None of the points of {NORMAL} land among the codes")
    assert "from the center" in text and "the 10 nearest" in text
    assert "No cube puts most of its points there" in text
    assert "so that is where to draw from" in text


def test_narrow_axes_that_neighbors_do_not_notice() -> None:
    scales = np.where(np.arange(64) % 2, 0.05, 1.6)
    text = said(normal(4000, 64) * scales, AE)
    assert "is one that codes have among themselves" in text


def test_a_hollow_cloud() -> None:
    """All codes on a sphere of another radius: the ellipsoid holds what lies inside of it."""
    codes = normal(3000, 3)
    codes *= 8 / np.linalg.norm(codes, axis=1, keepdims=True)
    text = said(codes, AE)
    assert "though the ellipsoid around all codes holds them" in text


def test_new_images_that_land_elsewhere() -> None:
    codes = normal(2000, 4)
    text = said(codes, AE, validation=normal(300, 4) + 3)
    assert "of the validation points only" in text
    assert "validation" not in said(codes, AE, validation=normal(300, 4, 7))


def test_other_kinds_alone() -> None:
    codes = normal(2000, 4)
    text = about_density(density(codes, {"mine": 40 + codes[:50]}), AE)
    assert text.startswith("None of the points of mine land among the codes")
