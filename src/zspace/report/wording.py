"""What the numbers of a run mean, in sentences: about this run, never about runs as such."""

from __future__ import annotations

import math

import numpy as np

from zspace.analysis.radius import Radius, normal_mean_radius, normal_radius_deviation
from zspace.report.facts import Facts

__all__ = [
    "about_curves",
    "about_epochs",
    "about_reconstructions",
    "about_samples",
    "number",
    "percent",
    "summary",
    "with_spread",
]


def number(value: float) -> str:
    """A number with the digits that a reader needs: about four.

    Example:
        >>> [number(value) for value in (14901.3, 163.74, 5.6, 0.0178, 1e-5, 0, -2280)]
        ['14,901', '163.7', '5.60', '0.0178', '1.0e−5', '0', '−2,280']
    """
    size = abs(value)
    if not math.isfinite(value):
        text = "not finite"
    elif size == 0:
        text = "0"
    elif size >= 1000:
        text = f"{value:,.0f}"
    elif size >= 100:
        text = f"{value:.1f}"
    elif size >= 1:
        text = f"{value:.2f}"
    elif size >= 1e-3:
        text = f"{value:.3g}"
    else:
        digits, exponent = f"{value:.1e}".split("e")
        text = f"{digits}e{int(exponent)}"
    return text if text == "not finite" else text.replace("-", "−")


def percent(share: float) -> str:
    r"""A share as a percentage that does not claim more than it knows.

    Example:
        >>> [percent(share).replace("\u00a0", " ") for share in (0.9996, 0.43, 0.0312, 0.00001)]
        ['more than 99.9 %', '43 %', '3.1 %', 'less than 0.1 %']
    """
    if not math.isfinite(share):
        return "an unknown share"
    if 0.999 < share < 1:
        return "more than 99.9\u00a0%"
    if 0 < share < 0.001:
        return "less than 0.1\u00a0%"
    digits = 0 if share in (0, 1) or 0.1 <= share <= 0.9 else 1
    return f"{100 * share:.{digits}f}\u00a0%"


def with_spread(mean: float, deviation: float) -> str:
    r"""A mean and its standard deviation, with the same number of decimals.

    Example:
        >>> with_spread(15.96, 0.7102).replace("\u00a0", " ")
        '15.96 ± 0.71'
    """
    decimals = 2 if abs(mean) < 100 else 1
    return f"{mean:.{decimals}f}\u00a0±\u00a0{deviation:.{decimals}f}"


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else math.nan


_NORMAL = "N(0,\u00a0I)"


def summary(facts: Facts) -> str:
    """One paragraph: what the model is, how far it came, where its codes lie."""
    return " ".join([_what_it_is(facts), _how_far(facts), *_where_codes_lie(facts)])


def _what_it_is(facts: Facts) -> str:
    height, width, channels = facts.shape
    kind = "variational autoencoder (VAE)" if facts.is_vae else "plain autoencoder (AE)"
    becomes = "a normal distribution over" if facts.is_vae else "one point of"
    color = {1: "gray", 3: "color"}.get(channels, f"{channels}-channel")
    axes = "1 axis" if facts.latent_size == 1 else f"{facts.latent_size:,} axes"
    dataset = facts.environment["dataset"]
    trained = f"{facts.epochs} epoch" + ("" if facts.epochs == 1 else "s")
    count = dataset.get("train")
    images = f"{count:,} images" if isinstance(count, int) else "the images"
    return (
        f"This run is a {kind}: it turns each {height}×{width} {color} image into {becomes} a "
        f"latent space of {axes}, and back. It was trained for {trained} on {images} of "
        f"{dataset.get('name', 'an unnamed data set')}."
    )


def _how_far(facts: Facts) -> str:
    reconstruction = facts.term("reconstruction")
    text = (
        f"On the {facts.split} images its reconstruction term ended at {number(reconstruction)} "
        f"nats per image ({number(facts.bits(reconstruction))} bits per dimension)"
    )
    if not facts.is_vae:
        return text + ", and no KL term orders its latent space."
    text += f" and its KL term at {number(facts.term('kl'))} nats"
    if math.isfinite(facts.kl_share):
        text += f"; weighted with β, KL is {percent(facts.kl_share)} of the loss"
    return text + "."


def _where_codes_lie(facts: Facts) -> list[str]:
    if "z" not in facts.radii:
        return []
    z, expected = facts.radii["z"], normal_mean_radius(facts.radii["z"].latent_size)
    text = (
        f"Its codes lie {number(z.mean)} from the origin on average; points of {_NORMAL}, for "
        f"which √{z.latent_size} is the rule of thumb, would lie at {number(expected)}."
    )
    return [text]


_PRIORS = {
    "normal": "a normal distribution of another width than 1",
    "mixture": "a mixture of normal distributions",
    "vampprior": "a mixture of the posteriors of learned pseudo-images",
}


def about_samples(facts: Facts) -> str:
    """Whether random points can be expected to decode to images like the data."""
    size = facts.latent_size
    if facts.sampling == "prior":
        return (
            f"Each image was decoded from a random z-point of the model’s own prior "
            f"({_PRIORS[facts.prior]}), to which the codes were pulled, not of {_NORMAL}."
        )
    first = (
        f"Each image was decoded from a random z-point of {_NORMAL} in {size} dimensions, "
        f"about {number(normal_mean_radius(size))} from the origin."
    )
    if "z" not in facts.radii:
        return first + " Where this model puts the codes of its images was not measured yet."
    low, high, share = _shell(facts.radii["z"])
    where = (
        f"Nearly all such points have a radius of {number(low)} to {number(high)}, and "
        f"{percent(share)} of the {_split(facts)} images’ codes do"
    )
    if not facts.is_vae:
        end = "; nothing taught this decoder to make images of any point between its codes."
    elif share >= 0.5:
        end = ": the decoder is asked about distances that it was trained on."
    else:
        end = ": most points asked for lie at distances the decoder was rarely trained on."
    return f"{first} {where}{end}"


def _split(facts: Facts) -> str:
    return {"train": "training"}.get(facts.radius_split, facts.radius_split)


def _shell(z: Radius) -> tuple[float, float, float]:
    """The radii where nearly all of N(0, I) is, and the share of codes that have them."""
    mean, deviation = normal_mean_radius(z.latent_size), normal_radius_deviation(z.latent_size)
    low, high = max(0.0, mean - 3 * deviation), mean + 3 * deviation
    return low, high, z.share(low, high)


def about_curves(facts: Facts) -> str:
    """How the loss fell, whether it still falls, and how validation compares."""
    loss = facts.nats * facts.history["loss"]
    if len(loss) == 1:
        first = f"After its only epoch the training loss is {number(loss[0])} nats per image."
    else:
        fell = "fell" if loss[-1] <= loss[0] else "rose"
        tail = max(1, len(loss) // 5)
        late = _ratio(loss[-1 - tail] - loss[-1], abs(loss[-1]))
        epochs = "the last epoch" if tail == 1 else f"the last {tail} epochs"
        change = "a decrease" if late >= 0 else "an increase"
        first = (
            f"From epoch {int(facts.history['epoch'][0])} to {facts.epochs} the training loss "
            f"{fell} from {number(loss[0])} to {number(loss[-1])} nats per image; {epochs} brought "
            f"{change} of {percent(abs(late))}."
        )
    return f"{first} {_about_validation(facts)}"


def _about_validation(facts: Facts) -> str:
    if not facts.has_validation:
        return "No validation images were measured, so whether it overfits cannot be said."
    values = facts.nats * facts.history["validation_loss"]
    best, last = int(np.nanargmin(values)), values[-1]
    apart = last - facts.term("loss", "training")
    relation = "above" if apart >= 0 else "below"
    text = (
        f"The validation loss ended at {number(last)} nats, "
        f"{percent(abs(_ratio(apart, last)))} {relation} the training loss"
    )
    rise = _ratio(last - values[best], abs(last))
    if best == len(values) - 1 or not rise >= 0.002:
        return text + ", and had not begun to rise again."
    epoch = int(facts.history["epoch"][best])
    return text + f", and was {percent(rise)} lower after epoch {epoch}: it had begun to overfit."


def about_reconstructions(facts: Facts) -> str:
    """How much an image is compressed, and what of it came back."""
    reconstruction = facts.term("reconstruction")
    ratio = facts.dimensions / max(facts.latent_size, 1)
    text = (
        "Every second row shows what the decoder makes of the codes of the images above it: "
        f"{facts.dimensions:,} numbers went through {facts.latent_size:,}, a factor of "
        f"{ratio:.3g}."
    )
    text += f" To describe a {facts.split} image given its code costs {number(reconstruction)} nats"
    if not facts.is_vae:
        if facts.knob("objective", "kind", default="elbo") == "mmd":
            return text + "; beside it the discrepancy of codes and prior was lowered."
        return text + "; with no KL term, that was all this model was trained to lower."
    per_axis = facts.term("kl") / max(facts.latent_size, 1)
    return text + (
        f", while a code holds at most {number(facts.term('kl'))} nats about it "
        f"({number(per_axis)} per axis)" + (": next to nothing." if per_axis < 1e-3 else ".")
    )


def about_epochs(count: int) -> str:
    """What to look for in the strip of samples."""
    return (
        f"Images decoded from random z-points at {count} moment{'' if count == 1 else 's'} of the "
        "training: when do they become recognizable, and when do they stop getting better?"
    )
