"""What takes long: random points, walks, lassos, uploads, colors, and what is taken home."""

from __future__ import annotations

import dataclasses
import io
import json
import struct
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
from explored import LATENT, SHAPE, made_side
from PIL import Image
from visited import Visited, pictures

import zspace
from zspace.analysis.mixture import NormalMixture
from zspace.explorer.uploads import MOST_BYTES
from zspace.generation import METHODS
from zspace.run import RunFolder

SIDE, PLAIN = made_side(), made_side(plain=True, name="faces-ae")
NAN = float("nan")
BOX = [[-99.0, -99.0], [0.0, -99.0], [0.0, 99.0], [-99.0, 99.0]]
OTHER_BOX = [[0.5, -99.0], [99.0, -99.0], [99.0, 99.0], [0.5, 99.0]]


@pytest.fixture
def one() -> Visited:
    visited = Visited(SIDE)
    visited.fine("begin")
    return visited


@pytest.fixture
def two() -> Visited:
    visited = Visited(SIDE, PLAIN)
    visited.fine("begin")
    return visited


def pinned(visited: Visited) -> Visited:
    for pin, row in (("a", 3), ("b", 8)):
        visited.fine("row", row=row)
        visited.fine("pin", pin=pin)
    return visited


def png(image: np.ndarray, form: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, form)
    return stream.getvalue()


def taken(visited: Visited, what: str, **question) -> bytes:
    visited.fine("take", what=what, **question)
    file = visited.answer("file")
    assert file["what"] == what
    return file["data"]


def opened(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def test_it_is_said_that_it_takes_long(one) -> None:
    kinds = [each["kind"] for each in one.fine("random", method="prior", at=0)]
    assert kinds[0] == "busy" and kinds.index("idle") < kinds.index("image") < kinds.index("done")


def test_random_points_are_those_of_generation(one) -> None:
    one.fine("random", method="prior", at=2)
    np.testing.assert_allclose(one.z(), NormalMixture.of_codes(SIDE.codes).sample(512, seed=1)[2])
    assert one.answer("told")["source"] == "Random: prior, number 3."
    one.fine("random", method="sphere", at=0, scale=1.5)
    assert np.linalg.norm(one.z()) == pytest.approx(1.5 * np.sqrt(LATENT))
    one.fine("random", method="uniform", at=7, scale=0.5)
    expected = METHODS["uniform"](512, LATENT, seed=1, limit=0.5)[7]
    np.testing.assert_allclose(one.z(), expected)
    for _ in range(3):
        one.fine("undo")
    assert one.answer("told")["source"] == "The mean code."


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"method": "priors", "at": 0}, "no method 'priors'"),
        ({"method": "prior", "at": -1}, "at: a finite number"),
        ({"method": "prior", "at": 0, "scale": NAN}, "scale: a finite number from 0.05 to 10"),
        ({"method": "prior", "at": 0, "scale": 1e9}, "scale: a finite number from 0.05 to 10"),
    ],
)
def test_random_points_that_are_none(one, asked, said) -> None:
    assert said in one.refused("random", **asked)


def test_random_in_both_or_the_image_of_the_one_in_the_other(two) -> None:
    two.fine("random", method="normal", at=0, side=1)
    np.testing.assert_allclose(two.z(0), two.z(1))
    two.fine("random", method="normal", at=1, side=1, follow="image")
    found = SIDE.coding.encode(PLAIN.image(two.z(1))[None])[0]
    np.testing.assert_allclose(two.z(0), found)
    assert two.answer("told", 0)["source"] == "The image of faces-ae, encoded by faces-vae."


@pytest.mark.parametrize("walk", ["line", "sphere", "density"])
def test_a_walk_leads_from_pin_to_pin(two, walk) -> None:
    pinned(two)
    two.fine("route", walk=walk)
    for side, model in enumerate((SIDE, PLAIN)):
        route = two.answer("route", side)
        ends = model.pca_view().coordinates[[3, 8]]
        np.testing.assert_allclose(np.array(route["places"])[[0, -1]], ends, atol=1e-4)
        film = pictures(route)
        assert film.shape == (9, *SHAPE)
        np.testing.assert_array_equal(film[0], model.image(model.code(3)))
        np.testing.assert_array_equal(film[-1], model.image(model.code(8)))
    for part, row in ((0.0, 3), (1.0, 8)):
        two.fine("walk", value=part)
        np.testing.assert_allclose(two.z(0), SIDE.code(row), atol=1e-5)
        np.testing.assert_allclose(two.z(1), PLAIN.code(row), atol=1e-5)
    two.fine("walk", value=0.5, along=True)
    if walk == "line":
        np.testing.assert_allclose(two.z(0), (SIDE.code(3) + SIDE.code(8)) / 2, atol=1e-5)
    two.fine("view", name="axes", one=0, other=1)
    path = np.array(two.answer("map", 0)["path"])
    np.testing.assert_allclose(path[-1], SIDE.code(8)[:2], atol=1e-5)


def test_a_walk_goes_with_its_pins(one) -> None:
    assert "set both" in one.refused("route", walk="line")
    pinned(one)
    assert "no walk 'lines'" in one.refused("route", walk="lines")
    one.fine("route", walk="line")
    one.fine("undo")
    one.fine("view", name="axes", one=0, other=1)
    assert one.answer("map")["path"] == [], "pin B is gone, and so is the way"
    assert "pin A to pin B" in one.refused("walk", value=0.5)
    assert "pin A to pin B" in one.refused("take", what="png", scope="walk")


def test_both_pins_at_one_place_are_a_walk_too(one) -> None:
    one.fine("pin", pin="a")
    one.fine("pin", pin="b")
    for walk in ("line", "sphere", "density"):
        one.fine("route", walk=walk)
        np.testing.assert_allclose(np.ptp(one.answer("route")["places"], axis=0), 0, atol=1e-6)


def test_a_lasso_becomes_a_direction_and_a_slider(two) -> None:
    two.fine("lasso", which=0, outline=BOX)
    told = two.answer("lasso")
    inside = SIDE.pca_view().coordinates[:, 0] < 0
    assert told["counts"] == [inside.sum(), None] and told["outline"] == BOX
    np.testing.assert_array_equal(two.visit.seats[1].selections[0], np.flatnonzero(inside))
    two.fine("learn", name=" Left ", method="mean")
    told = two.answer("directions")
    assert (told["names"], told["made"]) == (["Left"], "Left")
    vector = two.visit.seats[0].directions["Left"].vector
    mean = SIDE.codes.mean.astype(np.float64)
    np.testing.assert_allclose(vector, mean[inside].mean(0) - mean[~inside].mean(0), atol=1e-5)
    before = two.z(0), two.z(1)
    two.fine("direction", name="Left", value=2.0)
    np.testing.assert_allclose(two.z(0), before[0] + 2 * vector)
    np.testing.assert_allclose(
        two.z(1), before[1] + 2 * two.visit.seats[1].directions["Left"].vector
    )
    assert two.answer("state", 1)["factors"] == {"Left": 2.0}
    record = json.loads(taken(two, "direction", name="Left"))
    np.testing.assert_allclose(record["vector"], vector)
    assert two.answer("file")["name"] == "Left.json"
    two.fine("lasso", which=1, outline=OTHER_BOX)
    two.fine("learn", name="Against", method="logistic")
    assert two.answer("directions")["names"] == ["Left", "Against"]
    two.fine("clear")
    assert two.answer("lasso")["counts"] == [None, None]
    assert two.visit.seats[0].selections == two.visit.seats[1].selections == [None, None]


def test_directions_of_both_models_are_named_when_one_is_made(two) -> None:
    direction = zspace.directions.Direction("saved", np.ones(LATENT))
    two.visit.seats[1].directions = {"saved": direction}
    two.fine("lasso", which=0, outline=BOX)
    two.fine("learn", name="new", method="mean")
    assert two.answer("directions")["names"] == ["new", "saved"]
    assert "there is a direction 'saved' already" in two.refused(
        "learn", name="saved", method="mean"
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"name": "a", "method": "mean"}, "inside of a lasso"),
        ({"name": "a", "method": "mean", "lassos": [BOX, BOX]}, "in both selections"),
        ({"name": "a", "method": "means", "lassos": [BOX]}, "no method 'means'"),
        ({"name": "", "method": "mean", "lassos": [BOX]}, "name"),
        ({"name": "../a", "method": "mean", "lassos": [BOX]}, "name"),
        ({"name": "a" * 150, "method": "mean", "lassos": [BOX]}, "name"),
        ({"name": "a", "method": "mean", "lassos": [[[90, 90], [91, 90], [91, 91]]]}, "no code"),
        (
            {"name": "a", "method": "mean", "lassos": [BOX, [[90, 90], [91, 90], [91, 91]]]},
            "no code",
        ),
    ],
)
def test_directions_that_are_none(one, asked, said) -> None:
    for which, outline in enumerate(asked.pop("lassos", [])):
        one.fine("lasso", which=which, outline=outline)
    assert said in one.refused("learn", **asked)
    assert one.visit.seats[0].directions == {}


@pytest.mark.parametrize(
    "outline", [None, "abc", {"a": 1}, [[0, 0]] * 2, [[NAN, 0]] * 3, [[0, 0]] * 3000]
)
def test_lassos_that_are_none(one, outline) -> None:
    assert "lasso" in one.refused("lasso", which=0, outline=outline)
    assert one.visit.seats[0].selections == [None, None]
    assert "which: a finite number" in one.refused("lasso", which=2, outline=BOX)


def test_an_image_of_the_visitors_own_is_encoded_and_decoded_again(two) -> None:
    image = np.random.default_rng(1).integers(0, 256, SHAPE, dtype=np.uint8)
    for data in (png(image), bytearray(png(image)), memoryview(png(image))):
        two.fine("upload", data=data)
    for side, model in enumerate((SIDE, PLAIN)):
        z = model.coding.encode(image[None])[0]
        np.testing.assert_allclose(two.z(side), z)
        seen, again = pictures(two.answer("uploaded", side))
        np.testing.assert_array_equal(seen, image)
        np.testing.assert_array_equal(again, model.image(z))
        assert two.answer("told", side)["source"] == "Your image, encoded."
    two.fine("slider", name="component 1", value=1.0)


def bomb(width: int = 60_000) -> bytes:
    """A small PNG whose header, with its checksum, announces 3.6 thousand million pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, width, 8, 2, 0, 0, 0)
    small = png(np.zeros((1, 1, 3), np.uint8))
    return small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "an image file was expected"),
        ("text", "an image file was expected"),
        ([137, 80], "an image file was expected"),
        (b"", "empty"),
        (b"hello, I am no image at all", "no image that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no image that can be read"),
        (png(np.full((64, 64, 3), 90, np.uint8))[:60], "choose another one"),
        (bomb(), "pixels"),
        (bytes(MOST_BYTES + 1), "at most 20 MiB"),
    ],
    ids=["nothing", "text", "list", "empty", "words", "svg", "torn", "bomb", "large"],
)
def test_uploads_that_are_none(one, data, said) -> None:
    assert said in one.refused("upload", data=data)
    one.fine("row", row=1)


def test_pictures_are_taken_home_to_the_very_pixel(two) -> None:
    pinned(two)
    two.fine("sharpen", value=2.0)
    for row in (5, 6, 7):
        two.fine("row", row=row)
        two.fine("keep")
    two.fine("route", walk="line")

    def shown(model, points):
        return model.strip(np.asarray(points, np.float64), sharpen=2.0)

    now = opened(taken(two, "png", scope="now"))
    assert now.shape == (4, 5 + 4 + 5, 3)
    np.testing.assert_array_equal(now[:, :5], shown(SIDE, [SIDE.code(7)])[0])
    np.testing.assert_array_equal(now[:, 9:], shown(PLAIN, [PLAIN.code(7)])[0])
    kept = opened(taken(two, "png", scope="kept"))
    assert kept.shape == (4, 3 * 14 + 2 * 4, 3)
    for at, row in enumerate((5, 6, 7)):
        np.testing.assert_array_equal(
            kept[:, 18 * at : 18 * at + 5], shown(SIDE, [SIDE.code(row)])[0]
        )
    walk = opened(taken(two, "png", scope="walk"))
    assert walk.shape[1] == 8 * 14 + 7 * 4, "eight in a row"
    np.testing.assert_array_equal(walk[:4, :5], shown(SIDE, [SIDE.code(3)])[0])
    assert two.answer("file")["media"] == "image/png"


def test_a_film_is_taken_home_as_gif(one) -> None:
    pinned(one)
    one.fine("route", walk="line")
    with Image.open(io.BytesIO(taken(one, "gif", scope="walk"))) as film:
        assert (film.n_frames, film.size, film.info["loop"]) == (49, (5, 4), 0)
        film.seek(48)
        last = np.asarray(film.convert("RGB")).astype(int)
    assert np.abs(last - SIDE.image(SIDE.code(8))).max() < 12, "but for the 256 colors of a GIF"
    assert one.answer("file")["name"] == "walk.gif"
    assert "nothing is kept" in one.refused("take", what="gif", scope="kept")


def test_numbers_are_taken_home(two) -> None:
    pinned(two)
    two.fine("keep")
    two.fine("row", row=9)
    two.fine("keep")
    for side, model in enumerate((SIDE, PLAIN)):
        record = json.loads(taken(two, "json", scope="kept", side=side))
        np.testing.assert_array_equal(np.array(record["z"], np.float32), model.codes.mean[[8, 9]])
        assert record["sources"][1].startswith("code 9" if side == 0 else "the code of the same")
        with np.load(io.BytesIO(taken(two, "npz", scope="now", side=side))) as stored:
            np.testing.assert_array_equal(stored["z"], model.codes.mean[[9]])
    two.fine("route", walk="line")
    with np.load(io.BytesIO(taken(two, "npz", scope="walk"))) as stored:
        assert stored["z"].shape == (49, LATENT)
    assert "no file 'pdf'" in two.refused("take", what="pdf")
    assert "no direction 'up'" in two.refused("take", what="direction", name="up")
    assert "name: a text" in two.refused("take", what="direction")


def test_the_python_gives_the_same_image(monkeypatch, tmp_path) -> None:
    """Run with a made-up `open_run`, which decodes as the explorer does."""
    (tmp_path / "run.json").write_text("{}")
    side = dataclasses.replace(SIDE, folder=RunFolder(tmp_path))
    seen = []
    run = SimpleNamespace(decode=SIDE.coding.decoder, codes=lambda split: SIDE.codes)
    monkeypatch.setattr(zspace, "open_run", lambda path: seen.append(path) or run)
    monkeypatch.chdir(tmp_path)
    for is_own, path in ((True, str(tmp_path)), (False, "faces-vae")):
        visited = Visited(side, is_own=is_own)
        for act in (
            {"kind": "row", "row": 7},
            {"kind": "random", "method": "normal", "at": 1},
            {"kind": "sharpen", "value": 3.0},
        ):
            visited.fine(**act)
            text = taken(visited, "python").decode()
            assert ("mean[7]" in text) == (act["kind"] == "row")
            exec(compile(text, "image.py", "exec"), {})  # noqa: S102 (what it is made for)
            with Image.open(tmp_path / "image.png") as image:
                shown = pictures(visited.answer("image"))[0]
                np.testing.assert_array_equal(np.asarray(image), shown)
        assert set(seen) == {path}, "a visitor from elsewhere is told no place on the disk"
        seen.clear()
