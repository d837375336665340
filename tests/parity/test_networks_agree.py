"""Up-sampling, residual blocks, group normalization and attention: alike on three backends."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BACKENDS = ("tensorflow", "jax", "torch")
JOB = Path(__file__).with_name("network_job.py")


@pytest.mark.slow
def test_networks_agree(tmp_path):
    found = {}
    for backend in BACKENDS:
        done = subprocess.run(
            [sys.executable, str(JOB), backend, str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found[backend] = dict(np.load(tmp_path / f"{backend}.npz"))
    expected = found["tensorflow"]
    for name in ("bilinear", "resnet"):
        before, after = expected[f"{name}/images"], expected[f"{name}/images after a step"]
        assert np.abs(after - before).max() > 1e-4
    for backend in BACKENDS[1:]:
        for what, values in found[backend].items():
            np.testing.assert_allclose(values, expected[what], atol=2e-5, err_msg=what)
