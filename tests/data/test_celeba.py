"""CelebA in the shapes in which it is found."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from zspace.data import prepare
from zspace.errors import DataError


def _check(dataset) -> None:
    assert dataset.count == 12
    assert dataset.attribute_names == ("Smiling", "Young")
    numbers = np.arange(1, 13)
    assert dataset.attributes[:, 0].tolist() == np.where(numbers % 2, 1, -1).tolist()
    assert dataset.attributes[:, 1].tolist() == np.where(numbers % 3, -1, 1).tolist()


@pytest.mark.parametrize("packed", [True, False])
def test_a_folder_as_shipped(make, tmp_path, packed):
    dataset = prepare("celeba", tmp_path / "out", from_path=make.celeba(packed=packed))
    _check(dataset)
    assert dataset.shape == (96, 96, 3)
    assert dataset.information["crop"] == 148 / 178
    assert [len(dataset.indices(name)) for name in ("train", "validation")] == [11, 1]


def test_the_zip_itself_and_the_image_folder_itself(make, tmp_path):
    folder = make.celeba()
    _check(prepare("celeba", tmp_path / "a", from_path=folder / "img_align_celeba.zip"))
    shutil.unpack_archive(folder / "img_align_celeba.zip", folder)
    _check(prepare("celeba", tmp_path / "b", from_path=folder / "img_align_celeba"))


def test_everything_in_one_zip(make, tmp_path):
    folder = make.celeba(packed=False)
    files = {
        str(path.relative_to(folder.parent)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    shutil.rmtree(folder)
    _check(prepare("celeba", tmp_path / "out", from_path=make.zip(files)))


def test_the_csv_lists_of_kaggle(make, tmp_path):
    folder = make.celeba(partition=[0] * 12)
    for name in ("list_attr_celeba", "list_eval_partition"):
        lines = (folder / f"{name}.txt").read_text().splitlines()
        rows = [",".join(line.split()) for line in lines if line.startswith("0000")]
        head = "image_id,Smiling,Young" if "attr" in name else "image_id,partition"
        (folder / f"{name}.csv").write_text("\n".join([head, *rows]))
        (folder / f"{name}.txt").unlink()
    _check(prepare("celeba", tmp_path / "out", from_path=folder))


def test_the_official_partition(make, tmp_path):
    folder = make.celeba(partition=[0] * 7 + [1] * 3 + [2] * 2)
    dataset = prepare("celeba", tmp_path / "out", from_path=folder)
    assert dataset.indices("train").tolist() == list(range(7))
    assert dataset.indices("validation").tolist() == [7, 8, 9]
    assert dataset.indices("test").tolist() == [10, 11]
    assert dataset.information["split_origin"] == "list_eval_partition.txt"


def test_a_partition_without_validation_images_gets_a_random_tenth(make, tmp_path):
    dataset = prepare("celeba", tmp_path / "out", from_path=make.celeba(partition=[0] * 12))
    assert [len(dataset.indices(name)) for name in ("train", "validation")] == [11, 1]
    assert "random" in dataset.information["split_origin"]


def test_an_image_without_a_row_is_skipped(make, tmp_path):
    folder = make.celeba()
    lines = (folder / "list_attr_celeba.txt").read_text().splitlines()
    del lines[2 + 4]
    (folder / "list_attr_celeba.txt").write_text("\n".join(lines))
    dataset = prepare("celeba", tmp_path / "out", from_path=folder)
    assert dataset.count == len(dataset.attributes) == 11
    assert dataset.information["skipped"] == [
        {"file": "img_align_celeba/000005.jpg", "reason": "no row in list_attr_celeba.txt"}
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("000003.jpg 1", "line 5: expected an image and 2 whole numbers"),
        ("000003.jpg 1 x", "line 5: expected an image and 2 whole numbers"),
        ("000003.jpg 1 7", "expected only the values"),
    ],
)
def test_a_damaged_list_is_refused(make, tmp_path, line, said):
    folder = make.celeba()
    lines = (folder / "list_attr_celeba.txt").read_text().splitlines()
    lines[4] = line
    (folder / "list_attr_celeba.txt").write_text("\n".join(lines))
    with pytest.raises(DataError, match=said):
        prepare("celeba", tmp_path / "out", from_path=folder)


def test_without_from_it_says_where_to_get_it(tmp_path):
    with pytest.raises(DataError, match=r"cannot be downloaded.*img_align_celeba.zip.*--from"):
        prepare("celeba", tmp_path / "out")


def test_the_real_faces(shared_data, tmp_path):
    folder = shared_data / "celeba"
    dataset = prepare("celeba", tmp_path / "out", from_path=folder, size=64, limit=200)
    assert dataset.shape == (64, 64, 3)
    assert len(dataset.attribute_names) == 40
    first = (folder / "list_attr_celeba.txt").read_text().splitlines()[2].split()[1:]
    assert dataset.attributes[0].tolist() == [int(value) for value in first]
    assert 80 < dataset.images.mean() < 160
    assert not dataset.information["skipped"]
