"""Grids pixel for pixel: what is saved holds the images' own pixels, enlarged by whole numbers."""

from __future__ import annotations

import errno
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from zspace.errors import InputError, ShapeError, StorageError
from zspace.figures.grids import image_grid, mosaic, pairs_grid
from zspace.figures.save import save_figure, save_pixels


def images(count: int, side: int = 8, channels: int = 3) -> np.ndarray:
    generator = np.random.default_rng(count)
    return generator.integers(0, 256, (count, side, side, channels), dtype=np.uint8)


@given(
    st.integers(1, 14),
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(0, 5),
    st.sampled_from([1, 3]),
)
@settings(deadline=None, max_examples=40)
def test_mosaic_holds_every_pixel(count: int, columns: int, scale: int, gap: int, channels: int):
    given_images = images(count, 5, channels)
    pixels = mosaic(given_images, columns=columns, scale=scale, gap=gap)
    step = 5 * scale + gap
    rows = -(-count // columns)
    assert pixels.shape == (rows * step - gap, columns * step - gap, channels)
    for place, image in enumerate(given_images):
        top, left = place // columns * step, place % columns * step
        cell = pixels[top : top + 5 * scale, left : left + 5 * scale]
        for part in (cell[::scale, ::scale], cell[scale - 1 :: scale, scale - 1 :: scale]):
            np.testing.assert_array_equal(part, image)
    inside = count * 25 * scale**2 * channels
    assert (pixels == 255).sum() == pixels.size - inside + (given_images == 255).sum() * scale**2


def test_floats_are_rounded_and_cut() -> None:
    values = np.array([-0.5, 0.0, 0.5, 254.6 / 255, 1.0, 1.7], np.float32).reshape(6, 1, 1)
    assert mosaic(values, columns=6, scale=1, gap=0).ravel().tolist() == [0, 0, 128, 255, 255, 255]


@pytest.mark.parametrize(
    ("count", "columns"), [(1, 1), (5, 5), (10, 5), (12, 4), (28, 7), (30, 6), (36, 6), (100, 10)]
)
def test_rows_are_filled(count: int, columns: int) -> None:
    width = mosaic(images(count, 2), scale=1, gap=0).shape[1]
    assert width == 2 * columns


def test_small_images_are_enlarged_and_large_ones_are_not() -> None:
    assert mosaic(images(1, 28)).shape[0] == 84
    assert mosaic(images(1, 64)).shape[0] == 128
    assert mosaic(images(1, 128)).shape[0] == 128


@pytest.mark.parametrize("channels", [1, 3])
def test_saved_grid_shows_pixels_one_to_one(tmp_path, channels: int) -> None:
    given_images = images(6, 16, channels)
    figure = image_grid(
        given_images, columns=3, captions=["a", "b", "c", "d", "e", "f"], row_labels=["x", "y"],
        title="a title that is a good deal wider than the three images below it, and is not cut",
    )  # fmt: skip
    save_figure(figure, tmp_path / "grid.png")
    saved = np.asarray(Image.open(tmp_path / "grid.png").convert("RGB"))
    for row in range(2):
        strip = mosaic(given_images[3 * row : 3 * row + 3], columns=3)
        strip = np.broadcast_to(strip, (*strip.shape[:2], 3))
        assert _contains(saved, strip)
    assert (saved[:, [0, 1, -2, -1]] == 255).all() and (saved[[0, 1, -2, -1]] == 255).all()


def test_saved_pairs_stand_over_each_other(tmp_path) -> None:
    originals = images(10, 28, 1)
    reconstructions = (255 - originals.astype(np.float32)) / 255
    figure = pairs_grid(originals, reconstructions)
    save_figure(figure, tmp_path / "pairs.png")
    saved = np.asarray(Image.open(tmp_path / "pairs.png").convert("RGB"))
    for start in (0, 5):
        upper = mosaic(originals[start : start + 5], columns=5)
        lower = mosaic(255 - originals[start : start + 5], columns=5)
        gap = np.full((4, *upper.shape[1:]), 255, np.uint8)
        pair = np.concatenate([upper, gap, lower]).repeat(3, axis=2)
        assert _contains(saved, pair)


def _contains(whole: np.ndarray, part: np.ndarray) -> bool:
    """Whether `part` lies somewhere in `whole`, pixel for pixel."""
    height, width = part.shape[:2]
    tops, lefts = np.nonzero(
        (whole[: len(whole) - height + 1, : whole.shape[1] - width + 1] == part[0, 0]).all(axis=2)
    )
    return any(
        np.array_equal(whole[top : top + height, left : left + width], part)
        for top, left in zip(tops, lefts, strict=True)
    )


def test_captions_that_do_not_fit_are_shortened() -> None:
    figure = image_grid(images(2, 28), captions=["short", "far too long for an image of 84 dots"])
    texts = [text.get_text() for text in figure.texts]
    assert texts[0] == "short" and texts[1].endswith("…") and texts[1].startswith("far too")


def test_no_global_state_is_touched() -> None:
    code = (
        "import sys, matplotlib, numpy as np; before = dict(matplotlib.rcParams);"
        "from zspace.figures import curves, grids, radius, save;"
        "grids.image_grid(np.zeros((2, 8, 8)), title='a');"
        "assert dict(matplotlib.rcParams) == before;"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_are_saved_as_they_are(tmp_path, channels: int) -> None:
    pixels = mosaic(images(4, 8, channels))
    save_pixels(pixels, tmp_path / "new" / "grid.png")
    with Image.open(tmp_path / "new" / "grid.png") as saved:
        assert saved.mode == {1: "L", 3: "RGB"}[channels]
        np.testing.assert_array_equal(np.asarray(saved).reshape(pixels.shape), pixels)


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("PIL.Image.Image.save", full)
    with pytest.raises(StorageError, match="no space left"):
        save_pixels(mosaic(images(1)), tmp_path / "grid.png")
    with pytest.raises(StorageError, match="no space left"):
        save_figure(image_grid(images(1)), tmp_path / "grid.png")
    assert list(tmp_path.iterdir()) == []


def test_bad_input_is_one_line() -> None:
    good = images(4)
    cases = [
        (ShapeError, lambda: mosaic(np.zeros((4, 4)))),
        (ShapeError, lambda: mosaic(np.zeros((4, 8, 8, 2)))),
        (ShapeError, lambda: mosaic(np.zeros((4, 0, 8, 3)))),
        (InputError, lambda: mosaic(good[:0])),
        (InputError, lambda: mosaic(good.astype(np.int64))),
        (InputError, lambda: mosaic(np.full((1, 4, 4, 1), np.nan))),
        (InputError, lambda: mosaic(good, columns=0)),
        (InputError, lambda: mosaic(good, scale=0)),
        (InputError, lambda: mosaic(good, gap=-1)),
        (ShapeError, lambda: image_grid(good, captions=["one"])),
        (ShapeError, lambda: image_grid(good, columns=2, row_labels=["one"])),
        (ShapeError, lambda: pairs_grid(good, good[:2])),
        (InputError, lambda: pairs_grid(good, good, columns=0)),
    ]
    for kind, call in cases:
        with pytest.raises(kind) as caught:
            call()
        assert "\n" not in str(caught.value)
