"""Objectives: what is minimized, and the terms it is made of."""

from zspace.objectives.elbo import ELBO
from zspace.objectives.objective import AbstractObjective, LossTerms

__all__ = ["ELBO", "OBJECTIVES", "AbstractObjective", "LossTerms"]

OBJECTIVES = {"elbo": ELBO}
