"""Each likelihood gives the same log-probability, mean and gradient on all three backends."""

from pathlib import Path

import numpy as np
import pytest

JOB = Path(__file__).with_name("likelihood_job.py")


@pytest.fixture(scope="module")
def results(tmp_path_factory, run_jobs):
    folder = tmp_path_factory.mktemp("likelihoods")
    run_jobs(JOB, *((backend, folder) for backend in ("tensorflow", "jax", "torch")))
    return {path.stem: dict(np.load(path)) for path in folder.glob("*.npz")}


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_values_and_gradients_agree(results, backend):
    assert len(results["tensorflow"]) == 13 * 3 + 3
    for name, expected in results["tensorflow"].items():
        assert np.isfinite(expected).all(), name
        # A slope near 0 is a difference of larger ones, so it is the largest that counts.
        tolerance = 1e-5 * np.abs(expected).max()
        found = results[backend][name]
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_a_compiled_mean_follows_the_variance(results, backend):
    found = results[backend]
    for kind, moves in (("normal", False), ("laplace", False), ("discretized_logistic", True)):
        before, after = found[f"{kind}-shared/mean"], found[f"{kind}-shared/mean_later"]
        assert (np.abs(before - after).max() > 0.1) == moves
