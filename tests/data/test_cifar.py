"""The binary CIFAR-10."""

from __future__ import annotations

import numpy as np
import pytest

from zspace.data import prepare
from zspace.errors import DataError


@pytest.mark.parametrize("place", ["folder", "folder above", "tar.gz", "folder of tar.gz"])
def test_records_become_images_and_labels(make, tmp_path, place):
    path = make.cifar(packed="tar" in place)
    if place == "folder of tar.gz":
        (tmp_path / "downloads").mkdir()
        path.rename(tmp_path / "downloads" / path.name)
        path = tmp_path / "downloads"
    elif place == "folder above":
        path = path.parent
    dataset = prepare("cifar10", tmp_path / "out", from_path=path)
    records = np.concatenate([make.cifar_records(number, 4) for number in range(6)])
    assert np.array_equal(
        dataset.images, records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    )
    assert np.array_equal(dataset.labels, records[:, 0])
    assert dataset.label_names[3] == "cat"
    assert dataset.indices("validation").tolist() == [20, 21, 22, 23]


def test_a_limit_keeps_labels_aligned(make, tmp_path):
    dataset = prepare("cifar10", tmp_path / "out", from_path=make.cifar(), limit=6)
    records = np.concatenate([make.cifar_records(number, 4) for number in range(6)])
    found = [np.flatnonzero(records[:, 1] == image[0, 0, 0]) for image in dataset.images]
    assert [records[rows[0], 0] for rows in found] == dataset.labels.tolist()


def test_a_truncated_batch_is_refused(make, tmp_path):
    folder = make.cifar()
    batch = folder / "data_batch_3.bin"
    batch.write_bytes(batch.read_bytes()[:-7])
    with pytest.raises(DataError, match=r"data_batch_3.bin .*truncated.*records of 3,073 bytes"):
        prepare("cifar10", tmp_path / "out", from_path=folder)


def test_a_truncated_archive_is_refused(make, tmp_path):
    archive = make.cifar(packed=True)
    archive.write_bytes(archive.read_bytes()[:20_000])
    with pytest.raises(DataError, match=r"cifar-10-binary.tar.gz is damaged or truncated"):
        prepare("cifar10", tmp_path / "out", from_path=archive)


def test_a_tree_of_images_is_pointed_to_the_other_reader(make, tmp_path):
    folder = make.tree(make.pictures(2))
    with pytest.raises(DataError, match="zspace prepare folder"):
        prepare("cifar10", tmp_path / "out", from_path=folder)
