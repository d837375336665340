"""Files of the true formats, made on the fly."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def encoded(pixels: np.ndarray, kind: str = "png", **options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def picture(seed: int, height: int = 24, width: int = 20) -> np.ndarray:
    """Smooth random colors, so that JPEG keeps them."""
    small = np.random.default_rng(seed).integers(0, 256, (3, 3, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def idx(array: np.ndarray) -> bytes:
    head = bytes([0, 0, 8, array.ndim])
    return head + np.array(array.shape, ">u4").tobytes() + array.tobytes()


class Maker:
    """Writes sources below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def mnist(self, *, train: int = 20, test: int = 6, zipped: bool = True) -> Path:
        folder = self.folder / "mnist"
        folder.mkdir()
        random = np.random.default_rng(0)
        for part, count in (("train", train), ("t10k", test)):
            images = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
            labels = (np.arange(count) % 10).astype(np.uint8)
            for stem, array in ((f"{part}-images-idx3", images), (f"{part}-labels-idx1", labels)):
                content = idx(array)
                if zipped:
                    (folder / f"{stem}-ubyte.gz").write_bytes(gzip.compress(content))
                else:
                    (folder / f"{stem}-ubyte").write_bytes(content)
        return folder

    def cifar(self, *, per_batch: int = 4, packed: bool = False) -> Path:
        folder = self.folder / "cifar-10-batches-bin"
        folder.mkdir()
        names = [f"data_batch_{number}.bin" for number in range(1, 6)] + ["test_batch.bin"]
        for number, name in enumerate(names):
            (folder / name).write_bytes(self.cifar_records(number, per_batch).tobytes())
        classes = "airplane automobile bird cat deer dog frog horse ship truck"
        (folder / "batches.meta.txt").write_text(classes.replace(" ", "\n") + "\n\n")
        if not packed:
            return folder
        archive = self.folder / "cifar-10-binary.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(folder, "cifar-10-batches-bin")
        return archive

    @staticmethod
    def cifar_records(number: int, count: int) -> np.ndarray:
        records = np.random.default_rng(number).integers(0, 256, (count, 3073), dtype=np.uint8)
        records[:, 0] = (np.arange(count) + number) % 10
        return records

    def tree(self, files: dict[str, bytes], name: str = "tree") -> Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return folder

    def zip(self, files: dict[str, bytes], name: str = "tree.zip") -> Path:
        with zipfile.ZipFile(self.folder / name, "w") as archive:
            for path, content in files.items():
                archive.writestr(path, content)
        return self.folder / name

    def pictures(self, count: int, prefix: str = "", kind: str = "png") -> dict[str, bytes]:
        return {
            f"{prefix}{number:06d}.{kind}": encoded(
                picture(number), "jpeg" if kind == "jpg" else kind
            )
            for number in range(1, count + 1)
        }

    def celeba(
        self, count: int = 12, *, packed: bool = True, partition: list[int] | None = None
    ) -> Path:
        files = self.pictures(count, "img_align_celeba/", "jpg")
        folder = self.tree({} if packed else files, "celeba")
        if packed:
            self.zip(files, "celeba/img_align_celeba.zip")
        rows = [
            f"{number:06d}.jpg {1 if number % 2 else -1:2d} {-1 if number % 3 else 1:2d}"
            for number in range(1, count + 1)
        ]
        (folder / "list_attr_celeba.txt").write_text(
            "\n".join([str(count), "Smiling Young ", *rows]) + "\n"
        )
        if partition is not None:
            lines = [f"{number + 1:06d}.jpg {part}" for number, part in enumerate(partition)]
            (folder / "list_eval_partition.txt").write_text("\n".join(lines) + "\n")
        return folder


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """Writes sources of every format."""
    folder = tmp_path / "source"
    folder.mkdir()
    return Maker(folder)


@pytest.fixture
def png() -> Callable[..., bytes]:
    """``png(pixels)`` as a file's content; ``png(pixels, "jpeg", quality=90)`` other formats."""
    return encoded


@pytest.fixture
def colors() -> Callable[..., np.ndarray]:
    """``colors(seed, height, width)``: a smooth picture."""
    return picture
