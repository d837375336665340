"""What a person takes home from an explorer: pictures, z-points, and Python that repeats them.

All of it is bytes or text for the browser to save; nothing is written here.
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from jaxtyping import Float, Real, Shaped, UInt8
from PIL import Image

from zspace.errors import InputError, ShapeError
from zspace.explorer.handles import require_number
from zspace.figures.grids import mosaic

__all__ = [
    "gif_bytes",
    "png_bytes",
    "points_json",
    "points_npz",
    "shortest",
    "snippet",
    "strip_png",
]

_QUICK = 1
_LINE = 96
_FEWEST_PER_SECOND, _MOST_PER_SECOND = 1.0, 50.0


def png_bytes(image: Shaped[np.ndarray, "height width channels"], *, scale: int = 1) -> bytes:
    """An image as a PNG.

    Args:
        image: (H, W, C), uint8, or floats in 0…1, which are cut there.
        scale: each pixel becomes scale × scale.

    Raises:
        InputError: if a value is not finite, or the scale is below 1.

    Example:
        >>> png_bytes(np.zeros((4, 4, 1)))[1:4]
        b'PNG'
    """
    if image.dtype == np.uint8 and scale == 1:
        return _png(np.ascontiguousarray(image))
    return _png(mosaic(image[None], scale=scale))


def strip_png(
    images: Shaped[np.ndarray, "count height width channels"], *, scale: int = 1
) -> bytes:
    """Images side by side as one PNG, eight in a row.

    Raises:
        InputError: if there is no image, or a value is not finite.
    """
    return _png(mosaic(images, columns=min(8, max(1, len(images))), scale=scale))


def gif_bytes(
    images: Shaped[np.ndarray, "count height width channels"], *, rate: float = 12.0, scale: int = 1
) -> bytes:
    """Images one after another as a GIF that repeats for ever.

    Args:
        images: as for `zspace.figures.grids.mosaic`.
        rate: images per second, 1 to 50; a GIF knows hundredths of a second.
        scale: each pixel becomes scale × scale.

    Raises:
        InputError: if there is no image, a value is not finite, or the rate is out of range.
    """
    require_number(rate, "images per second", least=_FEWEST_PER_SECOND)
    if rate > _MOST_PER_SECOND or not len(images):
        raise InputError(
            f"at least one image and at most {_MOST_PER_SECOND:g} per second were expected, "
            f"{len(images)} and {rate:g} came"
        )
    frames = [
        image if image.mode == "L" else image.quantize(256, dither=Image.Dither.NONE)
        for image in (_pillow(mosaic(each[None], scale=scale)) for each in images)
    ]
    stream = BytesIO()
    frames[0].save(
        stream, "GIF", save_all=True, append_images=frames[1:], duration=1000 / rate, loop=0
    )
    return stream.getvalue()


def points_json(
    points: Real[np.ndarray, "count latent"],
    *,
    sources: Sequence[str] = (),
    condition: Float[np.ndarray, " size"] | None = None,
) -> bytes:
    """z-points as JSON, which ``zspace generate RUN --points FILE.json`` decodes again.

    Args:
        points: (n, latent).
        sources: where each comes from.
        condition: what a conditional model was told.

    Raises:
        InputError: if a number is not finite.
        ShapeError: if there is another number of sources.

    Example:
        >>> json.loads(points_json(np.array([[0.1, 2.0]])))
        {'z': [[0.1, 2.0]]}
    """
    record: dict[str, object] = {}
    if sources:
        if len(sources) != len(points):
            raise ShapeError(f"{len(points)} sources were expected, {len(sources)} came")
        record["sources"] = list(sources)
    if condition is not None:
        record["condition"] = shortest(condition)
    record["z"] = [shortest(point) for point in points]
    return (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode()


def points_npz(points: Real[np.ndarray, "count latent"]) -> bytes:
    """z-points as an .npz with one array ``z``, (n, latent), float32.

    Raises:
        InputError: if a number is not finite.

    Example:
        >>> with np.load(BytesIO(points_npz(np.array([[0.1, 2.0]])))) as stored:
        ...     stored["z"].dtype, stored["z"].shape
        (dtype('float32'), (1, 2))
    """
    for point in points:
        shortest(point)
    stream = BytesIO()
    np.savez(stream, z=points.astype(np.float32))
    return stream.getvalue()


def snippet(
    run: str,
    z: Real[np.ndarray, " latent"],
    *,
    code: tuple[str, int] | None = None,
    sharpen: float = 1.0,
    condition: Float[np.ndarray, " size"] | None = None,
) -> str:
    """Lines of Python that give the same image.

    Args:
        run: the path of the run, as the person knows it.
        z: the point, (latent,).
        code: split and row, where the point is a code: then no numbers are needed.
        sharpen: factor of `zspace.generation.sharpened`.
        condition: what a conditional model was told.

    Raises:
        InputError: if a number is not finite.

    Example:
        >>> print(snippet("runs/faces", np.zeros(2), code=("train", 12)))
        import numpy as np
        from PIL import Image
        <BLANKLINE>
        import zspace
        <BLANKLINE>
        run = zspace.open_run('runs/faces')
        z = run.codes('train').mean[12][None]
        image = run.decode(z)[0]
        pixels = np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)
        Image.fromarray(pixels.squeeze()).save("image.png")
    """
    require_number(sharpen, "sharpening", least=0.0)
    told = ""
    lines = ["import numpy as np", "from PIL import Image", "", "import zspace"]
    if sharpen != 1:
        lines.append("from zspace.generation import sharpened")
    lines += ["", f"run = zspace.open_run({run!r})"]
    if code is None:
        lines.append(_array("z", shortest(z), brackets=2))
    else:
        split, row = code
        lines.append(f"z = run.codes({split!r}).mean[{int(row)}][None]")
    if condition is not None:
        lines.append(_array("condition", shortest(condition), brackets=1))
        told = ", condition=condition"
    lines.append(f"image = run.decode(z{told})[0]")
    if sharpen != 1:
        lines.append(f"image = sharpened(image[None], {float(sharpen)!r})[0]")
    lines += [
        "pixels = np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)",
        'Image.fromarray(pixels.squeeze()).save("image.png")',
    ]
    return "\n".join(lines)


def shortest(numbers: Real[np.ndarray, " count"]) -> list[float]:
    """The shortest digits that give the same float32 again, which is what decoders get.

    Raises:
        InputError: if one is not finite.

    Example:
        >>> shortest(np.array([0.1 + 1e-12, 2]))
        [0.1, 2.0]
    """
    found = [float(str(number)) for number in numbers.astype(np.float32)]
    if not all(math.isfinite(number) for number in found):
        raise InputError("only finite z-points can be kept, NaN or infinity came; press undo")
    return found


def _array(name: str, numbers: list[float], *, brackets: int) -> str:
    """``name = np.array([[…]], np.float32)``, over several lines where it is long."""
    start, end = f"{name} = np.array({'[' * brackets}", f"{']' * brackets}, np.float32)"
    text = ", ".join(map(repr, numbers))
    if len(start + text + end) <= _LINE:
        return start + text + end
    body = textwrap.fill(text, _LINE, initial_indent="    ", subsequent_indent="    ")
    return f"{start}\n{body}\n{end}"


def _pillow(pixels: UInt8[np.ndarray, "height width channels"]) -> Image.Image:
    return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)


def _png(pixels: UInt8[np.ndarray, "height width channels"]) -> bytes:
    stream = BytesIO()
    # Small images: less compression is quicker than what it would save on the way.
    _pillow(pixels).save(stream, "PNG", compress_level=_QUICK)
    return stream.getvalue()
