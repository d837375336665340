"""Whichever backend saved a model, all three decode, encode and score with it alike."""

from pathlib import Path

import numpy as np
import pytest

BACKENDS = ("tensorflow", "jax", "torch")
SAVED = [f"{backend}{case}" for backend in BACKENDS for case in ("", "-conditional")]
JOB = Path(__file__).with_name("backend_job.py")


@pytest.fixture(scope="module")
def results(tmp_path_factory, run_jobs):
    folder = tmp_path_factory.mktemp("parity")
    for job in ("save", "use"):
        run_jobs(JOB, *((job, backend, folder) for backend in BACKENDS))
    return {backend: dict(np.load(folder / f"{backend}.npz")) for backend in BACKENDS}


@pytest.mark.parametrize("saved_by", SAVED)
@pytest.mark.parametrize("used_by", ["jax", "torch"])
def test_one_file_three_backends(results, saved_by, used_by):
    for what in ("images", "mean", "log_variance"):
        expected = results["tensorflow"][f"{saved_by}/{what}"]
        np.testing.assert_allclose(results[used_by][f"{saved_by}/{what}"], expected, atol=1e-5)
    expected = results["tensorflow"][f"{saved_by}/terms"]
    np.testing.assert_allclose(results[used_by][f"{saved_by}/terms"], expected, rtol=1e-5)


@pytest.mark.parametrize("saved_by", SAVED)
@pytest.mark.parametrize("used_by", BACKENDS)
def test_terms_add_up_on_every_backend(results, saved_by, used_by):
    loss, reconstruction, kl, weighted_kl = results[used_by][f"{saved_by}/terms"]
    np.testing.assert_allclose(loss, reconstruction + 2.0 * kl, rtol=1e-5)
    np.testing.assert_allclose(weighted_kl, 2.0 * kl, rtol=1e-5)
