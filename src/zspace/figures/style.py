"""The look of every figure: one palette, one lettering, no global state left behind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import matplotlib.style

__all__ = ["CLASS_COLORS", "DPI", "GRAY", "INK", "PALETTE", "WIDTH", "styled"]

PALETTE = {
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "black": "#000000",
}
"""Colors that color-blind people can tell apart. Source: Okabe and Ito, "Color universal design",
2008, https://jfly.uni-koeln.de/color/"""

CLASS_COLORS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F3C8D", "#8C564B",
    "#5b636d", "#B8B800",
)  # fmt: skip
"""Ten colors: those of Okabe and Ito, and a violet, a brown, a gray and an olive beside them."""

INK = "#24292f"
GRAY = "#5b636d"

DPI = 150
"""Dots per inch of everything that is saved."""

WIDTH = 5.6
"""Width of a chart in inches: 840 dots, so that a phone still shows lettering that can be read."""

_STYLE = {
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same widths everywhere
    "font.size": 10.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#b4bac1",
    "axes.linewidth": 0.8,
    "axes.titlesize": 11.0,
    "axes.titlelocation": "left",
    "axes.titlepad": 8.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e9ec",
    "grid.linewidth": 0.8,
    "xtick.color": "#b4bac1",
    "ytick.color": "#b4bac1",
    "xtick.labelcolor": GRAY,
    "ytick.labelcolor": GRAY,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "lines.linewidth": 2.0,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "axes.formatter.use_mathtext": True,
}


@contextlib.contextmanager
def styled() -> Iterator[None]:
    """Draw or save in zspace's style; matplotlib's own settings are back afterwards.

    It starts from matplotlib's defaults, so that a person's own matplotlibrc changes nothing.

    Example:
        >>> import matplotlib
        >>> with styled():
        ...     matplotlib.rcParams["axes.titlelocation"]
        'left'
    """
    with matplotlib.style.context(["default", _STYLE]):
        yield
