"""The whole way as a person goes it: drawn faces, models of them, the explorer, Python again."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from looking import Look
from PIL import Image

pytestmark = pytest.mark.slow


def zspace(folder: Path, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "zspace", *arguments], cwd=folder, check=True, capture_output=True
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Path:
    """A folder with a VAE and an AE that were trained on drawn faces, and a direction."""
    place = tmp_path_factory.mktemp("faces")
    zspace(place, "prepare", "faces", "--size", "32", "--limit", "700", "--out", "data")
    for recipe in ("faces-vae", "faces-ae"):
        small = ["data.size=32", "training.epochs=3", "latent.size=16", "training.batch_size=32"]
        changes = [part for change in small for part in ("--set", change)]
        zspace(place, "train", recipe, "--data", "data", "--out", recipe, *changes)
    zspace(place, "encode", "faces-vae")
    zspace(place, "attribute", "find", "faces-vae", "Blond_Hair")
    return place


@pytest.fixture(scope="module")
def explore(folder: Path) -> Iterator[Callable[..., str]]:
    """``explore("faces-vae")`` runs ``zspace explore`` and gives the address that it prints."""
    started = []

    def begin(*runs: str) -> str:
        command = [sys.executable, "-m", "zspace", "explore", *runs, "--no-show", "--port", "0"]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        return process.stdout.readline().strip()

    yield begin
    for process in started:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def shown(look: Look, side: int = 0) -> np.ndarray:
    """The pixels of a model's image, (32, 32, 3)."""
    data = (
        look.page.locator("canvas.image")
        .nth(side)
        .evaluate(
            """canvas => [...canvas.getContext("2d")
          .getImageData(0, 0, canvas.width, canvas.height).data]"""
        )
    )
    return np.array(data, np.uint8).reshape(32, 32, 4)[..., :3]


def taken_python(look: Look, folder: Path) -> np.ndarray:
    """The image that the page's lines of Python give, in a process of their own."""
    look.page.get_by_role("tab", name="Take home").click()
    look.press("Python")
    text = look.page.get_by_label("Python that gives this image")
    text.wait_for()
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    subprocess.run(
        [sys.executable, "-c", text.input_value()], cwd=folder, check=True, env=environment
    )
    return np.asarray(Image.open(folder / "image.png"))


def test_a_face_is_found_changed_and_taken_home(explore, visitor, folder) -> None:
    look = visitor(explore("faces-vae"))
    with look.changes():
        look.click(0.9, 0.1)
    assert shown(look).std() > 5, "a face is no gray square"
    look.page.get_by_role("tab", name="Directions").click()
    slider = look.page.get_by_label("Blond Hair", exact=True)
    with look.changes():
        slider.press("End")
    image = shown(look)
    # What is decoded one at a time and in a block may differ in the last digit of a float.
    assert np.abs(taken_python(look, folder).astype(int) - image).max() <= 1


def test_a_photo_is_encoded_and_both_models_show_it(explore, visitor, folder) -> None:
    look = visitor(explore("faces-ae", "faces-vae"))
    stream = io.BytesIO()
    Image.fromarray(np.load(folder / "data" / "images.npy", mmap_mode="r")[3]).save(stream, "PNG")
    look.page.get_by_role("tab", name="Your image").click()
    with look.changes(0, 1):
        look.page.locator("input[type=file]").set_input_files(
            {"name": "me.png", "mimeType": "image/png", "buffer": stream.getvalue()}
        )
    look.says(".source", "Your image")
    look.page.locator(".both").nth(1).wait_for()
    with look.changes(0, 1):
        look.page.get_by_role("tab", name="Random").click()
        look.press("Normal")
    with look.changes(0, 1):
        look.press("Undo")
