"""Models that are told labels or attributes."""

import keras
import numpy as np
import pytest

from zspace.assemble import assemble
from zspace.errors import RecipeError, ShapeError
from zspace.models.inputs import beside, checked_condition, split_input, with_planes
from zspace.recipe import Recipe

SECTIONS = {
    "data": {"size": [10, 8], "channels": 3},
    "encoder": {"filters": [4, 6], "kernels": [3, 3], "strides": [2, 2]},
    "latent": {"size": 3},
    "condition": {"kind": "label", "classes": 4},
}
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 10, 8, 3), dtype=np.uint8)
TOLD = np.eye(4, dtype=np.float32)[[0, 1, 2, 3, 0, 1]]
Z = np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    return assemble(Recipe.from_dict(SECTIONS))


def test_planes_and_further_components():
    planes = keras.ops.convert_to_numpy(with_planes(IMAGES.astype(np.float32), TOLD))
    assert planes.shape == (6, 10, 8, 7)
    np.testing.assert_array_equal(planes[..., :3], IMAGES)
    expected = np.broadcast_to(TOLD[:, None, None], (6, 10, 8, 4))
    np.testing.assert_array_equal(planes[..., 3:], expected)
    joined = keras.ops.convert_to_numpy(beside(Z, TOLD))
    np.testing.assert_array_equal(joined, np.concatenate([Z, TOLD], axis=1))
    assert with_planes(IMAGES, None) is IMAGES and beside(Z, None) is Z
    assert split_input(IMAGES)[1] is None


@pytest.mark.parametrize("kind", ["conv", "dense"])
def test_both_halves_depend_on_the_condition(kind):
    keras.utils.set_random_seed(1)
    encoder = {"kind": kind, **({"units": [12]} if kind == "dense" else SECTIONS["encoder"])}
    model = assemble(Recipe.from_dict({**SECTIONS, "encoder": encoder}))
    other = np.roll(TOLD, 1, axis=0)
    first = model.encode(IMAGES, condition=TOLD)["mean"]
    assert np.abs(first - model.encode(IMAGES, condition=other)["mean"]).max() > 1e-4
    images = model.decode(Z, condition=TOLD)
    assert images.shape == IMAGES.shape
    assert np.abs(images - model.decode(Z, condition=other)).max() > 1e-4
    # Row by row, in whatever block.
    few = model.decode(Z[4:], condition=TOLD[4:], batch_size=1)
    np.testing.assert_allclose(few, images[4:], atol=1e-5)
    alike = model.decode(Z, condition=TOLD[0])
    np.testing.assert_allclose(alike, model.decode(Z, condition=TOLD[[0] * 6]), atol=1e-6)


def test_what_it_is_told_survives_saving(model, tmp_path):
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert again.condition_size == 4
    for draw in ("mean", "sample"):
        expected = model.decode(Z, condition=TOLD, pixels=draw)
        np.testing.assert_allclose(
            again.decode(Z, condition=TOLD, pixels=draw), expected, atol=1e-6
        )
    expected = model.reconstruct(IMAGES, condition=TOLD, epsilon_scale=1.0)
    found = again.reconstruct(IMAGES, condition=TOLD, epsilon_scale=1.0)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_model_learns_what_only_the_condition_says():
    """Black or white by the condition alone; z is pressed to say nothing."""
    keras.utils.set_random_seed(1)
    sections = {**SECTIONS, "condition": {"kind": "attributes", "names": ["white"]}}
    model = assemble(Recipe.from_dict({**sections, "objective": {"beta": 1000.0}}))
    model.compile(optimizer=keras.optimizers.Adam(0.01))
    told = np.where(np.arange(64) % 2, 1.0, -1.0)[:, None].astype(np.float32)
    images = np.where(told[:, :, None, None] > 0, 255, 0) * np.ones((1, 10, 8, 3))
    given = {"images": images.astype(np.uint8), "condition": told}
    model.fit(given, epochs=40, batch_size=16, verbose=0)
    z = np.random.default_rng(0).normal(size=(8, 3))
    assert model.decode(z, condition=[1.0]).min() > 0.8
    assert model.decode(z, condition=[-1.0]).max() < 0.2


def test_conditions_that_do_not_fit(model):
    plain = assemble(Recipe.from_dict({**SECTIONS, "condition": {}}))
    with pytest.raises(ShapeError, match="expected a condition of shape"):
        model.decode(Z)
    with pytest.raises(ShapeError, match=r"\(6, 4\), got \(5, 4\)"):
        model.encode(IMAGES, condition=TOLD[:5])
    with pytest.raises(ShapeError, match="not conditional"):
        plain.decode(Z, condition=TOLD)
    assert checked_condition(None, count=3, size=0) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"condition": {"kind": "label"}}, "number of classes"),
        ({"condition": {"kind": "attributes"}}, "need names"),
        ({"condition": {"kind": "attributes", "names": ["a", "a"]}}, "each name once"),
        ({"condition": {"classes": 3}}, "no effect"),
        ({"condition": {"kind": "label", "classes": 3, "names": ["a"]}}, "no effect"),
        (
            {"latent": {"prior": "vampprior"}, "objective": {"kl": "monte_carlo"}},
            "choose another prior",
        ),
    ],
)
def test_recipes_that_make_no_sense(changes, reason):
    with pytest.raises(RecipeError, match=reason):
        Recipe.from_dict({**SECTIONS, **changes})
