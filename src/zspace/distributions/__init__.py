"""Distributions, and the three roles they play: posterior, prior and likelihood."""

from collections.abc import Callable
from typing import Any

from zspace.distributions.bernoulli import Bernoulli
from zspace.distributions.deterministic import Deterministic
from zspace.distributions.distribution import AbstractDistribution
from zspace.distributions.divergence import kl_divergence
from zspace.distributions.epsilon import Epsilon
from zspace.distributions.likelihoods import BernoulliLikelihood, NormalLikelihood
from zspace.distributions.normal import Normal
from zspace.distributions.posteriors import DeterministicPosterior, NormalPosterior
from zspace.distributions.priors import StandardNormalPrior

__all__ = [
    "LIKELIHOODS",
    "POSTERIORS",
    "PRIORS",
    "AbstractDistribution",
    "Bernoulli",
    "BernoulliLikelihood",
    "Deterministic",
    "DeterministicPosterior",
    "Epsilon",
    "Normal",
    "NormalLikelihood",
    "NormalPosterior",
    "StandardNormalPrior",
    "kl_divergence",
]

POSTERIORS: dict[str, Callable[..., Any]] = {
    "deterministic": DeterministicPosterior,
    "normal": NormalPosterior,
}
PRIORS: dict[str, Callable[..., Any]] = {"standard_normal": StandardNormalPrior}
LIKELIHOODS: dict[str, Callable[..., Any]] = {
    "bernoulli": BernoulliLikelihood,
    "normal": NormalLikelihood,
}
