"""From a source to a prepared data set: whole or not at all, and always the same."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from zspace.data import READERS, Dataset, parallel, prepare
from zspace.data import drawn as drawn_module
from zspace.errors import DataError, ImageError, OutputExistsError


def _npy(folder: Path, shape: tuple[int, ...] = (30, 8, 8)) -> Path:
    images = np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)
    np.save(folder / "it.npy", images)
    return folder / "it.npy"


def _python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )


def test_a_bad_image_in_the_middle_is_skipped_listed_and_keeps_the_rest_aligned(make, tmp_path):
    files = {**make.pictures(60, "a/"), **make.pictures(60, "b/")}
    whole = prepare("folder", tmp_path / "whole", from_path=make.tree(files, "whole"), size=8)
    files["a/000031.png"] = files["a/000031.png"][:40]
    files["b/000002.png"] = b"no image"
    folder = make.tree(files, "holes")
    holes = prepare("folder", tmp_path / "holes", from_path=folder, size=8)
    kept = np.delete(np.arange(120), [30, 61])
    assert np.array_equal(holes.images, whole.images[kept])
    assert np.array_equal(holes.labels, whole.labels[kept])
    assert [skipped["file"] for skipped in holes.information["skipped"]] == [
        "a/000031.png",
        "b/000002.png",
    ]
    assert holes.information["count"] == holes.count == 118


def test_strict_makes_the_first_bad_image_an_error(make, tmp_path):
    files = make.pictures(80)
    for name in ("000040.png", "000020.png"):
        files[name] = b"no image"
    with pytest.raises(ImageError, match=r"000020\.png: no image in a format"):
        prepare("folder", tmp_path / "out", from_path=make.tree(files), strict=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["source"]


def test_the_same_twice_and_on_any_number_of_cores(make, tmp_path, monkeypatch):
    folder = make.tree(make.pictures(50, kind="jpg"))
    first = prepare("folder", tmp_path / "first", from_path=folder)
    monkeypatch.setattr(parallel, "cores", lambda: 7)
    second = prepare("folder", tmp_path / "second", from_path=folder)
    for file in sorted(first.path.iterdir()):
        assert file.read_bytes() == (second.path / file.name).read_bytes()


def test_the_seed_moves_only_the_split(tmp_path):
    path = _npy(tmp_path)
    one = prepare("npy", tmp_path / "one", from_path=path, seed=1)
    two = prepare("npy", tmp_path / "two", from_path=path, seed=2)
    assert np.array_equal(one.images, two.images)
    assert not np.array_equal(one.indices("validation"), two.indices("validation"))


def test_size_crop_and_gray(tmp_path):
    path = _npy(tmp_path, (30, 12, 8, 3))
    dataset = prepare("npy", tmp_path / "out", from_path=path, size=(3, 5), crop=4, gray=True)
    assert dataset.shape == (3, 5, 1)
    assert dataset.information["crop"] == 4
    with pytest.raises(DataError, match=r"none of the 30 images.*smaller than the crop of 9×9"):
        prepare("npy", tmp_path / "other", from_path=path, size=4, crop=9)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"size": 0}, "size: expected"),
        ({"size": (4, 5000)}, "size: expected"),
        ({"crop": 0}, "crop: expected"),
        ({"crop": 1.5}, "crop: expected"),
        ({"crop": float("nan")}, "crop: expected"),
        ({"limit": -1}, "limit: expected"),
        ({"seed": -1}, "seed: expected"),
        ({"limit": 1}, "at least two images"),
    ],
)
def test_values_out_of_range_are_refused(tmp_path, options, said):
    path = _npy(tmp_path)
    with pytest.raises(DataError, match=said):
        prepare("npy", tmp_path / "out", from_path=path, **options)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("mnits", r"no source 'mnits', nor a file or folder of that name: did you mean 'mnist'"),
        ("qqq", r"known: celeba, cifar10"),
        ("folder", "folder: say where the images are with --from PATH"),
        ("npz", "npz: say where"),
    ],
)
def test_a_source_that_is_none_gets_the_nearest_names(tmp_path, source, said):
    with pytest.raises(DataError, match=said):
        prepare(source, tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("source", [name for name in READERS if name != "faces"])
def test_a_path_that_is_not_there_is_named(tmp_path, source):
    with pytest.raises(DataError, match=r"--from .*nowhere: there is no such"):
        prepare(source, tmp_path / "out", from_path=tmp_path / "nowhere")


def test_what_is_there_stays_unless_overwritten(tmp_path):
    path = _npy(tmp_path)
    prepare("npy", tmp_path / "out", from_path=path)
    before = (tmp_path / "out" / "dataset.json").read_bytes()
    with pytest.raises(OutputExistsError, match="--overwrite"):
        prepare("npy", tmp_path / "out", from_path=path, seed=5)
    assert (tmp_path / "out" / "dataset.json").read_bytes() == before
    dataset = prepare("npy", tmp_path / "out", from_path=path, seed=5, overwrite=True)
    assert dataset.information["seed"] == 5


def test_overwrite_never_replaces_the_source_or_something_else(make, tmp_path):
    folder = make.tree(make.pictures(3))
    for out in (folder, folder.parent):
        with pytest.raises(DataError, match="would replace --from"):
            prepare("folder", out, from_path=folder, overwrite=True)
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputExistsError, match="no prepared data set"):
        prepare("folder", home, from_path=folder, overwrite=True)
    assert (home / "thesis.txt").exists()
    assert len(list(folder.iterdir())) == 3


def test_a_failed_overwrite_keeps_the_old(make, tmp_path):
    prepare("npy", tmp_path / "out", from_path=_npy(tmp_path))
    with pytest.raises(DataError):
        prepare("folder", tmp_path / "out", from_path=make.tree({"a.png": b""}), overwrite=True)
    assert Dataset.load(tmp_path / "out").count == 30


def test_a_full_disk_leaves_nothing_behind(tmp_path):
    path = _npy(tmp_path, (2000, 32, 32))
    ended = _python(
        """
        import resource, sys
        from zspace.data import prepare
        from zspace.errors import StorageError
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        try:
            prepare("npy", sys.argv[2], from_path=sys.argv[1])
        except StorageError as error:
            print(error)
        """,
        path,
        tmp_path / "out",
    )
    assert "no space left" in ended.stdout, ended.stderr
    assert len(ended.stdout.splitlines()) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["it.npy"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_prepare_that_is_stopped_leaves_nothing_behind(tmp_path, number):
    path = _npy(tmp_path, (20_000, 32, 32))
    code = "import sys; from zspace.data import prepare; "
    code += "prepare('npy', sys.argv[2], from_path=sys.argv[1], size=300)"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path), str(tmp_path / "out")], stderr=subprocess.PIPE
    )
    with process:
        for _ in range(600):
            if any(file.stat().st_size > 2**20 for file in tmp_path.glob(".out*/images.npy")):
                break
            time.sleep(0.02)
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode != 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["it.npy"]


def test_memory_does_not_grow_with_the_set(tmp_path):
    """400 MB in and out, and read again row by row, in little more memory than 4 MB need."""
    code = """
        import resource, sys
        import numpy as np
        from zspace.data import prepare
        dataset = prepare("npy", sys.argv[2], from_path=sys.argv[1])
        for start in range(0, dataset.count, 128):
            dataset.rows(np.arange(start, min(start + 128, dataset.count)))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        """
    peaks = []
    for count in (300, 32_000):
        path = tmp_path / f"{count}.npy"
        np.lib.format.open_memmap(path, "w+", np.uint8, (count, 64, 64, 3))
        ended = _python(code, path, tmp_path / f"out{count}")
        assert not ended.returncode, ended.stderr
        peaks.append(int(ended.stdout))
        path.unlink()
    assert peaks[1] - peaks[0] < 40


def test_progress_is_shown_on_standard_error_only_when_asked(tmp_path, capsys):
    prepare("npy", tmp_path / "silent", from_path=_npy(tmp_path))
    assert capsys.readouterr() == ("", "")
    prepare("npy", tmp_path / "shown", from_path=_npy(tmp_path), show_progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "preparing npy: 30/30 images" in shown.err


def test_importing_costs_neither_keras_nor_pillow():
    ended = _python(
        """
        import sys, zspace.data
        heavy = {"keras", "tensorflow", "jax", "torch", "PIL", "pooch", "scipy", "pydantic"}
        print(sorted(heavy & set(sys.modules)))
        """
    )
    assert ended.stdout.strip() == "[]", ended.stderr


class FakeFaces:
    """Stands in for the package that draws, which has tests of its own."""

    ATTRIBUTE_NAMES = ("Smiling", "Beard")
    FACTOR_NAMES = ("turn", "tilt", "light")

    class Drawn:
        def __init__(self, numbers: np.ndarray, size: int, seed: int) -> None:
            self.images = np.zeros((len(numbers), size, size, 3), np.uint8)
            self.images[:, 0, 0, 0] = (numbers + seed) % 256
            self.factors = np.repeat(numbers[:, None], 3, 1).astype(np.float32)
            self.attributes = np.where(numbers[:, None] % [2, 3], 1, -1).astype(np.int8)

    def draw_faces(self, count, *, size=64, seed=0, start=0):
        assert 32 <= size <= 128
        return self.Drawn(np.arange(start, start + count), size, seed)


def test_drawn_faces_come_with_their_factors_and_attributes(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "zspace.data.faces", FakeFaces())
    dataset = prepare("faces", tmp_path / "out", limit=70, size=32, seed=4)
    assert dataset.images[:, 0, 0, 0].tolist() == list(range(4, 74))
    assert dataset.factors[:, 1].tolist() == list(range(70))
    assert dataset.factors.dtype == np.float32
    assert dataset.attributes.dtype == np.int8
    assert (dataset.attribute_names, dataset.factor_names) == (
        FakeFaces.ATTRIBUTE_NAMES,
        FakeFaces.FACTOR_NAMES,
    )
    assert prepare("faces", tmp_path / "tall", limit=9, size=(20, 200)).shape == (20, 200, 3)
    assert prepare("faces", tmp_path / "near", limit=9, crop=0.5).shape == (64, 64, 3)
    with pytest.raises(DataError, match="leave out --from"):
        prepare("faces", tmp_path / "other", from_path=tmp_path)
    assert drawn_module.open_faces is READERS["faces"]


def test_every_core_is_used_and_only_so_much_waits():
    started = 0

    def items():
        nonlocal started
        for number in range(100):
            started += 1
            yield number

    results = parallel.ordered(lambda number: number * 2, items(), workers=3)
    assert next(results) == 0
    assert started <= 8
    assert list(results) == list(range(2, 200, 2))
    assert parallel.cores() >= 1


def test_an_error_in_a_worker_comes_out_in_order():
    def work(number: int) -> int:
        if number in (3, 5):
            raise ValueError(number)
        return number

    results = parallel.ordered(work, range(9), workers=4)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="3"):
        next(results)
