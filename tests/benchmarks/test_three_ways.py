"""The beta that each way to add KL in TensorFlow Probability really has, as the docs say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def betas() -> Any:
    pytest.importorskip("tensorflow_probability")
    sys.path.insert(0, str(BENCHMARKS))
    try:
        from three_ways.tfp_side import measured_betas
    finally:
        sys.path.remove(str(BENCHMARKS))
    return measured_betas(np.random.default_rng(1).integers(0, 256, (32, 28, 28, 1), np.uint8))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "beta"),
    [
        ("exact", 1.0),
        ("monte_carlo", 1.5),
        ("regularizer", 2 / 32),
        ("regularizer, batch of 16", 2 / 16),
        ("monte_carlo, default axis", 1.5 / 32),
        ("regularizer, default axis", 20 / 32),
        ("exact, data term averaged over the batch", 32.0),
        ("monte_carlo, data term averaged over the batch", 48.0),
        ("regularizer, data term averaged over the batch", 2.0),
    ],
)
def test_the_beta_of_each_way(betas: Any, name: str, beta: float) -> None:
    assert betas[name]["by_value"] == pytest.approx(beta, rel=1e-5)
    assert betas[name]["by_gradient"] == pytest.approx(beta, rel=1e-4)
    assert betas[name]["gradient_left_over"] < 1e-5
