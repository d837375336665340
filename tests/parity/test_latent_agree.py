"""Densities, divergences, posteriors and priors: the same values and gradients on every backend."""

from pathlib import Path

import numpy as np
import pytest

BACKENDS = ("tensorflow", "jax", "torch")
JOB = Path(__file__).with_name("latent_job.py")


@pytest.fixture(scope="module")
def results(tmp_path_factory, run_jobs):
    folder = tmp_path_factory.mktemp("latent")
    run_jobs(JOB, *((backend, folder) for backend in BACKENDS))
    return {backend: dict(np.load(folder / f"{backend}.npz")) for backend in BACKENDS}


def comparable(name, value):
    """Entries above the diagonal of L are none of its own."""
    return np.tril(value) if "gradient1" in name and value.ndim == 3 else value


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("case", ["usual", "extreme", "layers"])
def test_values_and_gradients_agree(results, case, backend):
    names = [name for name in results["tensorflow"] if name.startswith(f"{case}/")]
    assert len(names) > 10 and set(results[backend]) == set(results["tensorflow"])
    for name in names:
        expected, found = (comparable(name, results[one][name]) for one in ("tensorflow", backend))
        assert np.isfinite(expected).all(), name
        size = np.abs(expected).max()
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * size, err_msg=name)


def test_the_gradients_are_there(results):
    """A gradient of zeros would agree as well."""
    for name, value in results["tensorflow"].items():
        constant = "log_prob_at/gradient0" in name or "mode/gradient" in name
        if "gradient" in name and not constant and "mean/gradient2" not in name:
            assert np.abs(value).max() > 0, name
