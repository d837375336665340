"""A model without Keras to explore: its decoder and encoder are one matrix, there and back."""

from __future__ import annotations

import numpy as np

from zspace.codes import Codes
from zspace.explorer.coding import Coding
from zspace.explorer.side import Side

COUNT, LATENT, SHAPE = 500, 6, (4, 5, 3)


class Linear:
    """Images 0.5 + z·M/20, and back by the pseudoinverse."""

    def __init__(self, seed: int = 3, size: int = LATENT) -> None:
        generator = np.random.default_rng(seed)
        self.matrix = generator.standard_normal((size, int(np.prod(SHAPE)))) / 20
        self.back = np.linalg.pinv(self.matrix)

    def decode(self, z: np.ndarray) -> np.ndarray:
        assert z.dtype == np.float32
        return (0.5 + z @ self.matrix).reshape(-1, *SHAPE).astype(np.float32)

    def encode(self, images: np.ndarray) -> np.ndarray:
        assert images.dtype == np.uint8
        flat = images.reshape(len(images), -1) / 255 - 0.5
        return (flat @ self.back).astype(np.float32)


def made_codes(*, seed: int = 1, size: int = LATENT, plain: bool = False) -> Codes:
    """Codes off the origin, turned, of different widths, with all that codes may have."""
    generator = np.random.default_rng(seed)
    turn = np.linalg.qr(generator.standard_normal((size, size)))[0]
    mean = generator.standard_normal((COUNT, size)) * np.linspace(2, 0.2, size) @ turn + 0.7
    return Codes(
        mean=mean.astype(np.float32),
        index=2 * np.arange(COUNT)[::-1] + 10,
        log_variance=None
        if plain
        else generator.uniform(-4, -1, (COUNT, size)).astype(np.float32),
        labels=np.arange(COUNT) % 3,
        attributes=np.where(mean[:, :2] > 0.7, 1, -1).astype(np.int8),
        information={
            "seed": 1, "epsilon_limit": 5.0, "split": "train", "dataset_path": "somewhere",
            "label_names": ["a", "b", "c"], "attribute_names": ["Right", "Far_Up"],
        },
    )  # fmt: skip


def made_side(*, plain: bool = False, size: int = LATENT, name: str = "faces-vae", **more) -> Side:
    linear = Linear(size=size)
    codes = made_codes(plain=plain, size=size)
    coding = Coding(linear.decode, linear.encode, latent_size=size, image_shape=SHAPE)

    def images(numbers: np.ndarray) -> np.ndarray:
        return np.stack([np.full(SHAPE, number % 251, np.uint8) for number in numbers])

    preparation = {"size": SHAPE[:2], "crop": None, "channels": SHAPE[2]}
    return Side(name, codes, coding, images=images, preparation=preparation, **more)
