"""A tree of files in a folder, a zip or a tar, read in place: nothing is ever unpacked to disk."""

from __future__ import annotations

import abc
import os
import tarfile
import zipfile
from pathlib import Path
from typing import BinaryIO, cast

from zspace.data.images import MOST_BYTES
from zspace.data.source import damaged, printable
from zspace.errors import DataError, ImageError

__all__ = [
    "ARCHIVE_SUFFIXES",
    "AbstractFiles",
    "FolderFiles",
    "TarFiles",
    "ZipFiles",
    "open_files",
]

ARCHIVE_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")


class AbstractFiles(abc.ABC):
    """Files by name. Names use ``/``; hidden files and what macOS adds to archives are left out.

    Attributes:
        path: the folder or the archive.
        names: the files, in the order in which they are best read.
    """

    path: Path
    names: tuple[str, ...]

    @abc.abstractmethod
    def open(self, name: str) -> BinaryIO:
        """Open one file as a stream of bytes.

        Raises:
            DataError: if the archive is damaged there.
        """

    @abc.abstractmethod
    def size(self, name: str) -> int:
        """Bytes of one file, unpacked."""

    @abc.abstractmethod
    def picture(self, name: str) -> bytes | Path | ImageError:
        """One image file: its content, where it lies, or why it cannot be had."""

    @abc.abstractmethod
    def close(self) -> None:
        """Let go of the archive."""


class FolderFiles(AbstractFiles):
    """The files in a folder and all folders below it, in alphabetical order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names = tuple(sorted(_walk(path), key=lambda name: name.split("/")))

    def open(self, name: str) -> BinaryIO:
        with damaged(self.path / name):
            return open(self.path / name, "rb")

    def size(self, name: str) -> int:
        with damaged(self.path / name):
            return (self.path / name).stat().st_size

    def picture(self, name: str) -> bytes | Path | ImageError:
        return self.path / name

    def close(self) -> None:
        pass


class ZipFiles(AbstractFiles):
    """The files in a zip, in alphabetical order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with damaged(path):
            self._zip = zipfile.ZipFile(path)
        entries = {
            info.filename.replace("\\", "/"): info
            for info in self._zip.infolist()
            if not info.is_dir()
        }
        self._entries = {name: info for name, info in entries.items() if _wanted(name)}
        self.names = tuple(sorted(self._entries, key=lambda name: name.split("/")))

    def open(self, name: str) -> BinaryIO:
        with damaged(f"{name} in {self.path}"):
            return cast(BinaryIO, self._zip.open(self._entries[name]))

    def size(self, name: str) -> int:
        return self._entries[name].file_size

    def picture(self, name: str) -> bytes | Path | ImageError:
        return _content(self, name)

    def close(self) -> None:
        self._zip.close()


class TarFiles(AbstractFiles):
    """The files in a tar, compressed or not, in the order they lie in it (it is read forward)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with damaged(path):
            self._tar = tarfile.open(path)  # noqa: SIM115 - closed by close()
            members = self._tar.getmembers()
        self._entries = {
            member.name.removeprefix("./"): member
            for member in members
            if member.isfile() and _wanted(member.name.removeprefix("./"))
        }
        self.names = tuple(self._entries)

    def open(self, name: str) -> BinaryIO:
        with damaged(f"{name} in {self.path}"):
            return cast(BinaryIO, self._tar.extractfile(self._entries[name]))

    def size(self, name: str) -> int:
        return self._entries[name].size

    def picture(self, name: str) -> bytes | Path | ImageError:
        return _content(self, name)

    def close(self) -> None:
        self._tar.close()


def open_files(path: Path) -> AbstractFiles:
    """Open a folder, a zip or a tar.

    Raises:
        DataError: if it is none of these, or is damaged.
    """
    if path.is_dir():
        return FolderFiles(path)
    if path.name.lower().endswith(".zip"):
        return ZipFiles(path)
    if path.name.lower().endswith(ARCHIVE_SUFFIXES):
        return TarFiles(path)
    raise DataError(
        f"{printable(path)}: expected a folder, or an archive ending in "
        f"{', '.join(ARCHIVE_SUFFIXES)}"
    )


def _content(files: AbstractFiles, name: str) -> bytes | ImageError:
    """A member of an archive as a picture: damage there concerns this image alone."""
    size = files.size(name)
    if size > MOST_BYTES:
        return ImageError(f"a file of {size:,} bytes; at most {MOST_BYTES:,} are read")
    try:
        with files.open(name) as stream, damaged("its place in the archive"):
            return stream.read()
    except DataError as error:
        return ImageError(str(error))


def _wanted(name: str) -> bool:
    return not any(part.startswith(".") or part == "__MACOSX" for part in name.split("/") if part)


def _walk(top: Path) -> list[str]:
    """Names of all regular files below `top`; links are followed, but no folder twice."""
    names: list[str] = []
    seen: set[tuple[int, int]] = set()
    folders = [("", top)]
    while folders:
        prefix, folder = folders.pop()
        with damaged(folder):
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen and status.st_ino:
                continue
            seen.add((status.st_dev, status.st_ino))
            for entry in os.scandir(folder):
                if not _wanted(entry.name):
                    continue
                if entry.is_dir():
                    folders.append((f"{prefix}{entry.name}/", Path(entry.path)))
                elif entry.is_file():  # a pipe or a device would never end
                    names.append(prefix + entry.name)
    return names
