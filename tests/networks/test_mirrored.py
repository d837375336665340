"""Convolutions of mirrored maps, which PyTorch has and the other backends do not need."""

from pathlib import Path

JOB = Path(__file__).with_name("mirrored_job.py")


def test_they_are_keras_convolutions_with_keras_gradients(run_jobs):
    run_jobs(JOB, ())
