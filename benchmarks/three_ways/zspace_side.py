"""E11 by zspace, with the beta that each of the three ways is measured to have."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops
from three_ways.ways import BATCH, NOISE_DRAWS, Way, exact_rate

import zspace


def recipe_changes(way: Way, *, seed: int, epochs: int) -> list[str]:
    """What makes the shipped recipe one of the three ways."""
    return [
        'objective.reduction="sum"',
        f"objective.beta={way.beta}",
        f'objective.kl="{way.kl}"',
        f"objective.samples={way.samples}",
        f"training.seed={seed}",
        f"training.epochs={epochs}",
        f"training.batch_size={BATCH}",
        "training.checkpoints=1",
    ]


def train(
    way: Way, likelihood: str, *, dataset: zspace.Dataset, seed: int, epochs: int, out: Path
) -> dict[str, Any]:
    """Train once; losses in the published unit, and rate and distortion in nats an image."""
    begun = time.perf_counter()
    run = zspace.train(
        f"fashion-vae-full-normal-{likelihood}",
        data=dataset,
        out=out,
        overwrite=True,
        changes=recipe_changes(way, seed=seed, epochs=epochs),
        show_progress=False,
    )
    with open(run.folder.history, encoding="utf-8", newline="") as stream:
        history = list(csv.DictReader(stream))
    return {
        "seed": seed,
        # zspace's losses are means over images; the published ones are sums over a batch.
        "loss": [BATCH * float(row["loss"]) for row in history],
        "validation_loss": [BATCH * float(row["validation_loss"]) for row in history],
        "seconds": time.perf_counter() - begun,
        "test": rate_and_distortion(run.model, dataset, seed=seed),
    }


def rate_and_distortion(model: Any, dataset: zspace.Dataset, *, seed: int) -> dict[str, float]:
    """Exact KL and E[−log p(x | z)], z drawn from the posterior, in nats an image."""
    random = np.random.default_rng(seed)
    index = dataset.indices("validation")
    rates, distortions = [], []
    for start in range(0, len(index), 1000):
        block = dataset.rows(index[start : start + 1000])
        x = ops.convert_to_tensor(block.astype(np.float32) / 255)
        codes = model.encode(block)
        rates.append(exact_rate(codes["mean"], codes["scale_tril"]))
        for _ in range(NOISE_DRAWS):
            noise = random.standard_normal(codes["mean"].shape, dtype=np.float32)
            z = codes["mean"] + np.einsum("nij,nj->ni", codes["scale_tril"], noise)
            output = model.decoder(ops.convert_to_tensor(z), training=False)
            log_prob = model.likelihood.distribution(output).log_prob(x)
            distortions.append(-float(ops.mean(log_prob)))
    return {"rate": float(np.mean(rates)), "distortion": float(np.mean(distortions))}
