"""Animations, read back: as many frames, the pixels, the speed."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from zspace.errors import DataError, InputError
from zspace.figures.animation import enlarged, save_animation


def frames(count: int, *, height: int = 32, width: int = 32, channels: int = 3) -> np.ndarray:
    """A dark image with a bright bar that moves."""
    made = np.full((count, height, width, channels), 30, np.uint8)
    for number in range(count):
        made[number, :, (3 * number) % width] = 220 - number
    return made


def of_gif(path: Path) -> tuple[list[np.ndarray], list[int]]:
    with Image.open(path) as image:
        assert image.info["loop"] == 0
        found, durations = [], []
        for number in range(image.n_frames):
            image.seek(number)
            found.append(np.asarray(image.convert("RGB")))
            durations.append(image.info["duration"])
        return found, durations


@pytest.mark.parametrize("channels", [1, 3])
def test_a_gif_holds_every_frame(tmp_path: Path, channels: int) -> None:
    made = frames(9, channels=channels)
    save_animation(made, tmp_path / "a.gif", rate=10)
    found, durations = of_gif(tmp_path / "a.gif")
    assert len(found) == 9 and durations == [100] * 9
    for ours, theirs in zip(made, found, strict=True):
        np.testing.assert_array_equal(np.broadcast_to(ours, theirs.shape), theirs)


@given(st.floats(1, 50), st.integers(2, 40))
@settings(max_examples=15)
def test_a_gifs_rate_is_right_on_average(tmp_path_factory, rate: float, count: int) -> None:
    path = tmp_path_factory.mktemp("gif") / "a.gif"
    save_animation(frames(count, height=4, width=128, channels=1), path, rate=rate)
    _, durations = of_gif(path)
    assert len(durations) == count and min(durations) >= 10
    assert sum(durations) == pytest.approx(1000 * count / rate, abs=5.1)


@pytest.mark.parametrize(("height", "width", "channels"), [(32, 48, 3), (33, 47, 3), (28, 28, 1)])
def test_an_mp4_read_back(tmp_path: Path, height: int, width: int, channels: int) -> None:
    av = pytest.importorskip("av")
    smooth = np.linspace(0, 255, height)[:, None, None] * np.ones((height, width, channels))
    made = np.stack([np.roll(smooth, 2 * number, axis=0) for number in range(12)]).astype(np.uint8)
    save_animation(made, tmp_path / "a.mp4", rate=24)
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264" and stream.average_rate == 24
        found = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    assert len(found) == 12
    even = (height + height % 2, width + width % 2)
    for ours, theirs in zip(made, found, strict=True):
        assert theirs.shape[:2] == even
        error = theirs[:height, :width].astype(float) - ours
        assert np.sqrt((error**2).mean()) < 8


def test_small_frames_are_enlarged_by_whole_factors() -> None:
    made = frames(2, height=28, width=28, channels=1)
    large = enlarged(made)
    assert large.shape == (2, 252, 252, 1)
    np.testing.assert_array_equal(large[:, ::9, ::9], made)
    np.testing.assert_array_equal(large, made.repeat(9, axis=1).repeat(9, axis=2))
    assert enlarged(np.zeros((1, 300, 200, 3))).shape == (1, 300, 200, 3)


def test_refusals_leave_no_file(tmp_path: Path) -> None:
    for kind, call in (
        (InputError, lambda: save_animation(frames(0), tmp_path / "a.gif")),
        (InputError, lambda: save_animation(frames(2), tmp_path / "a.gif", rate=0)),
        (InputError, lambda: save_animation(frames(2), tmp_path / "a.mp4", rate=51)),
        (InputError, lambda: save_animation(frames(2), tmp_path / "a.gif", rate=float("nan"))),
        (InputError, lambda: enlarged(np.zeros((0, 4, 4, 1)))),
        (InputError, lambda: enlarged(np.full((1, 4, 4, 1), np.nan))),
        (DataError, lambda: save_animation(frames(2), tmp_path / "a.avi")),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_without_pyav_it_is_said_what_to_install(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(InputError, match=r"pip install \"zspace\[video\]\"") as caught:
        save_animation(frames(2), tmp_path / "a.mp4")
    assert "\n" not in str(caught.value) and list(tmp_path.iterdir()) == []
    save_animation(frames(2), tmp_path / "a.gif")
