"""What the doctor says about the weight of KL: beta in true nats, the likelihood, the schedule."""

from __future__ import annotations

import math

import numpy as np

from zspace.report.evidence import Evidence
from zspace.report.finding import Finding, Verdict
from zspace.report.rate_findings import toward_the_bound
from zspace.report.wording import number, percent

__all__ = ["about_beta", "about_likelihood", "about_schedule"]

_CLOSE = 0.001


def about_beta(evidence: Evidence) -> Finding | None:
    """What beta is beside nats per image, and what that means."""
    if evidence.rate is None:
        return None
    objective, nats = evidence.recipe.objective, evidence.facts.nats
    topic = "beta in true nats"
    typed, now = objective.beta, evidence.weight
    text = f"objective.beta is {number(typed)} beside reduction {objective.reduction!r}, "
    if nats == 1:
        text += "which is nats per image, so that it means what it says."
    else:
        text += (
            f"which divides nats per image by {nats:,.0f}: against nats per image KL weighs "
            f"{number(typed * nats)}."
        )
    if abs(now - typed * nats) > _CLOSE * abs(typed * nats):
        text += f" At the end of training the schedule had it at {number(now)}."
    verdict, meaning = _meaning(evidence)
    advice = "" if verdict == "good" else toward_the_bound(evidence)
    return Finding(topic, verdict, f"{text} {meaning}", advice)


def _meaning(evidence: Evidence) -> tuple[Verdict, str]:
    """What a weight means, by its distance from 1 and what came of it."""
    now = evidence.weight
    if now == 0:
        if evidence.recipe.objective.kind == "mmd":
            return "good", "KL has no weight here: the discrepancy to the prior does its work."
        return "bad", "KL has no weight at all: nothing orders the latent space."
    if 0.5 <= now <= 2:
        return "good", "That is the evidence lower bound" + (
            ", or close to it." if now != 1 else "."
        )
    if now > 1:
        times = f"KL counts {number(now)} times as much as in the evidence lower bound"
        if now > 100:
            return "bad", f"{times}: expect blurred images and collapsed axes."
        return "look", (
            f"{times} (a β-VAE): codes fit the prior better, and images lose detail that they "
            "would need nats for."
        )
    times = f"KL counts {number(1 / now)} times less than in the evidence lower bound"
    if evidence.noise_share < 0.01:
        wide = percent(evidence.width)
        return "bad", (
            f"{times}, and posteriors have shrunk to {wide} of the prior’s width: it behaves as a "
            "plain autoencoder."
        )
    if now < 0.01:
        return "bad", f"{times}: random z-points will hardly decode to images."
    return "look", f"{times}: images get sharper, and random z-points fit the codes less."


def about_likelihood(evidence: Evidence) -> Finding | None:
    """Whether a fixed variance of pixels fits the errors that are made."""
    likelihood, facts = evidence.recipe.likelihood, evidence.facts
    if (
        evidence.rate is None
        or likelihood.kind not in ("normal", "laplace")
        or likelihood.learn_variance != "no"
    ):
        return None
    per_pixel = facts.term("reconstruction") / facts.dimensions
    variance = likelihood.variance
    if likelihood.kind == "normal":
        fitting = 2 * variance * (per_pixel - 0.5 * math.log(2 * math.pi * variance))
        off = math.sqrt(max(fitting, 0.0))
        ratio = variance / max(fitting, 1e-12)
    else:
        width = math.sqrt(variance / 2)
        off = max(width * (per_pixel - math.log(2 * width)), 0.0)
        fitting, ratio = 2 * off**2, width / max(off, 1e-6)
    text = (
        f"likelihood.variance = {variance:g} says that pixels scatter by "
        f"{number(math.sqrt(variance))} around the decoded image; they are off by {number(off)}."
    )
    if 1 / 3 <= ratio <= 3:
        return Finding("likelihood", "good", text)
    how, times, size = ("less", ratio, "larger") if ratio > 1 else ("more", 1 / ratio, "smaller")
    text += (
        f" So the reconstruction term counts {number(times)} times {how} than it should, as if "
        f"beta were that much {size}."
    )
    advice = evidence.advise("train the variance along", "likelihood.learn_variance=shared")
    return Finding("likelihood", "look" if 1 / 30 <= ratio <= 30 else "bad", text, advice)


def about_schedule(evidence: Evidence) -> Finding | None:
    """Whether the schedule came to its end within the run."""
    if evidence.rate is None or evidence.recipe.objective.kind == "iwae":
        return None
    kind = evidence.recipe.objective.schedule.kind
    topic = "schedule"
    if kind == "constant":
        beta = evidence.facts.history["beta"]
        if np.ptp(beta) > _CLOSE * abs(beta).max():
            return Finding(
                topic, "look",
                f"The recipe has a constant beta, but the history has {number(beta.min())} to "
                f"{number(beta.max())}.",
                "train the run again: recipe and history are not of one training",
            )  # fmt: skip
        return Finding(topic, "good", "KL had its full weight from the first step on.")
    if kind == "target_kl":
        return _about_target(evidence)
    if kind == "capacity":
        return _about_capacity(evidence)
    return _about_warm_up(evidence)


def _end_in_epochs(evidence: Evidence) -> float:
    """When the schedule ends, in epochs."""
    schedule, recipe = evidence.recipe.objective.schedule, evidence.recipe
    end = schedule.delay + schedule.length
    if schedule.unit == "epochs":
        return float(end)
    images = evidence.facts.environment["dataset"].get("train", 0)
    images = min(images, recipe.data.train) if recipe.data.train else images
    return float(end) / max(1, math.ceil(images / recipe.training.batch_size))


def _longer(evidence: Evidence) -> str:
    end = math.ceil(_end_in_epochs(evidence))
    folder = evidence.run.path
    return (
        f"go on: zspace train --resume --out {folder} --set training.epochs="
        f"{max(end, evidence.facts.epochs) + max(1, end // 2)}"
    )


def _about_warm_up(evidence: Evidence) -> Finding:
    schedule, facts = evidence.recipe.objective.schedule, evidence.facts
    full, beta = evidence.recipe.objective.beta, facts.history["beta"]
    end = _end_in_epochs(evidence)
    name = {"linear": "linear warm-up", "cosine": "cosine warm-up"}.get(schedule.kind, "cycles")
    text = f"The {name} of beta ends after {number(end)} of {facts.epochs} epochs"
    if beta[-1] < (1 - _CLOSE) * full:
        return Finding(
            "schedule", "bad",
            f"{text}, but the last one ended with {number(beta[-1])} of {number(full)}: KL never "
            "got its full weight, and this is another model than the recipe says.",
            _longer(evidence),
        )  # fmt: skip
    there = int((beta >= (1 - _CLOSE) * full).sum())
    if schedule.kind == "cyclical":
        return _about_cycles(evidence, text)
    text += f", and {there} of them ended with full weight"
    if there < 0.1 * facts.epochs or there < 2:
        return Finding("schedule", "look", f"{text}: too few to settle there.", _longer(evidence))
    return Finding("schedule", "good", text + ".")


def _about_cycles(evidence: Evidence, text: str) -> Finding:
    """KL at the end of each cycle."""
    schedule, facts = evidence.recipe.objective.schedule, evidence.facts
    steps = _end_in_epochs(evidence) / max(schedule.delay + schedule.length, 1e-9)
    begin, length = schedule.delay * steps, schedule.length * steps / schedule.cycles
    ends = [round(begin + length * (cycle + 1)) for cycle in range(schedule.cycles)]
    kl = [float(facts.history["kl"][min(max(each, 1), facts.epochs) - 1]) for each in ends]
    text += (
        f", in {schedule.cycles} cycles, at whose ends KL was "
        + ", ".join(number(each) for each in kl)
        + " nats."
    )
    if len(kl) > 1 and kl[-1] > 1.02 * kl[-2]:
        return Finding("schedule", "look", text + " It still grows: more cycles may add to it.", "")
    return Finding("schedule", "good", text)


def _about_capacity(evidence: Evidence) -> Finding:
    schedule, facts = evidence.recipe.objective.schedule, evidence.facts
    reached = facts.history.get("capacity")
    last = schedule.capacity if reached is None else float(reached[-1])
    kl = facts.term("kl")
    text = f"The capacity grew to {number(last)} of {number(schedule.capacity)} nats"
    if last < (1 - _CLOSE) * schedule.capacity:
        return Finding(
            "schedule", "bad", f"{text}: the run ended before the schedule did.", _longer(evidence)
        )
    away = kl / schedule.capacity - 1
    text += f", and KL ended at {number(kl)}"
    if abs(away) <= 0.05:
        return Finding("schedule", "good", f"{text}: it follows.")
    beta = f"objective.beta={10 * evidence.recipe.objective.beta:.3g}"
    return Finding(
        "schedule", "look", f"{text}, {percent(abs(away))} {'above' if away > 0 else 'below'}.",
        evidence.advise("hold KL there more firmly", beta),
    )  # fmt: skip


def _about_target(evidence: Evidence) -> Finding:
    schedule, facts = evidence.recipe.objective.schedule, evidence.facts
    kl, beta = facts.term("kl"), facts.history["beta"]
    away = kl / schedule.target - 1
    text = (
        f"KL was to arrive at {number(schedule.target)} nats and ended at {number(kl)}, with a "
        f"weight of {number(beta[-1])} against the {number(evidence.recipe.objective.beta)} it "
        "began with"
    )
    if abs(away) <= 0.05:
        return Finding("schedule", "good", f"{text}: it arrived.")
    late = beta[-max(2, len(beta) // 5) :]
    moves = np.ptp(late) > 0.02 * late[-1]
    text += f", {percent(abs(away))} {'above' if away > 0 else 'below'}"
    text += "; the weight is still moving." if moves else "; the weight has come to rest."
    gain = min(1.0, 3 * schedule.gain)
    advice = evidence.advise("let the weight move faster", f"objective.schedule.gain={gain:.3g}")
    verdict: Verdict = "look" if abs(away) <= 0.25 else "bad"
    return Finding("schedule", verdict, text, _longer_by_half(evidence) if moves else advice)


def _longer_by_half(evidence: Evidence) -> str:
    epochs = evidence.facts.epochs + max(1, evidence.facts.epochs // 2)
    return f"go on: zspace train --resume --out {evidence.run.path} --set training.epochs={epochs}"
