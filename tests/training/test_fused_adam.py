"""Adam in one kernel does what Keras' Adam does."""

import keras
import numpy as np
import pytest

from zspace.recipe import Training
from zspace.training.optimizers import OPTIMIZERS, make_optimizer

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="only on TensorFlow is there such a kernel"
)
SETTINGS = {"learning_rate": 1e-2, "schedule": "step", "decay_epochs": 1, "epochs": 9}
IMAGES = np.random.default_rng(0).standard_normal((32, 5)).astype(np.float32)


def trained(optimizer, **options):
    inner = keras.layers.Dense(7, kernel_initializer=keras.initializers.GlorotUniform(seed=1))
    outer = keras.layers.Dense(5, kernel_initializer=keras.initializers.GlorotUniform(seed=2))
    model = keras.Sequential([keras.Input((5,)), inner, outer], **options)
    model.compile(optimizer=optimizer, loss="mse")
    model.fit(IMAGES, IMAGES, batch_size=8, epochs=5, shuffle=False, verbose=0)
    return model


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_weights_and_moments_are_those_of_keras(name):
    fused = trained(make_optimizer(Training(optimizer=name, **SETTINGS), 4))
    rate = fused.optimizer.get_config()["learning_rate"]["config"]
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay.from_config(rate)
    plain = trained(OPTIMIZERS[name](learning_rate=schedule))
    assert "update_step" in vars(fused.optimizer)
    assert "update_step" not in vars(plain.optimizer)
    assert int(fused.optimizer.iterations) == 20
    for ours, theirs in zip(
        [*fused.weights, *fused.optimizer.variables],
        [*plain.weights, *plain.optimizer.variables],
        strict=True,
    ):
        ours, theirs = (keras.ops.convert_to_numpy(each) for each in (ours, theirs))
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_a_saved_model_names_the_optimizer_of_keras(tmp_path):
    model = trained(make_optimizer(Training(), 4))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded.optimizer) is keras.optimizers.Adam
    assert "update_step" not in vars(loaded.optimizer)
    assert int(loaded.optimizer.iterations) == 20
