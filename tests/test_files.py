import os
import subprocess
import sys

import pytest

from zspace.errors import OutputExistsError, StorageError
from zspace.files import new_folder, read_json, whole_file, write_json, write_text


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError), whole_file(path) as beside:
        beside.write_text("ne")
        raise RuntimeError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_json_round_trip(tmp_path):
    value = {"a": [1, 2.5, None], "ü": "×"}
    write_json(tmp_path / "new" / "a.json", value)
    assert read_json(tmp_path / "new" / "a.json") == value


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(RuntimeError), new_folder(out) as folder:
        (folder / "half").write_text("x")
        raise RuntimeError
    assert os.listdir(tmp_path) == []
    with new_folder(out) as folder:
        (folder / "one").write_text("1")
        assert not out.exists()
    assert (out / "one").read_text() == "1"
    with pytest.raises(OutputExistsError, match="--overwrite"), new_folder(out):
        pass
    with new_folder(out, overwrite=True) as folder:
        (folder / "two").write_text("2")
    assert os.listdir(out) == ["two"]


FULL_DISK = """
import resource, sys
from zspace.errors import StorageError
from zspace.files import write_text
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    write_text(sys.argv[1], "x" * 5000)
except StorageError as error:
    print(error)
"""


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    path = tmp_path / "big.txt"
    result = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=True
    )
    assert "no space left" in result.stdout
    assert os.listdir(tmp_path) == []


def test_where_no_folder_can_be_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file" / "a.txt", "/proc/zspace/a.txt"):
        with pytest.raises(StorageError, match="cannot make the folder"):
            write_text(out, "x")
        with pytest.raises(StorageError, match="cannot make the folder"), new_folder(out):
            pass
