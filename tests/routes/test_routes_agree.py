"""Four routes, three backends: equal losses and equal gradients from equal weights and noise."""

from pathlib import Path

import numpy as np
import pytest

BACKENDS = ("tensorflow", "jax", "torch")
ROUTES = ("loss", "layer", "outputs", "step")
JOB = Path(__file__).with_name("route_job.py")
CASES = [
    f"{likelihood}-{mode}"
    for likelihood in ("bernoulli", "normal")
    for mode in ("plain", "batch_normalization", "dropout")
]
EXTRAS = (
    "monte_carlo",
    "full_normal",
    "free_bits",
    "vampprior",
    "conditional",
    "mmd",
    "total_correlation",
    "capacity",
    "target_kl",
    "linear",
)
WEIGHTED = ("iwae", "dreg", "conditional_dreg")


@pytest.fixture(scope="module")
def results(tmp_path_factory, run_jobs):
    folder = tmp_path_factory.mktemp("routes")
    run_jobs(JOB, *((backend, folder) for backend in BACKENDS))
    found = {}
    for backend in BACKENDS:
        for key, value in np.load(folder / f"{backend}.npz").items():
            case, route, name = key.split("|")
            found.setdefault((case, route, backend), {})[name] = value
    return found


def assert_equal(found, expected, *, relative=1e-5):
    """To `relative`, by the norm of each array.

    A gradient that is 0 but for rounding, as of a bias ahead of batch normalization, is held
    against the largest one instead; a difference of terms against the loss.
    """
    assert set(found) == set(expected)
    largest = max(np.linalg.norm(value) for name, value in expected.items() if "gradients" in name)
    for name, value in expected.items():
        scale = largest if "gradients" in name else abs(expected["terms/loss"])
        off = np.linalg.norm(found[name] - value)
        assert off <= relative * np.linalg.norm(value) + 1e-6 * scale, (name, off, value)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("case", CASES)
def test_every_route_on_every_backend(results, case, route, backend):
    assert_equal(results[case, route, backend], results[case, "loss", "tensorflow"])


@pytest.mark.parametrize("route", ["layer", "step"])
@pytest.mark.parametrize("extra", EXTRAS)
def test_other_kl_terms_on_other_routes(results, extra, route):
    assert_equal(results[extra, route, "tensorflow"], results[extra, "loss", "tensorflow"])


@pytest.mark.parametrize("extra", WEIGHTED)
def test_importance_weighted_bounds_in_a_step_of_their_own(results, extra):
    assert_equal(results[extra, "step", "tensorflow"], results[extra, "loss", "tensorflow"])


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("extra", [*EXTRAS, *WEIGHTED])
def test_other_kl_terms_on_other_backends(results, extra, backend):
    # Importance weights are exponentials of differences of log-densities of some hundred nats,
    # which float32 knows to 1e-5 each.
    relative = 1e-4 if extra in WEIGHTED else 1e-5
    expected = results[extra, "loss", "tensorflow"]
    assert_equal(results[extra, "loss", backend], expected, relative=relative)


def test_the_test_can_fail(results):
    """The cases differ from each other, and every gradient is there."""
    gradients = {
        case: results[case, "loss", "tensorflow"]["gradients/00"]
        for case in (*CASES, *EXTRAS)
        if case != "target_kl"  # whose weight has not moved yet
    }
    values = list(gradients.values())
    for number, value in enumerate(values):
        assert np.abs(value).max() > 0
        assert not any(
            value.shape == other.shape and np.allclose(value, other, rtol=1e-3)
            for other in values[number + 1 :]
        )


def test_terms_and_state(results):
    for (case, _, _), found in results.items():
        terms = {name.removeprefix("terms/"): v for name, v in found.items() if "terms/" in name}
        weighted = sum(value for name, value in terms.items() if name.startswith("weighted_"))
        np.testing.assert_allclose(
            terms["loss"], terms["reconstruction"] + weighted, rtol=1e-5, err_msg=case
        )
    found = results["bernoulli-batch_normalization", "step", "torch"]
    moving = [value for name, value in found.items() if "moving_mean" in name]
    assert moving and all(np.abs(value).max() > 0 for value in moving)
    state = results["linear", "loss", "jax"]
    assert [value for name, value in state.items() if name.endswith("/step")] == [3]
    # Half of the way from a quarter of beta to the whole.
    terms = results["linear", "loss", "tensorflow"]
    expected = 2.5 * (0.25 + 0.75 * 2 / 8) * terms["terms/kl"]
    np.testing.assert_allclose(terms["terms/weighted_kl"], expected, rtol=1e-5)
