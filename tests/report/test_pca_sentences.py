"""What is said of principal components is true of these, and other of others."""

from __future__ import annotations

import numpy as np
import pytest

from zspace.analysis.pca import pca
from zspace.report.sentences.pca import about_pca
from zspace.report.sentences.subject import Subject

AE = Subject(is_vae=False, split="train")
MEANS = Subject(is_vae=True, split="validation", points="mean")


def points(deviations: np.ndarray, count: int = 4000) -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.standard_normal((count, len(deviations))) * deviations


@pytest.mark.parametrize(
    ("deviations", "subject", "expected"),
    [
        (np.ones(16), AE, "nearly round, as N(0, I) asks for"),
        (3 * np.ones(16), AE, "nearly round, with a width of 3"),
        (np.geomspace(3, 0.03, 16), AE, "a thin slice of the space"),
        (np.linspace(3, 0.5, 16), AE, "an ellipsoid, not a ball"),
        (np.array([9.0, *np.full(15, 0.5)]), AE, "nearly one line of points"),
        (np.array([*np.ones(4), *np.full(12, 0.01)]), MEANS, "KL has switched them off"),
        (np.array([*np.full(4, 9.0), *np.full(12, 0.1)]), MEANS, "a thin slice of the space"),
        (np.array([1.0, 1.0, 0.0]), AE, "Along 1 of them nothing varies."),
        (np.zeros(3), AE, "the encoder gives the same for all"),
        (np.array([2.0]), AE, "one axis only"),
    ],
)
def test_branches(deviations: np.ndarray, subject: Subject, expected: str) -> None:
    text = about_pca(pca(points(deviations)), subject).replace("\u00a0", " ")
    assert expected in text
    assert f"the {subject.name} of the {subject.images}" in text
    assert text.count(". ") <= 1 and text.endswith(".")


def test_numbers_are_those_measured() -> None:
    found = pca(points(np.linspace(3, 0.5, 16)))
    text = about_pca(found, AE).replace("\u00a0", " ")
    assert f"90 % lies along {found.axes_for(0.9)} of 16 components" in text
    assert f"99 % along {found.axes_for(0.99)}" in text
    assert f"{found.effective_dimension:.2f} equal ones" in text


def test_few_points_are_not_called_round() -> None:
    text = about_pca(pca(points(np.ones(16), 30)), AE)
    assert "cannot be told from 30 points" in text
    assert "no more than 10 points can span" in about_pca(pca(points(np.ones(16), 10)), AE)
