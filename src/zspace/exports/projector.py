"""Codes as a folder that TensorBoard's projector shows."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from jaxtyping import Int64, UInt8
from PIL import Image

from zspace.codes import Codes
from zspace.exports.columns import Images, columns, image_blocks_rows
from zspace.exports.written import Written, rows_to_write
from zspace.files import new_folder

__all__ = ["MOST_POINTS", "SPRITE_SIDE", "write_projector"]

SPRITE_SIDE = 8192
"""Pixels of the largest sprite that the projector shows: a WebGL texture, and square."""

MOST_POINTS = 100_000
"""Rows that the projector asks its server for."""


def write_projector(
    codes: Codes,
    path: Path | str,
    *,
    images: Images | None = None,
    limit: int = 0,
    overwrite: bool = False,
) -> Written:
    """Write a folder for ``tensorboard --logdir PATH``, tab Projector.

    It holds z-points (tensors.tsv), what is known about them (metadata.tsv), their images in one
    square picture (sprite.png) and the projector's own file that joins them. Images are made
    smaller where all of them would not fit into 8192 × 8192 pixels.

    Args:
        codes: to write; the first 100,000, which is as many as the projector loads.
        path: the folder; it appears whole or not at all.
        images: gives the images of some numbers of the data set; None writes none.
        limit: how many codes at most, the first ones; 0 takes all that fit.
        overwrite: whether a folder that is there is replaced.

    Returns:
        Where it is, how many codes, and what was left out or made smaller.

    Raises:
        InputError: if there is no code, or `limit` is negative.
        OutputExistsError: if the folder is there and `overwrite` is false.
        StorageError: if the disk is full or may not be written.
    """
    path = Path(path)
    count, cut = rows_to_write(codes, limit, most=MOST_POINTS, reader="the projector")
    smaller = ""
    with new_folder(path, overwrite=overwrite) as folder:
        _write_tables(codes, count, folder)
        lines = [
            "embeddings {",
            '  tensor_name: "z"',
            '  tensor_path: "tensors.tsv"',
            '  metadata_path: "metadata.tsv"',
        ]
        if images is not None:
            cell, smaller = _write_sprite(codes.index, count, images, folder / "sprite.png")
            lines += [
                "  sprite {",
                '    image_path: "sprite.png"',
                f"    single_image_dim: {cell}",
                f"    single_image_dim: {cell}",
                "  }",
            ]
        text = "\n".join([*lines, "}"]) + "\n"
        (folder / "projector_config.pbtxt").write_text(text, encoding="utf-8")
    return Written(path, count, codes.count, "; ".join(filter(None, (cut, smaller))))


def _write_tables(codes: Codes, count: int, folder: Path) -> None:
    start = 0
    with (
        (folder / "tensors.tsv").open("w", encoding="utf-8") as tensors,
        (folder / "metadata.tsv").open("w", encoding="utf-8") as metadata,
    ):
        for block in codes.z_blocks():
            rows = slice(start, min(start + len(block), count))
            z = block[: rows.stop - rows.start]
            np.savetxt(tensors, z, fmt="%.7g", delimiter="\t")
            found = columns(codes, rows, z=z)
            if start == 0:
                metadata.write("\t".join(map(_cell, found)) + "\n")
            for values in zip(*found.values(), strict=True):
                metadata.write("\t".join(map(_cell, values)) + "\n")
            start = rows.stop
            if start == count:
                break


def _cell(value: object) -> str:
    """A value without what would end its cell or its row."""
    text = f"{value:.6g}" if isinstance(value, np.floating) else str(value)
    return " ".join(text.split()) or "-"


def _write_sprite(
    index: Int64[np.ndarray, " count"], count: int, images: Images, path: Path
) -> tuple[int, str]:
    """All images in one square picture, row by row: pixels of a cell's side, and a note."""
    first = images(np.asarray(index[:1]))[0]
    columns_of_images = math.ceil(math.sqrt(count))
    # The projector takes no picture that is not square, and cuts it into equal squares.
    longest = max(first.shape[:2])
    cell = min(longest, SPRITE_SIDE // columns_of_images)
    side = columns_of_images * cell
    sprite = Image.new("L" if first.shape[2] == 1 else "RGB", (side, side))
    place = 0
    for rows in image_blocks_rows(count):
        for pixels in images(np.asarray(index[rows])):
            small = _image(pixels)
            small.thumbnail((cell, cell), Image.Resampling.LANCZOS)
            left, top = (cell - small.width) // 2, (cell - small.height) // 2
            row, column = divmod(place, columns_of_images)
            sprite.paste(small, (column * cell + left, row * cell + top))
            place += 1
    sprite.save(path, format="PNG")
    if cell == longest:
        return cell, ""
    side_name = "high" if first.shape[0] == longest else "wide"
    return cell, f"images are {cell} instead of {longest} pixels {side_name}"


def _image(pixels: UInt8[np.ndarray, "height width channels"]) -> Image.Image:
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
