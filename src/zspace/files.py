"""Files and folders that appear whole or not at all.

Everything zspace writes goes through here: it is written beside its final place, flushed to
the disk, and renamed. A reader, or a run that was killed, sees the old content or the new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zspace.errors import OutputExistsError, StorageError, storage_errors

__all__ = ["PARTIAL", "new_folder", "read_json", "whole_file", "write_json", "write_text"]

PARTIAL = ".partial"
"""Suffix of everything that is still being written."""


def _beside(path: Path) -> Path:
    """A name in the same folder that no other process or thread writes to."""
    return path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}{PARTIAL}")


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def whole_file(path: Path | str) -> Iterator[Path]:
    """Write a file so that it appears whole or not at all.

    Args:
        path: where the file shall be; its folder is made if it is missing.

    Yields:
        The path to write to. It keeps `path`'s last suffix, for writers that look at it.

    Raises:
        StorageError: if the disk is full or may not be written; nothing is left behind.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with whole_file(folder / "a.txt") as beside:
        ...     _ = beside.write_text("whole")
        >>> [entry.name for entry in folder.iterdir()]
        ['a.txt']
    """
    path = Path(path)
    beside = _beside(path)
    if path.suffix:
        beside = beside.with_name(beside.name + path.suffix)
    _make_folder(path.parent)
    with storage_errors(path):
        try:
            yield beside
            _flush(beside)
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"cannot make the folder {path.parent if path.name.endswith(PARTIAL) else path}: "
            f"{error.strerror}; choose another one"
        ) from error


def write_text(path: Path | str, text: str) -> None:
    """Write `text` as UTF-8, whole or not at all."""
    with whole_file(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_json(path: Path | str, value: Any) -> None:
    """Write `value` as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path | str) -> Any:
    """Read a JSON file.

    Raises:
        FileNotFoundError, json.JSONDecodeError: as the standard library does; callers, who know
            what the file is for, say what to do.
    """
    return json.loads(Path(path).read_text(encoding="utf-8"))


@contextlib.contextmanager
def new_folder(path: Path | str, *, overwrite: bool = False) -> Iterator[Path]:
    """Fill a folder so that it appears whole or not at all.

    Args:
        path: where the folder shall be.
        overwrite: whether a folder that is there already is replaced, once the new one is whole.

    Yields:
        An empty folder beside `path`, renamed to `path` when the block ends well and removed when
        it does not.

    Raises:
        OutputExistsError: if `path` is there and `overwrite` is false.
        StorageError: if the disk is full or may not be written.
    """
    path = Path(path)
    if path.exists() and not overwrite and (not path.is_dir() or any(path.iterdir())):
        raise OutputExistsError(
            f"{path} exists already; choose another --out, or pass --overwrite to replace it"
        )
    beside = _beside(path.absolute())
    _make_folder(beside)
    with storage_errors(path), _removed_on_termination(beside):
        try:
            yield beside
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.exists():
                path.unlink()
            os.replace(beside, path)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


@contextlib.contextmanager
def _removed_on_termination(folder: Path) -> Iterator[None]:
    """Let SIGTERM, too, clean up what is half-written (only the main thread may ask for that)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _: Any) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
