"""Image files in folders and archives."""

from __future__ import annotations

import os
import tarfile

import numpy as np
import pytest

from zspace.data import prepare
from zspace.errors import DataError


def _classes(make) -> dict[str, bytes]:
    return {
        **make.pictures(3, "cats/"),
        **make.pictures(2, "dogs/small/", "webp"),
        **make.pictures(1, "dogs/", "gif"),
    }


def test_first_folders_become_labels(make, tmp_path):
    dataset = prepare("folder", tmp_path / "out", from_path=make.tree(_classes(make)), size=16)
    assert dataset.label_names == ("cats", "dogs")
    assert dataset.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert dataset.shape == (16, 16, 3)
    assert len(dataset.indices("validation")) == 1


@pytest.mark.parametrize("suffix", ["zip", "tar", "tgz"])
def test_archives_hold_the_same(make, tmp_path, suffix):
    files = {f"top/{name}": content for name, content in _classes(make).items()}
    if suffix == "zip":
        archive = make.zip(files)
    else:
        folder = make.tree(files)
        archive = tmp_path / f"it.{suffix}"
        with tarfile.open(archive, "w:gz" if suffix == "tgz" else "w") as tar:
            for name in files:
                tar.add(folder / name, f"./{name}")
    dataset = prepare(str(archive), tmp_path / "out")
    assert (dataset.name, dataset.shape) == ("folder", (64, 64, 3))
    assert sorted(dataset.labels) == [0, 0, 0, 1, 1, 1]


def test_official_splits_of_a_tree(make, tmp_path):
    files = {
        **make.pictures(2, "set/train/cat/"),
        **make.pictures(2, "set/train/dog/"),
        **make.pictures(1, "set/test/dog/"),
    }
    dataset = prepare("folder", tmp_path / "out", from_path=make.zip(files))
    assert dataset.label_names == ("cat", "dog")
    assert sorted(dataset.labels[dataset.indices("train")]) == [0, 0, 1, 1]
    assert dataset.labels[dataset.indices("validation")].tolist() == [1]


def test_with_validation_the_test_images_stay_apart(make, tmp_path):
    files = {
        **make.pictures(4, "train/"),
        **make.pictures(2, "val/"),
        **make.pictures(3, "test/"),
    }
    dataset = prepare("folder", tmp_path / "out", from_path=make.tree(files))
    assert [len(dataset.indices(name)) for name in ("train", "validation", "test")] == [4, 2, 3]


def test_hidden_files_and_other_files_are_ignored(make, tmp_path):
    files = {
        **make.pictures(4),
        "__MACOSX/._000001.png": b"resource fork",
        "._000002.png": b"resource fork",
        ".hidden/000003.png": b"no image",
        "Thumbs.db": b"thumbs",
        "README.txt": b"text",
    }
    dataset = prepare("folder", tmp_path / "out", from_path=make.zip(files), strict=True)
    assert dataset.count == 4


def test_members_that_point_outside_are_read_in_place(make, tmp_path):
    files = {**make.pictures(2), "../../escape.png": make.pictures(1)["000001.png"]}
    archive = make.zip(files)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    prepare("folder", tmp_path / "out", from_path=archive)
    after = sorted(path.name for path in tmp_path.rglob("*") if "out" not in path.parts[-2:])
    assert [
        name for name in after if name not in ("images.npy", "splits.npy", "dataset.json")
    ] == before


def test_links_in_a_tar_are_ignored(make, tmp_path):
    folder = make.tree(make.pictures(3))
    with tarfile.open(tmp_path / "it.tar", "w") as tar:
        tar.add(folder, "tree")
        link = tarfile.TarInfo("tree/secret.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    assert prepare(str(tmp_path / "it.tar"), tmp_path / "out").count == 3


def test_circles_of_links_and_pipes_do_not_hang(make, tmp_path):
    folder = make.tree(make.pictures(3, "a/"))
    (folder / "a" / "again").symlink_to(folder)
    os.mkfifo(folder / "a" / "pipe.png")
    (folder / "a" / "dangling.png").symlink_to("nowhere.png")
    assert prepare(str(folder), tmp_path / "out").count == 3


def test_names_of_no_encoding_are_listed_readably(make, tmp_path):
    folder = make.tree(make.pictures(3))
    with open(os.fsencode(folder) + b"/bad\xff\n.png", "wb") as stream:
        stream.write(b"no image")
    dataset = prepare("folder", tmp_path / "out", from_path=folder)
    assert dataset.information["skipped"] == [
        {"file": "bad\\udcff .png", "reason": "no image in a format that is known"}
    ]


@pytest.mark.parametrize("files", [{}, {"a.txt": b"text"}])
def test_a_folder_without_images_says_so(make, tmp_path, files):
    for source in (make.tree(files), make.zip(files)):
        with pytest.raises(DataError, match="holds no image files"):
            prepare("folder", tmp_path / "out", from_path=source)
    assert not (tmp_path / "out").exists()


def test_no_readable_image_names_the_first_reason(make, tmp_path):
    folder = make.tree({"a.png": b"", "b.jpg": b"text"})
    with pytest.raises(DataError, match=r"none of the 2 images .*a.png: the file is empty"):
        prepare("folder", tmp_path / "out", from_path=folder)
    assert [entry.name for entry in tmp_path.iterdir()] == ["source"]


def test_one_image_alone_is_no_set(make, tmp_path):
    with pytest.raises(DataError, match="at least two images"):
        prepare("folder", tmp_path / "out", from_path=make.tree(make.pictures(1)))


@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.gz"])
def test_a_damaged_archive_is_refused(make, tmp_path, suffix):
    archive = tmp_path / f"it.{suffix}"
    archive.write_bytes(make.zip(make.pictures(3)).read_bytes()[:400])
    with pytest.raises(DataError, match="damaged or truncated"):
        prepare("folder", tmp_path / "out", from_path=archive)


def test_a_damaged_member_is_skipped(make, tmp_path):
    archive = make.zip(make.pictures(5))
    content = bytearray(archive.read_bytes())
    at = content.index(b"000003.png") + 60
    content[at : at + 8] = bytes(8)
    archive.write_bytes(content)
    dataset = prepare("folder", tmp_path / "out", from_path=archive)
    assert dataset.count == 4
    (skipped,) = dataset.information["skipped"]
    assert skipped["file"] == "000003.png"
    assert "CRC" in skipped["reason"]


def test_a_single_file_is_no_folder(make, tmp_path):
    image = make.tree(make.pictures(1)) / "000001.png"
    with pytest.raises(DataError, match=r"expected a folder, or an archive ending in \.zip"):
        prepare("folder", tmp_path / "out", from_path=image)


def test_the_real_cifar_tree(shared_data, tmp_path):
    archive = shared_data("cifar10") / "cifar10-jpeg.zip"
    dataset = prepare("folder", tmp_path / "out", from_path=archive, size=32, limit=140)
    assert {name: len(rows) for name, rows in dataset.splits.items()} == {
        "train": 120,
        "validation": 20,
    }
    assert np.bincount(dataset.labels).tolist() == [14] * 10
    assert dataset.label_names[0] == "airplane"
