"""Training curves: the numbers that are drawn, the panels that are there, the reader's errors."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from zspace.errors import RunError
from zspace.figures.curves import History, read_history, training_curves


def history(epochs: int = 6, *, kl: float = 20.0, beta: float = 5.0) -> History:
    epoch = np.arange(1.0, epochs + 1)
    columns = {"epoch": epoch, "beta": np.full(epochs, beta)}
    for prefix, more in (("", 0.0), ("validation_", 3.0)):
        columns[prefix + "reconstruction"] = 2000 + 500 / epoch + more
        columns[prefix + "kl"] = kl * (1 - 1 / (epoch + 1))
        columns[prefix + "weighted_kl"] = beta * columns[prefix + "kl"]
        columns[prefix + "loss"] = (
            columns[prefix + "reconstruction"] + columns[prefix + "weighted_kl"]
        )
    return columns


def lines(figure: Figure) -> dict[str, np.ndarray]:
    return {
        line.get_label(): np.asarray(line.get_ydata())
        for axes in figure.axes
        for line in axes.get_lines()
    }


def test_curves_are_in_nats_per_image() -> None:
    given_history = history()
    drawn = lines(training_curves(given_history, nats=3.0))
    assert len(drawn) == 8
    for name, values in drawn.items():
        column = name.replace("validation ", "validation_")
        factor = 1.0 if column.endswith("kl") and "weighted" not in column else 3.0
        np.testing.assert_allclose(values, factor * given_history[column])
    np.testing.assert_allclose(drawn["loss"], drawn["reconstruction"] + drawn["weighted_kl"])


def test_panels_are_those_the_history_fills() -> None:
    def titles(given_history: History, nats: float = 1.0) -> list[str]:
        figure = training_curves(given_history, nats=nats)
        assert all(axes.get_ylabel() == "nats per image" for axes in figure.axes)
        assert figure.axes[-1].get_xlabel() == "epoch"
        return [axes.get_title(loc="left") for axes in figure.axes]

    both = ["loss and its reconstruction term", "KL"]
    assert titles(history(kl=0)) == ["reconstruction loss"]
    assert titles(history(beta=1.0)) == both
    assert titles(history(beta=1 / 3), 3.0) == both
    assert titles(history(beta=1.0), 3.0) == [*both, "β·KL, as it enters the loss"]


def test_without_validation_only_training_is_drawn() -> None:
    training = {k: v for k, v in history().items() if not k.startswith("validation")}
    assert set(lines(training_curves(training))) == {"loss", "reconstruction", "kl", "weighted_kl"}
    empty = {k: np.full(6, np.nan) if k[:3] == "val" else v for k, v in history().items()}
    assert len(lines(training_curves(empty))) == 4
    texts = [text.get_text() for text in training_curves(empty).legends[0].get_texts()]
    assert texts == ["loss", "reconstruction"]


def test_wide_ranges_are_logarithmic_and_narrow_ones_are_not() -> None:
    steep = history(kl=0)
    steep["reconstruction"] = 10.0 ** np.arange(6, 0, -1)
    assert training_curves(steep).axes[0].get_yscale() == "log"
    assert training_curves(history(kl=0)).axes[0].get_yscale() == "linear"
    negative = history(kl=0)
    negative["reconstruction"] = -negative["reconstruction"]
    assert training_curves(negative).axes[0].get_yscale() == "linear"


def test_a_loss_that_is_all_reconstruction_is_drawn_once() -> None:
    figure = training_curves(history(beta=1e-6))
    assert "loss" not in lines(figure)
    assert figure.axes[0].get_title(loc="left").startswith("reconstruction term, and so nearly")


@pytest.mark.parametrize("level", [1e-3, 16_200.0, 5e7])
def test_ticks_can_be_told_apart(level: float) -> None:
    flat = history(kl=0)
    for name in ("reconstruction", "validation_reconstruction"):
        flat[name] = level * (1 + 1e-7 * flat["epoch"])
    figure = training_curves(flat)
    FigureCanvasAgg(figure).draw()
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert len(set(labels)) == len(labels) > 2


@pytest.mark.parametrize("epochs", [1, 2, 300])
@pytest.mark.parametrize("kl", [0.0, 1e-4, 1800.0])
def test_nothing_is_clipped(epochs: int, kl: float) -> None:
    figure = training_curves(history(epochs, kl=kl), nats=1e3)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    page = figure.bbox
    for text in figure.findobj(lambda artist: hasattr(artist, "get_text")):
        if text.get_text() and text.get_visible() and text in _shown(figure):
            box = text.get_window_extent(canvas.get_renderer())
            assert page.x0 <= box.x0 and box.x1 <= page.x1, text.get_text()
            assert page.y0 <= box.y0 and box.y1 <= page.y1, text.get_text()


def _shown(figure: Figure) -> list[object]:
    shown: list[object] = list(figure.legends[0].get_texts()) if figure.legends else []
    for axes in figure.axes:
        shown += [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label]
        low, high = sorted(axes.get_ylim())
        shown += [t.label1 for t in axes.yaxis.get_major_ticks() if low <= t.get_loc() <= high]
    return shown


def test_reading_back(tmp_path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(
        "epoch,loss,reconstruction,kl,weighted_kl,beta,validation_loss\n"
        "1,3.5,3.0,0.5,0.5,1.0,\n2,0.1,0.1,nan,inf,1e-05,2.25\n"
    )
    read = read_history(path)
    assert read["loss"].tolist() == [3.5, 0.1]
    assert np.isnan(read["validation_loss"][0]) and read["validation_loss"][1] == 2.25
    assert read["beta"][1] == 1e-05 and np.isinf(read["weighted_kl"][1])
    training_curves(read)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no epoch is finished"),
        ("", "no epoch is finished"),
        ("epoch,loss,reconstruction,kl,weighted_kl,beta\n", "no epoch is finished"),
        ("epoch,loss\n1,2\n", "lacks the column"),
        ("epoch,loss,reconstruction,kl,weighted_kl,beta\n1,x,1,1,1,1\n", "no number"),
        ("epoch,loss,reconstruction,kl,weighted_kl,beta\n,1,1,1,1,1\n", "without its epoch"),
        (b"\xff\xfe\x00", "no readable table"),
    ],
)
def test_bad_history_is_one_line(tmp_path, content: str | bytes | None, says: str) -> None:
    path = tmp_path / "history.csv"
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(RunError, match=says) as caught:
        read_history(path)
    assert "\n" not in str(caught.value)
