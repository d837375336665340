"""The figure of growth: time above, memory below; images, latent size and image size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from zspace.figures.style import PALETTE, WIDTH, styled

AXES = {
    "images": "number of images",
    "latent size": "latent size",
    "image size": "side of an image in pixels",
}
_KINDS = {"seconds": "seconds", "mib": "MiB beyond the base"}
_COLORS = {
    "prepare": "blue",
    "encode": "vermilion",
    "train": "black",
    "radius": "green",
    "deviations": "purple",
    "pca": "orange",
    "clusters": "sky",
}


def draw(found: dict[str, dict[str, Any]], path: Path) -> None:
    """Draw all series that there are."""
    with styled():
        figure = Figure(figsize=(2.4 * WIDTH, 1.5 * WIDTH), layout="constrained")
        panels = figure.subplots(len(_KINDS), len(AXES), squeeze=False)
        for row, (kind, unit) in zip(panels, _KINDS.items(), strict=True):
            for panel, (axis, label) in zip(row, AXES.items(), strict=True):
                _lines(panel, found, axis, kind)
                panel.set(xscale="log", yscale="log", xlabel=label, ylabel=unit)
                if axis == "image size":
                    _ticks(panel, found)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Software": None})


def _ticks(panel: Any, found: dict[str, dict[str, Any]]) -> None:
    """The sides themselves: they lie too near each other for powers of ten."""
    chosen = [each["sizes"] for name, each in found.items() if name.startswith("image size")]
    if chosen:
        panel.set_xticks(chosen[0], [str(side) for side in chosen[0]])
        panel.minorticks_off()


def _lines(panel: Any, found: dict[str, dict[str, Any]], axis: str, kind: str) -> None:
    for name, each in found.items():
        start, _, what = name.partition(", ")
        points = [(x, y) for x, y in zip(each["sizes"], each[kind], strict=True) if y]
        if start != axis or not points:
            continue
        slope = each["exponent"][kind]
        label = what if slope is None else f"{what}  {slope:.2f}"
        color = PALETTE[_COLORS[what]]
        panel.plot(*zip(*points, strict=True), "o-", markersize=3.5, color=color, label=label)
    if panel.lines:
        # Above the panel: inside, six lines leave no corner free.
        panel.legend(
            title="exponent" if axis != "image size" else "exponent, of pixels",
            loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2,
        )  # fmt: skip
