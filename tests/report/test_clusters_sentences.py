"""What is said of clusters: an elbow, none, and what labels make of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zspace.analysis.clusters import Agreement, Clusters
from zspace.report.sentences.clusters import about_clusters
from zspace.report.sentences.subject import Subject

AE = Subject(is_vae=False, split="train")
MEASURED = Clusters(
    count=9000, latent_size=256, used=9000, ks=(2, 4, 8), inertia=(8.5, 7.0, 5.6), total=10.0,
    silhouette=(0.135, 0.07, None), knee=4, normal_knee=6, elbow=None, sharpness=1.89,
    normal_sharpness=2.0, classes=None, best=None,
)  # fmt: skip


def said(**more: object) -> str:
    return about_clusters(replace(MEASURED, **more), AE).replace("\u00a0", " ")


def test_no_elbow_is_held_against_a_normal_cloud() -> None:
    text = said()
    assert text.startswith(
        "From k = 2 to 8 the inertia of the codes of the training images falls to 56 % of their "
        "variance, with no clear elbow"
    )
    assert "1.89 times as steeply" in text
    assert "same covariance gets to 2.00" in text
    assert "(kneedle bends the curve at 4, the cloud’s at 6)" in text
    assert "kneedle" not in said(knee=None)


def test_an_elbow_is_a_number_of_groups() -> None:
    text = said(elbow=4, sharpness=31.4)
    assert "a clear elbow at k = 4: up to there it falls 31.40 times as steeply" in text
    assert "these are 4 groups" in text
    assert "no clear" not in text
    assert "999" in said(elbow=4, sharpness=1e9)


def test_too_few_k_tell_nothing() -> None:
    text = said(sharpness=None, normal_sharpness=None)
    assert "with so few values of k an elbow cannot be told" in text


@pytest.mark.parametrize(
    ("rand", "words"),
    [(0.97, "nearly the classes"), (0.35, "know something"), (0.01, "are no classes")],
)
def test_labels_are_judged(rand: float, words: str) -> None:
    best = Agreement(8, rand, 0.5)
    text = said(best=best, classes=Agreement(10, rand / 2, 0.4))
    assert words in text
    assert f"{rand:.3g} at best, at k = 8" in text or f"{rand} at best, at k = 8" in text
    assert "at k = 10, the number of classes" in text
    assert "silhouette" not in text
    assert "number of classes" not in said(best=best)


def test_without_labels_the_silhouette_speaks() -> None:
    assert said().endswith(
        "The silhouette is 0.135 at best, at k = 2: clusters touch, and any cut through the cloud "
        "is as good as another."
    )
    assert "far apart" in said(silhouette=(0.2, 0.81, None))
    assert "too few for a silhouette" in said(silhouette=(None,) * 3)
