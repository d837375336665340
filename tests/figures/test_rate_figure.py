"""The doctor's picture: its bars and bands are the measured numbers, and nothing is clipped."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

from zspace.analysis.cloud import cloud
from zspace.analysis.posteriors import Posteriors
from zspace.analysis.radius import normal_mean_radius, normal_radius_deviation, radius
from zspace.analysis.rate import rate
from zspace.errors import ShapeError
from zspace.figures.cloud import cloud_panels
from zspace.figures.rate import rate_panels


def history(epochs: int = 6, *, validation: bool = True, **more: np.ndarray) -> dict:
    steps = np.arange(1.0, epochs + 1)
    found = {
        "epoch": steps,
        "loss": 110 + 60 / steps,
        "reconstruction": 100 + 60 / steps,
        "kl": np.full(epochs, 5.0),
        "weighted_kl": np.full(epochs, 10.0),
        "beta": np.full(epochs, 2.0),
    }
    if validation:
        found |= {f"validation_{name}": found[name] + 1 for name in ("reconstruction", "kl")}
    return found | more


def picture(size: int = 16, *, active: int = 5, count: int = 300, **more) -> Figure:
    generator = np.random.default_rng(0)
    deviation = np.where(np.arange(size) < active, 0.9, 1e-3)
    mean = deviation * generator.standard_normal((count, size))
    log_variance = np.log(1 - deviation**2) + np.zeros((count, size))
    z = mean + np.exp(log_variance / 2) * generator.standard_normal((count, size))
    prior = normal_mean_radius(size), normal_radius_deviation(size)
    arguments = {"history": history(), "prior": prior} | more
    return rate_panels(
        rate(Posteriors(mean, log_variance)), z=radius(z), mean=radius(mean), **arguments
    )


def labels(axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_bars_are_the_kl_of_each_axis_with_collapsed_ones_set_apart() -> None:
    axes = picture().axes[0]
    assert labels(axes) == ["active: 5", "collapsed: 11"]
    bars = [patch for patch in axes.patches if isinstance(patch, StepPatch)]
    heights = sum(patch.get_data().values - axes.get_ylim()[0] for patch in bars)
    assert len(heights) == 16
    assert list(heights) == sorted(heights, reverse=True)
    assert len({patch.get_facecolor() for patch in bars}) == 2


def test_variances_add_up_to_the_priors() -> None:
    noise, whole = picture(active=16, count=4000).axes[1].patches
    np.testing.assert_allclose(whole.get_data().values, 1, atol=0.08)
    np.testing.assert_allclose(noise.get_data().values, 0.19, atol=0.01)
    np.testing.assert_allclose(whole.get_data().baseline, noise.get_data().values)


def test_panels_of_the_history() -> None:
    titles = [axes.get_legend().get_title().get_text() for axes in picture(nats=3.0).axes]
    assert len(titles) == 5
    assert titles[-1] == "Rate: KL, weighted with β = 6"
    rising = history(beta=np.linspace(0.1, 2, 6), capacity=np.linspace(1, 20, 6))
    figure = picture(history=rising, nats=3.0)
    assert len(figure.axes) == 6
    np.testing.assert_allclose(figure.axes[5].get_lines()[0].get_ydata(), 3 * rising["beta"])
    assert "capacity" in labels(figure.axes[4])
    assert labels(picture(history=history(validation=False)).axes[3]) == ["training"]


def test_collapsed_codes_are_drawn() -> None:
    axes = picture(active=0).axes[0]
    assert labels(axes) == ["collapsed: 16"]


CHANGING = history(beta=np.geomspace(1e-6, 1, 6), kl=np.geomspace(1e-5, 1e5, 6))


@pytest.mark.parametrize(
    ("size", "active", "rows"),
    [(1, 1, CHANGING), (256, 0, history(1, validation=False)), (4096, 20, history())],
)
def test_nothing_is_clipped(size: int, active: int, rows: dict) -> None:
    none_is_clipped(picture(size, active=active, history=rows))


def test_clouds() -> None:
    points = np.random.default_rng(1).standard_normal((400, 16)) * np.linspace(3, 0.1, 16) + 1
    figure = cloud_panels(
        cloud(points), codes=radius(points), prior=(3.94, 0.7), history=history(), nats=3.0
    )
    assert len(figure.axes) == 3
    (spread,) = figure.axes[0].patches
    np.testing.assert_allclose(
        spread.get_data().values, np.sort(points.std(axis=0))[::-1], rtol=1e-6
    )
    assert labels(figure.axes[1])[1].startswith("codes: ")
    none_is_clipped(figure)


def none_is_clipped(figure: Figure) -> None:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    texts = []
    for axes in figure.axes:
        legend = axes.get_legend()
        texts += [legend.get_title(), *legend.get_texts(), axes.xaxis.label, axes.yaxis.label]
        texts += [
            text
            for axis in (axes.xaxis, axes.yaxis)
            for text, place in zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True)
            if axis.get_view_interval().min() <= place <= axis.get_view_interval().max()
        ]
    for text in texts:
        if text.get_text():
            box = text.get_window_extent(canvas.get_renderer())
            assert -0.5 <= box.x0 and box.x1 <= figure.bbox.x1 + 0.5, text.get_text()
            assert -0.5 <= box.y0 and box.y1 <= figure.bbox.y1 + 0.5, text.get_text()


def test_sizes_have_to_fit() -> None:
    zeros = np.zeros((9, 4))
    with pytest.raises(ShapeError, match="one latent size"):
        rate_panels(
            rate(Posteriors(zeros, zeros)), z=radius(zeros), mean=radius(np.zeros((9, 3))),
            prior=(1.0, 1.0), history=history(),
        )  # fmt: skip
