"""A whole data set encoded: what lies in the folder is what the model says."""

import keras
import numpy as np
import pytest

from zspace.assemble import assemble
from zspace.data import prepare
from zspace.data.inputs import Inputs
from zspace.models import encode_dataset
from zspace.recipe import Recipe


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """330 gray images 12×10, more than one block of them to train on."""
    folder = tmp_path_factory.mktemp("images")
    images = np.random.default_rng(0).integers(0, 256, (330, 12, 10), dtype=np.uint8)
    np.save(folder / "images.npy", images)
    return prepare("npy", folder / "prepared", from_path=folder / "images.npy")


def model(**choices):
    keras.utils.set_random_seed(1)
    latent = {"size": 3, **choices.pop("latent", {})}
    sections = {
        "data": {"source": "npy", "size": [12, 10], "channels": 1},
        "encoder": {"filters": [4, 6], "kernels": [3, 3], "strides": [2, 2]},
        "latent": latent,
        **choices,
    }
    return assemble(Recipe.from_dict(sections))


def test_a_full_covariance_is_written(dataset, tmp_path):
    one = model(latent={"posterior": "full_normal", "epsilon_scale": 0.5})
    codes = encode_dataset(one, Inputs.of_recipe(Recipe(), dataset), out=tmp_path / "codes")
    expected = one.encode(dataset.rows(codes.index))
    assert codes.scale_tril.shape == (codes.count, 3, 3) and codes.count > 256
    for name in ("mean", "log_variance", "scale_tril"):
        np.testing.assert_allclose(getattr(codes, name), expected[name], atol=1e-6)
    assert codes.information["epsilon_scale"] == 0.5
    # The points that the folder gives are those of the model's own distribution.
    off = codes.z() - codes.mean
    white = np.linalg.solve(codes.scale_tril.astype(float), off[:, :, None])[:, :, 0] / 0.5
    assert abs(white.std() - 1) < 4 / np.sqrt(2 * white.size)


def test_the_prior_is_written(dataset, tmp_path):
    one = model(
        latent={"prior": "mixture", "prior_components": 4, "prior_scale": 2.0},
        objective={"kl": "monte_carlo"},
    )
    codes = encode_dataset(one, Inputs.of_recipe(Recipe(), dataset), out=tmp_path / "mixture")
    assert codes.scale_tril is None
    np.testing.assert_allclose(np.exp(codes.prior_log_weights), 0.25, rtol=1e-5)
    np.testing.assert_array_equal(codes.prior_mean, np.array(one.prior.centers))
    assert codes.prior_log_variance.shape == (4, 3)
    codes = encode_dataset(model(), Inputs.of_recipe(Recipe(), dataset), out=tmp_path / "standard")
    assert codes.prior_log_weights.tolist() == [0]
    assert not codes.prior_mean.any() and not codes.prior_log_variance.any()
    assert codes.prior_mean.shape == (1, 3)


def test_a_vampprior_is_written_as_the_posteriors_of_its_pseudo_inputs(dataset, tmp_path):
    one = model(
        latent={"prior": "vampprior", "prior_components": 5}, objective={"kl": "monte_carlo"}
    )
    images = dataset.rows(np.arange(5)) / 255
    one.prior.start_from(images)
    codes = encode_dataset(one, Inputs.of_recipe(Recipe(), dataset), out=tmp_path / "codes")
    expected = one.encode(np.clip(images, 0.02, 0.98))
    np.testing.assert_allclose(codes.prior_mean, expected["mean"], atol=1e-5)
    np.testing.assert_allclose(codes.prior_log_variance, expected["log_variance"], atol=1e-5)
