"""Images from strangers: read as the data set was; all that is none gets one line."""

from __future__ import annotations

import contextlib
import struct
import threading
import time
import zlib
from io import BytesIO

import numpy as np
import pytest
from explored import SHAPE, made_side
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from zspace.data.images import read_image_like
from zspace.errors import BusyError, ImageError, InputError
from zspace.explorer import uploads
from zspace.explorer.uploads import FORMATS, MOST_BYTES, decoded_upload

LIKE = {"size": (16, 16), "crop": 0.8, "channels": 3}
GRAY = {**LIKE, "channels": 1}
PIXELS = np.random.default_rng(2).integers(0, 256, (40, 30, 3), dtype=np.uint8)


def written(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


PNG = written(Image.fromarray(PIXELS))
JPEG = written(Image.fromarray(PIXELS), "JPEG")


def png_of_size(width: int, height: int) -> bytes:
    """A small PNG that says in its header, checksum and all, that it is large."""
    header = b"IHDR" + struct.pack(">II", width, height) + PNG[24:29]
    return PNG[:12] + header + struct.pack(">I", zlib.crc32(header)) + PNG[33:]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("like", [LIKE, GRAY], ids=["color", "gray"])
def test_they_are_read_as_the_data_set_was(kind, like, tmp_path) -> None:
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow was built without AVIF")
    data = written(Image.fromarray(PIXELS), kind)
    path = tmp_path / f"image.{kind.lower()}"
    path.write_bytes(data)
    found = decoded_upload(data, like)
    np.testing.assert_array_equal(found, read_image_like(path, like))
    assert found.dtype == np.uint8 and found.shape == (16, 16, like["channels"])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_odd_modes_become_plain_pixels(mode) -> None:
    image = Image.fromarray(PIXELS)
    if mode == "I;16":
        image = Image.fromarray(PIXELS[..., 0].astype(np.uint16) * 257)
    else:
        image = image.convert(mode)
    data = written(image, "JPEG" if mode == "CMYK" else "PNG")
    assert decoded_upload(data, LIKE).shape == (16, 16, 3)


def test_transparent_parts_lie_on_white_and_photos_are_turned_upright() -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert decoded_upload(written(clear), LIKE).min() == 255
    half = np.zeros((20, 20, 3), np.uint8)
    half[:, :10] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    turned = decoded_upload(written(Image.fromarray(half), "PNG", exif=exif), LIKE)
    assert turned[2].mean() > 200 > 55 > turned[-3].mean()


def test_only_the_first_picture_of_several_is_looked_at() -> None:
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "blue")]
    data = written(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (decoded_upload(data, LIKE)[..., 0] > 200).all()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
HOSTILE = {
    "empty": b"",
    "text": b"hello",
    "SVG": SVG,
    "SVG with a declaration": b'<?xml version="1.0"?>' + SVG,
    "PDF": b"%PDF-1.7\n1 0 obj\n",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n",
    "zip": b"PK\x03\x04" + bytes(100),
    "HTML": b"<html><script>alert(1)</script></html>",
    "TIFF, which is not taken": written(Image.fromarray(PIXELS), "TIFF"),
    "ICO, which is not taken": written(Image.fromarray(PIXELS), "ICO"),
    "PNG's first bytes": PNG[:8],
    "half a PNG": PNG[: len(PNG) // 2],
    "half a JPEG": JPEG[: len(JPEG) // 2],
    "PNG with a broken checksum": PNG[:29] + b"\0\0\0\0" + PNG[33:],
    "PNG without width": png_of_size(0, 5),
    "PNG of 42 million pixels": png_of_size(7000, 6000),
    "PNG of 120 million pixels": png_of_size(10_000, 12_000),
    "PNG of 10^18 pixels": png_of_size(2**30, 2**30),
    "PNG with less in it than it says": png_of_size(3000, 3000),
    "wide and flat": png_of_size(36_000_001, 1),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_all_else_gets_one_line(data) -> None:
    with pytest.raises(ImageError) as caught:
        decoded_upload(data, LIKE)
    message = str(caught.value)
    assert "\n" not in message and "choose" in message and "passwd" not in message


def test_what_is_too_large_is_not_decoded(monkeypatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(uploads, "decode_image", never)
    for width, height in [(7000, 6000), (10_000, 12_000), (2**30, 2**30)]:
        with pytest.raises(ImageError, match="pixels"):
            decoded_upload(png_of_size(width, height), LIKE)
    monkeypatch.setattr(Image, "open", never)
    with pytest.raises(ImageError, match=r"20\.0 MiB, at most 20"):
        decoded_upload(PNG + bytes(MOST_BYTES), LIKE)
    with pytest.raises(ImageError, match="empty"):
        decoded_upload(b"", LIKE)


def test_an_image_that_is_just_small_enough_is_taken() -> None:
    data = written(Image.new("L", (6000, 6000), 200), compress_level=1)
    assert (decoded_upload(data, LIKE) == 200).all()


def test_smaller_than_the_crop() -> None:
    with pytest.raises(ImageError, match="smaller than the crop"):
        decoded_upload(PNG, {**LIKE, "crop": 35})


@settings(max_examples=60)
@given(st.sampled_from([PNG, JPEG]), st.data())
def test_changed_bytes_never_crash(good, data) -> None:
    place = data.draw(st.integers(0, len(good) - 1))
    some = data.draw(st.binary(min_size=1, max_size=12))
    with contextlib.suppress(ImageError):
        found = decoded_upload(good[:place] + some + good[place + len(some) :], LIKE)
        assert found.shape == (16, 16, 3)


def test_nothing_is_written(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    decoded_upload(JPEG, LIKE)
    with pytest.raises(ImageError):
        decoded_upload(JPEG[:300], LIKE)
    assert list(tmp_path.iterdir()) == []


def test_a_side_sees_it() -> None:
    side = made_side()
    z = np.linspace(-1, 1, 6)
    image = side.image(z)
    found = side.upload(written(Image.fromarray(image)))
    np.testing.assert_array_equal(found.pixels, image)
    np.testing.assert_allclose(found.z, z, atol=0.05)  # what 256 levels leave of it
    np.testing.assert_array_equal(found.reconstruction, side.image(found.z))
    assert found.reconstruction.shape == SHAPE
    with pytest.raises(ImageError):
        side.upload(SVG)
    closed = made_side()
    object.__setattr__(closed, "preparation", None)
    with pytest.raises(InputError, match="none are taken"):
        closed.upload(JPEG)


def test_one_at_a_time_is_decoded(monkeypatch) -> None:
    side, lock, inside, most = made_side(), threading.Lock(), [], []

    def decode(data: bytes, information: dict) -> np.ndarray:
        with lock:
            inside.append(1)
            most.append(len(inside))
        time.sleep(0.01)
        with lock:
            inside.pop()
        return decoded_upload(data, information)

    monkeypatch.setattr("zspace.explorer.side.decoded_upload", decode)
    outcomes = []

    def visit() -> None:
        try:
            outcomes.append(side.upload(PNG).z.shape)
        except BusyError:
            outcomes.append(None)

    threads = [threading.Thread(target=visit) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert max(most) == 1 and len(outcomes) == 20
    assert sum(one is not None for one in outcomes) >= 11, "ten may wait for the one inside"
