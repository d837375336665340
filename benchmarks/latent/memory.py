"""How much memory a measurement takes: one of them in a process of its own.

    python benchmarks/latent/memory.py NAME FOLDER [MOST_CLUSTERS]

FOLDER holds mean.npy and log_variance.npy, which are memory-mapped. Pages of a mapped file count as
resident though the system may take them back at any time, so they are left out: what is counted is
RssAnon of /proc/self/status. That is Linux; elsewhere only the largest resident size is given.
"""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

import numpy as np

NAMES = (
    "radius", "deviations", "axes", "pca", "correlations", "ellipsoid", "moments", "density",
    "clusters",
)  # fmt: skip
_STATUS = Path("/proc/self/status")


def measured_alone(name: str, folder: Path, most_clusters: int) -> dict[str, Any]:
    """Seconds, and MiB before and at the peak, of a measurement in a child process."""
    command = [sys.executable, __file__, name, str(folder), str(most_clusters)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


class Peak:
    """The largest anonymous resident memory while the block runs, looked at every 2 ms."""

    def __enter__(self) -> Self:
        self.base = self.largest = anonymous_mebibytes()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while self.largest is not None:
            self.largest = max(self.largest, anonymous_mebibytes() or 0.0)
            if self._ended.wait(0.002):
                return


def anonymous_mebibytes() -> float | None:
    """RssAnon in MiB; None where there is no such file."""
    if not _STATUS.is_file():
        return None
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return None


def measure(name: str, folder: Path, most_clusters: int) -> dict[str, Any]:
    """One measurement, in this process."""
    module = importlib.import_module(f"zspace.analysis.{name}")
    found = getattr(module, name)
    mean = np.load(folder / "mean.npy", mmap_mode="r")
    with Peak() as peak:
        start = time.perf_counter()
        if name == "deviations":
            from zspace.codes import Codes

            spread = np.load(folder / "log_variance.npy", mmap_mode="r")
            codes = Codes(mean=mean, log_variance=spread, index=np.arange(len(mean)))
            found(mean, spread, z=codes.z_blocks())
        elif name == "density":
            normal = np.random.default_rng(1).standard_normal((10_000, mean.shape[1]))
            found(mean, {"normal": normal})
        elif name == "clusters":
            found(mean, ks=tuple(range(2, most_clusters + 1, 2)))
        else:
            found(mean)
        seconds = time.perf_counter() - start
    over = None if peak.base is None or peak.largest is None else peak.largest - peak.base
    unit = 1 << (20 if sys.platform == "darwin" else 10)
    return {
        "seconds": seconds,
        "base_mib": peak.base,
        "over_base_mib": over,
        "largest_resident_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
