"""A run killed with SIGKILL and resumed, again and again, ends as one that was left alone."""

import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from zspace.data import prepare
from zspace.files import PARTIAL

RECIPE = """
[data]
source = "npy"
size = 16
channels = 1
[encoder]
filters = [8, 16]
kernels = [3, 3]
strides = [2, 2]
batch_normalization = true
dropout = 0.1
[latent]
size = 4
[training]
epochs = {epochs}
batch_size = 16
schedule = "cosine"
"""


def command(folder, out, backend, *, resume=False):
    return [
        *(sys.executable, "-m", "zspace", "train", str(folder / "recipe.toml")),
        *("--data", str(folder / "data"), "--out", str(out), "--backend", backend),
        *(["--resume"] if resume else []),
    ]


def killed(process, out, generator, *, while_saving):
    """Kill a run in the middle of an epoch, or in the middle of a checkpoint; True if it was."""
    before = len(list(out.glob("checkpoints/epoch-*.npz")))
    newest = max((p.name for p in out.glob("checkpoints/epoch-*.npz")), default="")
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        names = [path.name for path in out.glob("checkpoints/*")] + [
            path.name for path in out.glob("checkpoints/.*")
        ]
        saving = any(PARTIAL in name for name in names)
        moved = max((name for name in names if name.startswith("epoch-")), default="") > newest
        if (saving and while_saving and (moved or before == 0)) or (moved and not while_saving):
            break
        time.sleep(0.0005)
    if not while_saving:
        time.sleep(generator.uniform(0, 0.3))
    finished = process.poll() is not None
    if not finished:
        os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    return not finished


def weights(out):
    newest = max(out.glob("checkpoints/epoch-*.npz"))
    with np.load(newest) as arrays:
        return {name: arrays[name] for name in arrays if name != "state"}


@pytest.mark.parametrize(
    ("backend", "kills"),
    [
        ("tensorflow", 2),
        pytest.param("tensorflow", 12, marks=pytest.mark.slow),
        pytest.param("jax", 4, marks=pytest.mark.slow),
        pytest.param("torch", 4, marks=pytest.mark.slow),
    ],
)
def test_killed_and_resumed_ends_the_same_bit_for_bit(tmp_path, backend, kills):
    epochs = kills + 6
    (tmp_path / "recipe.toml").write_text(RECIPE.format(epochs=epochs))
    images = np.random.default_rng(0).integers(0, 256, (400, 16, 16), dtype=np.uint8)
    np.save(tmp_path / "images.npy", images)
    prepare("npy", tmp_path / "data", from_path=tmp_path / "images.npy")
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    subprocess.run(command(tmp_path, tmp_path / "whole", backend), check=True, **quiet)

    out, done, saving = tmp_path / "killed", 0, 0
    generator = random.Random(7)
    for attempt in range(kills):
        started = subprocess.Popen(command(tmp_path, out, backend, resume=attempt > 0), **quiet)
        while_saving = attempt % 2 == 1
        if killed(started, out, generator, while_saving=while_saving):
            done += 1
            saving += any(PARTIAL in path.name for path in out.glob("checkpoints/.*"))
    assert done >= kills - 1
    print(f"{backend}: {done} kills, {saving} of them while a checkpoint was being written")
    subprocess.run(command(tmp_path, out, backend, resume=True), check=True, **quiet)

    whole = tmp_path / "whole"
    assert (out / "history.csv").read_bytes() == (whole / "history.csv").read_bytes()
    expected, found = weights(whole), weights(out)
    assert expected.keys() == found.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)
    assert not any(PARTIAL in path.name for path in out.glob("checkpoints/.*"))


@pytest.mark.parametrize("number", [signal.SIGINT])
def test_ctrl_c_says_how_to_go_on(tmp_path, number):
    (tmp_path / "recipe.toml").write_text(RECIPE.format(epochs=500))
    np.save(tmp_path / "images.npy", np.zeros((200, 16, 16), np.uint8))
    prepare("npy", tmp_path / "data", from_path=tmp_path / "images.npy")
    out = tmp_path / "run"
    process = subprocess.Popen(
        command(tmp_path, out, "tensorflow"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not (out / "history.csv").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert f"zspace train --resume --out {out}" in errors.splitlines()[-1]
    assert "Traceback" not in errors
    assert not any(PARTIAL in path.name for path in out.glob("checkpoints/.*"))
