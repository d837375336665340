"""How the terms of the loss went over the epochs, from a run's history.csv."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from zspace.errors import RunError
from zspace.figures.style import GRAY, INK, PALETTE, WIDTH, styled

__all__ = ["History", "read_history", "training_curves"]

History = dict[str, Float64[np.ndarray, " epochs"]]
"""The columns of history.csv by name, one value an epoch; NaN where nothing was measured."""

_NEEDED = ("epoch", "loss", "reconstruction", "kl", "weighted_kl", "beta")
_LOG_FROM = 20.0
_LEAST_SPAN = 0.005
_BROKEN = (0, (4, 2))


def read_history(path: Path | str) -> History:
    r"""Read a run's history.csv (or timings.csv, whose columns are all optional).

    Args:
        path: the file.

    Returns:
        The columns. An empty cell is NaN.

    Raises:
        RunError: if the file is missing, has no row yet, or is no such table.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "history.csv"
        >>> _ = path.write_text("epoch,loss,reconstruction,kl,weighted_kl,beta\n1,3.5,3.0,.5,.5,1")
        >>> read_history(path)["loss"].tolist()
        [3.5]
    """
    path = Path(path)
    again = "finish an epoch with: zspace train RECIPE --data DIR --out RUN --resume"
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError as error:
        raise RunError(
            f"{path} was expected, but there is none: no epoch is finished; {again}"
        ) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RunError(f"{path} is no readable table ({error}); train the run again") from error
    if not rows:
        raise RunError(f"{path} holds no row: no epoch is finished; {again}")
    needed = _NEEDED if path.stem == "history" else ("epoch",)
    missing = [name for name in needed if name not in rows[0]]
    if missing:
        raise RunError(
            f"{path} lacks the column(s) {', '.join(missing)}; it is not a history that zspace "
            "wrote: train the run again"
        )
    try:
        history = {
            name: np.array([float(row[name] or "nan") for row in rows], np.float64)
            for name in rows[0]
            if isinstance(name, str)
        }
    except ValueError as error:
        raise RunError(f"{path} holds what is no number ({error}); train the run again") from error
    if not np.isfinite(history["epoch"]).all():
        raise RunError(f"{path} has a row without its epoch; train the run again")
    return history


def training_curves(history: History, *, nats: float = 1.0) -> Figure:
    """Loss, reconstruction and KL over the epochs, training and validation.

    One panel under the other: the loss with its reconstruction term; the KL; and β·KL as it
    enters the loss, where that is another number than the KL. A plain autoencoder has the first
    panel only.

    Args:
        history: from `read_history`.
        nats: what the reconstruction term is to be multiplied with to be in nats per image: 1
            for the reduction ``sum``, C for ``channel_mean``, H·W·C for ``mean``.

    Returns:
        The figure, to be saved by `save_figure`.

    Example:
        >>> row = {"epoch": 1, "loss": 5, "reconstruction": 3, "kl": 2, "weighted_kl": 2, "beta": 1}
        >>> figure = training_curves({name: np.array([float(row[name])]) for name in row})
        >>> [axes.get_title(loc="left") for axes in figure.axes]
        ['loss and its reconstruction term', 'KL']
    """
    panels = _panels(history, nats)
    heights = [3.0] + [2.2] * (len(panels) - 1)
    with styled():
        figure = Figure(figsize=(WIDTH, 0.9 + sum(heights)), layout="constrained")
        every = figure.subplots(
            len(panels), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights}
        )[:, 0]
        for axes, (title, lines) in zip(every, panels, strict=True):
            _draw(axes, history["epoch"], lines)
            axes.set_title(title)
            axes.set_ylabel("nats per image")
        every[-1].set_xlabel("epoch")
        every[-1].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        _legend(figure, panels)
        return figure


Lines = list[tuple[str, str, Float64[np.ndarray, " epochs"], bool]]
"""Name, color, values and whether they are the validation's, of each line in a panel."""


def _panels(history: History, nats: float) -> list[tuple[str, Lines]]:
    """The titles and lines of the panels that this history fills."""

    def lines(names: dict[str, tuple[str, float]]) -> Lines:
        return [
            (name, color, factor * history[prefix + name], bool(prefix))
            for name, (color, factor) in names.items()
            for prefix in ("", "validation_")
            if np.isfinite(history.get(prefix + name, np.array(np.nan))).any()
        ]

    blue, vermilion, green = PALETTE["blue"], PALETTE["vermilion"], PALETTE["green"]
    reconstruction = {"reconstruction": (blue, nats)}
    kl, weighted = history["kl"], nats * history["weighted_kl"]
    if not (kl != 0).any():
        return [("reconstruction loss", lines(reconstruction))]
    panels = [("loss and its reconstruction term", lines({"loss": (INK, nats), **reconstruction}))]
    if np.allclose(history["loss"], history["reconstruction"], rtol=1e-3, equal_nan=True):
        # One line would hide the other.
        panels = [("reconstruction term, and so nearly all of the loss", lines(reconstruction))]
    panels.append(("KL", lines({"kl": (vermilion, 1.0)})))
    if not np.allclose(kl, weighted, rtol=1e-3, equal_nan=True):
        panels.append(("β·KL, as it enters the loss", lines({"weighted_kl": (green, nats)})))
    return panels


def _draw(axes: Axes, epochs: Float64[np.ndarray, " epochs"], lines: Lines) -> None:
    marker = "o" if len(epochs) <= 3 else None
    for name, color, values, validation in lines:
        axes.plot(
            epochs,
            np.where(np.isfinite(values), values, np.nan),
            color=color,
            linestyle=_BROKEN if validation else "solid",
            linewidth=1.6 if validation else 2.0,
            marker=marker,
            markersize=5,
            markerfacecolor="white" if validation else color,
            label=("validation " if validation else "") + name,
        )
    axes.set_xlim(epochs[0] - 0.5, epochs[-1] + 0.5)
    values = np.concatenate([line[2] for line in lines]) if lines else np.array([])
    values = values[np.isfinite(values)]
    if not len(values):
        return
    low, high, size = values.min(), values.max(), np.abs(values).max()
    if low > 0 and high / low > _LOG_FROM:
        axes.set_yscale("log")
        return
    if high - low < _LEAST_SPAN * size:  # differences nobody needs, in digits nobody can read
        middle = (low + high) / 2
        axes.set_ylim(middle - _LEAST_SPAN * size, middle + _LEAST_SPAN * size)
    if 1000 <= size < 1e6:
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))


def _legend(figure: Figure, panels: list[tuple[str, Lines]]) -> None:
    """What the colors of the first panel mean (the others have one), and solid and broken."""
    colors = {name: color for name, color, *_ in panels[0][1]}
    handles = [Line2D([], [], color=color, label=name) for name, color in colors.items()]
    one = next(iter(colors.values())) if len(panels) == len(colors) == 1 else GRAY
    if len(colors) == 1:  # its panel's title says what it is
        handles = []
    if any(validation for _, lines in panels for *_, validation in lines):
        handles.append(Line2D([], [], color=one, label="training"))
        handles.append(Line2D([], [], color=one, linestyle=_BROKEN, label="validation"))
    if handles:
        figure.legend(handles=handles, loc="outside upper left", ncols=6, columnspacing=1.4)
