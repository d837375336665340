"""Fetching the standard sets, from a server on this machine."""

from __future__ import annotations

import hashlib
import http.server
import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from zspace.data import downloads, prepare
from zspace.data.downloads import DOWNLOADS, Download, fetch
from zspace.errors import DataError, StorageError

CONTENT = b"some bytes " * 1000


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server(tmp_path) -> Iterator[tuple[str, Path]]:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "a.bin").write_bytes(CONTENT)
    handler = partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}/", folder
        serving.shutdown()
        thread.join()


def _offer(monkeypatch, *mirrors: str, name: str = "a.bin", content: bytes = CONTENT) -> None:
    checksum = "md5:" + hashlib.md5(content).hexdigest()
    monkeypatch.setitem(DOWNLOADS, "mnist", Download(mirrors, {name: checksum}))


def test_a_file_is_fetched_once(server, tmp_path, monkeypatch, capsys):
    url, served = server
    _offer(monkeypatch, url)
    folder = fetch("mnist", folder=tmp_path / "cache", show_progress=True)
    assert (folder / "a.bin").read_bytes() == CONTENT
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "a.bin: 11,000/11,000 bytes" in shown.err
    (served / "a.bin").unlink()
    assert fetch("mnist", folder=tmp_path / "cache") == folder


def test_the_next_mirror_is_tried(server, tmp_path, monkeypatch):
    _offer(monkeypatch, server[0] + "nowhere/", "http://127.0.0.1:9/", server[0])
    folder = fetch("mnist", folder=tmp_path / "cache")
    assert (folder / "a.bin").read_bytes() == CONTENT


def test_a_file_that_is_not_what_it_should_be_is_refused_and_removed(server, tmp_path, monkeypatch):
    _offer(monkeypatch, server[0], content=b"other")
    with pytest.raises(DataError, match=r"checksum is wrong.*pass --from FOLDER") as caught:
        fetch("mnist", folder=tmp_path / "cache")
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "cache" / "mnist").iterdir())


@pytest.mark.parametrize("mirror", ["http://127.0.0.1:9/", "http://no.such.host.invalid/"])
def test_without_a_network_it_says_how_to_pass_files(tmp_path, monkeypatch, mirror):
    _offer(monkeypatch, mirror)
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache" / name)
    monkeypatch.setenv("NO_PROXY", "*")
    said = rf"cannot download a\.bin of mnist from {re.escape(mirror)}.*--from FOLDER"
    with pytest.raises(DataError, match=said) as caught:
        prepare("mnist", tmp_path / "out")
    assert caught.value.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_cache_that_may_not_be_written_is_a_storage_error(server, tmp_path, monkeypatch):
    _offer(monkeypatch, server[0])

    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pooch.retrieve", refuse)
    with pytest.raises(StorageError, match="permission denied"):
        fetch("mnist", folder=tmp_path / "cache")


def test_a_download_is_prepared_right_away(server, make, tmp_path, monkeypatch):
    url, served = server
    checksums = {}
    for file in make.mnist().iterdir():
        (served / file.name).write_bytes(file.read_bytes())
        checksums[file.name] = "md5:" + hashlib.md5(file.read_bytes()).hexdigest()
    monkeypatch.setitem(DOWNLOADS, "mnist", Download((url,), checksums))
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache" / name)
    assert prepare("mnist", tmp_path / "out").count == 26


def test_the_known_checksums_are_those_of_the_real_files(shared_data):
    folder = shared_data / "fashion-mnist"
    for name, checksum in DOWNLOADS["fashion-mnist"].files.items():
        assert checksum == "md5:" + hashlib.md5((folder / name).read_bytes()).hexdigest()


def test_every_address_is_a_folder():
    for download in downloads.DOWNLOADS.values():
        assert all(re.fullmatch(r"https?://.*/", mirror) for mirror in download.mirrors)
        assert all(re.fullmatch(r"md5:[0-9a-f]{32}", one) for one in download.files.values())
