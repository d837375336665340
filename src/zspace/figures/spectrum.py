"""The spectra of sets of images, side by side, and what of them a checkerboard would leave."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from zspace.analysis.spectrum import Spectrum, compared
from zspace.errors import InputError
from zspace.figures.panels import head, stack
from zspace.figures.style import GRAY, INK, PALETTE, styled

__all__ = ["spectrum_panels"]

_COLORS = ("blue", "vermilion", "green", "purple", "orange", "sky")
_BROKEN = (0, (4, 2))
_TICKS = {1 / 64: "64", 1 / 32: "32", 1 / 16: "16", 1 / 8: "8", 1 / 4: "4", 1 / 2: "2"}
_COLUMNS = {3: 12, 2: 18, 1: 1000}
"""Columns of the legend, by the longest name that fits."""
_ROW, _LEGEND_ROW = 0.27, 0.2
_ROOM = 1.12


def spectrum_panels(real: Spectrum, made: Mapping[str, Spectrum], *, name: str = "real") -> Figure:
    """Power by period, power and detail beside those of real images, and the checkerboard.

    Args:
        real: of the real images, from `zspace.analysis.spectrum`.
        made: of sets of images of the same size, by name; six at most.
        name: of the real images.

    Returns:
        The figure, to be saved by `save_figure`.

    Raises:
        InputError: if there is none, or more than there are colors for.
        ShapeError: if sizes differ.

    Example:
        >>> import numpy as np
        >>> from zspace.analysis.spectrum import spectrum
        >>> noise = np.random.default_rng(1).standard_normal((9, 32, 32))
        >>> len(spectrum_panels(spectrum(noise), {"half": spectrum(noise / 2)}).axes)
        4
    """
    if not 0 < len(made) <= len(_COLORS):
        raise InputError(
            f"1 to {len(_COLORS)} sets of images were expected, {len(made)} came; draw fewer"
        )
    found = {label: compared(each, real) for label, each in made.items()}
    colors = dict(zip(made, (PALETTE[color] for color in _COLORS), strict=False))
    columns = next(count for count, most in _COLUMNS.items() if max(map(len, made)) <= most)
    legend = _LEGEND_ROW * -(-(1 + len(made)) // columns)
    bars = 0.7 + _ROW * len(made)
    with styled():
        figure, (power, ratio, peaks, fine) = stack([2.2 + legend, 2.2, bars, bars])
        power.plot(real.frequencies, real.power, color=INK, linewidth=1.4, label=name)
        for label, each in made.items():
            power.plot(each.frequencies, each.power, color=colors[label], label=label)
            ratio.plot(each.frequencies, found[label].power, color=colors[label])
        ratio.axhline(1, color=INK, linewidth=1.2, linestyle=_BROKEN)
        for axes in (power, ratio):
            _by_period(axes, real)
        power.set_yscale("log")
        power.set_ylabel("power")
        head(power, "How much detail of each size", columns=columns)
        ratio.set_ylim(bottom=0)
        ratio.set_ylabel(f"× {name}")
        ratio.set_xlabel("period in pixels")
        ratio.set_title(f"The same beside that of the {name} images")
        _bars(peaks, {label: each.peak for label, each in found.items()}, colors)
        peaks.set_title("Peaks at periods of 2 and 4 pixels")
        _bars(fine, {label: each.fine for label, each in found.items()}, colors)
        fine.set_title("Fine detail, less the checkerboard")
        fine.set_xlabel(f"× {name} images")
        return figure


def _by_period(axes: Axes, real: Spectrum) -> None:
    axes.set_xscale("log")
    axes.set_xlim(real.frequencies[0], 0.5)
    shown = [tick for tick in _TICKS if tick >= 0.999 * real.frequencies[0]]
    axes.xaxis.set_major_locator(FixedLocator(shown))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _TICKS.get(value, "")))


def _bars(axes: Axes, values: Mapping[str, float], colors: Mapping[str, str]) -> None:
    places = list(range(len(values)))
    axes.barh(places, list(values.values()), height=0.7, color=[colors[name] for name in values])
    highest = max(1.0, *values.values())
    for place, value in zip(places, values.values(), strict=True):
        axes.text(
            value + 0.01 * highest, place, f"{value:,.0f}" if value >= 100 else f"{value:.2f}",
            va="center", size=8.5, color=GRAY,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip
    axes.axvline(1, color=INK, linewidth=1.2, linestyle=_BROKEN)
    axes.set_yticks(places, list(values))
    axes.set_ylim(len(values) - 0.4, -0.6)
    axes.set_xlim(0, _ROOM * highest)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
