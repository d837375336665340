import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from zspace.api import train
from zspace.data import prepare
from zspace.data.inputs import Inputs
from zspace.errors import BackendError, DataError, RecipeError
from zspace.models.resident import in_steps
from zspace.recipe import Recipe
from zspace.training import resident
from zspace.training.batches import Batches
from zspace.training.resident import STEPS_PER_LAUNCH, Resident, is_resident, step_blocks

JOB = Path(__file__).with_name("resident_job.py")
slow = pytest.mark.slow


def job(backend, folder, part):
    result = subprocess.run(
        [sys.executable, str(JOB), backend, str(folder), part],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return json.loads((folder / "found.json").read_text())


@pytest.mark.parametrize(
    ("backend", "part"),
    [
        ("torch", "numbers"),
        pytest.param("torch", "objective.route=step", marks=slow),
        pytest.param("jax", "numbers", marks=slow),
        pytest.param("jax", "objective.route=step", marks=slow),
        pytest.param("jax", "objective.route=layer training.precision=mixed_bfloat16", marks=slow),
    ],
)
def test_the_numbers_are_those_of_ordinary_batches(tmp_path, backend, part):
    assert job(backend, tmp_path, part)["apart"] < 1e-4


@pytest.mark.parametrize(
    "backend", [pytest.param("torch", marks=slow), pytest.param("jax", marks=slow)]
)
def test_resumed_and_stopped_as_an_ordinary_run(tmp_path, backend):
    found = job(backend, tmp_path, "resume")
    assert found["resumed"], "a resumed run is not the same bit for bit"
    assert found["mixed"] < 1e-4
    assert "not finite" not in found["stopped true"]
    assert found["stopped true"] == found["stopped false"]
    assert "epoch 1, step 2: " in found["stopped true"]


@pytest.mark.parametrize(
    "changes",
    [
        [],
        ["task.kind=recolor"],
        ["condition.kind=label", "condition.classes=2"],
    ],
    ids=str,
)
@pytest.mark.parametrize("epoch", [None, 0, 3])
def test_each_step_gets_the_batch_that_it_would_get(tmp_path, changes, epoch, monkeypatch):
    monkeypatch.setattr(resident, "STEPS_PER_LAUNCH", 2)
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (40, 6, 5, 3), dtype=np.uint8)
    np.savez(tmp_path / "images.npz", images=images, labels=np.arange(40) % 2)
    data = prepare("npz", tmp_path / "data", from_path=tmp_path / "images.npz")
    recipe = Recipe().override(changes)
    inputs, index = Inputs.of_recipe(recipe, data), data.indices("train")
    blocks = Resident(inputs, index, batch_size=8).blocks(epoch)
    found = []
    for number in range(len(blocks)):
        in_steps(
            lambda batch: found.append(keras.tree.map_structure(np.array, batch)) or {"loss": 1.0},
            blocks[number],
            image_shape=(6, 5, 3),
        )
    batches = Batches(inputs, index, batch_size=8, epoch=epoch)
    assert len(found) == len(batches) > 2
    assert len(found[-1][-1]) != 8 or len(index) % 8 == 0
    for number, batch in enumerate(found):
        keras.tree.map_structure(np.testing.assert_array_equal, batch, batches[number])


@pytest.mark.parametrize("count", [1, 127, 128, 129, 5_000, 99 * 128, 131 * 128, 170_000])
def test_blocks_hold_every_image_once_in_few_shapes(count):
    blocks = step_blocks(count, 128)
    assert sum(steps * batch for steps, batch in blocks) == count
    assert all(1 <= steps <= STEPS_PER_LAUNCH for steps, _ in blocks)
    assert {batch for _, batch in blocks[:-1]} <= {128}
    assert len(set(blocks)) <= 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["task.kind=denoise", "task.amount=0.1"], "drawn off the device"),
        (["data.binarize=true"], "data.binarize draws"),
        (["objective.route=outputs"], "needs ordinary batches"),
        (["training.devices=2"], "on one device only"),
    ],
)
def test_what_cannot_stay_on_the_device_is_refused(changes, message):
    with pytest.raises(RecipeError, match=f"training.resident = true: .*{message}.*'auto'"):
        Recipe().override([*changes, "training.resident=true"])
    assert Recipe().override(changes).training.resident == "auto"
    with pytest.raises(RecipeError, match=r"training.resident: expected 'auto', True or False"):
        Recipe().override(["training.resident=yes"])


def test_tensorflow_refuses_ahead_of_the_run_folder(tiny_recipe, tiny_data, tmp_path):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("this is about TensorFlow")
    changes = ["training.resident=true"]
    with pytest.raises(BackendError, match=r"runs on jax and torch, this is tensorflow"):
        train(tiny_recipe, data=tiny_data, out=tmp_path / "run", changes=changes)
    assert not (tmp_path / "run").exists()


def test_the_choice_is_made_by_backend_and_memory(tiny_recipe, tiny_data, monkeypatch):
    size = 110 * 12 * 10
    on = tiny_recipe.override(["training.resident=true"])

    def chosen(recipe, *, backend="jax", free=None):
        monkeypatch.setattr(resident, "backend_in_use", lambda: backend)
        monkeypatch.setattr(resident, "free_memory", lambda: free)
        return is_resident(recipe, tiny_data)

    assert not chosen(tiny_recipe), "no GPU"
    assert chosen(on), "wanted all the same"
    for backend in ("jax", "torch"):
        assert chosen(tiny_recipe, backend=backend, free=2 * size)
        assert not chosen(tiny_recipe, backend=backend, free=2 * size - 1)
    assert not chosen(tiny_recipe, backend="tensorflow", free=9 * size)
    assert not chosen(tiny_recipe.override(["data.binarize=true"]), free=9 * size)
    assert not chosen(tiny_recipe.override(["training.resident=false"]), free=9 * size)
    assert chosen(on, free=size)
    with pytest.raises(DataError, match=r"needs 0\.0 GB of the GPU.*or data\.train to fewer"):
        chosen(on, free=size - 1)
