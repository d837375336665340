"""MNIST and sets like it."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from zspace.data import prepare
from zspace.errors import DataError


def _read(file: Path, axes: int) -> np.ndarray:
    content = gzip.decompress(file.read_bytes())
    shape = np.frombuffer(content, ">u4", axes, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


@pytest.mark.parametrize("zipped", [True, False])
def test_the_four_files_become_one_set_with_its_official_split(make, tmp_path, zipped):
    dataset = prepare("mnist", tmp_path / "out", from_path=make.mnist(zipped=zipped))
    assert dataset.shape == (28, 28, 1)
    assert dataset.indices("train").tolist() == list(range(20))
    assert dataset.indices("validation").tolist() == list(range(20, 26))
    assert dataset.labels.tolist() == [*(np.arange(20) % 10), *range(6)]
    assert dataset.label_names == tuple("0123456789")


def test_zipped_or_not_and_renamed_or_not_is_the_same(make, tmp_path):
    folder = make.mnist(zipped=True)
    first = prepare("mnist", tmp_path / "zipped", from_path=folder)
    for file in folder.iterdir():
        raw = tmp_path / "torchvision" / "MNIST" / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        name = file.stem.replace("-idx", ".idx")
        (raw / name).write_bytes(gzip.decompress(file.read_bytes()))
    second = prepare("mnist", tmp_path / "raw", from_path=tmp_path / "torchvision")
    assert np.array_equal(first.images, second.images)
    assert first.information["sha256"] == second.information["sha256"]


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_the_real_files_come_through_unchanged(shared_data, tmp_path, name):
    folder = shared_data / name
    dataset = prepare(name, tmp_path / "out", from_path=folder)
    train = _read(folder / "train-images-idx3-ubyte.gz", 3)
    test = _read(folder / "t10k-images-idx3-ubyte.gz", 3)
    assert dataset.images[:60_000].tobytes() == train.tobytes()
    assert dataset.images[60_000:].tobytes() == test.tobytes()
    labels = _read(folder / "train-labels-idx1-ubyte.gz", 1)
    assert np.array_equal(dataset.labels[:60_000], labels)
    assert len(dataset.label_names) == 10


def test_a_limit_keeps_the_proportion_of_the_official_splits(make, tmp_path):
    dataset = prepare("mnist", tmp_path / "out", from_path=make.mnist(), limit=13)
    assert {name: len(rows) for name, rows in dataset.splits.items()} == {
        "train": 10,
        "validation": 3,
    }


def _broken(make, tmp_path, change, file="train-images-idx3-ubyte", *, zipped=False) -> str:
    path = make.mnist(zipped=zipped) / (file + (".gz" if zipped else ""))
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DataError) as caught:
        prepare("mnist", tmp_path / "out", from_path=path.parent)
    assert not (tmp_path / "out").exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["source"]
    message = str(caught.value)
    assert "\n" not in message
    assert path.name in message
    return message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: content[:-100], "truncated"),
        (lambda content: content + b"more", "its header announces"),
        (lambda content: content[:9], "truncated in its header"),
        (lambda content: b"", "found nothing"),
        (lambda content: b"\x89PNG" + content[4:], "no idx file"),
        (lambda content: content[:2] + b"\x0d" + content[3:], "no idx file"),
        (lambda content: content[:8] + b"\xff" * 8 + content[16:], "cannot be right"),
    ],
)
def test_a_broken_file_is_refused(make, tmp_path, change, said):
    assert said in _broken(make, tmp_path, change)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-200],
        lambda content: content[:-4] + b"\0\0\0\0",
        lambda content: content[:60] + bytes(20) + content[80:],
        lambda content: gzip.compress(gzip.decompress(content)[:-50]),
        lambda content: gzip.compress(gzip.decompress(content) + b"more"),
        lambda content: b"no gzip at all",
    ],
    ids=["truncated", "checksum", "garbled", "short inside", "long inside", "no gzip"],
)
def test_a_broken_gzip_is_refused(make, tmp_path, change):
    _broken(make, tmp_path, change, zipped=True)


def test_labels_must_be_as_many_as_images(make, tmp_path):
    def shorter(content: bytes) -> bytes:
        return content[:4] + np.array([19], ">u4").tobytes() + content[8:-1]

    message = _broken(make, tmp_path, shorter, "train-labels-idx1-ubyte")
    assert "19 labels for 20 images" in message


def test_a_missing_file_is_named(make, tmp_path):
    folder = make.mnist()
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"lacks t10k-labels-idx1-ubyte .*four standard idx files"):
        prepare("mnist", tmp_path / "out", from_path=folder)


@settings(max_examples=25)
@given(
    images=arrays.arrays(
        np.uint8, st.tuples(st.integers(2, 5), st.integers(1, 9), st.integers(1, 9))
    )
)
def test_any_images_come_back_as_they_were(images, tmp_path_factory):
    folder = tmp_path_factory.mktemp("idx")
    head = bytes([0, 0, 8, 3]) + np.array(images.shape, ">u4").tobytes()
    labels = bytes([0, 0, 8, 1]) + np.array(images.shape[:1], ">u4").tobytes()
    for part in ("train", "t10k"):
        (folder / f"{part}-images-idx3-ubyte").write_bytes(head + images.tobytes())
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(labels + bytes(len(images)))
    dataset = prepare("mnist", folder / "out", from_path=folder)
    assert np.array_equal(dataset.images[..., 0], np.concatenate([images, images]))
