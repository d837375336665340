"""The transposed convolution on JAX, whose gradients are not those that JAX derives."""

from pathlib import Path

JOB = Path(__file__).with_name("transposed_job.py")


def test_gradients_are_those_that_jax_derives(run_jobs):
    run_jobs(JOB, ())
