"""Codes as a Parquet table, as embedding-atlas and data frames read it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from zspace.codes import Codes
from zspace.errors import InputError
from zspace.exports.columns import Images, Places, columns
from zspace.exports.written import Written, require_free, wanted_rows
from zspace.files import whole_file

__all__ = ["write_parquet"]


def write_parquet(
    codes: Codes,
    path: Path | str,
    *,
    images: Images | None = None,
    places: Places | None = None,
    limit: int = 0,
    overwrite: bool = False,
) -> Written:
    """Write codes to a Parquet file, a row group at a time.

    The columns are ``index``, ``label``, one for each attribute, ``radius``, ``kl``, ``z`` (a list
    of float32), for each map ``NAME_x`` and ``NAME_y`` (null for codes that are not on it), and
    ``image`` (a struct of PNG ``bytes`` and ``path``, as Hugging Face's data sets have it). To see
    it: ``embedding-atlas codes.parquet --x tsne-30_x --y tsne-30_y --image image``
    (https://apple.github.io/embedding-atlas).

    Args:
        codes: to write.
        path: the file; it appears whole or not at all.
        images: gives the images of some numbers of the data set; None writes none.
        places: on maps.
        limit: how many codes at most, the first ones; 0 takes all.
        overwrite: whether a file that is there is replaced.

    Returns:
        Where it is and how much of it.

    Raises:
        InputError: if pyarrow is not installed, there is no code, or `limit` is negative.
        OutputExistsError: if the file is there and `overwrite` is false.
        StorageError: if the disk is full or may not be written.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise InputError(
            'Parquet files need pyarrow, which is not installed; pip install "zspace[parquet]"'
        ) from error
    path = Path(path)
    require_free(path, overwrite=overwrite)
    count, start, writer = wanted_rows(codes, limit), 0, None
    on_maps = _on_maps(places, codes.count)
    with whole_file(path) as beside:
        try:
            for block in codes.z_blocks():
                rows = slice(start, min(start + len(block), count))
                table = pyarrow.table(_arrays(codes, rows, block, images, on_maps))
                writer = writer or pyarrow.parquet.ParquetWriter(beside, table.schema)
                writer.write_table(table)
                start = rows.stop
                if start == count:
                    break
        finally:
            if writer is not None:
                writer.close()
    return Written(path, count, codes.count)


def _arrays(
    codes: Codes,
    rows: slice,
    block: Float[np.ndarray, "rows latent"],
    images: Images | None,
    on_maps: dict[str, Float[np.ndarray, " count"]],
) -> dict[str, Any]:
    """The columns of one row group."""
    import pyarrow

    z = block[: rows.stop - rows.start]
    found: dict[str, Any] = dict(columns(codes, rows, z=z, taken=on_maps))
    offsets = np.arange(len(z) + 1, dtype=np.int32) * z.shape[1]
    found["z"] = pyarrow.ListArray.from_arrays(offsets, np.ascontiguousarray(z).ravel())
    for name, values in on_maps.items():
        found[name] = pyarrow.array(values[rows], from_pandas=True)  # NaN becomes null
    if images is not None:
        numbers = np.asarray(codes.index[rows])
        found["image"] = [
            {"bytes": _png(pixels), "path": f"{number}.png"}
            for number, pixels in zip(numbers, images(numbers), strict=True)
        ]
    return found


def _on_maps(places: Places | None, count: int) -> dict[str, Float[np.ndarray, " count"]]:
    """Coordinates of all codes, NaN for those that are not on the map."""
    found = {}
    for name, coordinates in (places or {}).items():
        if name == "rows" or places is None:
            continue
        for axis, letter in enumerate("xy"):
            values = np.full(count, np.nan, np.float32)
            values[places["rows"]] = coordinates[:, axis]
            found[f"{name}_{letter}"] = values
    return found


def _png(pixels: UInt8[np.ndarray, "height width channels"]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(buffer, format="PNG")
    return buffer.getvalue()
