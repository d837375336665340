import keras
import numpy as np
import pytest

from zspace.assemble import assemble
from zspace.errors import ShapeError
from zspace.recipe import Recipe

SMALL = {
    "data": {"size": [14, 11], "channels": 1},
    "encoder": {"filters": [4, 6], "kernels": [3, 3], "strides": [2, 2]},
    "latent": {"size": 3},
}
IMAGES = np.random.default_rng(0).integers(0, 256, (9, 14, 11, 1), dtype=np.uint8)


def small(**sections):
    keras.utils.set_random_seed(1)
    return assemble(Recipe.from_dict({**SMALL, **sections}))


def test_shapes_and_ranges():
    model = small()
    codes = model.encode(IMAGES)
    assert {name: code.shape for name, code in codes.items()} == {
        "mean": (9, 3),
        "log_variance": (9, 3),
    }
    images = model.decode(codes["mean"])
    assert images.shape == (9, 14, 11, 1) and images.dtype == np.float32
    assert 0 <= images.min() <= images.max() <= 1


def test_batches_do_not_change_the_result():
    model = small()
    whole, parts = model.encode(IMAGES)["mean"], model.encode(IMAGES, batch_size=4)["mean"]
    np.testing.assert_allclose(whole, parts, atol=1e-6)
    z = np.random.default_rng(1).normal(size=(7, 3))
    np.testing.assert_allclose(model.decode(z), model.decode(z, batch_size=2), atol=1e-6)


def test_whole_numbers_are_taken_as_0_to_255():
    model = small()
    unit = (IMAGES / 255).astype("float32")
    np.testing.assert_allclose(model.encode(IMAGES)["mean"], model.encode(unit)["mean"], atol=1e-6)
    seed = np.array(model.epsilon.generator.state)
    first = keras.ops.convert_to_numpy(model(IMAGES)["mean"])
    model.epsilon.generator.state.assign(seed)
    np.testing.assert_allclose(first, model.encode(unit)["mean"], atol=1e-6)


def test_plain_autoencoder_and_vae_differ_in_the_posterior_alone():
    plain = small(latent={"size": 3, "posterior": "deterministic"})
    assert set(plain.encode(IMAGES)) == {"mean"}
    assert type(plain) is type(small())
    np.testing.assert_array_equal(
        plain.reconstruct(IMAGES, epsilon_scale=1.0), plain.reconstruct(IMAGES)
    )


def test_wrong_shapes_are_named():
    model = small()
    with pytest.raises(ShapeError, match=r"expected z-points of shape \(n, 3\), got \(2, 4\)"):
        model.decode(np.zeros((2, 4)))
    with pytest.raises(ShapeError, match=r"expected images of shape \(n, 14, 11, 1\)"):
        model.encode(np.zeros((2, 28, 28, 1)))


def test_epsilon_scale_on_a_trained_model():
    model = small()
    assert model.epsilon_scale == 1.0
    still = model.reconstruct(IMAGES)
    assert not np.allclose(still, model.reconstruct(IMAGES, epsilon_scale=1.0))
    model.epsilon_scale = 0.0
    result = model(IMAGES)
    np.testing.assert_array_equal(np.array(result["z"]), np.array(result["mean"]))
    model.epsilon_scale = 0.25
    result = model(IMAGES)
    deviation = np.exp(0.5 * np.array(result["log_variance"]))
    noise = (np.array(result["z"]) - np.array(result["mean"])) / deviation
    assert 0 < np.abs(noise).max() <= 0.25 * 5


@pytest.mark.parametrize("likelihood", [{}, {"kind": "normal", "learn_variance": True}])
@pytest.mark.parametrize("kind", ["conv", "dense"])
def test_a_saved_model_is_the_same_model(tmp_path, likelihood, kind):
    encoder = {**SMALL["encoder"], "kind": kind, "batch_normalization": True, "dropout": 0.1}
    model = small(encoder=encoder, likelihood=likelihood)
    model.compile(optimizer="adam")
    model.fit(IMAGES, epochs=2, verbose=0)
    model.epsilon_scale = 0.5
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    z = np.random.default_rng(1).normal(size=(4, 3))
    np.testing.assert_array_equal(model.decode(z), loaded.decode(z))
    np.testing.assert_array_equal(model.encode(IMAGES)["mean"], loaded.encode(IMAGES)["mean"])
    assert loaded.epsilon_scale == 0.5
    assert loaded.objective.get_config() == model.objective.get_config()
    # The saved seed makes the loaded model go on with the same noise.
    np.testing.assert_array_equal(np.array(model(IMAGES)["z"]), np.array(loaded(IMAGES)["z"]))


def test_targets_may_differ_from_the_images():
    model = small(latent={"size": 3, "posterior": "deterministic"})
    model.compile(optimizer="adam")
    black = np.zeros((9, 14, 11, 1), np.float32)
    same = model.evaluate(IMAGES, verbose=0, return_dict=True)
    other = model.evaluate(IMAGES, black, verbose=0, return_dict=True)
    reconstruction = model.reconstruct(IMAGES)
    # BCE against black is −log(1 − p), summed.
    expected = -np.log(1 - reconstruction.astype(np.float64)).sum((1, 2, 3)).mean()
    np.testing.assert_allclose(other["loss"], expected, rtol=1e-4)
    assert abs(same["loss"] - other["loss"]) > 1e-3


@pytest.mark.parametrize(
    ("sections", "filters"),
    [
        ({}, [6, 4, 1]),
        (
            {"decoder": {"kind": "conv", "filters": [5], "kernels": [3, 3], "strides": [2, 1]}},
            [6, 5, 1],
        ),
    ],
)
def test_the_decoder_mirrors_the_encoder_unless_given(sections, filters):
    assert small(**sections).decoder.filters == filters


def test_reference_decoder_of_e1():
    """64/32/1 transposed, strides 2/2/1, from 7×7×128."""
    from zspace.recipe import load_recipe

    decoder = assemble(load_recipe("mnist-vae")).decoder
    assert decoder.filters == [128, 64, 32, 1]
    assert decoder.strides == [2, 2, 1]
    assert decoder.sizes == [(7, 7), (14, 14), (28, 28), (28, 28)]


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_keeps_losses_and_codes_in_float32(precision, tmp_path):
    recipe = Recipe.from_dict({**SMALL, "training": {"precision": precision}})
    model = assemble(recipe)
    half = precision.removeprefix("mixed_")
    assert all(
        layer.compute_dtype == half
        for layer in [*model.encoder.stack, *model.decoder.stack]
        if layer.weights
    )
    model.compile(optimizer="adam")
    history = model.fit(IMAGES, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert model.encode(IMAGES)["mean"].dtype == np.float32
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    z = np.zeros((1, 3))
    np.testing.assert_allclose(model.decode(z), loaded.decode(z), atol=1e-6)
