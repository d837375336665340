"""Serves the explorer of made models on a free port, and says where: see conftest.py.

served.py [--models N] [--token WORD] [--grow FILE]
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from explored import Linear, made_codes, made_side

from zspace.directions import Direction
from zspace.explorer.app import explorer_server
from zspace.explorer.live import Live
from zspace.explorer.side import Side
from zspace.run import RunFolder

FAR = 30.0


def broken_far_out(side: Side) -> Side:
    """Its decoder gives no numbers farther out than `FAR`."""
    decoder = side.coding.decoder

    def decode(z: np.ndarray) -> np.ndarray:
        images = decoder(z)
        images[np.abs(z).max(axis=1) > FAR] = np.nan
        return images

    return dataclasses.replace(side, coding=dataclasses.replace(side.coding, decoder=decode))


def run_folder(path: Path, *, size: int) -> RunFolder:
    """A run with a map and a direction, and nothing else."""
    folder = RunFolder(path)
    folder.analysis.mkdir()
    folder.directions.mkdir()
    rows = np.arange(0, 500, 2)
    places = np.random.default_rng(5).normal(size=(len(rows), 2)).astype(np.float32)
    np.savez(folder.analysis / "maps.npz", **{"rows": rows, "tsne-30": places})
    (folder.analysis / "maps.json").write_text('{"split": "train", "points": "mean"}')
    Direction("saved_one", np.ones(size)).save(folder.directions)
    return folder


def grow(live: Live, sign: Path) -> None:
    """Replace the model once a file appears."""
    while not sign.exists():
        time.sleep(0.1)
    linear = Linear(seed=8)
    coding = dataclasses.replace(live.side.coding, decoder=linear.decode, encoder=linear.encode)
    newer = dataclasses.replace(live.side, codes=made_codes(seed=5), coding=coding)
    live.replace(newer, "After epoch 2 of 3; it goes on with each checkpoint.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=int, default=1)
    parser.add_argument("--token")
    parser.add_argument("--grow", type=Path, help="replace the model when this file is there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        first = broken_far_out(made_side(folder=run_folder(Path(made), size=6)))
        sides = [first, made_side(plain=True, size=4, name="faces-ae")]
        lives = [Live(side) for side in sides[: asked.models]]
        place, serve = explorer_server(lives, token=asked.token)
        if asked.grow:
            threading.Thread(target=grow, args=(lives[0], asked.grow), daemon=True).start()
        print(place, flush=True)
        serve()
