"""What is said of maps: how much a plane holds, and whether neighbors can be believed."""

from __future__ import annotations

import numpy as np
import pytest

from zspace.analysis.maps import METHODS, Map
from zspace.report.sentences.maps import about_maps
from zspace.report.sentences.subject import Subject

VAE = Subject(is_vae=True, split="validation", points="mean")


def laid(method: str, trusted: float, explained: float | None = None) -> Map:
    place = np.zeros((1500, 2), np.float32)
    return Map(method, dict(METHODS[method]), place, trusted, 0.872, explained=explained)


def said(*found: Map) -> str:
    return about_maps(found, VAE).replace("\u00a0", " ")


def test_the_plane_is_judged_by_what_it_holds() -> None:
    text = said(laid("pca", 0.7, 0.31))
    assert text == (
        "The plane of PCA holds 31 % of the variance of 1,500 means of the validation images, so "
        "points that lie together on it may be far apart."
    )
    assert "nearly all there is" in said(laid("pca", 1.0, 0.93))


@pytest.mark.parametrize(
    ("trusted", "words"),
    [(0.97, "can be believed"), (0.886, "most neighbors"), (0.7, "two dimensions are too few")],
)
def test_neighbors_are_judged(trusted: float, words: str) -> None:
    text = said(laid("tsne-30", trusted))
    assert text.startswith("t-SNE, perplexity 30")
    assert words in text
    assert f"trustworthiness of {trusted:.3g} " in text or f"{trusted:.3f} " in text
    assert "continuity of 0.872" in text
    assert text.endswith("distances between islands mean nothing.")


def test_the_best_of_several_is_named() -> None:
    text = said(laid("pca", 0.99, 0.5), laid("tsne-30", 0.88), laid("tsne-10", 0.91))
    assert "t-SNE, perplexity 10" in text
    assert "perplexity 30" not in text
    text = said(laid("tsne-30", 0.88), laid("umap", 0.96))
    assert text.startswith("UMAP, 15 neighbors, keeps neighbors best")


def test_distances_mean_nothing_on_umap_either() -> None:
    assert "distances between islands mean nothing" in said(laid("umap", 0.9))
