"""Decoding single images."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from zspace.data import read_image_like
from zspace.data.framing import Framing
from zspace.data.images import MOST_BYTES, decode_image, frame_picture
from zspace.errors import ImageError

WHOLE = Framing((24, 20))


def _saved(image: Image.Image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["png", "bmp", "tiff", "ppm", "tga", "webp", "gif", "jpeg"])
def test_every_format_gives_the_same_picture(colors, kind):
    pixels = colors(1)
    options = {"webp": {"lossless": True}, "jpeg": {"quality": 98, "subsampling": 0}}
    decoded = decode_image(_saved(Image.fromarray(pixels), kind, **options.get(kind, {})), WHOLE)
    difference = np.abs(decoded.astype(int) - pixels)
    assert difference.mean() < {"gif": 12, "jpeg": 2}.get(kind, 1e-9)


def test_transparent_parts_are_white(colors):
    pixels = np.dstack([colors(2), np.full((24, 20), 255, np.uint8)])
    pixels[:12, :, 3] = 0
    pixels[12, :, 3] = 128
    decoded = decode_image(_saved(Image.fromarray(pixels), "png"), WHOLE)
    assert (decoded[:12] == 255).all()
    assert np.array_equal(decoded[13:], pixels[13:, :, :3])
    half = (pixels[12, :, :3].astype(int) + 255) / 2
    assert np.abs(decoded[12] - half).max() < 2
    gray = Image.fromarray(pixels).convert("LA")
    assert (decode_image(_saved(gray, "png"), WHOLE)[:12] == 255).all()


def test_palettes_with_and_without_transparency(colors):
    image = Image.fromarray(colors(3)).quantize(32)
    plain = decode_image(_saved(image, "png"), WHOLE)
    assert np.array_equal(plain, np.asarray(image.convert("RGB")))
    index = image.getpixel((0, 0))
    decoded = decode_image(_saved(image, "png", transparency=index), WHOLE)
    assert (decoded[np.asarray(image) == index] == 255).all()


def test_sixteen_bits_are_scaled_not_clipped():
    ramp = np.linspace(0, 65535, 24 * 20).reshape(24, 20).astype(np.uint16)
    for kind in ("png", "tiff"):
        decoded = decode_image(_saved(Image.fromarray(ramp), kind), Framing((24, 20), channels=1))
        assert np.abs(decoded[..., 0] - ramp / 257).max() <= 0.51


def test_floats_one_bit_and_cmyk(colors):
    ramp = np.linspace(0, 1, 24 * 20, dtype=np.float32).reshape(24, 20)
    decoded = decode_image(_saved(Image.fromarray(ramp), "tiff"), Framing((24, 20), channels=1))
    assert np.abs(decoded[..., 0] - ramp * 255).max() <= 0.51
    with pytest.raises(ImageError, match=r"outside \[0, 1\]"):
        decode_image(_saved(Image.fromarray(ramp * 9), "tiff"), WHOLE)
    bits = Image.fromarray(ramp > 0.5)
    assert set(np.unique(decode_image(_saved(bits, "png"), WHOLE))) == {0, 255}
    inks = Image.fromarray(colors(4)).convert("CMYK")
    decoded = decode_image(_saved(inks, "jpeg", quality=98), WHOLE)
    assert np.abs(decoded.astype(int) - colors(4)).mean() < 4


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("scale", [1, 12])
def test_photographs_are_turned_upright(orientation, scale):
    upright = np.zeros((24 * scale, 20 * scale, 3), np.uint8)
    upright[: 12 * scale, : 10 * scale] = (255, 0, 0)
    upright[12 * scale :, : 10 * scale] = (0, 255, 0)
    image = Image.fromarray(upright)
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    if orientation in undo:
        image = image.transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = _saved(image, "jpeg", exif=exif, quality=95, subsampling=0)
    decoded = decode_image(content, Framing((12, 10))).astype(int)
    expected = np.asarray(Image.fromarray(upright).resize((10, 12), Image.Resampling.BOX))
    assert np.abs(decoded - expected).mean() < 12


def test_photographs_that_xmp_alone_says_are_turned_are_turned_upright(colors):
    turned = Image.fromarray(colors(5)).transpose(Image.Transpose.ROTATE_180)
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="3"/></x:xmpmeta>'
    decoded = decode_image(_saved(turned, "jpeg", xmp=xmp, quality=98, subsampling=0), WHOLE)
    assert np.abs(decoded.astype(int) - colors(5)).mean() < 2


def test_a_path_gives_what_its_content_gives(colors, tmp_path):
    (tmp_path / "one.jpg").write_bytes(_saved(Image.fromarray(colors(5)), "jpeg"))
    decoded = decode_image(tmp_path / "one.jpg", WHOLE)
    assert (decoded == decode_image((tmp_path / "one.jpg").read_bytes(), WHOLE)).all()


def test_a_broken_exif_block_does_not_spoil_the_pixels(colors):
    content = _saved(Image.fromarray(colors(5)), "jpeg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff junk")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert decode_image(content, WHOLE).shape == (24, 20, 3)


def test_gray_is_luma_and_color_of_gray_is_gray(colors):
    pixels = colors(6)
    gray = decode_image(_saved(Image.fromarray(pixels), "png"), Framing((24, 20), channels=1))
    luma = pixels @ np.array([0.299, 0.587, 0.114])
    assert gray.shape == (24, 20, 1)
    assert np.abs(gray[..., 0] - luma).max() <= 1
    back = decode_image(_saved(Image.fromarray(gray[..., 0]), "png"), WHOLE)
    assert (back == gray).all()


def test_reduced_decoding_of_large_photographs_keeps_the_picture(shared_data, tmp_path):
    import zipfile

    with zipfile.ZipFile(shared_data("celeba") / "img_align_celeba.zip") as archive:
        face = Image.open(io.BytesIO(archive.read("img_align_celeba/000001.jpg")))
        large = face.resize((1780, 2180), Image.Resampling.BICUBIC)
    framing = Framing((64, 64), 148 / 178)
    reduced = decode_image(_saved(large, "jpeg", quality=95), framing).astype(float)
    whole = decode_image(_saved(large, "png"), framing)
    assert np.abs(reduced - whole).mean() < 0.5


def _png_header(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    )


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (10_000, 9_000), (1, 90_000_000)])
def test_a_bomb_is_refused_by_its_header(tmp_path, width, height):
    (tmp_path / "bomb.png").write_bytes(_png_header(width, height))
    information = {"size": [64, 64], "crop": None, "channels": 3}
    with pytest.raises(ImageError, match=r"bomb\.png: .*89,478,485") as caught:
        read_image_like(tmp_path / "bomb.png", information)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "gif", "bmp", "tiff"])
def test_a_truncated_file_is_an_error_never_half_a_picture(colors, kind):
    content = _saved(Image.fromarray(colors(7, 200, 200)), kind)
    for length in (len(content) // 2, len(content) * 3 // 4, 30):
        with pytest.raises(ImageError):
            decode_image(content[:length], WHOLE)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"some text", "no image in a format"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no image in a format"),
        (b"\xff\xd8\xff\xe0garbage", "."),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "."),
    ],
)
def test_what_is_no_image_is_refused(content, said):
    with pytest.raises(ImageError, match=said):
        decode_image(content, WHOLE)


def test_a_huge_file_is_refused_unread(tmp_path):
    with open(tmp_path / "huge.png", "wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    with pytest.raises(ImageError, match="at most"):
        decode_image(tmp_path / "huge.png", WHOLE)


def test_any_image_is_read_as_the_data_set_was(make, tmp_path, png, colors):
    from zspace.data import prepare

    folder = make.tree(make.pictures(4, kind="jpg"))
    dataset = prepare(
        "folder", tmp_path / "out", from_path=folder, size=(9, 7), crop=0.8, gray=True
    )
    for number, image in enumerate(dataset.images, start=1):
        again = read_image_like(folder / f"{number:06d}.jpg", dataset.information)
        assert np.array_equal(again, image)
    for missing in (folder / "none.png", folder):
        with pytest.raises(ImageError, match="no such file"):
            read_image_like(missing, dataset.information)


def test_pixels_that_fit_are_not_touched():
    pixels = np.random.default_rng(0).integers(0, 256, (24, 20, 3), dtype=np.uint8)
    assert frame_picture(pixels, WHOLE) is pixels
    assert frame_picture(pixels, Framing((24, 20), channels=1)).shape == (24, 20, 1)
    assert frame_picture(pixels, Framing((24, 20), crop=0.5)).shape == (24, 20, 3)
    assert frame_picture(pixels[..., :1], Framing((12, 10))).shape == (12, 10, 3)
