"""Arrays saved with NumPy."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from zspace.data import prepare
from zspace.errors import DataError

RANDOM = np.random.default_rng(1)
GRAY = RANDOM.integers(0, 256, (12, 6, 5), dtype=np.uint8)
RGB = RANDOM.integers(0, 256, (12, 6, 5, 3), dtype=np.uint8)


def _prepare(tmp_path, **named):
    np.savez_compressed(tmp_path / "it.npz", **named)
    return prepare("npz", tmp_path / "out", from_path=tmp_path / "it.npz")


@pytest.mark.parametrize("key", ["images", "x", "X", "data", "arr_0", "whatever"])
@pytest.mark.parametrize("images", [GRAY, GRAY[..., None], RGB])
def test_images_are_found_and_unchanged(tmp_path, key, images):
    dataset = _prepare(tmp_path, **{key: images, "more": np.zeros(3)})
    assert np.array_equal(np.asarray(dataset.images).reshape(images.shape), images)
    assert dataset.labels is None


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_pairs_as_keras_saves_them_give_the_split(tmp_path, save):
    save(
        tmp_path / "mnist.npz",
        x_test=GRAY[:4],
        y_test=np.arange(4, dtype=np.uint8),
        x_train=GRAY[4:],
        y_train=np.arange(8, dtype=np.uint8),
    )
    dataset = prepare(str(tmp_path / "mnist.npz"), tmp_path / "out")
    assert dataset.name == "npz"
    assert np.array_equal(dataset.images[..., 0], np.concatenate([GRAY[4:], GRAY[:4]]))
    assert dataset.labels.tolist() == [*range(8), *range(4)]
    assert dataset.indices("validation").tolist() == [8, 9, 10, 11]
    assert "test" not in dataset.splits


def test_three_parts_keep_the_test_images_apart(tmp_path):
    dataset = _prepare(tmp_path, train_images=GRAY[:6], val_images=GRAY[6:9], test_images=GRAY[9:])
    counts = {name: len(rows) for name, rows in dataset.splits.items()}
    assert counts == {"train": 6, "validation": 3, "test": 3}
    assert dataset.information["counts"] == counts


@pytest.mark.parametrize(
    ("labels", "numbers", "names"),
    [
        (np.arange(12) % 3, np.arange(12) % 3, ("0", "1", "2")),
        ((np.arange(12) % 3)[:, None].astype(np.uint8), np.arange(12) % 3, ("0", "1", "2")),
        (np.array(["b", "a"] * 6), [1, 0] * 6, ("a", "b")),
        (np.arange(12) - 1, np.arange(12) - 1, ()),
    ],
)
def test_labels_of_every_kind(tmp_path, labels, numbers, names):
    dataset = _prepare(tmp_path, images=GRAY, person=labels)
    assert dataset.labels.tolist() == list(numbers)
    assert dataset.label_names == names


@pytest.mark.parametrize("dtype", [np.float16, np.float32, ">f8"])
def test_floats_from_zero_to_one_become_bytes(tmp_path, dtype):
    np.save(tmp_path / "it.npy", (GRAY / 255).astype(dtype))
    dataset = prepare("npy", tmp_path / "out", from_path=tmp_path / "it.npy")
    assert np.abs(dataset.images[..., 0].astype(int) - GRAY).max() <= (dtype == np.float16)


def test_booleans_become_black_and_white(tmp_path):
    np.save(tmp_path / "it.npy", GRAY > 100)
    dataset = prepare(str(tmp_path / "it.npy"), tmp_path / "out")
    assert np.array_equal(dataset.images[..., 0], np.where(GRAY > 100, 255, 0))


def test_fortran_order_is_read_too(tmp_path):
    dataset = _prepare(tmp_path, images=np.asfortranarray(RGB))
    assert np.array_equal(dataset.images, RGB)


def test_the_real_files(shared_data, tmp_path):
    frey = shared_data("frey") / "frey_faces.npz"
    dataset = prepare("npz", tmp_path / "frey", from_path=frey)
    with np.load(frey) as file:
        assert np.array_equal(dataset.images[..., 0], file["images"])
    assert dataset.shape == (28, 20, 1)
    olivetti = prepare(str(shared_data("olivetti") / "olivetti_faces.npz"), tmp_path / "olivetti")
    assert (olivetti.count, olivetti.labels.max(), len(olivetti.label_names)) == (400, 39, 40)


class Trap:
    """Would write a file when unpickled."""

    def __reduce__(self):
        return (open, ("trapped", "w"))


@pytest.mark.parametrize("suffix", ["npz", "npy"])
def test_python_objects_are_refused_and_never_unpickled(tmp_path, suffix, monkeypatch):
    monkeypatch.chdir(tmp_path)
    objects = np.array([Trap(), Trap()], object)
    if suffix == "npz":
        np.savez("it.npz", images=objects)
    else:
        np.save("it.npy", objects)
    with pytest.raises(DataError, match=r"Python objects.*unpickled.*plain uint8"):
        prepare(f"it.{suffix}", "out")
    assert [entry.name for entry in tmp_path.iterdir()] == [f"it.{suffix}"]


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (GRAY.astype(np.int64), "holds int64; expected uint8"),
        (GRAY.astype(np.float32), "values from"),
        (np.full((3, 4, 4), np.nan), "values from nan"),
        (GRAY / 255 - 0.5, "values from -0"),
        (GRAY.reshape(12, 30), "has shape"),
        (RGB.transpose(0, 3, 1, 2), "has shape"),
        (np.zeros((0, 4, 4), np.uint8), "has shape"),
        (np.array(["a"]), "has shape"),
    ],
)
def test_what_is_no_array_of_images_is_refused(tmp_path, images, said):
    with pytest.raises(DataError, match=said) as caught:
        _prepare(tmp_path, images=images)
    assert "\n" not in str(caught.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["it.npz"]


def test_no_images_at_all_names_what_is_there(tmp_path):
    with pytest.raises(DataError, match=r"expected one called images.*found a, b"):
        _prepare(tmp_path, a=np.zeros(3), b=np.zeros(4))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("damage", ["truncated", "garbled", "empty", "text"])
def test_a_damaged_npz_is_refused(tmp_path, save, damage):
    file = tmp_path / "it.npz"
    save(file, images=np.tile(GRAY, (20, 1, 1)))
    content = file.read_bytes()
    middle = len(content) // 2
    file.write_bytes(
        {
            "truncated": content[:middle],
            "garbled": content[:middle] + bytes(40) + content[middle + 40 :],
            "empty": b"",
            "text": b"no zip at all",
        }[damage]
    )
    with pytest.raises(DataError, match="damaged") as caught:
        prepare("npz", tmp_path / "out", from_path=file)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_truncated_npy_is_refused(tmp_path):
    np.save(tmp_path / "it.npy", GRAY)
    content = (tmp_path / "it.npy").read_bytes()
    for length, said in ((len(content) - 1, "truncated"), (60, "no readable"), (0, "no readable")):
        (tmp_path / "it.npy").write_bytes(content[:length])
        with pytest.raises(DataError, match=said):
            prepare("npy", tmp_path / "out", from_path=tmp_path / "it.npy")


def test_a_header_that_announces_terabytes_costs_nothing(tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "it.npz", "w") as archive,
        archive.open("images.npy", "w") as stream,
    ):
        np.lib.format.write_array_header_1_0(
            stream, {"descr": "|u1", "fortran_order": False, "shape": (10**12, 64, 64)}
        )
    with pytest.raises(DataError, match="announces"):
        prepare("npz", tmp_path / "out", from_path=tmp_path / "it.npz")
