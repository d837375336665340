"""A data set larger than the memory it is allowed."""

import json
import subprocess
import sys

import numpy as np
import pytest

JOB = """
import resource, sys
from zspace.api import train
from zspace.recipe import Recipe
recipe = Recipe.from_dict({
    "encoder": {"filters": [4, 4], "kernels": [4, 4], "strides": [4, 4]},
    "latent": {"size": 2},
    "training": {"epochs": 1, "batch_size": 512},
})
run = train(recipe, data=sys.argv[1], out=sys.argv[2], show_progress=False)
run.encode("train")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def prepared(folder, count):
    """`count` images of 64×64×3 in a sparse file: they are zeros and take no room on the disk."""
    folder.mkdir()
    np.lib.format.open_memmap(
        folder / "images.npy", mode="w+", dtype=np.uint8, shape=(count, 64, 64, 3)
    )
    splits = np.zeros(count, np.uint8)
    splits[-200:] = 1
    np.save(folder / "splits.npy", splits)
    information = {
        "format": 1,
        "source": "zeros",
        "size": [64, 64],
        "channels": 3,
        "count": count,
        "counts": {"train": count - 200, "validation": 200},
        "split_codes": {"train": 0, "validation": 1, "test": 2},
        "sha256": {"images.npy": str(count)},
        "skipped": [],
    }
    (folder / "dataset.json").write_text(json.dumps(information))
    return folder


@pytest.mark.slow
def test_training_on_two_gigabytes_takes_no_more_memory(tmp_path):
    peaks = {}
    for count in (1_000, 170_000):
        data = prepared(tmp_path / f"data-{count}", count)
        done = subprocess.run(
            [sys.executable, "-c", JOB, str(data), str(tmp_path / f"run-{count}")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        peaks[count] = int(done.stdout.split()[-1])
    print({count: f"{peak / 2**20:,.0f} MiB" for count, peak in peaks.items()})
    assert peaks[170_000] - peaks[1_000] < 1.5 * 2**30
