"""What is exported, as the tools that it is for read it."""

from __future__ import annotations

import io
import sys

import numpy as np
import pyarrow.parquet
import pytest
from google.protobuf import text_format
from PIL import Image
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

from zspace.codes import Codes
from zspace.errors import DataError, InputError, OutputExistsError
from zspace.exports import projector
from zspace.exports.columns import columns
from zspace.exports.npz import write_npz
from zspace.exports.parquet import write_parquet
from zspace.exports.projector import write_projector
from zspace.exports.written import Written

COUNT, SIZE = 5000, 3


@pytest.fixture(scope="module")
def codes() -> Codes:
    generator = np.random.default_rng(1)
    return Codes(
        mean=generator.standard_normal((COUNT, SIZE)).astype(np.float32),
        log_variance=np.full((COUNT, SIZE), -1.0, np.float32),
        index=np.arange(COUNT)[::-1].copy(),
        labels=np.arange(COUNT) % 3,
        attributes=np.where(np.arange(2 * COUNT).reshape(COUNT, 2) % 3 == 0, 1, -1).astype(np.int8),
        information={
            "seed": 4,
            "label_names": ["a cat", "a\tdog", "bird"],
            "attribute_names": ["Smiling", "Young"],
        },
    )


def pictures(index: np.ndarray, height: int = 6, width: int = 4) -> np.ndarray:
    """Each image in a gray of its own."""
    shade = (np.asarray(index) % 251).astype(np.uint8)
    return np.broadcast_to(shade[:, None, None, None], (len(index), height, width, 3)).copy()


def places() -> dict[str, np.ndarray]:
    return {
        "rows": np.array([1, 7, 4000]),
        "tsne-30": np.array([[1, 2], [3, 4], [5, 6]], np.float32),
    }


def test_npz(codes, tmp_path) -> None:
    path = write_npz(codes, tmp_path / "codes.npz", places=places()).path
    with np.load(path, allow_pickle=False) as found:
        np.testing.assert_array_equal(found["mean"], codes.mean)
        np.testing.assert_array_equal(found["log_variance"], codes.log_variance)
        np.testing.assert_array_equal(found["z"], codes.z())
        np.testing.assert_array_equal(found["labels"], codes.labels)
        np.testing.assert_array_equal(found["attributes"], codes.attributes)
        np.testing.assert_array_equal(found["index"], codes.index)
        assert found["label_names"].tolist() == codes.information["label_names"]
        assert found["map_rows"].tolist() == [1, 7, 4000]
        assert found["map_tsne-30"].shape == (3, 2)
    written = write_npz(codes, tmp_path / "few.npz", places=places(), limit=10)
    assert written == Written(tmp_path / "few.npz", 10, COUNT)
    with np.load(written.path) as few:
        np.testing.assert_array_equal(few["z"], codes.z()[:10])
        assert few["map_rows"].tolist() == [1, 7]
        assert few["map_tsne-30"].tolist() == [[1, 2], [3, 4]]


def test_parquet(codes, tmp_path) -> None:
    written = write_parquet(
        codes, tmp_path / "codes.parquet", images=pictures, places=places(), limit=4500
    )
    assert written == Written(tmp_path / "codes.parquet", 4500, COUNT)
    path = written.path
    table = pyarrow.parquet.read_table(path)
    assert table.num_rows == 4500
    assert pyarrow.parquet.ParquetFile(path).num_row_groups == 2
    found = table.to_pydict()
    np.testing.assert_array_equal(np.array(found["z"], np.float32), codes.z()[:4500])
    assert found["label"][:4] == ["a cat", "a\tdog", "bird", "a cat"]
    assert found["Smiling"][:3] == [1, 0, 0]
    assert found["tsne-30_x"][:8] == [None, 1.0, None, None, None, None, None, 3.0]
    assert found["tsne-30_y"][4000] == 6.0
    radii = np.linalg.norm(codes.z()[:4500], axis=1)
    np.testing.assert_allclose(found["radius"], radii, rtol=1e-6)
    for row in (0, 4400):
        with Image.open(io.BytesIO(found["image"][row]["bytes"])) as image:
            assert image.size == (4, 6)
            assert np.array(image)[0, 0, 0] == (COUNT - 1 - row) % 251
    plain = write_parquet(codes, tmp_path / "plain.parquet").path
    assert "image" not in pyarrow.parquet.read_schema(plain).names


def test_parquet_without_pyarrow(codes, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r'pip install "zspace\[parquet\]"'):
        write_parquet(codes, tmp_path / "codes.parquet")
    assert not list(tmp_path.iterdir())


def test_kl_of_a_column_is_the_closed_form(codes) -> None:
    torch = pytest.importorskip("torch")
    found = columns(codes, slice(0, 50), z=codes.z()[:50])
    mean = torch.tensor(np.asarray(codes.mean[:50]))
    q = torch.distributions.Normal(mean, torch.full_like(mean, np.exp(-0.5)))
    p = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    kl = torch.distributions.kl_divergence(q, p).sum(dim=1)
    np.testing.assert_allclose(found["kl"], kl.numpy(), rtol=1e-5)


def test_projector_as_tensorboard_reads_it(codes, tmp_path) -> None:
    written = write_projector(codes, tmp_path / "projector", images=pictures, limit=4500)
    assert written == Written(tmp_path / "projector", 4500, COUNT)
    folder = written.path
    config = text_format.Parse((folder / "projector_config.pbtxt").read_text(), ProjectorConfig())
    (embedding,) = config.embeddings
    tensors = np.loadtxt(folder / embedding.tensor_path, delimiter="\t", dtype=np.float32)
    np.testing.assert_allclose(tensors, codes.z()[:4500], rtol=1e-6)
    lines = (folder / embedding.metadata_path).read_text().splitlines()
    assert len(lines) == 4501  # a header, as there are several columns
    assert lines[0].split("\t") == ["index", "label", "Smiling", "Young", "radius", "kl"]
    assert lines[2].split("\t")[:2] == [str(COUNT - 2), "a dog"]
    assert {len(line.split("\t")) for line in lines} == {6}
    cell, other = embedding.sprite.single_image_dim
    with Image.open(folder / embedding.sprite.image_path) as sprite:
        assert cell == other == 6
        assert sprite.size == (68 * cell, 68 * cell)  # square, 68² ≥ 4500
        pixels = np.array(sprite)
    row, column = divmod(4321, 68)
    center = pixels[row * cell + 3, column * cell + 3, 0]
    assert center == (COUNT - 1 - 4321) % 251


def test_a_sprite_never_grows_beyond_what_a_browser_takes(codes, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(projector, "SPRITE_SIDE", 300)
    monkeypatch.setattr(projector, "MOST_POINTS", 400)
    written = write_projector(
        codes, tmp_path / "projector", images=lambda index: pictures(index, 64, 64)
    )
    assert written.summary == (
        "400 of 5,000 codes; the projector loads 400 points, so the first 400 of 5,000 were "
        "written; images are 15 instead of 64 pixels high"
    )
    folder = written.path
    with Image.open(folder / "sprite.png") as sprite:
        assert sprite.size == (300, 300)
    config = text_format.Parse((folder / "projector_config.pbtxt").read_text(), ProjectorConfig())
    assert list(config.embeddings[0].sprite.single_image_dim) == [15, 15]
    assert len((folder / "tensors.tsv").read_text().splitlines()) == 400


@pytest.mark.parametrize("write", [write_npz, write_parquet, write_projector])
def test_nothing_is_replaced_unasked(write, codes, tmp_path) -> None:
    write(codes, tmp_path / "there", limit=5)
    with pytest.raises(OutputExistsError, match="--overwrite"):
        write(codes, tmp_path / "there", limit=5)
    write(codes, tmp_path / "there", limit=5, overwrite=True)
    with pytest.raises(InputError, match="limit must be 0 or more"):
        write(codes, tmp_path / "new", limit=-1)


def test_a_plain_autoencoder(tmp_path) -> None:
    plain = Codes(mean=np.eye(4, dtype=np.float32), index=np.arange(4))
    with np.load(write_npz(plain, tmp_path / "plain.npz").path) as found:
        assert sorted(found) == ["index", "mean", "z"]
    folder = write_projector(plain, tmp_path / "projector").path
    assert not (folder / "sprite.png").exists()
    assert (folder / "metadata.tsv").read_text().splitlines()[1] == "0\t1"


def test_a_note_is_only_of_what_the_format_cuts(codes, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(projector, "MOST_POINTS", 400)
    asked = write_projector(codes, tmp_path / "asked", limit=300)
    assert asked == Written(tmp_path / "asked", 300, COUNT)
    more = write_projector(codes, tmp_path / "more", limit=500)
    assert (more.count, more.total) == (400, COUNT)
    assert more.note == "the projector loads 400 points, so the first 400 of 500 were written"
    assert len((tmp_path / "more" / "tensors.tsv").read_text().splitlines()) == 400


def test_wide_images_that_become_smaller(codes, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(projector, "SPRITE_SIDE", 10)
    written = write_projector(
        codes, tmp_path / "wide", images=lambda index: pictures(index, 4, 6), limit=4
    )
    assert written.note == "images are 5 instead of 6 pixels wide"


def test_labels_without_a_name(tmp_path) -> None:
    odd = Codes(
        mean=np.eye(4, dtype=np.float32),
        index=np.arange(4),
        labels=np.array([1, -1, 0, 2]),
        information={"label_names": ["cat", "dog"]},
    )
    expected = ["dog", "-1", "cat", "2"]
    table = pyarrow.parquet.read_table(write_parquet(odd, tmp_path / "odd.parquet").path)
    assert table["label"].to_pylist() == expected
    lines = (write_projector(odd, tmp_path / "odd").path / "metadata.tsv").read_text().splitlines()
    assert [line.split("\t")[1] for line in lines[1:]] == expected


def test_attributes_that_are_called_like_other_columns(tmp_path) -> None:
    names = ["label", "Index", "radius", "kl", "z", "image", "on_x", "attribute_label", "on_x"]
    odd = Codes(
        mean=np.eye(4, dtype=np.float32),
        log_variance=np.zeros((4, 4), np.float32),
        index=np.arange(4),
        labels=np.arange(4),
        attributes=np.where(np.eye(4, 9), 1, -1).astype(np.int8),
        information={"attribute_names": names},
    )
    on = {"rows": np.arange(4), "on": np.ones((4, 2), np.float32)}
    path = write_parquet(odd, tmp_path / "odd.parquet", images=pictures, places=on).path
    table = pyarrow.parquet.read_table(path)
    own = ["radius", "kl", "z", "on_x", "on_y", "image"]
    renamed = [
        "attribute_label", "attribute_Index", "attribute_radius", "attribute_kl", "attribute_z",
        "attribute_image", "attribute_on_x", "attribute_attribute_label",
        "attribute_attribute_on_x",
    ]  # fmt: skip
    assert table.column_names == ["index", "label", *renamed, *own]
    assert table["label"].to_pylist() == [0, 1, 2, 3]
    assert table["attribute_label"].to_pylist() == [1, 0, 0, 0]
    assert table["on_x"].to_pylist() == [1.0] * 4
    found = write_projector(odd, tmp_path / "odd").path / "metadata.tsv"
    header = found.read_text().splitlines()[0].split("\t")
    assert len(header) == len(set(header)) == 13


@pytest.mark.parametrize("write", [write_npz, write_parquet, write_projector])
def test_no_codes(write, tmp_path) -> None:
    none = Codes(mean=np.zeros((0, 3), np.float32), index=np.arange(0))
    with pytest.raises(InputError, match="at least one code was expected, none came"):
        write(none, tmp_path / "new")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("write", [write_parquet, write_projector])
@pytest.mark.parametrize("whole", [0, 1])
def test_what_fails_half_way_leaves_nothing(write, whole, codes, tmp_path) -> None:
    calls = []

    def images(index: np.ndarray) -> np.ndarray:
        calls.append(index)
        if len(calls) > whole:
            raise DataError("image 4100 is broken")
        return pictures(index)

    with pytest.raises(DataError, match="is broken"):
        write(codes, tmp_path / "new.parquet", images=images)
    assert not list(tmp_path.iterdir())
    calls.clear()
    before = write(codes, tmp_path / "old.parquet", limit=5).path
    size = before.stat().st_mtime_ns
    with pytest.raises(DataError, match="is broken"):
        write(codes, before, images=images, overwrite=True)
    assert before.stat().st_mtime_ns == size
    assert [each.name for each in tmp_path.iterdir()] == ["old.parquet"]
