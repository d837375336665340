"""The transposed convolution on JAX, whose gradients are not those that JAX derives."""

import subprocess
import sys
from pathlib import Path

JOB = Path(__file__).with_name("transposed_job.py")


def test_gradients_are_those_that_jax_derives():
    done = subprocess.run([sys.executable, str(JOB)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
