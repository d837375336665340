"""The KL factors of others, as a reduction and a beta of ours.

Two losses train the same model, up to the step size of plain gradient descent, if one is the other
times a constant. Every convention here weighs KL, summed over the latent axes with its factor ½,
against a reconstruction term of its own scale; dividing by that scale gives our beta.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from zspace.errors import InputError, did_you_mean
from zspace.objectives.terms import reduction_divisor

__all__ = ["CONVENTIONS", "Convention", "Setting", "convert_beta", "factor_of_beta"]


@dataclass(frozen=True)
class Setting:
    """What a factor's meaning depends on.

    Attributes:
        image_shape: (H, W, C).
        latent_size: number of latent axes N.
        batch_size: images in a batch B; some conventions sum over it.
    """

    image_shape: tuple[int, int, int]
    latent_size: int
    batch_size: int = 128

    def __post_init__(self) -> None:
        numbers = (*self.image_shape, self.latent_size, self.batch_size)
        if len(self.image_shape) != 3 or min(numbers) < 1:
            raise InputError(
                "expected an image shape (H, W, C), a latent size and a batch size of at least 1, "
                f"got {self.image_shape}, {self.latent_size} and {self.batch_size}"
            )


@dataclass(frozen=True)
class Convention:
    """One way to write the loss down.

    Attributes:
        loss: the formula; R is the negative log-likelihood of an image, summed over its H·W·C
            numbers, KL is in nats per image.
        source: who writes it so.
        beta: (factor, setting) -> beta beside R itself (reduction "sum").
        is_inverse: whether the factor stands before the reconstruction term, so that a larger one
            means a smaller beta.
    """

    loss: str
    source: str
    beta: Callable[[float, Setting], float]
    is_inverse: bool = False


CONVENTIONS: dict[str, Convention] = {
    "train-step": Convention(
        loss="R / C + factor·KL",
        source="GradientTape train steps: cross entropy averaged over channels, summed over H×W",
        beta=lambda factor, at: factor * at.image_shape[2],
    ),
    "averaged-kl": Convention(
        loss="R / (H·W·C) + factor·(2·KL / N)",
        source="add_loss layers, extra outputs and model losses that average over everything",
        beta=lambda factor, at: factor * 2 * math.prod(at.image_shape) / at.latent_size,
    ),
    "chollet": Convention(
        loss="R / C + factor·KL",
        source="F. Chollet's VAE on keras.io, whose factor is 1",
        beta=lambda factor, at: factor * at.image_shape[2],
    ),
    "foster": Convention(
        loss="factor·R / (H·W·C) + KL",
        source="D. Foster, Generative Deep Learning: r_loss_factor",
        beta=lambda factor, at: math.prod(at.image_shape) / factor,
        is_inverse=True,
    ),
    "geron": Convention(
        loss="R / (H·W·C) + factor·KL / (H·W·C)",
        source="A. Géron, Hands-On Machine Learning: KL over the number of inputs (784), factor 1",
        beta=lambda factor, at: factor,
    ),
    "atienza": Convention(
        loss="H·W·R / (H·W·C) + factor·KL",
        source="R. Atienza, Advanced Deep Learning with Keras: mean times image_size², factor 1",
        beta=lambda factor, at: factor * at.image_shape[2],
    ),
    "tfp": Convention(
        loss="Σ over the batch of R + factor·mean over the batch of KL",
        source="TensorFlow Probability's KLDivergenceAddLoss(weight), by Monte Carlo with the "
        "default test_points_reduce_axis, beside a summed likelihood",
        beta=lambda factor, at: factor / at.batch_size,
    ),
    "tfp-exact": Convention(
        loss="Σ over the batch of R + factor·Σ over the batch of KL",
        source="the same with use_exact_kl=True, or with test_points_reduce_axis=0",
        beta=lambda factor, at: factor,
    ),
    "tfp-regularizer": Convention(
        loss="Σ over the batch of R + factor·2/B·Σ over the batch of KL",
        source="TensorFlow Probability's KLDivergenceRegularizer(weight) on a distribution layer, "
        "exact or with test_points_reduce_axis=0: Keras 2 divides by the batch, and the layer has "
        "two outputs",
        beta=lambda factor, at: 2 * factor / at.batch_size,
    ),
}


def convert_beta(
    convention: str, factor: float, *, setting: Setting, reduction: str = "channel_mean"
) -> float:
    """The `objective.beta` that means what a factor means elsewhere.

    Args:
        convention: a key of `CONVENTIONS`.
        factor: as it is written there.
        setting: image shape, latent size and batch size.
        reduction: the `objective.reduction` it shall stand beside.

    Raises:
        InputError: no such convention, or a factor that is not positive and finite.

    Example:
        >>> at = Setting((96, 96, 3), 256)
        >>> convert_beta("train-step", 5.0, setting=at)
        5.0
        >>> convert_beta("train-step", 5.0, setting=at, reduction="sum")
        15.0
        >>> round(convert_beta("foster", 10000.0, setting=Setting((128, 128, 3), 200)), 12)
        1.6384
    """
    chosen = _known(convention)
    _check_positive("factor", factor)
    divisor = reduction_divisor(reduction, setting.image_shape)
    return chosen.beta(factor, setting) / divisor


def factor_of_beta(
    convention: str, beta: float, *, setting: Setting, reduction: str = "channel_mean"
) -> float:
    """The factor to write elsewhere for an `objective.beta`: `convert_beta` reversed.

    Example:
        >>> round(factor_of_beta("foster", 1.6384, setting=Setting((128, 128, 3), 200)), 6)
        10000.0
    """
    chosen = _known(convention)
    _check_positive("beta", beta)
    divisor = reduction_divisor(reduction, setting.image_shape)
    unit = chosen.beta(1.0, setting) / divisor
    return unit / beta if chosen.is_inverse else beta / unit


def _known(convention: str) -> Convention:
    if convention not in CONVENTIONS:
        raise InputError(f"no convention {convention!r}; {did_you_mean(convention, CONVENTIONS)}")
    return CONVENTIONS[convention]


def _check_positive(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"expected a positive {name}, got {value}")
