"""What is said of points that come back, or do not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from zspace.analysis.consistency import consistency
from zspace.analysis.moments import moments
from zspace.analysis.random_kinds import random_kinds
from zspace.report.sentences.consistency import about_consistency
from zspace.report.sentences.subject import Subject

VAE = Subject(is_vae=True, split="train", points="z")
AE = Subject(is_vae=False, split="validation")
NORMAL = "N(0,\u00a0I)"


def codes() -> np.ndarray:
    scales = np.where(np.arange(16) < 4, 2.0, 0.05)
    return np.random.default_rng(0).standard_normal((1000, 16)) * scales


def said(encode: Callable[[np.ndarray], np.ndarray], subject: Subject) -> str:
    kinds = random_kinds(moments(codes()), draws=100)
    return about_consistency(
        consistency(kinds, codes=codes(), decode=lambda z: z, encode=encode), subject
    )


def test_an_autoencoder_that_knows_its_codes_alone() -> None:
    text = said(lambda x: x * np.where(np.arange(16) < 4, 0.98, 0.0), AE)
    assert text.startswith(
        "Decoded and encoded again, codes of the validation images come back 0.0"
    )
    assert f"points of {NORMAL}" in text
    assert "with a cosine of 0.4" in text
    assert "the encoder does not find in their images what they were made from." in text
    assert "Points of the fitted ellipsoid come back" in text
    assert "(±0.5) to" in text and "times (±8)" in text


def test_a_vae_of_which_little_comes_back() -> None:
    text = said(lambda x: 0.1 * x, VAE)
    assert "z-points of the training images come back 0.7" in text
    assert "the posteriors’ noise is lost" in text
    assert f"points of {NORMAL} as near" in text


@pytest.mark.parametrize(
    ("grown", "expected"), [(0.4, "but not of their kind"), (0.05, "nearer still")]
)
def test_between(grown: float, expected: str) -> None:
    def encode(x: np.ndarray) -> np.ndarray:
        # The codes' large axes come back off by a fifth; the others by as much as is said.
        return x * np.where(np.arange(16) < 4, 0.8, 1 + grown)

    assert expected in said(encode, AE)


def test_a_perfect_model() -> None:
    text = said(lambda x: x, AE)
    assert "come back" in text and f"and points of {NORMAL} " in text
    assert "times" not in text


def test_nothing_was_asked() -> None:
    alone = consistency({}, codes=codes(), decode=lambda z: z, encode=lambda x: x / 2)
    text = about_consistency(alone, AE)
    assert text.endswith("away from where they were.") and "come back 0.4" in text
