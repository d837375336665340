"""Pictures of zspace's runs: 1,000 test codes before and after training, and reconstructions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from three_ways.ways import LIKELIHOODS, WAYS
from three_ways.zspace_side import recipe_changes

import zspace
from zspace.figures.grids import image_grid
from zspace.figures.save import save_figure
from zspace.figures.style import styled
from zspace.recipe import load_recipe

# Ten colors that color-blind people can tell apart, with markers beside them: Paul Tol's "muted"
# scheme, https://personal.sron.nl/~pault/
COLORS = (
    *("#332288", "#88CCEE", "#44AA99", "#117733", "#999933"),
    *("#DDCC77", "#CC6677", "#882255", "#AA4499", "#777777"),
)
MARKERS = "osD^v<>Ph*"
CODES = 1000
ROW = 10


def draw(work: Path, *, dataset: zspace.Dataset, epochs: int, out: Path) -> None:
    """Codes before and after, and reconstructions, of seed 1 and the exact KL.

    Args:
        work: where the runs are.
        dataset: Fashion-MNIST.
        epochs: of the runs.
        out: the folder of the pictures.
    """
    from zspace.training.fit import make_model

    index = dataset.indices("validation", CODES)
    images, labels = dataset.rows(index), np.asarray(dataset.labels)[index]
    out.mkdir(parents=True, exist_ok=True)
    for likelihood in LIKELIHOODS:
        run = zspace.open_run(work / f"zspace-{likelihood}-exact-1-{epochs}")
        recipe = load_recipe(f"fashion-vae-full-normal-{likelihood}").override(
            recipe_changes(WAYS["exact"], seed=1, epochs=epochs)
        )
        untrained = make_model(recipe, dataset)
        means = {
            "before training": untrained.encode(images)["mean"],
            f"after {epochs} epoch{'s' * (epochs > 1)}": run.model.encode(images)["mean"],
        }
        figure = scatter(means, labels, names=dataset.label_names)
        save_figure(figure, out / f"fashion-codes-{likelihood}.png")
        shown = images[:ROW]
        pairs = np.concatenate([shown / np.float32(255), run.model.reconstruct(shown)])
        grid = image_grid(pairs, columns=ROW, row_labels=["test image", "reconstruction"])
        save_figure(grid, out / f"fashion-reconstructions-{likelihood}.png")


def scatter(means: dict[str, np.ndarray], labels: np.ndarray, *, names: tuple[str, ...]) -> Figure:
    """Two-dimensional codes (n, 2) by class, one panel for each entry of `means`."""
    with styled():
        figure = Figure(figsize=(9.6, 4.9))
        panels = figure.subplots(1, len(means))
        for panel, (title, points) in zip(panels, means.items(), strict=True):
            for label in range(len(COLORS)):
                of_class = points[labels == label]
                panel.scatter(
                    *of_class.T,
                    s=13,
                    color=COLORS[label],
                    marker=MARKERS[label],
                    linewidths=0,
                    alpha=0.85,
                    label=names[label] if names else str(label),
                )
            panel.set(title=title, xlabel="z₁", ylabel="z₂")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="lower center", ncols=5)
        figure.subplots_adjust(left=0.07, right=0.99, top=0.92, bottom=0.27, wspace=0.2)
    return figure
