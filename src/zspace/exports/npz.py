"""Codes as one NumPy archive, written piece by piece."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from zspace.codes import Codes
from zspace.exports.columns import Places
from zspace.exports.written import Written, require_free, wanted_rows
from zspace.files import whole_file

__all__ = ["write_npz"]

_BLOCK = 4096


def write_npz(
    codes: Codes,
    path: Path | str,
    *,
    places: Places | None = None,
    limit: int = 0,
    overwrite: bool = False,
) -> Written:
    """Write codes to an ``.npz`` that ``numpy.load`` opens without pickle.

    Args:
        codes: to write.
        path: the file; it appears whole or not at all.
        places: on maps; arrays ``map_rows`` and ``map_NAME``.
        limit: how many codes at most, the first ones; 0 takes all.
        overwrite: whether a file that is there is replaced.

    Returns:
        Where it is and how much of it. The arrays in it are ``mean``, ``z`` and ``index``, and
        where there are any ``log_variance``, ``scale_tril``, ``labels``, ``attributes``,
        ``label_names``, ``attribute_names``.

    Raises:
        InputError: if there is no code, or `limit` is negative.
        OutputExistsError: if the file is there and `overwrite` is false.
        StorageError: if the disk is full or may not be written.

    Example:
        >>> import tempfile
        >>> codes = Codes(mean=np.zeros((3, 2), np.float32), index=np.arange(3))
        >>> written = write_npz(codes, Path(tempfile.mkdtemp()) / "codes.npz")
        >>> sorted(np.load(written.path, allow_pickle=False))
        ['index', 'mean', 'z']
    """
    path = Path(path)
    require_free(path, overwrite=overwrite)
    count = wanted_rows(codes, limit)
    size = codes.latent_size
    with whole_file(path) as beside, zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as archive:
        for name in ("mean", "log_variance", "scale_tril", "labels", "attributes", "index"):
            array = getattr(codes, name)
            if array is not None:
                _write(archive, name, array[:count])
        _write_blocks(archive, "z", codes.z_blocks(), (count, size), np.dtype(np.float32))
        for name in ("label_names", "attribute_names"):
            if codes.information.get(name):
                _write(archive, name, np.array([str(each) for each in codes.information[name]]))
        for name, array in (places or {}).items():
            kept = places["rows"] < count if places else slice(None)
            _write(archive, f"map_{name}", array[kept])
    return Written(path, count, codes.count)


def _write(archive: zipfile.ZipFile, name: str, array: Shaped[np.ndarray, "..."]) -> None:
    blocks = (array[start : start + _BLOCK] for start in range(0, len(array), _BLOCK))
    _write_blocks(archive, name, blocks, array.shape, array.dtype)


def _write_blocks(
    archive: zipfile.ZipFile,
    name: str,
    blocks: Iterable[np.ndarray],
    shape: tuple[int, ...],
    dtype: np.dtype,
) -> None:
    """An array of which never more than a block is in memory."""
    description = {
        "descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape,
    }  # fmt: skip
    written = 0
    with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
        np.lib.format.write_array_header_1_0(stream, description)  # type: ignore[arg-type]
        for block in blocks:
            kept = np.ascontiguousarray(block[: shape[0] - written], dtype)
            stream.write(kept.tobytes())
            written += len(kept)
            if written == shape[0]:
                break
