"""What the doctor says about the rate: what KL costs, where it sits, and what it buys."""

from __future__ import annotations

import math

from zspace.analysis.rate import ACTIVE_KL, ACTIVE_VARIANCE
from zspace.report.evidence import Evidence
from zspace.report.finding import Finding, Verdict
from zspace.report.wording import number, percent

__all__ = [
    "about_active_axes",
    "about_aggregate_posterior",
    "about_information",
    "about_kl_per_axis",
    "about_rate",
    "closer_prior",
    "stronger_codes",
    "toward_the_bound",
]

_NOTHING = 0.1
_HARDLY = 1e-4
_POINTS = 3.0


def stronger_codes(evidence: Evidence) -> str:
    """What lets a collapsed model use its codes."""
    objective = evidence.recipe.objective
    if evidence.weight > 1.5:
        return evidence.advise("weigh KL less", f"objective.beta={evidence.true_beta:.4g}")
    length = max(1, evidence.recipe.training.epochs // 2)
    slowly = evidence.advise(
        "let KL come in slowly",
        "objective.schedule.kind=linear",
        f"objective.schedule.length={length}",
    )
    for_free = evidence.advise("grant each axis some nats", "objective.free_bits=0.1")
    less = evidence.advise("weigh KL less", f"objective.beta={0.3 * objective.beta:.3g}")
    if objective.schedule.kind != "constant":
        return for_free or less
    return "; or ".join(each for each in (slowly, for_free) if each) or less


def closer_prior(evidence: Evidence) -> str:
    """What brings codes and prior together."""
    recipe = evidence.recipe
    if evidence.weight < 0.5 and recipe.objective.kind != "iwae":
        return toward_the_bound(evidence)
    follows = evidence.advise(
        "a prior that goes to the codes", "latent.prior=vampprior", "objective.kl=monte_carlo"
    )
    more = evidence.advise("weigh KL more", f"objective.beta={3 * recipe.objective.beta:.3g}")
    return (follows if recipe.latent.prior == "standard_normal" else "") or more


def toward_the_bound(evidence: Evidence) -> str:
    """The beta of the evidence lower bound."""
    return evidence.advise(
        "weigh KL as the evidence lower bound does", f"objective.beta={evidence.true_beta:.4g}"
    )


def about_rate(evidence: Evidence) -> Finding:
    """Rate and distortion, in nats and bits, and what they are of the loss."""
    facts = evidence.facts
    topic = "rate and distortion"
    distortion = facts.term("reconstruction")
    text = (
        f"On the {facts.split} images the distortion is {number(distortion)} nats per image "
        f"({number(facts.bits(distortion))} bits per dimension)"
    )
    if evidence.rate is None:
        pulled = evidence.recipe.objective.kind == "mmd"
        kind = (
            "an autoencoder with MMD, a Wasserstein autoencoder"
            if pulled
            else "a plain autoencoder"
        )
        return Finding(
            topic,
            "good",
            f"{text}. This is {kind}: it encodes an image as one point. So it has no posterior, no "
            "KL term and no rate, and whatever depends on these is left out here.",
        )
    rate = facts.term("kl")
    total = distortion + rate
    text += (
        f", the rate (KL) {number(rate)} nats; together {number(total)} "
        f"({number(facts.bits(total))} bits per dimension), "
        "which is minus the evidence lower bound."
    )
    share = facts.kl_share
    if math.isfinite(share):
        text += f" KL with its weight is {percent(share)} of the loss."
    if rate < _NOTHING:
        text += " A rate of next to nothing means codes that say next to nothing."
        return Finding(topic, "bad", text, stronger_codes(evidence))
    if share > 0.5:
        text += " More of the loss is spent on the prior than on images."
        beta = f"objective.beta={0.1 * evidence.recipe.objective.beta:.3g}"
        return Finding(topic, "look", text, evidence.advise("weigh KL less", beta))
    if share < _HARDLY:
        text += " That is too little to have a say."
        return Finding(topic, "look", text, toward_the_bound(evidence))
    return Finding(topic, "good", text)


def about_kl_per_axis(evidence: Evidence) -> Finding | None:
    """Where the KL sits."""
    measured = evidence.rate
    if measured is None:
        return None
    topic = "KL per axis"
    size = measured.latent_size
    per_axis = measured.mean / size
    largest = max(measured.per_axis)
    axes = "1 axis" if size == 1 else f"{size:,} axes"
    exact = "" if measured.is_exact else f" ± {number(measured.standard_error)}"
    text = (
        f"Measured on the codes of {measured.count:,} {evidence.images}, KL is "
        f"{number(measured.mean)}{exact} nats an image"
    )
    if largest < ACTIVE_KL and (measured.is_exact or measured.mean < _NOTHING):
        return Finding(
            topic, "bad", f"{text}, and no axis holds more than {number(largest)}: the axes are "
            "all the prior’s noise.", stronger_codes(evidence)
        )  # fmt: skip
    text += (
        f", {number(per_axis)} for each of {axes}; the fullest axis holds {number(largest)}, and "
        f"{measured.axes_for(0.9):,} of them hold 90\u00a0% of all."
    )
    if not measured.is_exact:
        text += " (An axis is held against the prior’s own distribution of it.)"
    if per_axis > _POINTS:
        return Finding(
            topic,
            "look",
            f"{text} That is much for an axis: posteriors have {percent(evidence.width)} of the "
            "prior’s width on average, and are almost points.",
            toward_the_bound(evidence) if evidence.weight < 0.5 else "",
        )
    return Finding(topic, "good", text)


def about_active_axes(evidence: Evidence) -> Finding | None:
    """Active and collapsed axes, by both definitions."""
    measured = evidence.rate
    if measured is None:
        return None
    topic = "active axes"
    size, collapsed = measured.latent_size, len(measured.collapsed)
    by_variance, by_kl = measured.active_by_variance, measured.active_by_kl
    text = (
        f"Of {size:,} axes {by_variance:,} are active by the variance of their means (more than "
        f"{ACTIVE_VARIANCE:g} of the prior’s) and {by_kl:,} by their KL (more than {ACTIVE_KL:g} "
        f"nats); {collapsed:,} have collapsed to the prior by both."
    )
    if not by_variance or measured.mean < _NOTHING:
        text += " This is posterior collapse: the decoder paints without its code."
        return Finding(topic, "bad", text, stronger_codes(evidence))
    if collapsed > 0.5 * size:
        return Finding(
            topic,
            "look",
            f"{text} These are there for nothing, which does no harm: a VAE leaves out what does "
            "not pay.",
            evidence.advise("a smaller space would do", f"latent.size={max(size - collapsed, 1)}"),
        )
    return Finding(topic, "good", text)


def about_information(evidence: Evidence) -> Finding | None:
    """I(x; z), as far as some images can tell."""
    measured = evidence.surgery
    if measured is None:
        return None
    topic = "mutual information"
    low, high = measured.information, measured.information_at_most
    count = f"{measured.compared:,}"
    if measured.is_at_ceiling:
        text = (
            f"A code tells which of {count} {evidence.images} it came from: I(x; z) is at least "
            f"{number(low)} nats, and log {count} = {number(measured.ceiling)} is the most that so "
            f"few can show. It is at most {number(high)}, of a rate of {number(measured.rate)}."
        )
        return Finding(topic, "good", text)
    text = (
        f"I(x; z), what a code tells about its image, is about {number(max(low, 0.0))} nats (± "
        f"{number(measured.information_error)}; at most {number(high)}), of a rate of "
        f"{number(measured.rate)}; compared were {count} {evidence.images}, which could show up to "
        f"log {count} = {number(measured.ceiling)}."
    )
    if low < _NOTHING:
        text += " Codes say next to nothing about their images."
        return Finding(topic, "bad", text, stronger_codes(evidence))
    if high < 0.5 * measured.rate:
        text += " Less than half of KL is spent on telling images apart; the rest is a gap."
        return Finding(topic, "look", text, closer_prior(evidence))
    return Finding(topic, "good", text)


def about_aggregate_posterior(evidence: Evidence) -> Finding | None:
    """The gap between all codes together and the prior: do random points hit the codes?"""
    measured = evidence.surgery
    if measured is None:
        return None
    between = _between(measured.gap, measured.gap_at_most)
    text = (
        f"All codes together are {between} nats of KL away from {evidence.prior_name}, of a rate "
        f"of {number(measured.rate)}"
    )
    gap = measured.moments
    if gap is not None and measured.gap > 0.01:
        correlations = (
            ""
            if math.isnan(gap.correlations)
            else (f", {number(gap.correlations)} in the correlations of axes")
        )
        text += (
            f" ({number(gap.offsets)} lie in the means of the axes, {number(gap.variances)} in "
            f"their variances{correlations})"
        )
    reached = evidence.reached
    text += f". Of random points of the prior {percent(reached)} land where codes are"
    verdict: Verdict = "good" if reached >= 0.9 else "look" if reached >= 0.5 else "bad"
    if measured.codes_in_prior < 0.5:
        verdict = "bad" if verdict == "bad" else "look"
        text += f", and {percent(measured.codes_in_prior)} of z-points lie where the prior is dense"
    end = {
        "good": ": images can be drawn from it.",
        "look": ": some random z-points fall into holes, where nothing taught the decoder.",
        "bad": f": {'nearly all' if reached < 0.05 else 'most'} random z-points fall where nothing "
        "taught the decoder what to paint.",
    }[verdict]
    advice = closer_prior(evidence) if verdict != "good" else ""
    if not evidence.cloud.is_full:
        end += (
            f" {evidence.count:,} codes are too few to see the shape of a cloud in "
            f"{evidence.cloud.latent_size:,} dimensions."
        )
        if evidence.split != "train":
            more = f"look at more codes: zspace doctor {evidence.run.path} --split train"
            advice = f"{advice}; {more}" if advice else more
    return Finding("aggregate posterior", verdict, text + end, advice)


def _between(low: float, high: float) -> str:
    """Two bounds, as far as they differ."""
    if high < 0.01:
        return "less than 0.01"
    if high - low < 0.1 * high:
        return number(low)
    return f"{number(low) if low >= 0.01 else 0} to {number(high)}"
