"""Distributions, and the three roles they play: posterior, prior and likelihood."""

from collections.abc import Callable
from typing import Any

from zspace.distributions.bernoulli import Bernoulli
from zspace.distributions.beta import Beta
from zspace.distributions.bounds import soft_bound
from zspace.distributions.categorical import Categorical
from zspace.distributions.continuous_bernoulli import ContinuousBernoulli
from zspace.distributions.deterministic import Deterministic
from zspace.distributions.discretized_logistic import DiscretizedLogistic
from zspace.distributions.distribution import AbstractDistribution, AbstractReparameterized
from zspace.distributions.divergence import (
    kl_divergence,
    kl_per_axis,
    monte_carlo_kl,
)
from zspace.distributions.epsilon import Epsilon
from zspace.distributions.full_normal import FullNormal
from zspace.distributions.laplace import Laplace
from zspace.distributions.likelihoods import (
    BernoulliLikelihood,
    BetaLikelihood,
    CategoricalLikelihood,
    ContinuousBernoulliLikelihood,
)
from zspace.distributions.mixture import NormalMixture
from zspace.distributions.normal import Normal
from zspace.distributions.posteriors import (
    DeterministicPosterior,
    FullNormalPosterior,
    NormalPosterior,
)
from zspace.distributions.priors import MixturePrior, NormalPrior, StandardNormalPrior
from zspace.distributions.spread_likelihoods import (
    DiscretizedLogisticLikelihood,
    LaplaceLikelihood,
    NormalLikelihood,
)
from zspace.distributions.vampprior import VampPrior

__all__ = [
    "LIKELIHOODS",
    "POSTERIORS",
    "PRIORS",
    "SPREAD_LIKELIHOODS",
    "AbstractDistribution",
    "AbstractReparameterized",
    "Bernoulli",
    "BernoulliLikelihood",
    "Beta",
    "BetaLikelihood",
    "Categorical",
    "CategoricalLikelihood",
    "ContinuousBernoulli",
    "ContinuousBernoulliLikelihood",
    "Deterministic",
    "DeterministicPosterior",
    "DiscretizedLogistic",
    "DiscretizedLogisticLikelihood",
    "Epsilon",
    "FullNormal",
    "FullNormalPosterior",
    "Laplace",
    "LaplaceLikelihood",
    "MixturePrior",
    "Normal",
    "NormalLikelihood",
    "NormalMixture",
    "NormalPosterior",
    "NormalPrior",
    "StandardNormalPrior",
    "VampPrior",
    "kl_divergence",
    "kl_per_axis",
    "monte_carlo_kl",
    "soft_bound",
]

POSTERIORS: dict[str, Callable[..., Any]] = {
    "deterministic": DeterministicPosterior,
    "normal": NormalPosterior,
    "full_normal": FullNormalPosterior,
}
PRIORS: dict[str, Callable[..., Any]] = {
    "standard_normal": StandardNormalPrior,
    "normal": NormalPrior,
    "mixture": MixturePrior,
    "vampprior": VampPrior,
}
LIKELIHOODS: dict[str, Callable[..., Any]] = {
    "bernoulli": BernoulliLikelihood,
    "continuous_bernoulli": ContinuousBernoulliLikelihood,
    "beta": BetaLikelihood,
    "normal": NormalLikelihood,
    "laplace": LaplaceLikelihood,
    "discretized_logistic": DiscretizedLogisticLikelihood,
    "categorical": CategoricalLikelihood,
}
SPREAD_LIKELIHOODS = ("normal", "laplace", "discretized_logistic")
"""Those that are built with `(variance, learn_variance=…)`; the others take no arguments."""
