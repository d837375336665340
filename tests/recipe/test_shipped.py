"""Every reference experiment has a recipe, and every recipe builds and trains."""

import json

import numpy as np
import pytest

from zspace.cli.recipes import experiments, header
from zspace.data import Dataset
from zspace.data.inputs import Inputs
from zspace.recipe import load_recipe, shipped_recipes
from zspace.training.batches import Batches, make_feed
from zspace.training.fit import make_model

ATTRIBUTES = ("Bangs", "Blond_Hair", "Eyeglasses", "Male", "Smiling", "Young")
IMAGES = 12


def test_every_reference_experiment_has_a_recipe():
    found = set()
    for path in shipped_recipes().values():
        about = header(path.read_text(encoding="utf-8"))
        numbers = experiments(about)
        assert numbers or about["experiment"] == "none", path
        found.update(numbers)
    assert found == set(range(1, 17))


@pytest.fixture
def tiny(tmp_path):
    """A prepared data set of any image shape, with ten labels and six attributes."""

    def make(shape):
        generator = np.random.default_rng(0)
        images = generator.integers(0, 256, (IMAGES, *shape), dtype=np.uint8)
        np.save(tmp_path / "images.npy", images)
        np.save(tmp_path / "splits.npy", np.array([0] * (IMAGES - 2) + [1] * 2, np.uint8))
        np.save(tmp_path / "labels.npy", np.arange(IMAGES, dtype=np.int64)[::-1] % 10)
        signs = np.where(generator.random((IMAGES, len(ATTRIBUTES))) > 0.5, 1, -1)
        np.save(tmp_path / "attributes.npy", signs.astype(np.int8))
        about = {"format": 1, "source": "tiny", "attribute_names": ATTRIBUTES}
        (tmp_path / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
        return Dataset.load(tmp_path)

    return make


@pytest.mark.parametrize("name", shipped_recipes())
def test_two_steps_of_every_recipe(name, tiny):
    recipe = load_recipe(name)
    few = ["training.batch_size=5", "data.train=10"]
    if recipe.latent.prior == "vampprior":
        few.append("latent.prior_components=4")
    recipe = recipe.override(few)
    dataset = tiny(recipe.data.shape)
    model = make_model(recipe, dataset)
    # Two steps are over before a backend has compiled one.
    model.run_eagerly, model.jit_compile = True, False
    batches = Batches(
        Inputs.of_recipe(recipe, dataset), dataset.indices("train"), batch_size=5, epoch=0
    )
    before = [np.asarray(weight).copy() for weight in model.trainable_variables]
    losses = model.fit(make_feed()(batches), verbose=0, shuffle=False).history["loss"]
    assert len(batches) == 2 and np.isfinite(losses).all()
    changed = [
        not np.array_equal(np.asarray(weight), old)
        for weight, old in zip(model.trainable_variables, before, strict=True)
    ]
    assert np.mean(changed) > 0.9, [
        weight.path
        for weight, moved in zip(model.trainable_variables, changed, strict=True)
        if not moved
    ]
