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

from zspace.data.framing import Framing
from zspace.data.images import quiet_pillow, read_image_like
from zspace.errors import BusyError, ImageError, InputError
from zspace.explorer import apart, uploads
from zspace.explorer.uploads import FORMATS, MOST_BYTES, decoded_here, decoded_upload

LIKE = {"size": (16, 16), "crop": 0.8, "channels": 3}
GRAY = {**LIKE, "channels": 1}
PIXELS = np.random.default_rng(2).integers(0, 256, (40, 30, 3), dtype=np.uint8)


def written(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


PNG = written(Image.fromarray(PIXELS))
JPEG = written(Image.fromarray(PIXELS), "JPEG")


def decoded(data: bytes, like: dict = LIKE) -> np.ndarray:
    """Without the process around it, which takes 0.3 s each time."""
    with quiet_pillow():
        return decoded_here(data, Framing.from_information(like))


def png_of_size(width: int, height: int) -> bytes:
    """A small PNG that says in its header, checksum and all, that it is large."""
    header = b"IHDR" + struct.pack(">II", width, height) + PNG[24:29]
    return PNG[:12] + header + struct.pack(">I", zlib.crc32(header)) + PNG[33:]


def jpeg_of_size(width: int, height: int) -> bytes:
    """A small JPEG that says in its header that it is large."""
    place = JPEG.index(b"\xff\xc0") + 5
    return JPEG[:place] + struct.pack(">HH", height, width) + JPEG[place + 4 :]


def with_chunk(kind: bytes, content: bytes) -> bytes:
    """A PNG with one more part behind its header."""
    whole = struct.pack(">I", len(content)) + kind + content
    return PNG[:33] + whole + struct.pack(">I", zlib.crc32(kind + content)) + PNG[33:]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("like", [LIKE, GRAY], ids=["color", "gray"])
def test_they_are_read_as_the_data_set_was(kind, like, tmp_path) -> None:
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow was built without AVIF")
    data = written(Image.fromarray(PIXELS), kind)
    path = tmp_path / f"image.{kind.lower()}"
    path.write_bytes(data)
    found = decoded(data, like)
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
    assert decoded(data).shape == (16, 16, 3)


def test_transparent_parts_lie_on_white_and_photos_are_turned_upright() -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert decoded(written(clear)).min() == 255
    half = np.zeros((20, 20, 3), np.uint8)
    half[:, :10] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    turned = decoded(written(Image.fromarray(half), "PNG", exif=exif))
    assert turned[2].mean() > 200 > 55 > turned[-3].mean()


def test_only_the_first_picture_of_several_is_looked_at() -> None:
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "blue")]
    data = written(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (decoded(data)[..., 0] > 200).all()


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
    "PNG of 17 million pixels": png_of_size(4250, 4000),
    "PNG of 120 million pixels": png_of_size(10_000, 12_000),
    "PNG of 10^18 pixels": png_of_size(2**30, 2**30),
    "PNG with less in it than it says": png_of_size(3000, 3000),
    "wide and flat": png_of_size(16_000_001, 1),
    "JPEG of 36 million pixels and one row": jpeg_of_size(6000, 6001),
    "JPEG of 4 billion pixels": jpeg_of_size(65_000, 65_000),
    "half a GIF": written(Image.fromarray(PIXELS), "GIF")[:200],
    "half a WebP": written(Image.fromarray(PIXELS), "WEBP")[:400],
    "PNG with a text that is 10 MB": with_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**7))),
    "PNG with a profile that is 10 MB": with_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(10**7))),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_all_else_gets_one_line(data) -> None:
    with pytest.raises(ImageError) as caught:
        decoded(data) if data else decoded_upload(data, LIKE)
    message = str(caught.value)
    assert "\n" not in message and "choose" in message and "passwd" not in message


def test_what_is_too_large_is_not_decoded(monkeypatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(uploads, "decode_image", never)
    for width, height in [(4250, 4000), (10_000, 12_000), (2**30, 2**30)]:
        with pytest.raises(ImageError, match="pixels"):
            decoded(png_of_size(width, height))
    with pytest.raises(ImageError, match="at most 36,000,000"):
        decoded(jpeg_of_size(6000, 6001))
    monkeypatch.setattr(Image, "open", never)
    monkeypatch.setattr(uploads, "decoded_apart", never)
    with pytest.raises(ImageError, match=r"20\.0 MiB, at most 20"):
        decoded_upload(PNG + bytes(MOST_BYTES), LIKE)
    with pytest.raises(ImageError, match=r"95\.4 MiB, at most 20"):
        decoded_upload(bytes(10**8), LIKE)
    with pytest.raises(ImageError, match="empty"):
        decoded_upload(b"", LIKE)


def test_images_that_are_just_small_enough_are_taken() -> None:
    data = written(Image.new("L", (4000, 4000), 200), compress_level=1)
    assert (decoded_upload(data, LIKE) == 200).all()
    photo = written(Image.new("L", (6000, 6000), 200), "JPEG")
    assert (decoded_upload(photo, LIKE) == 200).all()


ODD = {
    "one pixel": written(Image.new("RGB", (1, 1), "white")),
    "tall": written(Image.new("RGB", (1, 30_000), "white")),
    "wide": written(Image.new("RGB", (30_000, 1), "white")),
    "with a page of HTML behind it": PNG + b"<html><script>alert(1)</script></html>",
    "with an archive behind it": JPEG + b"PK\x03\x04" + bytes(1000),
    "with a broken profile": written(Image.fromarray(PIXELS), icc_profile=b"none"),
    "with a broken orientation": JPEG[:2] + b"\xff\xe1\x00\x10Exif\0\0II*\0\xff\xff" + JPEG[2:],
    "with a comment of 60,000 bytes": JPEG[:2] + b"\xff\xfe\xea\x60" + bytes(59_998) + JPEG[2:],
    "1,000 frames": written(
        Image.new("P", (20, 20)), "GIF", save_all=True,
        append_images=[Image.new("P", (20, 20), number % 250) for number in range(1000)],
    ),
    "a PNG that moves": written(
        Image.new("RGB", (20, 20)), save_all=True, append_images=[Image.new("RGB", (20, 20), "red")]
    ),
    "a WebP that moves": written(
        Image.new("RGB", (20, 20)), "WEBP", save_all=True,
        append_images=[Image.new("RGB", (20, 20), "red")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_odd_ones_are_taken(data) -> None:
    assert decoded(data).shape == (16, 16, 3)


def with_passes(count: int) -> bytes:
    """A JPEG that goes over all of its pixels once more, so many times, in 40 bytes each."""
    image = written(Image.new("RGB", (3000, 3000), "red"), "JPEG", progressive=True)
    last = image[image.rindex(b"\xff\xda") : -2]
    return image[:-2] + count * last + image[-2:]


def test_what_takes_for_ever_is_ended(monkeypatch) -> None:
    monkeypatch.setattr(apart, "_MOST_SECONDS", 1)
    with pytest.raises(ImageError, match="too long"):
        decoded_upload(with_passes(3000), LIKE)


def test_what_takes_too_much_memory_is_ended(monkeypatch) -> None:
    data = written(Image.new("RGBA", (3000, 3000), (1, 2, 3, 4)))
    assert decoded_upload(data, LIKE).shape == (16, 16, 3)
    monkeypatch.setattr(apart, "_MOST_MEMORY", 40 * 2**20)
    with pytest.raises(ImageError, match="choose another one"):
        decoded_upload(data, LIKE)


def test_a_process_that_dies_or_hangs_is_a_message(monkeypatch) -> None:
    monkeypatch.setattr(apart.sys, "executable", "/nowhere/python")
    with pytest.raises(ImageError, match="choose another one"):
        decoded_upload(PNG, LIKE)
    monkeypatch.undo()
    monkeypatch.setattr(apart, "_PATIENCE", 0.01)
    with pytest.raises(ImageError, match="choose another one"):
        decoded_upload(PNG, LIKE)


def test_another_folder_cannot_stand_in_for_the_decoder(tmp_path, monkeypatch) -> None:
    (tmp_path / "PIL").mkdir()
    (tmp_path / "PIL" / "__init__.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    assert decoded_upload(PNG, LIKE).shape == (16, 16, 3)


def test_smaller_than_the_crop() -> None:
    with pytest.raises(ImageError, match="smaller than the crop"):
        decoded(PNG, {**LIKE, "crop": 35})


@settings(max_examples=60)
@given(st.sampled_from([PNG, JPEG]), st.data())
def test_changed_bytes_never_crash(good, data) -> None:
    place = data.draw(st.integers(0, len(good) - 1))
    some = data.draw(st.binary(min_size=1, max_size=12))
    with contextlib.suppress(ImageError):
        found = decoded(good[:place] + some + good[place + len(some) :])
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
        return decoded(data, dict(information))

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
