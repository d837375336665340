"""Penalties: terms of the z-space beside KL, each with its formula.

Beside beta·KL with beta 0, `MMD` makes a Wasserstein autoencoder, with another beta an InfoVAE;
`TotalCorrelation` makes a β-TCVAE.
"""

from __future__ import annotations

import abc
import math
from typing import Any, Self

import keras
from keras import ops

from zspace.objectives.objective import Latents

__all__ = [
    "MMD",
    "AbstractPenalty",
    "TotalCorrelation",
    "maximum_mean_discrepancy",
    "stratified_log_weights",
    "total_correlation",
]

IMQ_SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Widths of the inverse multiquadratic kernels that are averaged, as multiples of the usual one."""


def _square_distances(a: Any, b: Any) -> Any:
    """(rows of a, rows of b)."""
    square = ops.sum(ops.square(a), axis=1)[:, None] + ops.sum(ops.square(b), axis=1)[None, :]
    return ops.maximum(square - 2 * ops.matmul(a, ops.transpose(b)), 0.0)


def _kernel(name: str, square: Any, size: int) -> Any:
    if name == "rbf":
        return ops.exp(-square / (2 * size))
    widths = [2 * size * scale for scale in IMQ_SCALES]
    return sum(width / (width + square) for width in widths) / len(widths)


def maximum_mean_discrepancy(a: Any, b: Any, *, kernel: str = "imq") -> Any:
    """MMD² of two samples, by its unbiased estimate: 0 on average where they are alike.

    mean over i ≠ j of k(aᵢ, aⱼ) + the same of b − 2·mean of k(aᵢ, bⱼ)
    (https://jmlr.org/papers/v13/gretton12a.html, eq. 3), with squared distances D:

    - "rbf": k = exp(−D / 2N), N the number of axes: at the typical distance of two points of
      N(0, I), D = 2N, it is 1/e.
    - "imq": k = C / (C + D), averaged over C = 2N·(0.1, 0.2, 0.5, 1, 2, 5, 10); its tails are
      heavier, so that far outliers are pulled as well (https://arxiv.org/abs/1711.01558).

    Args:
        a: (n, N), n > 1.
        b: (n, N).
        kernel: ``"imq"`` or ``"rbf"``.

    Returns:
        A scalar; it may be a little below 0, and is 0 for a batch of one image.
    """
    size = a.shape[1]
    count = ops.cast(ops.shape(a)[0], "float32")
    # A last batch of one image has no pairs, and no say.
    pairs = ops.maximum(count * (count - 1), 1.0)
    has_pairs = ops.cast(count > 1, "float32")
    # Each point is at distance 0 from itself, where both kernels are 1.
    within = sum(ops.sum(_kernel(kernel, _square_distances(x, x), size)) - count for x in (a, b))
    across = ops.mean(_kernel(kernel, _square_distances(a, b), size))
    return has_pairs * (within / pairs - 2 * across)


def stratified_log_weights(batch: Any, images: int) -> Any:
    """Log-weights by which a batch stands for a data set when q(z) is estimated, (batch, batch).

    For the z-point of image i, with M = batch − 1: its own posterior counts 1/images, that of one
    other image (images − M) / (images·M), those of all others 1/M. These weights add up to 1
    (minibatch-stratified sampling, https://arxiv.org/abs/1802.04942, appendix C.2).

    Args:
        batch: images in the batch.
        images: images in the data set; a smaller number than the batch is taken as the batch.
    """
    here = ops.arange(batch)
    ahead = (here[None, :] - here[:, None]) % batch
    size = ops.cast(batch, "float32")
    count = ops.maximum(ops.cast(images, "float32"), size)
    others = ops.maximum(size - 1, 1.0)
    last = (count - others) / (count * others)
    weights = ops.where(ahead == 0, 1 / count, ops.where(ahead == 1, last, 1 / others))
    return ops.log(weights)


def total_correlation(z: Any, mean: Any, *, log_variance: Any, images: int) -> Any:
    """KL(q(z) ‖ Π q(z_j)) of the codes: 0 if and only if the latent axes are independent.

    E[log q(z) − Σ log q(z_j)], each density estimated from the batch by `stratified_log_weights`
    (https://arxiv.org/abs/1802.04942, eq. 2).

    Args:
        z: a draw for each image, (batch, N).
        mean: of its posterior, (batch, N).
        log_variance: of its posterior, (batch, N).
        images: in the data set.

    Returns:
        Nats, a scalar; 0 for a batch of one image.
    """
    batch = ops.shape(z)[0]
    log_weights = stratified_log_weights(batch, images)
    square = ops.square(z[:, None, :] - mean[None]) * ops.exp(-log_variance)[None]
    # densities[i, j, k]: of z-point i on axis k under the posterior of image j.
    densities = -0.5 * (square + log_variance[None] + math.log(2 * math.pi))
    joint = ops.logsumexp(log_weights + ops.sum(densities, axis=2), axis=1)
    marginals = ops.logsumexp(log_weights[:, :, None] + densities, axis=1)
    has_others = ops.cast(ops.cast(batch, "float32") > 1, "float32")
    return has_others * ops.mean(joint - ops.sum(marginals, axis=1))


class AbstractPenalty(abc.ABC):
    """A term of the z-space that is added to the loss with a weight."""

    names: tuple[str, ...]
    """Of its terms: the value, and ``weighted_`` before it."""
    compares_with_prior: bool
    """Whether it wants draws from the prior."""

    @abc.abstractmethod
    def terms(self, latents: Latents) -> dict[str, Any]:
        """The value and the weighted value, by `names`."""

    @abc.abstractmethod
    def get_config(self) -> dict[str, Any]:
        """Constructor arguments, for saving."""

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The penalty that `get_config` described."""
        return cls(**config)


@keras.saving.register_keras_serializable(package="zspace")
class MMD(AbstractPenalty):
    """weight·MMD²(codes, prior): see `maximum_mean_discrepancy`.

    It pulls the codes of all images together to the prior, not those of each image alone, so they
    may stay informative (InfoVAE, https://arxiv.org/abs/1706.02262).

    Args:
        weight: λ.
        kernel: ``"imq"`` or ``"rbf"``.
    """

    names = ("mmd", "weighted_mmd")
    compares_with_prior = True

    def __init__(self, weight: float = 1.0, *, kernel: str = "imq") -> None:
        self.weight = weight
        self.kernel = kernel

    def terms(self, latents: Latents) -> dict[str, Any]:
        value = maximum_mean_discrepancy(latents.z, latents.prior_z, kernel=self.kernel)
        return {"mmd": value, "weighted_mmd": self.weight * value}

    def get_config(self) -> dict[str, Any]:
        return {"weight": self.weight, "kernel": self.kernel}


@keras.saving.register_keras_serializable(package="zspace")
class TotalCorrelation(AbstractPenalty):
    """weight·total correlation of the codes: see `total_correlation`.

    KL is mutual information + total correlation + KL of each axis. Beside beta 1, a weight of
    w − 1 is a β-TCVAE whose total correlation counts w times (https://arxiv.org/abs/1802.04942).

    Args:
        weight: of the term.
        images: in the training set; 0 takes those of the batch.
    """

    names = ("total_correlation", "weighted_total_correlation")
    compares_with_prior = False

    def __init__(self, weight: float = 1.0, *, images: int = 0) -> None:
        self.weight = weight
        self.images = images

    def terms(self, latents: Latents) -> dict[str, Any]:
        posterior = latents.drawn
        value = total_correlation(
            latents.z,
            posterior.center,
            log_variance=posterior.log_variance,
            images=self.images,
        )
        return {"total_correlation": value, "weighted_total_correlation": self.weight * value}

    def get_config(self) -> dict[str, Any]:
        return {"weight": self.weight, "images": self.images}
