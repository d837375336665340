"""What both sides of the comparison share: the published ways, sizes, and units."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import zspace

BATCH = 32
LATENT = 2
LIKELIHOODS = ("bernoulli", "beta")
PLAIN_BETA = "beta, plain exponential"
"""As published; only by TensorFlow Probability, and with one seed."""
LOG_CONCENTRATION_LIMITS = (-7.0, 12.0)
"""Soft bounds of zspace's Beta likelihood; "beta" has them on both sides."""
NOISE_DRAWS = 8
"""Draws of z for each test image when the distortion of a trained model is measured."""


@dataclass(frozen=True)
class Way:
    """One of the three published ways to add the KL term.

    Attributes:
        layer: "KLDivergenceAddLoss" or "KLDivergenceRegularizer" of TensorFlow Probability.
        options: its arguments beside the prior.
        kl, samples, beta: what zspace has to be told to minimize the same, beside "sum"; beta is
            held against what `tfp_side.measured_beta` finds. The regularizer is applied to both
            outputs of its layer, the distribution and the draw, each time with new test points.
    """

    layer: str
    options: dict[str, Any]
    kl: str
    samples: int
    beta: float


WAYS = {
    "exact": Way("KLDivergenceAddLoss", {"use_exact_kl": True}, "exact", 1, 1.0),
    "monte_carlo": Way(
        "KLDivergenceAddLoss",
        {"use_exact_kl": False, "weight": 1.5, "samples": 10, "test_points_reduce_axis": 0},
        "monte_carlo",
        10,
        1.5,
    ),
    "regularizer": Way(
        "KLDivergenceRegularizer",
        {"use_exact_kl": False, "samples": 10, "test_points_reduce_axis": 0},
        "monte_carlo",
        20,
        2 / BATCH,
    ),
}

# The same two Monte Carlo ways with the axis of the test points left at its default, which is
# another one for each: None (mean over samples and images) and () (no mean at all).
DEFAULT_AXIS = {
    name: Way(
        way.layer,
        {key: value for key, value in way.options.items() if key != "test_points_reduce_axis"},
        way.kl,
        way.samples,
        beta,
    )
    for name, way, beta in (
        ("monte_carlo, default axis", WAYS["monte_carlo"], 1.5 / BATCH),
        ("regularizer, default axis", WAYS["regularizer"], 20 / BATCH),
    )
}


def fashion(source: Path, work: Path) -> zspace.Dataset:
    """Fashion-MNIST, prepared; the 10,000 official test images are the validation split."""
    prepared = work / "fashion"
    if not (prepared / "dataset.json").is_file():
        zspace.prepare("fashion-mnist", prepared, from_path=source)
    return zspace.Dataset.load(prepared)


def pixels(images: np.ndarray, likelihood: str) -> np.ndarray:
    """uint8 images (n, 28, 28, 1) as the walk-through has them: x/256 + 0.5/256 for Beta."""
    x = images.astype(np.float32)
    return x / 255 if likelihood == "bernoulli" else (x + 0.5) / 256


def exact_rate(mean: np.ndarray, scale_tril: np.ndarray) -> float:
    """Mean KL(N(mean, L·Lᵀ) ‖ N(0, I)) in nats, of means (n, d) and factors L (n, d, d)."""
    squares = (scale_tril**2).sum((-2, -1)) + (mean**2).sum(-1)
    log_determinant = 2 * np.log(np.diagonal(scale_tril, axis1=-2, axis2=-1)).sum(-1)
    return float(0.5 * (squares - mean.shape[-1] - log_determinant).mean())


def machine(*packages: str, **versions: str) -> dict[str, Any]:
    """Processor, cores and versions; nothing that names a computer."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
        **versions,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
