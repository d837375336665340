"""What the doctor says about the record of the training: overfitting, and numbers that add up."""

from __future__ import annotations

import numpy as np

from zspace.report.evidence import Evidence
from zspace.report.finding import Finding, Verdict
from zspace.report.wording import number, percent

__all__ = ["about_numbers", "about_overfitting"]

_SUM = 1e-5
_SAME_KL = 0.01


def about_overfitting(evidence: Evidence) -> Finding | None:
    """Training against validation, in distortion and rate."""
    facts = evidence.facts
    topic = "overfitting"
    if not facts.has_validation:
        return Finding(
            topic, "look", "No validation images were measured, so this cannot be said.",
            "prepare the images with a validation split",
        )  # fmt: skip
    pairs = {"distortion": "reconstruction"} | ({"rate": "kl"} if evidence.rate else {})
    ends = {name: [facts.term(term, split) for split in ("training", "validation")]
            for name, term in pairs.items()}  # fmt: skip
    parts = [
        f"{name} is {number(train)} nats in training and {number(validation)} in validation"
        for name, (train, validation) in ends.items()
    ]
    text = "The " + ", the ".join(parts) + "."
    first, best, last = _course(evidence)
    rise = (last - best) / max(first - best, 1e-12)
    train, validation = ends["distortion"]
    apart = (validation - train) / max(abs(train), 1e-12)
    verdict: Verdict = "good"
    if last > best and rise > 0.05 and abs(last - best) > 1e-4 * abs(best):
        epoch = _best_epoch(evidence)
        verdict = "bad" if rise > 0.5 else "look"
        text += (
            f" The validation loss was lowest after epoch {epoch}, {number(last - best)} nats "
            "lower than at the end: it learns the training images by heart."
        )
    elif apart > 0.05:
        verdict = "look"
        text += f" Unseen images cost {percent(apart)} more."
    else:
        text += " Unseen images cost about as much as those it was trained on."
    advice = ""
    if verdict != "good":
        advice = evidence.advise("stop in time", "training.early_stopping=5") + (
            ", or more images, or --set encoder.dropout=0.2"
        )
    return Finding(topic, verdict, text, advice)


def _settled(evidence: Evidence) -> np.ndarray:
    """Rows with the weight and capacity of the last one: only their losses can be compared."""
    history = evidence.facts.history
    same = np.isclose(history["beta"], history["beta"][-1], rtol=1e-3)
    if "capacity" in history:
        same &= np.isclose(history["capacity"], history["capacity"][-1], rtol=1e-3)
    return same & np.isfinite(history["validation_loss"])


def _course(evidence: Evidence) -> tuple[float, float, float]:
    """The first, the lowest and the last validation loss, in nats."""
    losses = evidence.facts.nats * evidence.facts.history["validation_loss"][_settled(evidence)]
    return float(losses[0]), float(losses.min()), float(losses[-1])


def _best_epoch(evidence: Evidence) -> int:
    history, settled = evidence.facts.history, _settled(evidence)
    return int(history["epoch"][settled][np.argmin(history["validation_loss"][settled])])


def about_numbers(evidence: Evidence) -> Finding:
    """Whether the terms add up in every row, and the history's KL is that of the codes."""
    history = evidence.facts.history
    topic = "numbers"
    for prefix in ("", "validation_"):
        weighted = [name for name in history if name.startswith(f"{prefix}weighted_")]
        if prefix + "loss" not in history or not np.isfinite(history[prefix + "loss"]).any():
            continue
        terms = history[prefix + "reconstruction"] + sum(history[name] for name in weighted)
        size = np.maximum.reduce(
            [np.abs(history[prefix + name]) for name in ("loss", "reconstruction")]
        )
        off = np.abs(history[prefix + "loss"] - terms) / np.maximum(size, 1.0)
        wrong = ~(off <= _SUM)
        if wrong.any():
            epoch = int(history["epoch"][np.argmax(wrong)])
            return Finding(
                topic, "bad",
                f"In epoch {epoch} {prefix}loss is not {prefix}reconstruction and the weighted "
                f"terms together: off by {number(float(np.nanmax(off)))} of it.",
                "train the run again; if it stays so, this is a fault of zspace: report it",
            )  # fmt: skip
    text = (
        f"In all {len(history['epoch']):,} rows of the history the loss is its reconstruction term "
        "and its weighted terms together, to 1e−5."
    )
    return _with_kl_of_codes(evidence, text)


def _with_kl_of_codes(evidence: Evidence, text: str) -> Finding:
    topic = "numbers"
    measured, facts = evidence.rate, evidence.facts
    if measured is None or evidence.split != "validation" or not facts.has_validation:
        return Finding(topic, "good", text)
    if evidence.recipe.data.binarize:
        # The history is of pixels drawn black or white, the codes are of the images as they are.
        return Finding(topic, "good", text)
    logged = facts.last("kl", "validation")
    away = abs(measured.mean - logged)
    allowed = _SAME_KL * max(abs(logged), 0.01) + 4 * measured.standard_error
    objective = evidence.recipe.objective
    if objective.kl == "monte_carlo" or objective.kind == "iwae":
        # The history's own draws scatter, one for each image.
        allowed += 4 * measured.deviation / np.sqrt(measured.count)
    text += f" Its last KL is {number(logged)} nats, that of the codes {number(measured.mean)}"
    if away <= allowed:
        return Finding(topic, "good", text + ".")
    again = f"encode again: zspace encode {evidence.run.path} --overwrite"
    return Finding(topic, "look", text + ": they are not of one model.", again)
