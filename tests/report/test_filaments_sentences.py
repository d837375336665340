"""What is said of pieces and dimensions, for clouds of which it is known."""

from __future__ import annotations

import re

import numpy as np

from zspace.analysis.filaments import filaments
from zspace.report.sentences.filaments import about_filaments
from zspace.report.sentences.subject import Subject

VAE = Subject(is_vae=True, split="train", points="z")
AE = Subject(is_vae=False, split="validation")


def normal(count: int, size: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, size))


def test_a_normal_cloud() -> None:
    text = about_filaments(filaments(normal(2000, 5)), VAE)
    assert text.startswith("As far as neighbors tell, the z-points of the training images are one")
    assert "all 2,000 points" in text
    assert text.endswith("nothing finer than the ellipsoid is in them.")


def test_a_curve_does_not_fill_its_ellipsoid() -> None:
    t = np.random.default_rng(1).uniform(0, 6, 2000)
    curve = np.stack([np.cos(t), np.sin(t), np.cos(2 * t), np.sin(2 * t)], axis=1)
    measured = filaments(curve)
    text = about_filaments(measured, AE)
    assert "the codes of the validation images are one piece" in text
    assert re.search(r"Close by they have (0\.9|1 |1\.0)", text)
    assert f"{100 * (1 - measured.distance_ratio / measured.chance_ratio):.1f}"[:2] in text
    assert text.endswith("curved or thin within its ellipsoid, and does not fill it.")


def test_pieces_are_counted_and_sized() -> None:
    points = normal(2000, 3)
    points[:500, 0] += 40
    points[500:700, 1] += 40
    text = about_filaments(filaments(points), AE)
    assert "fall into 3 pieces, with 65\u00a0%, 25\u00a0% and 10" in text
    assert text.startswith("The cloud is not one")


def test_a_gap_with_a_bridge() -> None:
    points = normal(2000, 3)
    points[:1000, 0] += 60
    line = np.zeros((12, 3))
    line[:, 0] = np.linspace(3, 57, 12)
    measured = filaments(np.concatenate([points, line]))
    assert measured.codes.large_pieces == 1
    assert "a few points bridge them" in about_filaments(measured, AE)


def test_dense_places_and_even_ones() -> None:
    heavy = np.random.default_rng(1).standard_t(3, (2000, 12))
    assert "denser in places" in about_filaments(filaments(heavy), AE)
    steps = np.arange(45.0)
    grid = np.stack(np.meshgrid(steps, steps), -1).reshape(-1, 2)
    grid += 0.05 * normal(len(grid), 2)
    assert "more evenly than a normal cloud" in about_filaments(filaments(grid), AE)


def test_what_cannot_be_told() -> None:
    text = about_filaments(filaments(np.concatenate([np.eye(40), np.eye(40)[:3]])), AE)
    assert "(3 repeated ones left out)" in text
    assert text.endswith("All neighbors are equally far away, so a dimension cannot be told.")
