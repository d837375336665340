"""The tools beside the map, in a real browser: each does what it says."""

from __future__ import annotations

import io
import json
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from explored import SHAPE
from looking import Look
from PIL import Image

pytestmark = pytest.mark.slow


def download(look: Look, press: str) -> tuple[str, bytes]:
    with look.page.expect_download() as started:
        look.press(press)
    return started.value.suggested_filename, Path(started.value.path()).read_bytes()


def shown(look: Look, side: int = 0) -> np.ndarray:
    """The pixels of a model's image."""
    canvas = look.page.locator("canvas.image").nth(side)
    data = canvas.evaluate(
        """canvas => [...canvas.getContext("2d")
          .getImageData(0, 0, canvas.width, canvas.height).data]"""
    )
    height, width = SHAPE[:2]
    return np.array(data, np.uint8).reshape(height, width, 4)[..., :3]


def png(image: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG")
    return stream.getvalue()


def test_kept_images_are_gone_back_to_and_taken_out(look) -> None:
    page = look.page
    look.page.mouse.click(*look.code(7))
    look.says(".source", "Code ")
    image = look.image()
    look.press("Keep this image")
    page.locator(".one canvas").wait_for()
    with look.changes():
        look.click(0.02, 0.02)
    look.press("Keep this image")
    page.locator(".one").nth(1).wait_for()
    page.locator(".one .tile").first.click()
    look.comes_back(image)
    page.locator(".one").first.hover()
    page.locator(".one .drop").first.click()
    page.locator(".one").nth(1).wait_for(state="detached")
    look.press("Undo")
    page.locator(".one").nth(1).wait_for()


def test_a_walk_from_pin_to_pin(look) -> None:
    page = look.page
    look.tab("Walk")
    assert not page.get_by_label("A to B").is_visible(), "first the pins"
    ends = []
    for pin, row in (("Set A here", 3), ("Set B here", 8)):
        page.mouse.click(*look.code(row))
        look.says(".source", f"image {2 * (499 - row) + 10:,} ")
        ends.append(look.image())
        look.press(pin)
    page.locator(".film .tile").nth(8).wait_for()
    page.locator(".film .tile").first.click()
    look.comes_back(ends[0])
    look.says(".source", "0 % of the way")
    page.get_by_label("A to B").press("End")
    look.comes_back(ends[1])
    for way in ("Sphere", "Among codes", "Line"):
        path = page.locator(".path").first.get_attribute("points")
        look.press(way)
        page.wait_for_function(
            "([line, before]) => line.getAttribute('points') !== before",
            arg=[page.locator(".path").first.element_handle(), path],
        )
    pins = page.locator(".pin text").first.evaluate("text => text.getBoundingClientRect().left")
    page.get_by_label("across", exact=True).fill("3")
    page.get_by_label("across", exact=True).press("Enter")
    look.says(".meaning", "components 3 and 2")
    page.wait_for_function(
        "([text, before]) => Math.abs(text.getBoundingClientRect().left - before) > 1",
        arg=[page.locator(".pin text").first.element_handle(), pins],
    )
    look.press("Play")
    page.wait_for_function(
        "input => input.value > 0.1 && input.value < 0.9",
        arg=page.get_by_label("A to B").element_handle(),
    )
    page.mouse.click(*look.code(30))
    look.says(".source", f"image {2 * (499 - 30) + 10:,} ")
    page.wait_for_timeout(300)
    assert look.text(".source").startswith("Code "), "who clicks meanwhile has stopped it"
    look.press("Play")
    look.comes_back(ends[1])
    name, data = download(look, "Save as GIF")
    with Image.open(io.BytesIO(data)) as film:
        assert (name, film.format, film.n_frames) == ("walk.gif", "GIF", 49)


def test_two_lassos_become_a_slider(look) -> None:
    page = look.page
    look.tab("Directions")
    page.get_by_label("saved one").wait_for()
    look.press("Lasso")
    image = look.image()
    look.drag([(0.02, 0.02), (0.4, 0.02), (0.4, 0.98), (0.02, 0.98), (0.02, 0.1)])
    page.get_by_role("button", name=re.compile(r"^With: \d+$")).wait_for()
    assert look.image() == image, "a lasso moves no point"
    look.drag([(0.6, 0.02), (0.98, 0.02), (0.98, 0.98), (0.6, 0.98), (0.6, 0.1)])
    page.get_by_role("button", name=re.compile(r"^Without: \d+$")).wait_for()
    assert [len(each.split()) > 10 for each in page.locator(".outline").evaluate_all(
        "all => all.map((one) => one.getAttribute('points'))")] == [True, True]  # fmt: skip
    page.get_by_label("Name").fill("left")
    page.get_by_label("Name").press("Enter")
    slider = page.get_by_label("left", exact=True)
    slider.wait_for()
    with look.changes():
        slider.press("End")
    look.says(".source", "edited")
    with page.expect_download() as started:
        page.locator(".line", has=slider).get_by_role("button", name="Save").click()
    record = json.loads(Path(started.value.path()).read_text())
    assert (record["name"], len(record["vector"])) == ("left", 6)
    look.press("Undo")
    look.comes_back(image)
    look.holds("(slider) => Number(slider.value) === 0", slider)
    page.get_by_label("Name").fill("a/b")
    look.press("Make the direction")
    look.says(".problem", "name")
    look.press("Clear lassos")
    look.says(".choice button", "Without: all others")
    assert page.locator(".outline").first.get_attribute("points") == ""


def test_random_points_of_every_kind(look) -> None:
    look.tab("Random")
    methods = look.page.locator(".methods button")
    assert methods.all_inner_texts() == [
        "Prior", "Normal", "Uniform", "Sphere", "Ellipsoid", "Mixture", "Kernel",
    ]  # fmt: skip
    for method in methods.all():
        with look.changes():
            method.click()
    with look.changes():
        look.press("Another one of the same")
    look.says(".source", "Random: kernel, number 2.")


def test_taking_home(look) -> None:
    look.page.mouse.click(*look.code(7))
    look.says(".source", "Code ")
    look.tab("Take home")
    name, data = download(look, "Images as PNG")
    with Image.open(io.BytesIO(data)) as image:
        np.testing.assert_array_equal(np.asarray(image), shown(look))
    assert name == "images.png"
    name, data = download(look, "z-points as JSON")
    (z,) = json.loads(data)["z"]
    name, data = download(look, "z-points as .npz")
    with np.load(io.BytesIO(data)) as stored:
        np.testing.assert_array_equal(stored["z"][0], np.array(z, np.float32))
    name, data = download(look, "Map as PNG")
    with Image.open(io.BytesIO(data)) as image:
        assert name == "map-faces-vae.png" and len(image.getcolors(10**7)) > 100
    look.press("Kept images")
    look.press("Images as PNG")
    look.says(".problem", "nothing is kept yet")
    look.press("Python")
    area = look.page.get_by_label("Python that gives this image")
    look.page.wait_for_function("area => area.value !== ''", arg=area.element_handle())
    text = area.input_value()
    compile(text, "image.py", "exec")
    assert "zspace.open_run(" in text and "mean[" in text


def bomb() -> bytes:
    """A small PNG whose header, with its checksum, announces 3.6 thousand million pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    small = png(np.zeros((1, 1, 3), np.uint8))
    return small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]


HOSTILE = {
    "empty.png": (b"", "empty"),
    "torn.png": (png(np.full((64, 64, 3), 90, np.uint8))[:60], "choose another one"),
    "text.png": (b"I am a text, whatever my name says. " * 30, "no image that can be read"),
    "drawing.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no image that can"),
    "bomb.png": (bomb(), "pixels"),
}  # fmt: skip


def test_an_image_of_the_visitors_own(look, tmp_path: Path) -> None:
    page = look.page
    mine = tmp_path / "mine.png"
    image = np.random.default_rng(2).integers(0, 256, SHAPE, dtype=np.uint8)
    mine.write_bytes(png(image))
    look.tab("Your image")
    with look.changes():
        page.get_by_label("Image", exact=True).set_input_files(mine)
    look.says(".source", "Your image, encoded.")
    page.locator(".both canvas").nth(1).wait_for()
    both = page.locator(".both canvas").evaluate_all("all => all.map((one) => one.toDataURL())")
    assert both[1] == look.image() != both[0]
    look.tab("Sliders")
    with look.changes():
        page.get_by_label("Component 1", exact=True).press("End")
    with look.changes():
        look.drop(png(255 - image))
    assert page.get_by_role("tab", name="Your image").get_attribute("aria-selected") == "true"
    for at, (name, (data, said)) in enumerate(HOSTILE.items()):
        look.drop(data, name)
        look.says(".problem", said)
        with look.changes():
            look.click(0.02, 0.1 + 0.1 * at)
        assert look.text(".problem") == "", name
    for name, (data, said) in HOSTILE.items():
        (tmp_path / name).write_bytes(data)
        page.get_by_label("Image", exact=True).set_input_files(tmp_path / name)
        look.says(".problem", said)
    with look.changes():
        look.click(0.5, 0.02)


def test_a_large_file_is_refused_before_it_is_sent(look, tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    with large.open("wb") as stream:
        stream.truncate(100 * 2**20)
    look.tab("Your image")
    count = len(look.sent)
    look.page.get_by_label("Image", exact=True).set_input_files(large)
    look.says(".problem", "100.0 MiB, at most 20 are taken")
    with look.changes():
        look.click(0.02, 0.02)
    assert sum(look.sent[count:]) < 100_000
    assert look.text(".problem") == ""


COUNT = 'Bokeh.documents[0].get_model_by_name("codes-0").data.x.length'
COLORS = '[...Bokeh.documents[0].get_model_by_name("codes-0").data.color]'


def test_the_map_by_other_views_and_colors(look) -> None:
    page = look.page
    view = page.get_by_role("combobox", name="Map")
    before = page.evaluate(COLORS)
    for color, legend in (("radius", "radius of z"), ("kl", "KL"), ("Right", "Right")):
        page.get_by_role("combobox", name="Color").select_option(color)
        look.says(".legend", legend)
        page.wait_for_function(f"before => {COLORS}.join() !== before.join()", arg=before)
        before = page.evaluate(COLORS)
    view.select_option("axes")
    look.says(".meaning", "A place says axes")
    page.get_by_label("across", exact=True).fill("4")
    page.get_by_label("across", exact=True).press("Enter")
    look.says(".meaning", "axes 4 and")
    page.get_by_label("up", exact=True).fill("77")
    page.get_by_label("up", exact=True).press("Enter")
    look.says(".problem", "two different axes from 0 to 5")
    assert page.get_by_label("up", exact=True).input_value() != "77", "what is shown is told"
    page.get_by_label("across", exact=True).fill("")
    page.get_by_label("across", exact=True).press("Enter")
    look.says(".meaning", "axes 0 and")
    with look.changes():
        look.click(0.02, 0.02)
    look.press("This point")
    look.says('.choice [aria-pressed="true"]', "This point")
    view.select_option("tsne-30")
    look.says(".meaning", "the map has no formula of its own")
    assert not look.button("Mean code").is_visible(), "nothing is held there"
    page.wait_for_function(COUNT + " === 250")
    with look.changes():
        look.click(0.5, 0.5)
    view.select_option("pca")
    look.says(".meaning", "components 1 and 2")
    page.wait_for_function(COUNT + " === 500")


def test_zoom_and_move(look) -> None:
    page = look.page
    wide = "(() => {const {x_range} = Bokeh.documents[0].get_model_by_name('map-0'); "
    start, end = page.evaluate(wide + "return [x_range.start, x_range.end]})()")
    look.press("+")
    near = page.evaluate(wide + "return [x_range.start, x_range.end]})()")
    assert near[1] - near[0] == pytest.approx(0.7 * (end - start))
    image = look.image()
    look.press("Move")
    look.drag([(0.5, 0.5), (0.7, 0.5)])
    moved = page.evaluate(wide + "return [x_range.start, x_range.end]})()")
    assert moved[0] < near[0] - 0.1 and moved[1] - moved[0] == pytest.approx(near[1] - near[0])
    assert look.image() == image
    look.press("All")
    assert page.evaluate(wide + "return [x_range.start, x_range.end]})()") == [start, end]
    look.press("Decode")
    with look.changes():
        look.drag([(0.5, 0.5), (0.7, 0.5)])


def test_an_image_by_its_number(look) -> None:
    search = look.page.get_by_label("Image number")
    search.fill("12")
    with look.changes():
        search.press("Enter")
    look.says(".source", "Code 498 (image 12 of the data set)")
    for text, said in (("11", "image 11 of the data set has no code"), ("nose", "'nose' came")):
        search.fill(text)
        search.press("Enter")
        look.says(".problem", said)
    search.fill("1,008")
    with look.changes():
        search.press("Enter")
    look.says(".source", "image 1,008 ")
