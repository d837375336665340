"""Opening what `prepare` wrote."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zspace.data import Dataset, prepare
from zspace.errors import DataError

IMAGES = np.random.default_rng(2).integers(0, 256, (40, 6, 5, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Dataset:
    folder = tmp_path_factory.mktemp("dataset")
    np.savez(folder / "it.npz", images=IMAGES, labels=np.arange(40) % 4)
    return prepare("npz", folder / "out", from_path=folder / "it.npz")


@pytest.fixture
def folder(tmp_path):
    np.savez(tmp_path / "it.npz", images=IMAGES, labels=np.arange(40) % 4)
    prepare("npz", tmp_path / "out", from_path=tmp_path / "it.npz")
    return tmp_path / "out"


def test_it_is_what_the_contract_says(dataset):
    assert (dataset.count, dataset.shape, dataset.name) == (40, (6, 5, 3), "npz")
    assert isinstance(dataset.images, np.memmap)
    assert not dataset.images.flags.writeable
    assert dataset.labels.dtype == np.int64
    assert dataset.attributes is None
    assert dataset.factors is None
    assert set(dataset.splits) == {"train", "validation"}
    assert all(rows.dtype == np.int64 for rows in dataset.splits.values())
    assert sorted(np.concatenate(list(dataset.splits.values()))) == list(range(40))
    assert dataset.attribute_names == dataset.factor_names == ()
    dataset.verify()


def test_the_file_says_all(dataset):
    information = json.loads((dataset.path / "dataset.json").read_text())
    assert information == dataset.information
    assert information["size"] == [6, 5]
    assert information["counts"] == {"train": 36, "validation": 4, "test": 0}
    assert set(information["sha256"]) == {"images.npy", "splits.npy", "labels.npy"}
    assert {path.name for path in dataset.path.iterdir()} == {
        *information["sha256"],
        "dataset.json",
    }


@given(rows=st.lists(st.integers(0, 39), max_size=60))
def test_rows_are_the_rows_in_any_order(dataset, rows):
    assert np.array_equal(dataset.rows(np.array(rows, np.int64)), IMAGES[rows])


def test_adjacent_rows_are_read_at_once(dataset):
    assert np.array_equal(dataset.rows(np.arange(40)), IMAGES)
    assert np.array_equal(dataset.rows(np.r_[5:20, 0:5, 30]), IMAGES[np.r_[5:20, 0:5, 30]])


@pytest.mark.parametrize("rows", [[40], [-1], [0, 400]])
def test_rows_that_are_not_there_are_an_error(dataset, rows):
    with pytest.raises(IndexError):
        dataset.rows(np.array(rows))


def test_many_threads_may_read(dataset):
    def read(seed: int) -> bool:
        rows = np.random.default_rng(seed).integers(0, 40, 200)
        return np.array_equal(dataset.rows(rows), IMAGES[rows])

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(read, range(200)))


@given(count=st.integers(1, 50))
def test_spread_images_are_evenly_spaced(dataset, count):
    index = dataset.indices("train")
    found = dataset.spread("train", count)
    assert len(found) == min(count, 36)
    assert found[0] == index[0] and set(found) <= set(index)
    gaps = np.diff(np.searchsorted(index, found))
    assert len(found) < 2 or gaps.max() - gaps.min() <= 1


def test_indices(dataset):
    assert len(dataset.indices("train")) == 36
    assert dataset.indices("train", 5).tolist() == dataset.splits["train"][:5].tolist()
    assert len(dataset.indices("validation", 500)) == 4
    for split in ("test", "tain"):
        with pytest.raises(DataError, match=r"it has train \(36\), validation \(4\)"):
            dataset.indices(split)


@pytest.mark.parametrize("name", ["nowhere", "empty", "file"])
def test_what_is_no_data_set_is_refused(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"no prepared data set.*zspace prepare SOURCE --out"):
        Dataset.load(tmp_path / name)


@pytest.mark.parametrize("file", ["images.npy", "labels.npy", "splits.npy"])
@pytest.mark.parametrize("damage", ["truncated", "empty", "pickle", "dtype", "shorter"])
def test_a_damaged_array_is_refused(folder, file, damage):
    array = np.load(folder / file)
    if damage == "truncated":
        (folder / file).write_bytes((folder / file).read_bytes()[:-1])
    elif damage == "empty":
        (folder / file).write_bytes(b"")
    elif damage == "pickle":
        np.save(folder / file, np.array([{}] * 40, object), allow_pickle=True)
    elif damage == "dtype":
        np.save(folder / file, array.astype(np.float32))
    else:
        np.save(folder / file, array[:-1])
    with pytest.raises(DataError, match=r"--overwrite|Python objects") as caught:
        Dataset.load(folder)
    assert "\n" not in str(caught.value)


def test_a_missing_array_is_named(folder):
    (folder / "images.npy").unlink()
    with pytest.raises(DataError, match=r"images\.npy is missing"):
        Dataset.load(folder)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"format": 99}', "\xff"])
def test_a_damaged_description_is_refused(folder, content):
    (folder / "dataset.json").write_bytes(content.encode("latin1"))
    with pytest.raises(DataError, match=r"dataset\.json"):
        Dataset.load(folder)


def test_changed_pixels_are_found(folder):
    images = np.load(folder / "images.npy", mmap_mode="r+")
    images[3, 0, 0, 0] ^= 1
    images.flush()
    with pytest.raises(DataError, match=r"images\.npy has changed"):
        Dataset.load(folder).verify()


def test_a_file_that_shrinks_later_is_an_error_not_a_crash(folder):
    dataset = Dataset.load(folder)
    (folder / "images.npy").write_bytes((folder / "images.npy").read_bytes()[:500])
    with pytest.raises(DataError, match="truncated"):
        dataset.rows(np.arange(40))
