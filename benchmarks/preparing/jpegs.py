"""The pictures that are prepared: real ones where there are any, else made ones."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np

CELEBA = "celeba/img_align_celeba.zip"
_SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def real_images(name: str) -> Path | None:
    """A file or folder of real images, where `ZSPACE_TEST_DATA` or ../shared/data has it."""
    path = Path(os.environ.get("ZSPACE_TEST_DATA") or _SHARED) / name
    return path if path.exists() else None


def unpacked(archive: Path, folder: Path, count: int) -> int:
    """The first `count` pictures of a zip, unpacked to folder/pictures; how many there are."""
    (folder / "pictures").mkdir(parents=True)
    with zipfile.ZipFile(archive) as source:
        names = sorted(name for name in source.namelist() if name.endswith(".jpg"))[:count]
        for name in names:
            (folder / "pictures" / Path(name).name).write_bytes(source.read(name))
    return len(names)


def made(folder: Path, count: int, *, width: int, height: int) -> int:
    """Smooth pictures with some noise, as JPEGs of quality 90, in folder/pictures."""
    from PIL import Image

    (folder / "pictures").mkdir(parents=True)
    generator = np.random.default_rng(1)
    for number in range(count):
        coarse = generator.integers(0, 256, (height // 24 + 2, width // 24 + 2, 3), np.uint8)
        smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        noise = generator.integers(0, 12, (height, width, 3), np.uint8)
        pixels = np.asarray(smooth) // 2 + noise + 50
        Image.fromarray(pixels).save(folder / "pictures" / f"{number:06}.jpg", quality=90)
    return count


def zipped(folder: Path) -> Path:
    """A zip of folder/pictures beside the folder, stored as CelebA's is."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted((folder / "pictures").iterdir()):
            archive.write(file, f"pictures/{file.name}")
    return path
