"""A tiny prepared data set and a recipe that fits it."""

import numpy as np
import pytest

from zspace.data import prepare
from zspace.recipe import Recipe


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory):
    """110 gray images 12×10: 99 to train on, 11 to validate."""
    folder = tmp_path_factory.mktemp("tiny")
    generator = np.random.default_rng(0)
    shade = np.linspace(0, 1, 12)[:, None] * generator.uniform(0, 255, (110, 1, 10))
    np.save(folder / "images.npy", shade.astype(np.uint8))
    return prepare("npy", folder / "prepared", from_path=folder / "images.npy")


@pytest.fixture
def tiny_recipe():
    return Recipe.from_dict(
        {
            "data": {"source": "npy", "size": [12, 10], "channels": 1},
            "encoder": {
                "filters": [4, 6],
                "kernels": [3, 3],
                "strides": [2, 2],
                "batch_normalization": True,
                "dropout": 0.1,
            },
            "latent": {"size": 3},
            "training": {"epochs": 3, "batch_size": 16},
        }
    )
