import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from zspace.api import train
from zspace.data import Dataset, prepare
from zspace.data.inputs import Inputs
from zspace.errors import BackendError, DataError, RecipeError
from zspace.recipe import Recipe
from zspace.training import batches
from zspace.training.batches import Batches
from zspace.training.start import check_sharing

JOB = Path(__file__).with_name("devices_job.py")
PROCESSES = "KERAS_DISTRIBUTION_NUM_PROCESSES"


def start(folder, name, *counts, devices, **environment):
    flags = f"--xla_force_host_platform_device_count={devices}"
    return subprocess.Popen(
        [sys.executable, str(JOB), str(folder), name, *map(str, counts)],
        env={**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": flags, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process):
    text, _ = process.communicate(timeout=400)
    assert process.returncode == 0, text


@pytest.fixture
def folder(tmp_path):
    """A prepared data set of 99 and 11 images."""
    shade = np.random.default_rng(0).uniform(0, 255, (110, 1, 5)) * np.linspace(0, 1, 6)[:, None]
    np.save(tmp_path / "images.npy", shade.astype(np.uint8))
    prepare("npy", tmp_path / "prepared", from_path=tmp_path / "images.npy")
    return tmp_path


@pytest.mark.slow
def test_several_devices_train_as_one(folder):
    finish(start(folder, "run", 1, 2, 4, 8, devices=8))
    found = json.loads((folder / "run.json").read_text())
    for name in ("run-2", "run-4", "run-8", "changing"):
        np.testing.assert_allclose(found[name], found["run-1"], rtol=1e-4, atol=1e-6, err_msg=name)
    assert found["run-1"][0] != found["run-1"][1]
    assert "training.devices = 16, but there are 8 (cpu:0, cpu:1" in found["refused"]
    assert not found["left"]


@pytest.mark.slow
def test_two_processes_train_as_one(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = [
        start(
            folder,
            f"process-{number}",
            4,
            devices=2,
            KERAS_DISTRIBUTION_JOB_ADDRESSES=f"127.0.0.1:{port}",
            KERAS_DISTRIBUTION_NUM_PROCESSES="2",
            KERAS_DISTRIBUTION_PROCESS_ID=str(number),
        )
        for number in range(2)
    ]
    alone = start(folder, "alone", 1, devices=1)
    for process in (*started, alone):
        finish(process)
    expected = json.loads((folder / "alone.json").read_text())["alone-1"]
    first, second = (
        json.loads((folder / f"process-{number}.json").read_text())[f"process-{number}-4"]
        for number in range(2)
    )
    assert first == second
    np.testing.assert_allclose(first, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("binarize", [False, True])
def test_the_parts_of_a_batch_are_the_batch(folder, binarize, monkeypatch):
    data = Dataset.load(folder / "prepared")
    inputs = Inputs.of_recipe(Recipe(), data)

    def read(number, parts):
        shared = SimpleNamespace(data_shard_id=number, num_processes=parts)
        monkeypatch.setattr(batches.keras.distribution, "distribution", lambda: shared)
        index = data.indices("train", limit=88)
        given = Batches(inputs, index, batch_size=16, epoch=1, binarize=binarize)
        return [given[each][0] for each in range(len(given))]

    whole = read(0, 1)
    assert [len(batch) for batch in whole] == [16] * 5 + [8]
    parts = [read(number, 4) for number in range(4)]
    for number, batch in enumerate(whole):
        np.testing.assert_array_equal(np.concatenate([part[number] for part in parts]), batch)


def test_what_cannot_be_shared_is_refused(folder, monkeypatch):
    recipe = Recipe.from_dict(
        {"data": {"size": [6, 5], "channels": 1}, "training": {"batch_size": 16}}
    )
    with pytest.raises(RecipeError, match=r"training.batch_size is 16; make it a multiple of 3"):
        recipe.override(["training.devices=3"])
    data = Dataset.load(folder / "prepared")
    two = recipe.override(["training.devices=2"])
    with pytest.raises(
        DataError, match=r"last one of the 99 train images has 3; set data.train = 98"
    ):
        check_sharing(two, data)
    with pytest.raises(DataError, match=r"the 11 validation images has 11; .*validation = 10"):
        check_sharing(two.override(["data.train=98"]), data)
    check_sharing(two.override(["data.train=98", "data.validation=10"]), data)
    check_sharing(recipe, data)
    if keras.backend.backend() != "jax":
        with pytest.raises(BackendError, match=r"training.devices = 2 runs on jax"):
            train(two, data=data, out=folder / "run", show_progress=False)
        assert not (folder / "run").exists()
    monkeypatch.setenv(PROCESSES, "2")
    with pytest.raises(BackendError, match=rf"{PROCESSES} = 2, but training.devices is 1"):
        train(recipe, data=data, out=folder / "run", show_progress=False)
