"""The standard sets, fetched once and held against known checksums."""

from __future__ import annotations

import contextlib
import logging
import sys
from dataclasses import dataclass
from pathlib import Path

from zspace.data.source import printable
from zspace.errors import DataError, storage_errors
from zspace.progress import Advance, track

__all__ = ["DOWNLOADS", "Download", "fetch"]

_SECONDS = 60.0


@dataclass(frozen=True)
class Download:
    """Where the files of a set are, and what they must be.

    Attributes:
        mirrors: addresses of folders, tried one after the other.
        files: checksum of each file, as pooch writes it: ``"md5:…"`` or ``"sha256:…"``.
    """

    mirrors: tuple[str, ...]
    files: dict[str, str]


DOWNLOADS = {
    # Checksums as in torchvision.datasets.mnist (original at yann.lecun.com, no longer served).
    "mnist": Download(
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        {
            "train-images-idx3-ubyte.gz": "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "train-labels-idx1-ubyte.gz": "md5:d53e105ee54ea40749a09fcbcd1e9432",
            "t10k-images-idx3-ubyte.gz": "md5:9fb629c4189551a2d022fa330f9573f3",
            "t10k-labels-idx1-ubyte.gz": "md5:ec29112dd5afa0611ce80d1b7f02629c",
        },
    ),
    # Checksums as in the README of https://github.com/zalandoresearch/fashion-mnist.
    "fashion-mnist": Download(
        (
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ),
        {
            "train-images-idx3-ubyte.gz": "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "train-labels-idx1-ubyte.gz": "md5:25c81989df183df01b3e8a0aad5dffbe",
            "t10k-images-idx3-ubyte.gz": "md5:bef4ecab320f06d8554ea6380940ec79",
            "t10k-labels-idx1-ubyte.gz": "md5:bb300cfdad3c16e7a12a480ee83cd310",
        },
    ),
    # Checksum as on https://www.cs.toronto.edu/~kriz/cifar.html.
    "cifar10": Download(
        ("https://www.cs.toronto.edu/~kriz/",),
        {"cifar-10-binary.tar.gz": "md5:c32a1d4ab5d03f1284b67883e8d87530"},
    ),
}


def fetch(source: str, *, folder: Path | None = None, show_progress: bool = False) -> Path:
    """Download the files of a standard set, unless they are there already and unharmed.

    Args:
        source: one of `DOWNLOADS`.
        folder: where to keep them; None takes ``pooch.os_cache("zspace")``.
        show_progress: whether to show it on standard error.

    Returns:
        The folder with the files.

    Raises:
        DataError: without a network, or where a file is not what it should be.
        StorageError: if there is no room for them.
    """
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)
    folder = (Path(pooch.os_cache("zspace")) if folder is None else folder) / source
    download = DOWNLOADS[source]
    with storage_errors(folder):
        for name, checksum in download.files.items():
            _fetch_file(source, name, checksum, folder, show_progress)
    return folder


def _fetch_file(source: str, name: str, checksum: str, folder: Path, show: bool) -> None:
    """One file from the first mirror that has it whole."""
    import pooch
    import requests

    reason = ""
    for mirror in DOWNLOADS[source].mirrors:
        with contextlib.closing(_Bar(name, show)) as bar:
            fetcher = pooch.HTTPDownloader(progressbar=bar, timeout=_SECONDS)
            try:
                pooch.retrieve(mirror + name, checksum, fname=name, path=folder, downloader=fetcher)
                return
            except requests.RequestException as error:
                reason = type(error).__name__
                if error.response is not None:
                    reason = f"HTTP status {error.response.status_code}"
            except ValueError as error:  # pooch has removed what it got
                reason = f"the checksum is wrong: {printable(error)}"
    raise DataError(
        f"cannot download {name} of {source} from {DOWNLOADS[source].mirrors[0]} "
        f"({reason}); without a network, bring the files here and pass --from FOLDER"
    )


class _Bar:
    """What pooch expects of a progress bar (`total`, then updates), shown as zspace does."""

    def __init__(self, name: str, show: bool) -> None:
        self.total = 0
        self._name = name
        self._show = show
        self._stack = contextlib.ExitStack()
        self._advance: Advance | None = None
        self._done = 0

    def update(self, count: int) -> None:
        """`count` more bytes have come."""
        if self._advance is None:
            if self._show:
                print(f"downloading {self._name}", file=sys.stderr)
            self._advance = self._stack.enter_context(
                track(self._name, max(1, int(self.total)), unit="bytes", show=self._show)
            )
        if self._done < self.total:  # pooch reports all bytes once more at the end
            self._advance(min(count, int(self.total) - self._done))
            self._done += count

    def reset(self) -> None:
        """Pooch calls this before it reports everything once more."""

    def close(self) -> None:
        """Take the bar away; called by pooch at the end, and again here."""
        self._stack.close()
