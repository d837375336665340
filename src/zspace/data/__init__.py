"""Images: readers of many formats, and the prepared data set that everything else reads.

To add a format, write ``data/<format>.py`` with a function that opens it as a `Source`, and add
one line to `READERS`.
"""

from __future__ import annotations

from collections.abc import Callable

from zspace.data.celeba import open_celeba
from zspace.data.cifar import open_cifar10
from zspace.data.dataset import Dataset
from zspace.data.drawn import open_faces
from zspace.data.folder import open_folder
from zspace.data.idx import open_fashion_mnist, open_mnist
from zspace.data.images import read_image_like
from zspace.data.npz import open_npz
from zspace.data.prepare import prepare
from zspace.data.source import Source

__all__ = ["READERS", "Dataset", "prepare", "read_image_like"]

READERS: dict[str, Callable[..., Source]] = {
    "faces": open_faces,
    "mnist": open_mnist,
    "fashion-mnist": open_fashion_mnist,
    "cifar10": open_cifar10,
    "celeba": open_celeba,
    "folder": open_folder,
    "npz": open_npz,
    "npy": open_npz,
}
"""How each source is opened: ``READERS[name](path, preparation)`` gives a `Source`."""
