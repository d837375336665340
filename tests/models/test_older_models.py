"""Models that were saved before schedules and bounds were there."""

import json
import zipfile

import keras
import numpy as np

from zspace.assemble import assemble
from zspace.recipe import Recipe


def test_a_model_without_a_schedule_opens(tmp_path):
    recipe = Recipe.from_dict({"data": {"size": 16, "channels": 1}, "latent": {"size": 3}})
    model = assemble(recipe)
    model.save(tmp_path / "new.keras")
    with zipfile.ZipFile(tmp_path / "new.keras") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    saved = config["config"]["parts"]
    del saved["kl_schedule"]
    del saved["posterior"]["config"]["log_variance_limits"]
    objective = saved["objective"]["config"]
    saved["objective"]["config"] = {
        name: objective[name] for name in ("image_shape", "beta", "reduction")
    }
    parts["config.json"] = json.dumps(config).encode()
    import h5py

    weights = tmp_path / "model.weights.h5"
    weights.write_bytes(parts["model.weights.h5"])
    with h5py.File(weights, "a") as file:
        names = [name for name in _groups(file) if name.endswith("kl_schedule")]
        assert names
        for name in names:
            del file[name]
    parts["model.weights.h5"] = weights.read_bytes()
    with zipfile.ZipFile(tmp_path / "old.keras", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    opened = keras.saving.load_model(tmp_path / "old.keras", compile=False)
    point = np.ones((1, 3))
    np.testing.assert_allclose(opened.decode(point), model.decode(point), atol=1e-6)
    assert opened.kl_weight() == {"beta": 1.0}


def _groups(file):
    found = []
    file.visit(found.append)
    return found
