"""The maps of several runs, of the same images and in the same colors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from zspace.analysis.maps import Map, maps
from zspace.figures.maps import map_grid
from zspace.report.coloring import colorings
from zspace.report.page import Section
from zspace.report.pictures import picture_of_figure
from zspace.report.sides import Side
from zspace.report.wording import number

__all__ = ["maps_section"]

_METHODS = ("pca", "tsne-30")


def maps_section(found: Sequence[Side]) -> Section:
    """PCA and t-SNE of each run, of the same rows.

    Args:
        found: the runs; what colors the first one colors all.
    """
    made: dict[str, dict[str, Map]] = {method: {} for method in _METHODS}
    colors = {}
    name = ""
    for side in found:
        rows = side.material.rows(side.material.map_count)
        # Each run by itself might choose another attribute, under the legend of the first.
        name = name or next(iter(colorings(side.material, rows)))
        colors[side.name] = colorings(replace(side.material, colors=(name,)), rows)[name]
        points = side.material.chosen("mean", rows)
        for each in maps(points, methods=_METHODS, seed=side.material.seed):
            made[each.method][side.name] = each
    pictures = [
        picture_of_figure(
            map_grid(by_run, colors=colors), f"{next(iter(by_run.values())).title} of each run"
        )
        for by_run in made.values()
    ]
    trusted = "; ".join(
        f"{name} {number(each.trustworthiness or np.nan)}" for name, each in made["tsne-30"].items()
    )
    text = (
        f"The same images on the maps of all runs, first by PCA, then by t-SNE (perplexity 30), "
        f"whose trustworthiness is: {trusted}. Compare which colors lie together; shapes, sizes "
        "and distances of islands are no measure."
    )
    return Section("maps", "Maps of the codes", text, pictures, theory="docs/theory/maps.md")
