"""From any source of images to a prepared data set: `zspace prepare`."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Unpack

import numpy as np
from jaxtyping import Int64

from zspace.data.arrays import ImageWriter, write_array
from zspace.data.dataset import DATASET_FORMAT, Dataset, checksum
from zspace.data.downloads import DOWNLOADS, fetch
from zspace.data.framing import Framing
from zspace.data.images import frame_picture, quiet_pillow
from zspace.data.parallel import ordered
from zspace.data.preparation import Preparation, PreparationOptions
from zspace.data.source import Picture, Source, printable
from zspace.data.splits import SPLITS, choose, hold_out
from zspace.errors import DataError, ImageError, OutputExistsError, did_you_mean
from zspace.files import new_folder, write_json
from zspace.progress import Advance, track

__all__ = ["prepare"]

_BLOCK_IMAGES = 16
_BLOCK_BYTES = 2**23
_QUICK_PIXELS = 64 * 64
_NOT_DOWNLOADED = {
    "celeba": (
        "CelebA cannot be downloaded automatically: get img_align_celeba.zip, list_attr_celeba.txt "
        "and list_eval_partition.txt from https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html, and "
        "pass --from FOLDER"
    ),
}


_Block = list[tuple[int, Picture]]
_Framed = list[tuple[int, "np.ndarray | ImageError"]]


def prepare(
    source: str,
    out: Path | str,
    *,
    from_path: Path | str | None = None,
    overwrite: bool = False,
    show_progress: bool = False,
    **options: Unpack[PreparationOptions],
) -> Dataset:
    """Make a prepared data set; the folder appears whole or not at all.

    Args:
        source: one of `READERS`, or the path of a folder, an archive, a .npz or a .npy.
        out: the folder to make.
        from_path: where the source's files are; None downloads the standard sets.
        overwrite: whether a prepared data set at `out` is replaced.
        show_progress: whether to show it on standard error.
        options: `size`, `crop`, `gray`, `limit`, `seed` and `strict`; see `Preparation`.

    Returns:
        The prepared data set, opened.

    Raises:
        DataError: if the source is unknown, missing, damaged, or nothing in it can be read.
        ImageError: with `strict`, for the first image that cannot be read.
        OutputExistsError: if `out` is there already.
        StorageError: if the disk is full or may not be written.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> np.save(folder / "gray.npy", np.zeros((40, 8, 8), np.uint8))
        >>> dataset = prepare(str(folder / "gray.npy"), folder / "prepared", limit=20)
        >>> {split: len(indices) for split, indices in dataset.splits.items()}
        {'train': 18, 'validation': 2}
    """
    preparation = Preparation(**options)
    out = Path(out)
    name, path = _resolve(source, None if from_path is None else Path(from_path))
    _refuse_harm(out, path, overwrite)
    with new_folder(out, overwrite=overwrite) as folder:
        if path is None and name in DOWNLOADS:
            path = fetch(name, show_progress=show_progress)
        with contextlib.closing(_open(name, path, preparation)) as opened:
            _fill(folder, opened, preparation, show_progress)
    return Dataset.load(out)


def _resolve(source: str, path: Path | None) -> tuple[str, Path | None]:
    """The reader's name and the path to read; a path may stand in for the name."""
    from zspace.data import READERS  # the package imports this file

    if source not in READERS:
        if path is not None or not Path(source).exists():
            raise DataError(
                f"no source {printable(source)!r}, nor a file or folder of that name: "
                f"{did_you_mean(source, READERS)}"
            )
        path = Path(source)
        source = path.suffix.lower().removeprefix(".")
        source = source if source in ("npz", "npy") else "folder"
    if path is not None and not path.exists():
        raise DataError(f"--from {printable(path)}: there is no such file or folder")
    if path is None and source not in DOWNLOADS and source != "faces":
        raise DataError(
            _NOT_DOWNLOADED.get(source, f"{source}: say where the images are with --from PATH")
        )
    return source, path


def _refuse_harm(out: Path, path: Path | None, overwrite: bool) -> None:
    """Never replace the source itself, nor a folder that `prepare` did not make."""
    whole = out.resolve()
    if path is not None and (path.resolve() == whole or whole in path.resolve().parents):
        raise DataError(f"--out {printable(out)} would replace --from; choose another folder")
    if overwrite and out.is_dir() and any(out.iterdir()) and not (out / "dataset.json").is_file():
        raise OutputExistsError(
            f"{printable(out)} is no prepared data set, so --overwrite does not replace it; choose "
            "another --out"
        )


def _open(name: str, path: Path | None, preparation: Preparation) -> Source:
    from zspace.data import READERS  # the package imports this file

    return READERS[name](path, preparation)


def _fill(folder: Path, source: Source, preparation: Preparation, show_progress: bool) -> None:
    """Write everything a data set consists of."""
    framing = Framing(
        size=preparation.shape or source.size,
        crop=source.crop if preparation.crop is None else preparation.crop,
        channels=1 if preparation.gray else source.channels,
    )
    chosen = choose(source.split, source.count, limit=preparation.limit)
    with track(f"preparing {source.name}", len(chosen), show=show_progress) as advance:
        results = _counted(_framed(source, chosen, framing), advance)
        kept, skipped = _write_images(
            folder / "images.npy", source, results, framing=framing, strict=preparation.strict
        )
    arrays, facts = _annotations(source, kept, preparation.seed)
    for name, array in arrays.items():
        write_array(folder / f"{name}.npy", array)
    information: dict[str, Any] = {
        "format": DATASET_FORMAT,
        "source": source.name,
        "count": len(kept),
        "size": list(framing.size),
        "channels": framing.channels,
        "crop": framing.crop,
        "seed": preparation.seed,
        "limit": preparation.limit,
        **facts,
        "sha256": {f"{name}.npy": checksum(folder / f"{name}.npy") for name in ("images", *arrays)},
        "skipped": skipped,
    }
    write_json(folder / "dataset.json", information)


def _write_images(
    file: Path, source: Source, blocks: Iterable[_Framed], *, framing: Framing, strict: bool
) -> tuple[Int64[np.ndarray, " kept"], list[dict[str, str]]]:
    """Write the images that could be read.

    Returns:
        Their indexes in the source, and the name of every other one with the reason.
    """
    kept: list[int] = []
    skipped: list[dict[str, str]] = []
    with quiet_pillow(), ImageWriter(file, (*framing.size, framing.channels)) as writer:
        for block in blocks:
            images = {index: it for index, it in block if isinstance(it, np.ndarray)}
            for index, it in block:
                if isinstance(it, ImageError):
                    skipped.append({"file": source.name_of(index), "reason": str(it)})
            if strict and skipped:
                raise ImageError(f"{skipped[0]['file']}: {skipped[0]['reason']} (--strict)")
            if images:
                writer.append(np.stack(list(images.values())))
                kept.extend(images)
    if not kept:
        raise DataError(
            f"none of the {len(skipped):,} images of {source.name} can be read; the first, "
            f"{skipped[0]['file']}: {skipped[0]['reason']}"
        )
    return np.array(kept, np.int64), skipped


def _annotations(
    source: Source, kept: Int64[np.ndarray, " kept"], seed: int
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays beside images.npy, rows of the kept images only, and what describes them."""
    split, drawn = hold_out(
        None if source.split is None else source.split[kept], len(kept), seed=seed
    )
    arrays = {"splits": split}
    for name, array in (
        ("labels", source.labels),
        ("attributes", source.attributes),
        ("factors", source.factors),
    ):
        if array is not None:
            arrays[name] = np.ascontiguousarray(array[kept])
    return arrays, {
        "counts": {name: int((split == code).sum()) for code, name in enumerate(SPLITS)},
        "split_codes": {name: code for code, name in enumerate(SPLITS)},
        "split_origin": "a random tenth validates" if drawn else source.split_origin,
        "label_names": list(source.label_names),
        "attribute_names": list(source.attribute_names),
        "factor_names": list(source.factor_names),
    }


def _framed(
    source: Source, chosen: Int64[np.ndarray, " chosen"], framing: Framing
) -> Iterator[_Framed]:
    """Every chosen image, cropped and resized, or the reason why there is none.

    On all cores, but where an image takes less time than threads need to agree on who goes on.
    """
    indices: Sequence[int] = chosen.tolist()
    blocks = _blocks(zip(indices, source.read(indices), strict=True))
    work = functools.partial(_frame_block, framing)
    first = next(blocks, [])
    is_quick = all(_is_quick(picture, framing) for _, picture in first)
    return (map if is_quick else ordered)(work, itertools.chain([first], blocks))


def _is_quick(picture: Picture, framing: Framing) -> bool:
    """Whether it is small, or needs nothing done to it, and needs no decoding."""
    if not isinstance(picture, np.ndarray):
        return False
    fits = picture.shape == (*framing.size, framing.channels)
    return fits or picture.shape[0] * picture.shape[1] <= _QUICK_PIXELS


def _counted(blocks: Iterable[_Framed], advance: Advance) -> Iterator[_Framed]:
    for block in blocks:
        yield block
        advance(len(block))


def _blocks(pairs: Iterable[tuple[int, Picture]]) -> Iterator[_Block]:
    """Pieces of work: some images, fewer where their files are large."""
    block: _Block = []
    size = 0
    for pair in pairs:
        block.append(pair)
        size += len(pair[1]) if isinstance(pair[1], bytes) else 0
        if len(block) == _BLOCK_IMAGES or size >= _BLOCK_BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block


def _frame_block(framing: Framing, block: _Block) -> _Framed:
    results: _Framed = []
    for index, picture in block:
        try:
            results.append((index, frame_picture(picture, framing)))
        except ImageError as error:
            results.append((index, error))
    return results
