"""What the doctor says about places: radii, widths of posteriors, noise, and an AE's cloud."""

from __future__ import annotations

import math

import numpy as np

from zspace.report.evidence import Evidence
from zspace.report.finding import Finding, Verdict
from zspace.report.rate_findings import closer_prior
from zspace.report.wording import number, percent

__all__ = ["about_cloud", "about_dead_axes", "about_log_variances", "about_noise", "about_radius"]


def about_radius(evidence: Evidence) -> Finding:
    """Mean radius against that of the prior's points, about √d for N(0, I)."""
    expected, deviation = evidence.prior_radius
    z, mean = evidence.z, evidence.mean
    ratio, spread = z.mean / expected, z.deviation / max(deviation, 1e-12)
    what = "Codes" if evidence.rate is None else "z-points"
    rule = ""
    if evidence.prior.scale is not None:
        scale = "" if evidence.prior.is_standard else f"{evidence.prior.scale:.3g}·"
        rule = f", about {scale}√{z.latent_size}"
    text = (
        f"{what} lie {z.mean:.2f}\u00a0±\u00a0{z.deviation:.2f} from the origin; points of "
        f"{evidence.prior_name} {expected:.2f}\u00a0±\u00a0{deviation:.2f}{rule}."
    )
    # What the mean of so few radii scatters is no finding.
    off = max(0.0, abs(ratio - 1) - 3 * z.deviation / (math.sqrt(z.count) * expected))
    verdict: Verdict = "good" if off <= 0.02 else "look" if off <= 0.1 else "bad"
    if verdict == "good" and spread > 2:
        verdict = "look"
    if off > 0.02:
        far = percent(abs(ratio - 1))
        text += f" That is {far} {'too far' if ratio > 1 else 'too near'}."
    if spread > 2:
        text += f" Their radii scatter {number(spread)} times as much: no thin shell."
    if evidence.rate is not None:
        inner = mean.mean
        noise = max(0.0, 1 - (inner / z.mean) ** 2) if z.mean else 0.0
        text += (
            f" The means alone lie at {inner:.2f}: noise makes up {percent(noise)} of the squared "
            "radius."
        )
    if evidence.rate is not None:
        return Finding(
            "mean radius", verdict, text, closer_prior(evidence) if verdict == "bad" else ""
        )
    # Nothing pulls the codes of a plain autoencoder anywhere, so that no radius of theirs is wrong.
    limit = z.mean * math.sqrt(3 / z.latent_size)
    cube = f"see images at their radius: zspace generate {evidence.run.path} --method uniform"
    return Finding(
        "mean radius",
        "good" if verdict == "good" else "look",
        text,
        "" if verdict == "good" else f"{cube} --limit {limit:.3g}",
    )


def about_log_variances(evidence: Evidence) -> Finding | None:
    """How wide posteriors are, whether some have run away, and how far z is from the mean."""
    measured = evidence.deviations
    if measured is None:
        return None
    topic = "log-variances"
    low, high = evidence.recipe.latent.log_variance_limits
    text = (
        f"Log-variances go from {number(measured.log_variance_min)} to "
        f"{number(measured.log_variance_max)}, on average {number(measured.log_variance_mean)}. "
        f"z is off its mean by at most {number(measured.component_deviation_max)} on an axis, and "
        f"its radius off the mean’s by {number(measured.radius_deviation_mean)} on average."
    )
    if measured.log_variance_max > high - 0.5 or measured.log_variance_min < low + 0.5:
        text += f" Some are at their bounds, {low:g} and {high:g}."
        advice = (
            "a smaller learning rate: --set training.learning_rate="
            f"{0.3 * evidence.recipe.training.learning_rate:.3g}"
        )
        return Finding(topic, "bad", text, advice)
    if measured.components_wide:
        text += (
            f" {measured.components_wide:,} of {measured.components:,}, in "
            f"{measured.images_wide:,} images, are above {number(measured.wide)}: z-points of "
            "these are thrown far."
        )
        bound = evidence.advise(
            "bound them", f"latent.log_variance_limits=[{low:g},{math.ceil(measured.wide):g}]"
        )
        return Finding(topic, "look", text, bound)
    if measured.relative_radius_deviation_max < 0.02:
        text += " z and mean are all but the same point."
        return Finding(topic, "look", text, closer_prior(evidence))
    return Finding(topic, "good", text)


def about_noise(evidence: Evidence) -> Finding | None:
    """How often the bounds of ε and log-variance were met in training, and the scale of ε."""
    if evidence.rate is None:
        return None
    latent, history = evidence.recipe.latent, evidence.facts.history
    topic = "noise"
    limit = latent.epsilon_limit
    expected = math.erfc(limit / math.sqrt(2))
    rows = history.get("epsilon_bounded")
    if latent.epsilon_scale == 1 and not any(name.endswith("_bounded") for name in history):
        return None  # a run of the first version, which did not record it
    text = (
        f"Each component of ε is clipped to ±{limit:g}, past which a share of {number(expected)} "
        "of N(0,\u00a01) lies"
    )
    verdict: Verdict = "good"
    if rows is None:
        text += "."
    else:
        share, most = float(np.nanmean(rows)), _most_by_chance(evidence, expected)
        text += f"; in training it was {number(share)}"
        if share > most:
            verdict = "look"
            text += f", which is {number(share / expected)} times as much."
        else:
            text += ", as it should be."
    bounded = history.get("log_variance_bounded")
    if bounded is not None and float(bounded[-1]) > 0:
        verdict = "look" if float(bounded[-1]) < 0.01 else "bad"
        text += (
            f" In the last epoch {percent(float(bounded[-1]))} of log-variances were at a bound."
        )
    if latent.epsilon_scale != 1:
        verdict = "look" if verdict == "good" else verdict
        text += (
            f" latent.epsilon_scale is {latent.epsilon_scale:g}: the decoder was trained on "
            "z-points that are no draws from the posterior that KL was computed of, so this is no "
            "evidence lower bound."
        )
        return Finding(
            topic, verdict, text, evidence.advise("true noise", "latent.epsilon_scale=1")
        )
    advice = ""
    if verdict != "good":
        rate = 0.3 * evidence.recipe.training.learning_rate
        advice = evidence.advise("a smaller learning rate", f"training.learning_rate={rate:.3g}")
    return Finding(topic, verdict, text, advice)


def _most_by_chance(evidence: Evidence, expected: float) -> float:
    """The share that five standard deviations of chance allow, over all draws of the run."""
    images = evidence.facts.environment["dataset"].get("train", 0) or 1
    limit = evidence.recipe.data.train
    images = min(images, limit) if limit else images
    draws = images * evidence.facts.epochs * evidence.facts.latent_size
    return expected + 5 * math.sqrt(expected / draws) + 1 / draws


def about_cloud(evidence: Evidence) -> Finding | None:
    """Whether points of N(0, I) land in the cloud of a plain autoencoder's codes."""
    measured = evidence.cloud
    if evidence.rate is not None:
        return None
    reached = measured.inside
    verdict: Verdict = "good" if reached >= 0.9 else "look" if reached >= 0.5 else "bad"
    text = (
        f"The codes form a cloud, its center {number(measured.center_radius)} from the origin. In "
        f"units of its own spread 99\u00a0% of codes are within {number(measured.border)} of the "
        f"center, and half of the points of {evidence.prior_name} farther out than "
        f"{number(measured.prior_distance)}: {percent(reached)} of these land in the cloud"
    )
    text += {
        "good": ".",
        "look": "; the others miss it.",
        "bad": (
            ". Random z-points miss it, whatever their radius: expect no images from them."
            if reached < 0.05
            else ". Most random z-points miss it."
        ),
    }[verdict]
    advice = ""
    if not measured.is_full:
        text += " The codes are too few to see how the cloud is turned."
        if evidence.split != "train":
            advice = f"look at more codes: zspace doctor {evidence.run.path} --split train"
    elif verdict != "good":
        penalty = f"objective.penalty={10 * evidence.recipe.objective.penalty:g}"
        advice = (
            evidence.advise("weigh the discrepancy to the prior more", penalty)
            if evidence.recipe.objective.kind == "mmd"
            else evidence.advise("a VAE instead", "latent.posterior=normal")
        )
    return Finding("random z-points", verdict, text, advice)


def about_dead_axes(evidence: Evidence) -> Finding | None:
    """Axes of a plain autoencoder that do not vary."""
    measured = evidence.cloud
    if evidence.rate is not None:
        return None
    low, high = min(measured.deviations), max(measured.deviations)
    text = (
        f"The codes’ standard deviation on an axis is {number(low)} to {number(high)}; "
        f"{measured.dead:,} of {measured.latent_size:,} axes hardly vary (less than 1\u00a0% of "
        "the largest)."
    )
    if measured.dead > 0.5 * measured.latent_size:
        used = measured.latent_size - measured.dead
        advice = evidence.advise("a smaller space would do", f"latent.size={max(used, 1)}")
        return Finding("spread of axes", "look", text, advice)
    return Finding("spread of axes", "good", text)
