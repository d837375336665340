"""All runs as one result, and as a table."""

from __future__ import annotations

import statistics
from datetime import date
from typing import Any

from three_ways.ways import BATCH, LIKELIHOODS, NOISE_DRAWS, PLAIN_BETA, WAYS

PUBLISHED = {
    "likelihood": "beta",
    "unit": "sum over a batch of 32",
    "loss_first_epoch": -55578,
    "loss_last_epoch": -72972,
    "validation_loss_last_epoch": -72792,
    "versions": "TensorFlow 2.8, TensorFlow Probability 0.14",
}

ASSUMPTIONS = [
    "Dense layers have ReLU.",
    "The Beta decoder ends in 2·784 units, whose exponentials are the concentrations.",
    "In the comparison these are softly bounded on both sides, in the published form they are not.",
    "The data term is minus the sum of all log-probabilities of a batch.",
    "Monte Carlo: 10 test points, averaged over (test_points_reduce_axis=0).",
    "The regularizer has no weight; 10 test points, averaged over.",
    "Bernoulli: pixels x/255. Beta: pixels x/256 + 0.5/256.",
    "RMSprop with the defaults (1e-3, rho 0.9, epsilon 1e-7), the same in tf_keras and Keras 3.",
    "The images are mixed anew each epoch, on both sides in the same order.",
]


def summary(sides: dict[str, Any]) -> dict[str, Any]:
    """What is written to the results folder."""
    configurations = []
    for likelihood in LIKELIHOODS:
        for name, way in WAYS.items():
            runs = {side: record["runs"][f"{likelihood}, {name}"] for side, record in sides.items()}
            means = {side: _means(each, way.beta) for side, each in runs.items()}
            configurations.append(
                {
                    "likelihood": likelihood,
                    "way": name,
                    "tfp": {"layer": way.layer, **way.options, **means["tfp"]},
                    "zspace": {
                        "reduction": "sum",
                        "beta": way.beta,
                        "kl": way.kl,
                        "samples": way.samples,
                        **means["zspace"],
                    },
                    "runs": runs,
                }
            )
    return {
        "question": "which beta did three ways to add KL in TensorFlow Probability really have?",
        "date": date.today().isoformat(),
        "units": {
            "loss": "published unit: sum over a batch of 32, as training reports it",
            "rate, distortion, total": "nats an image, after training, on the 10,000 test images; "
            f"exact KL, and {NOISE_DRAWS} draws of z; total = distortion + beta · rate",
        },
        "published": PUBLISHED,
        "assumptions": ASSUMPTIONS,
        "machine": {side: record["machine"] for side, record in sides.items()},
        "measured_beta": sides["tfp"]["measured_beta"],
        "configurations": configurations,
        "published_form": {
            name: {**_means(runs, way.beta), "runs": runs}
            for name, way in WAYS.items()
            for runs in [sides["tfp"]["runs"][f"{PLAIN_BETA}, {name}"]]
        },
    }


def _means(runs: list[dict[str, Any]], beta: float) -> dict[str, Any]:
    numbers = {
        "loss_first_epoch": [run["loss"][0] for run in runs],
        "loss_last_epoch": [run["loss"][-1] for run in runs],
        "validation_loss_last_epoch": [run["validation_loss"][-1] for run in runs],
        "loss_first_epoch_per_image": [run["loss"][0] / BATCH for run in runs],
        "loss_last_epoch_per_image": [run["loss"][-1] / BATCH for run in runs],
        "rate": [run["test"]["rate"] for run in runs],
        "distortion": [run["test"]["distortion"] for run in runs],
        "total": [run["test"]["distortion"] + beta * run["test"]["rate"] for run in runs],
        "seconds": [run["seconds"] for run in runs],
    }
    spreads = {
        name: {
            "mean": statistics.mean(values),
            "standard_deviation": statistics.stdev(values) if len(values) > 1 else 0.0,
        }
        for name, values in numbers.items()
    }
    return {"seeds": len(runs), **spreads}


def table(result: dict[str, Any]) -> str:
    """The result as a table in Markdown: mean ± standard deviation over the seeds."""
    columns = {
        "loss, epoch 1": ("loss_first_epoch", 0),
        "loss, last epoch": ("loss_last_epoch", 0),
        "validation": ("validation_loss_last_epoch", 0),
        "rate": ("rate", 2),
        "distortion": ("distortion", 1),
        "distortion + β·rate": ("total", 1),
    }
    lines = [
        "| likelihood | way | β | side | seeds | " + " | ".join(columns) + " |",
        "| --- | --- | --- | --- | --- |" + " --- |" * len(columns),
    ]
    for each in result["configurations"]:
        for side in ("tfp", "zspace"):
            beta = each["zspace"]["beta"]
            cells = [each["likelihood"], each["way"], f"{beta:g}", side, str(each[side]["seeds"])]
            for key, digits in columns.values():
                mean, spread = (each[side][key][what] for what in ("mean", "standard_deviation"))
                several = f" ± {spread:,.{digits}f}" if each[side]["seeds"] > 1 else ""
                cells.append(f"{mean:,.{digits}f}{several}".replace("-", "−"))
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
