"""What is taken home opens elsewhere, and the Python gives the same image again."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
import threading
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

import zspace
from zspace.api.given_points import given as given_points
from zspace.cli.main import run as command
from zspace.errors import InputError, ShapeError
from zspace.explorer.coding import Coding
from zspace.explorer.gate import Gate
from zspace.explorer.keeping import (
    gif_bytes,
    png_bytes,
    points_json,
    points_npz,
    shortest,
    snippet,
    strip_png,
)
from zspace.explorer.side import Side

FLOATS = st.floats(-1e6, 1e6, width=32)
GENERATOR = np.random.default_rng(8)
COLOR = GENERATOR.integers(0, 256, (5, 8, 6, 3), dtype=np.uint8)


def opened(data: bytes) -> np.ndarray:
    with Image.open(BytesIO(data)) as image:
        return np.asarray(image)


@pytest.mark.parametrize("channels", [1, 3])
def test_png_is_pixel_for_pixel(channels) -> None:
    image = COLOR[0, ..., :channels]
    found = opened(png_bytes(image)).reshape(image.shape)
    np.testing.assert_array_equal(found, image)
    np.testing.assert_array_equal(opened(png_bytes(image / 255)).reshape(image.shape), image)
    large = opened(png_bytes(image, scale=3)).reshape(24, 18, channels)
    np.testing.assert_array_equal(large, image.repeat(3, axis=0).repeat(3, axis=1))


def test_a_strip_shows_all_in_order() -> None:
    pixels = opened(strip_png(COLOR))
    assert pixels.shape == (8, 5 * 6 + 4 * 4, 3)
    for place, image in enumerate(COLOR):
        np.testing.assert_array_equal(pixels[:, place * 10 : place * 10 + 6], image)
    assert opened(strip_png(COLOR.repeat(2, axis=0))).shape == (2 * 8 + 4, 8 * 6 + 7 * 4, 3)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_gif_plays_all_for_ever(channels) -> None:
    with Image.open(BytesIO(gif_bytes(COLOR[..., :channels], rate=10))) as image:
        assert (image.n_frames, image.info["loop"], image.info["duration"]) == (5, 0, 100)
        for place in range(5):
            image.seek(place)
            shown = np.asarray(image.convert("RGB" if channels == 3 else "L"))
            expected = COLOR[place, ..., :channels].reshape(shown.shape).astype(int)
            assert np.abs(shown - expected).mean() < 12, "256 colors"


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_cannot_be_kept(bad) -> None:
    image = np.full((4, 4, 3), bad)
    points = np.array([[0.0, bad]])
    for act in (
        lambda: png_bytes(image),
        lambda: strip_png(image[None]),
        lambda: gif_bytes(image[None]),
        lambda: points_json(points),
        lambda: points_npz(points),
        lambda: snippet("run", points[0]),
        lambda: gif_bytes(COLOR, rate=bad),
        lambda: snippet("run", np.zeros(2), sharpen=bad),
    ):
        with pytest.raises(InputError):
            act()
    for act in (lambda: strip_png(COLOR[:0]), lambda: gif_bytes(COLOR[:0])):
        with pytest.raises(InputError):
            act()
    for rate in (0.5, 51):
        with pytest.raises(InputError):
            gif_bytes(COLOR, rate=rate)
    with pytest.raises(ShapeError, match="2 sources"):
        points_json(np.zeros((2, 2)), sources=["one"])


@given(arrays.arrays(np.float32, (3, 5), elements=FLOATS))
def test_points_come_back_as_the_decoder_gets_them(points) -> None:
    found = json.loads(points_json(points.astype(np.float64), sources=["a", "b", "c"]))
    np.testing.assert_array_equal(np.array(found["z"], np.float32), points)
    assert found["sources"] == ["a", "b", "c"]
    with np.load(BytesIO(points_npz(points)), allow_pickle=False) as stored:
        np.testing.assert_array_equal(stored["z"], points)
    assert [np.float32(number) for number in shortest(points[0])] == points[0].tolist()


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A tiny VAE of drawn faces with many axes, so that its z-points take several lines."""
    folder = tmp_path_factory.mktemp("explored")
    prepare = ["prepare", "faces", "--size", "32", "--limit", "60", "--out", str(folder / "data")]
    assert command(prepare) == 0
    small = ["encoder.filters=[4,4]", "encoder.kernels=[3,3]", "encoder.strides=[2,2]"]
    settings = [*small, "data.size=32", "latent.size=40", "training.epochs=1"]
    train = ["train", "faces-vae", "--data", str(folder / "data"), "--out", str(folder / "run's")]
    assert command([*train, *(f"--set={one}" for one in settings)]) == 0
    return folder / "run's"


@pytest.fixture(scope="module")
def opened_side(trained):
    """The run and a side of it, put together as an explorer would."""
    run = zspace.open_run(trained)
    coding = Coding(
        run.decode, run.encode_images, latent_size=40, image_shape=run.model.image_shape
    )
    codes = run.codes("train")
    return run, Side(
        "tiny", codes, coding, folder=run.folder, images=run.dataset.rows,
        preparation=run.preparation,
    )  # fmt: skip


def ran(text: str, folder) -> np.ndarray:
    """Run lines of Python, as a person would, and open the image they write."""
    (folder / "again.py").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        runpy.run_path(str(folder / "again.py"))
    return np.asarray(Image.open(folder / "image.png"))


@pytest.mark.parametrize("sharpen", [1.0, 2.5])
def test_python_gives_the_same_image(opened_side, trained, tmp_path, sharpen) -> None:
    _, side = opened_side
    z = 1.7 * GENERATOR.standard_normal(40)
    text = snippet(str(trained), z, sharpen=sharpen)
    assert max(map(len, text.splitlines()[5:])) <= 120 and "[[\n" in text
    np.testing.assert_array_equal(ran(text, tmp_path), side.image(z, sharpen=sharpen))


def test_python_of_a_code_needs_no_numbers(opened_side, trained, tmp_path) -> None:
    _, side = opened_side
    text = snippet(str(trained), side.code(5), code=("train", 5))
    assert "np.array" not in text
    np.testing.assert_array_equal(ran(text, tmp_path), side.image(side.code(5)))


def test_python_tells_a_conditional_model_its_condition() -> None:
    text = snippet("run", np.zeros(2), condition=np.array([0.0, 1.0]))
    assert "condition = np.array([0.0, 1.0], np.float32)" in text
    assert "run.decode(z, condition=condition)" in text
    compile(text, "snippet", "exec")


def test_python_says_the_run_by_name_only_in_quotes() -> None:
    nasty = "a'); import os; os.abort() #"
    text = snippet(nasty, np.zeros(2))
    assert f"zspace.open_run({nasty!r})" in text


def test_kept_points_are_generated_again(opened_side, trained, tmp_path) -> None:
    run, side = opened_side
    points = np.stack([side.code(3), side.random.point("normal", 4)])
    path = tmp_path / "points.json"
    path.write_bytes(points_json(points, sources=["code 3", "random"]))
    z = given_points(path, size=40, rows=None, options={}).rows[0].z
    np.testing.assert_array_equal(z, points.astype(np.float32))
    made = run.generate(points=path, out=tmp_path / "again.png")
    pixels = np.rint(255 * np.clip(made.images, 0, 1)).astype(np.uint8)
    np.testing.assert_array_equal(pixels, side.strip(points))


def test_a_side_of_a_run(opened_side) -> None:
    run, side = opened_side
    np.testing.assert_array_equal(
        side.pictures(np.array([2, 0])), run.dataset.images[side.codes.index[[2, 0]]]
    )
    stream = BytesIO()
    Image.fromarray(side.pictures(np.array([4]))[0]).save(stream, "PNG")
    uploaded = side.upload(stream.getvalue())
    np.testing.assert_allclose(uploaded.z, side.code(4), atol=1e-5)
    assert side.nearest(uploaded.z, k=1).rows[0] == 4
    assert side.reading(side.codes.z()[0]).place.radius > 0


def test_twenty_sessions_get_their_own_images_of_one_model(opened_side) -> None:
    run, _ = opened_side
    shared = Coding(
        run.decode, None, latent_size=40, image_shape=run.model.image_shape,
        gate=Gate(at_once=2, patience=60),
    )  # fmt: skip
    points, found = GENERATOR.standard_normal((20, 40)), {}

    def visit(name: int) -> None:
        found[name] = [shared.decode(points[[name]]) for _ in range(3)]

    threads = [threading.Thread(target=visit, args=(name,)) for name in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for name, images in found.items():
        for image in images:
            np.testing.assert_array_equal(image, run.decode(points[[name]].astype(np.float32)))
    assert len(found) == 20


def test_python_runs_in_a_process_of_its_own(opened_side, trained, tmp_path) -> None:
    _, side = opened_side
    z = GENERATOR.standard_normal(40)
    text = snippet(str(trained), z)
    subprocess.run([sys.executable, "-c", text], cwd=tmp_path, check=True, timeout=120)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "image.png")), side.image(z))
